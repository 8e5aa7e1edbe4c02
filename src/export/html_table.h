/* html_table.h - tables of numbers on their way into the page: columns of binary, deflated, in base64.
 * Inside the HTML exporter only; web/src/data/decode.ts reads what is written here.
 *
 *      <script type="m" data-t="sites" data-n="8192" data-z="271360">eJzsvQmYFNX5...
 *
 * is one chunk: `data-n` rows of table `data-t`. In base64 and zlib's format, which has a checksum, there
 * are `data-z` bytes: for each column of the table in order a head
 *
 *      how u8  width u8  other u16  scale u64  base u64        little-endian
 *
 * and then for each column `width` planes of `data-n` bytes: the lowest byte of every row, then the next.
 * From planes to values, each step only where `how` has its bit:
 *
 *      DELTA     v[0] = base, v[i] = v[i-1] + unzigzag(planes[i]); without it v[i] = base + planes[i]
 *      OPTIONAL  0 means not known, and v becomes v - 1
 *      (always)  v = v * scale
 *      RELATIVE  v = v + column `other` of the row
 *
 * So a column of constants costs 20 bytes, one of microseconds told in nanoseconds three planes. */
#ifndef MS_EXPORT_HTML_TABLE_H
#define MS_EXPORT_HTML_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/sink.h"

#define MS_HTML_GROUP 8192u /* rows of a chunk */

/* What is done to a column, in the schema and in a column's head. */
enum { MS_HTML_DELTA = 1, MS_HTML_OPTIONAL = 2, MS_HTML_RELATIVE = 4 };

typedef struct ms_html_column {
    uint64_t *values; /* MS_HTML_GROUP of them */
    bool optional;    /* MS_UNKNOWN among them is: not known */
    bool bits;        /* left as they are, unless they are all the same */
    int other;        /* index of an earlier column that it follows closely; -1: none */
} ms_html_column;

typedef struct ms_html_table {
    ms_sink *sink;   /* borrowed */
    const char *key; /* borrowed; a word of ours, needs no escape */
    ms_html_column *columns;
    size_t column_count, column_capacity;
    size_t at;     /* column that the next value is for */
    size_t rows;   /* in the group under way */
    uint64_t done; /* rows written before it */
} ms_html_table;

/* A table without columns; both texts are borrowed. */
void ms_html_table_init(ms_html_table *table, ms_sink *sink, const char *key);
void ms_html_table_deinit(ms_html_table *table);

/* Adds a column, before the first value. */
void ms_html_column_add(ms_html_table *table, bool optional, int other);

/* Adds one of bits that are no number, such as those of a double: nothing is gained by reckoning with them. */
void ms_html_column_add_bits(ms_html_table *table);

/* The next value of the row; after the last one the next row begins. */
void ms_html_put(ms_html_table *table, uint64_t value);

/* Writes the rows that are left; returns how many there were in all. */
uint64_t ms_html_table_end(ms_html_table *table);

/* Writes one chunk with `size` bytes of any kind, `rows` things in them. */
void ms_html_chunk(ms_sink *sink, const char *key, uint64_t rows, const void *bytes, size_t size);

#endif
