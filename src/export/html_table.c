#include "export/html_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "model/model.h"
#include "util/memory.h"

#define HEAD 20u           /* bytes of a column's head */
#define PIECE (48u * 1024) /* packed bytes written at a time; a multiple of 3, as base64 likes it */
#define LEAST_BLOCK 2048u  /* bytes of a plane that are worth a code of their own */

/* ---- chunks ----------------------------------------------------------------------------- */

static void write_base64(ms_sink *sink, const uint8_t *bytes, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char out[4096];
    size_t n = 0;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t v = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                     (left > 2 ? bytes[i + 2] : 0);
        out[n++] = digits[v >> 18];
        out[n++] = digits[v >> 12 & 63];
        out[n++] = left > 1 ? digits[v >> 6 & 63] : '=';
        out[n++] = left > 2 ? digits[v & 63] : '=';
        if (n == sizeof out || left <= 3) {
            ms_sink_write(sink, out, n);
            n = 0;
        }
    }
}

/* What comes out of zlib is collected in `piece`, so that only the last one's base64 is padded. */
typedef struct packer {
    z_stream z;
    ms_sink *sink;
    uint8_t *piece;
} packer;

static void put_piece(packer *p) {
    write_base64(p->sink, p->piece, PIECE - p->z.avail_out);
    p->z.next_out = p->piece;
    p->z.avail_out = PIECE;
}

/* Takes in `size` bytes and ends the block, or all with Z_FINISH. */
static void pack(packer *p, const uint8_t *bytes, size_t size, int flush) {
    p->z.next_in = (z_const Bytef *)(uintptr_t)bytes;
    p->z.avail_in = (uInt)size;
    for (;;) {
        deflate(&p->z, flush);
        if (p->z.avail_out)
            return;
        put_piece(p);
    }
}

/* A block of deflate has one code for all of its bytes. The low bytes of a column and its high ones, or
 * those of the next column, have nothing in common: with a block for each plane the page is 7 % smaller. */
