/* table.h - function names of an ELF file's symbol tables, by address. */
#ifndef MS_SYMBOL_TABLE_H
#define MS_SYMBOL_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "symbol/image.h"
#include "symbol/spans.h"

/* All zero is an empty table. The names point into the images they were read from, which must
 * stay open. */
typedef struct ms_table {
    struct ms_symbol *symbols;
    size_t count;
    size_t capacity;
    ms_spans spans; /* values index `symbols` */
} ms_table;

/* Adds the code symbols of the image's .symtab, or of its .dynsym when it has no other. Returns
 * which: SYMTAB, DYNSYM, or NONE. */
ms_symbols_source ms_table_read(ms_table *table, const ms_image *image);

/* Makes the table searchable: once, after the last read. */
void ms_table_finish(ms_table *table);

void ms_table_deinit(ms_table *table);

/* The mangled name of the symbol that covers `address` (as the file was linked, without bias), or
 * NULL: no name is better than the nearest one below. */
const char *ms_table_find(const ms_table *table, uint64_t address);

#endif
