/* kept.h - tables of numbers to bytes and back: the payloads of CHECKPOINT chunks. Trusts nothing it
 * reads. Everything is a varint up to the columns:
 *
 *      table code | rows | columns | bytes of each column
 *      column 0 | column 1 | ...
 *
 * A reader skips tables and columns it does not know; missing columns are all 0. */
#ifndef MS_LOAD_KEPT_H
#define MS_LOAD_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No payload has more rows; larger tables are several. */
#define MS_KEPT_ROWS 65536u

typedef enum ms_kept_codec {
    MS_KEPT_PLAIN,
    MS_KEPT_DELTA,
    MS_KEPT_FLAG,
    MS_KEPT_TEXT,
    MS_KEPT_REAL,
    MS_KEPT_TIME, /* as DELTA, from here on; a number that says too much is damaged */
    MS_KEPT_PLACE,
    MS_KEPT_TASK,
    MS_KEPT_SCOPE,
    MS_KEPT_THREAD,
    MS_KEPT_SITE
} ms_kept_codec;

/* What cells may name. */
typedef struct ms_kept_limits {
    uint64_t time_us;
    uint64_t places, tasks, scopes; /* how many there are: cells hold a row + 1, or 0 */
    uint64_t threads, sites;        /* cells hold a row, or UINT32_MAX */
} ms_kept_limits;

/* A column: where a row holds it. */
typedef struct ms_kept_cell {
    const char *name, *doc;
    ms_kept_codec codec;
    uint16_t offset;
    uint16_t size; /* 1, 2, 4 or 8 bytes; of TEXT: an ms_text */
} ms_kept_cell;

typedef struct ms_kept_table {
    const char *name, *doc;
    unsigned code;
    size_t row_size;
    const ms_kept_cell *cells;
    size_t cell_count;
} ms_kept_table;

/* Bytes that grow. Start with all zeros; free() the bytes. */
typedef struct ms_kept_bytes {
    uint8_t *bytes;
    size_t size, capacity;
} ms_kept_bytes;

/* Appends the payload of `count` rows, MS_KEPT_ROWS at most. */
void ms_kept_put(ms_kept_bytes *out, const ms_kept_table *table, const void *rows, size_t count);

/* What a payload is: its code and rows. */
typedef struct ms_kept_head {
    uint64_t code, rows, columns;
    const uint8_t *at, *end; /* behind these */
} ms_kept_head;

/* False when it is damaged. */
bool ms_kept_open(const uint8_t *payload, size_t size, ms_kept_head *head);

/* Reads head->rows rows into `rows`, which are all zeros; texts are borrowed from the payload. False
 * when a column is damaged, or a value does not fit, or names what is not there. */
bool ms_kept_get(const ms_kept_head *head, const ms_kept_table *table, const ms_kept_limits *limits,
                 void *rows);

#endif
