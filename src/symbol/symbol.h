/* symbol.h - names for addresses: function, file, line, inlined calls. Offline only.
 *
 * Files are looked for on this machine: the module itself (below the sysroot), then a separate
 * debug file with better names, by build id and debug link, in the debug dirs, beside the module
 * and in /usr/lib/debug. Nothing is fetched over the network unless `debuginfod` says so. A damaged
 * file gives fewer names, never an error.
 *
 * An ms_symbols belongs to one thread at a time. */
#ifndef MS_SYMBOL_SYMBOL_H
#define MS_SYMBOL_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/datatype.h"

typedef struct ms_symbols ms_symbols;

typedef struct ms_symbols_options {
    const char *const *debug_dirs; /* searched for separate debug files before the usual places */
    size_t debug_dir_count;
    const char *sysroot; /* prefix of every module path; NULL: none */
    bool debuginfod;     /* ask debuginfod servers (network!); off unless asked for */
    bool inlines;        /* expand inlined calls; normally true */
} ms_symbols_options;

/* What a module's names come from. */
typedef enum ms_symbols_source {
    MS_SYMBOLS_NOT_FOUND, /* no such file, or one with another build id */
    MS_SYMBOLS_NONE,
    MS_SYMBOLS_DYNSYM,
    MS_SYMBOLS_SYMTAB,
    MS_SYMBOLS_DWARF
} ms_symbols_source;

/* One function at an address. Texts are owned by the ms_symbols, stable until it is freed. */
typedef struct ms_location {
    const char *function; /* demangled; NULL: no name. As the file has it: escape it for output */
    const char *file;     /* NULL: no line table */
    uint32_t line;        /* 0: not known */
    bool inlined;         /* this call was inlined into the next location */
} ms_location;

/* `options` may be NULL: no extra places, inlines on. They are copied. NULL without memory. */
ms_symbols *ms_symbols_new(const ms_symbols_options *options);

/* Closes every file and frees every text handed out. NULL is fine. */
void ms_symbols_free(ms_symbols *symbols);

/* Registers a module: the path it had when recorded, its build id (`build_id_size` 0: none) and
 * its load bias. Opens nothing yet; copies what it is given. A file at `path` whose build id
 * differs is not used. One file at several biases is read once.
 *
 * Returns a handle, counting from 0, or SIZE_MAX without memory: a handle that has no names. */
size_t ms_symbols_add(ms_symbols *symbols, const char *path, const uint8_t *build_id,
                      size_t build_id_size, uint64_t bias);

/* Locations of the code at run-time address `address` in `module`, innermost first, so inlined
 * calls come before the function they were inlined into. For a return address pass address - 1.
 * Writes at most `max`, the innermost ones, and returns how many; 0 when nothing at all is known.
 * With `inlines` off it is one: the function that has the code, at the line where its outermost
 * inlined call stands.
 *
 * The first address of a module opens its files, the first in a compilation unit reads the unit;
 * after that a call takes about a microsecond. */
size_t ms_symbols_at(ms_symbols *symbols, size_t module, uint64_t address, ms_location *out,
                     size_t max);

/* What the module's names come from. Opens the module if need be. */
ms_symbols_source ms_symbols_source_of(ms_symbols *symbols, size_t module);

/* Where a program speaks of a variable, or of a member of one: `name` is the expression. Borrowed. */
typedef struct ms_spoken {
    const char *name, *function, *file;
    uint64_t line;
} ms_spoken;

/* The type of that variable, by the debug info of C code in `module`. NULL: it does not say. What is returned,
 * here and below, is stable until `symbols` is freed. */
const ms_datatype *ms_symbols_declared(ms_symbols *symbols, size_t module, const ms_spoken *spoken);

/* The type of that name in `module`, of `size` bytes (MS_NO_SIZE: of any). NULL: there is none, or there are several
 * that differ in size. */
const ms_datatype *ms_symbols_type(ms_symbols *symbols, size_t module, const char *name,
                                   uint64_t size);

/* Whether functions of a language's library allocate something that their type arguments tell. */
typedef enum ms_generic {
    MS_GENERIC_NO,  /* they are no library's: whoever called them knows nothing of it */
    MS_GENERIC_ON,  /* they only pass on what their caller has asked for: ask that */
    MS_GENERIC_TYPE /* one or several of `*type` */
} ms_generic;

/* Asks the functions at run-time address `address` in `module`, with all that is inlined there, as
 * ms_symbols_at(). To be called for the frames of a stack from the innermost outwards. */
ms_generic ms_symbols_generic(ms_symbols *symbols, size_t module, uint64_t address,
                              const ms_datatype **type);

/* Calls `visit` with each structure, class and union that `module` defines, until it returns false. */
void ms_symbols_each_type(ms_symbols *symbols, size_t module,
                          bool (*visit)(void *context, const ms_datatype *type), void *context);

/* For those who read more of a module's files than these functions do: the files, open, and the load bias (NULL:
 * there is no such module); its types (NULL: it has no debug info); a copy of a text that lives as long as
 * `symbols`; and readable names. */
struct ms_object *ms_symbols_object(ms_symbols *symbols, size_t module, uint64_t *bias);
struct ms_types *ms_symbols_types(ms_symbols *symbols, size_t module);
const char *ms_symbols_text(ms_symbols *symbols, const char *text);
struct ms_names *ms_symbols_names(ms_symbols *symbols);

/* The demangled form of a C++ or Rust symbol, without a version (name@@VERSION) and without Rust's
 * hash, or `name` itself; owned by `symbols`. */
const char *ms_symbols_demangle(ms_symbols *symbols, const char *name);

#endif
