/* object.h - the files behind one module, opened when its first address is asked for. */
#ifndef MS_SYMBOL_OBJECT_H
#define MS_SYMBOL_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/names.h"
#include "symbol/image.h"
#include "symbol/locate.h"
#include "symbol/symbol.h"
#include "symbol/table.h"
#include "symbol/types.h"
#include "symbol/units.h"

typedef struct ms_object {
    ms_identity identity;
    bool opened; /* tried; what follows is filled in then */
    ms_symbols_source source;
    ms_image own;    /* the file that was loaded */
    ms_image debug;  /* a separate file with better names */
    ms_image shared; /* what `debug` shares with others, split off by dwz */
    Dwarf *dwarf;
    Dwarf *shared_dwarf;
    ms_units units;
    ms_table table;
    size_t dwarf_size; /* bytes of the file that `dwarf` is in */
    ms_types *types;   /* NULL: nobody has asked for types yet */
} ms_object;

/* Finds and opens the files, once. */
void ms_object_open(ms_object *object, const ms_symbols_options *places);
void ms_object_deinit(ms_object *object);

/* Locations at `address` as linked, without bias; otherwise as ms_symbols_at(). */
size_t ms_object_at(ms_object *object, uint64_t address, bool inlines, ms_names *names,
                    ms_location *out, size_t max);

/* The types of an open object; NULL: it has no debug info. What is handed out lives in `arena`. */
ms_types *ms_object_types(ms_object *object, ms_arena *arena, ms_names *names);

#endif