static void write_deflated(ms_sink *sink, const uint8_t *bytes, size_t size, size_t plane) {
    static const z_stream zero;
    packer p = {.z = zero, .sink = sink, .piece = ms_memory_zeroed(1, PIECE)};
    if (deflateInit2(&p.z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(p.piece);
        return; /* the page says that the chunk is damaged */
    }
    p.z.next_out = p.piece;
    p.z.avail_out = PIECE;
    for (size_t next; plane >= LEAST_BLOCK && size > plane; bytes += next, size -= next) {
        next = size % plane ? size % plane : plane; /* the heads come first */
        pack(&p, bytes, next, Z_BLOCK);
    }
    pack(&p, bytes, size, Z_FINISH);
    put_piece(&p);
    deflateEnd(&p.z);
    free(p.piece);
}

static void write_chunk(ms_sink *sink, const char *key, uint64_t rows, const void *bytes,
                        size_t size, size_t plane) {
    ms_sink_printf(sink, "<script type=\"m\" data-t=\"%s\" data-n=\"%" PRIu64 "\" data-z=\"%zu\">",
                   key, rows, size);
    write_deflated(sink, bytes, size, plane);
    ms_sink_text(sink, "</script>\n");
}

void ms_html_chunk(ms_sink *sink, const char *key, uint64_t rows, const void *bytes, size_t size) {
    write_chunk(sink, key, rows, bytes, size, 0);
}

/* ---- columns ---------------------------------------------------------------------------- */

/* How a column of a group is written. */
typedef struct coding {
    uint8_t how, width;
    uint16_t other;
    uint64_t scale, base;
} coding;

static uint64_t greatest_divisor(uint64_t a, uint64_t b) {
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static uint8_t bytes_for(uint64_t value) {
    uint8_t width = 0;
    for (; value; value >>= 8)
        width++;
    return width;
}

static uint64_t zigzag(uint64_t difference) {
    return difference << 1 ^ (uint64_t)((int64_t)difference >> 63);
}

static bool is_unknown(const ms_html_column *column, uint64_t value) {
    return column->optional && value == MS_UNKNOWN;
}

/* Makes values differences to the other column, where none would be negative. */
static void make_relative(const ms_html_table *t, ms_html_column *column, coding *c) {
    const uint64_t *other = t->columns[column->other].values;
    for (size_t i = 0; i < t->rows; i++)
        if (!is_unknown(column, column->values[i]) && column->values[i] < other[i])
            return;
    for (size_t i = 0; i < t->rows; i++)
        if (!is_unknown(column, column->values[i]))
            column->values[i] -= other[i];
    c->how |= MS_HTML_RELATIVE;
    c->other = (uint16_t)column->other;
}

/* All eight planes, or none. */
static void leave_bits(const ms_html_table *t, ms_html_column *column, coding *c) {
    uint64_t *v = column->values;
    c->base = v[0];
    for (size_t i = 1; i < t->rows; i++)
        if (v[i] != v[0]) {
            c->base = 0;
            c->width = 8;
        }
}

/* Divides values by what all of them can be divided by, and makes room for "not known" below them. */
static void make_small(const ms_html_table *t, ms_html_column *column, coding *c) {
    uint64_t scale = 0;
    for (size_t i = 0; i < t->rows && scale != 1; i++)
        if (!is_unknown(column, column->values[i]))
            scale = greatest_divisor(scale, column->values[i]);
    c->scale = scale ? scale : 1;
    if (column->optional)
        c->how |= MS_HTML_OPTIONAL;
    for (size_t i = 0; i < t->rows; i++)
        if (is_unknown(column, column->values[i]))
            column->values[i] = 0;
        else
            column->values[i] = column->values[i] / c->scale + column->optional;
}

/* From a common base, or from one row to the next, whichever takes fewer bytes. */
static void make_differences(const ms_html_table *t, ms_html_column *column, coding *c) {
    uint64_t *v = column->values, least = v[0], most = v[0], step = 0;
    for (size_t i = 1; i < t->rows; i++) {
        uint64_t way = zigzag(v[i] - v[i - 1]);
        least = v[i] < least ? v[i] : least;
        most = v[i] > most ? v[i] : most;
        step = way > step ? way : step;
    }
    c->width = bytes_for(most - least);
    c->base = least;
    if (bytes_for(step) < c->width) {
        c->how |= MS_HTML_DELTA;
        c->width = bytes_for(step);
        c->base = v[0];
    }
    uint64_t previous = v[0];
    for (size_t i = 0; i < t->rows; i++) {
        uint64_t value = v[i];
        v[i] = c->how & MS_HTML_DELTA ? zigzag(value - previous) : value - least;
        previous = value;
    }
}

static uint8_t *put_number(uint8_t *at, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

static uint8_t *put_planes(uint8_t *at, const ms_html_column *column, size_t rows, unsigned width) {
    for (unsigned plane = 0; plane < width; plane++)
        for (size_t i = 0; i < rows; i++)
            *at++ = (uint8_t)(column->values[i] >> 8 * plane);
    return at;
}

/* The last columns first: one that is relative to another needs that one's values as they were. */
static size_t choose_codings(ms_html_table *t, coding *codings) {
    size_t size = 0;
    for (size_t i = t->column_count; i-- > 0;) {
        ms_html_column *column = &t->columns[i];
        codings[i] = (coding){.scale = 1};
        if (column->bits) {
            leave_bits(t, column, &codings[i]);
        } else {
            if (column->other >= 0)
                make_relative(t, column, &codings[i]);
            make_small(t, column, &codings[i]);
            make_differences(t, column, &codings[i]);
        }
        size += HEAD + codings[i].width * t->rows;
    }
    return size;
}

static void write_group(ms_html_table *t) {
    coding *codings = ms_memory_zeroed(t->column_count, sizeof *codings);
    size_t size = choose_codings(t, codings);
    uint8_t *bytes = ms_memory_zeroed(1, size), *at = bytes;
    for (size_t i = 0; i < t->column_count; i++) {
        *at++ = codings[i].how;
        *at++ = codings[i].width;
        at = put_number(at, codings[i].other, 2);
        at = put_number(at, codings[i].scale, 8);
        at = put_number(at, codings[i].base, 8);
    }
    for (size_t i = 0; i < t->column_count; i++)
        at = put_planes(at, &t->columns[i], t->rows, codings[i].width);
    write_chunk(t->sink, t->key, t->rows, bytes, size, t->rows);
    free(bytes);
    free(codings);
    t->done += t->rows;
    t->rows = 0;
}

/* ---- tables ----------------------------------------------------------------------------- */

void ms_html_table_init(ms_html_table *t, ms_sink *sink, const char *key) {
    *t = (ms_html_table){.sink = sink, .key = key};
}

void ms_html_table_deinit(ms_html_table *t) {
    for (size_t i = 0; i < t->column_count; i++)
        free(t->columns[i].values);
    free(t->columns);
}

void ms_html_column_add(ms_html_table *t, bool optional, int other) {
    t->columns =
        ms_memory_grow(t->columns, t->column_count + 1, &t->column_capacity, sizeof *t->columns);
    t->columns[t->column_count++] =
        (ms_html_column){.values = ms_memory_zeroed(MS_HTML_GROUP, sizeof(uint64_t)),
                         .optional = optional,
                         .other = other};
}

void ms_html_column_add_bits(ms_html_table *t) {
    ms_html_column_add(t, false, -1);
    t->columns[t->column_count - 1].bits = true;
}

void ms_html_put(ms_html_table *t, uint64_t value) {
    t->columns[t->at].values[t->rows] = value;
    if (++t->at < t->column_count)
        return;
    t->at = 0;
    if (++t->rows == MS_HTML_GROUP)
        write_group(t);
}

uint64_t ms_html_table_end(ms_html_table *t) {
    if (t->rows)
        write_group(t);
    return t->done;
}
