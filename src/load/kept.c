#include "load/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/varint.h"
#include "trace/event.h"
#include "util/memory.h"

/* ---- to bytes --------------------------------------------------------------------------- */

static uint8_t *reserve(ms_kept_bytes *out, size_t more) {
    out->bytes = ms_memory_grow(out->bytes, out->size + more, &out->capacity, 1);
    return out->bytes + out->size;
}

static void put_number(ms_kept_bytes *out, uint64_t value) {
    uint8_t *at = reserve(out, MS_VARINT_MAX);
    out->size += (size_t)(ms_varint_put(at, value) - at);
}

static void put_text(ms_kept_bytes *out, ms_text text) {
    put_number(out, text.size);
    if (text.size)
        memcpy(reserve(out, text.size), text.bytes, text.size);
    out->size += text.size;
}

static bool is_delta(ms_kept_codec codec) {
    return codec == MS_KEPT_DELTA || codec >= MS_KEPT_TIME;
}

static void put_column(ms_kept_bytes *out, const ms_kept_table *table, const ms_kept_cell *cell,
                       const uint8_t *rows, size_t count) {
    uint64_t previous = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *member = rows + i * table->row_size + cell->offset;
        uint64_t value = 0;
        if (cell->codec == MS_KEPT_TEXT) {
            ms_text text;
            memcpy(&text, member, sizeof text);
            put_text(out, text);
            continue;
        }
        memcpy(&value, member, cell->size);
        put_number(out, is_delta(cell->codec) ? ms_zigzag((int64_t)(value - previous)) : value);
        previous = value;
    }
}

/* The sizes stand before the columns, so these are made apart. */
void ms_kept_put(ms_kept_bytes *out, const ms_kept_table *table, const void *rows, size_t count) {
    ms_kept_bytes columns = {.size = 0};
    put_number(out, table->code);
    put_number(out, count);
    put_number(out, table->cell_count);
    for (size_t c = 0; c < table->cell_count; c++) {
        size_t before = columns.size;
        put_column(&columns, table, &table->cells[c], rows, count);
        put_number(out, columns.size - before);
    }
    if (columns.size)
        memcpy(reserve(out, columns.size), columns.bytes, columns.size);
    out->size += columns.size;
    free(columns.bytes);
}

/* ---- and back --------------------------------------------------------------------------- */

bool ms_kept_open(const uint8_t *payload, size_t size, ms_kept_head *head) {
    *head = (ms_kept_head){.at = payload, .end = payload + size};
    return ms_varint_get(&head->at, head->end, &head->code) &&
           ms_varint_get(&head->at, head->end, &head->rows) &&
           ms_varint_get(&head->at, head->end, &head->columns) && head->rows <= MS_KEPT_ROWS &&
           head->columns <= size;
}

/* Sums of these stay finite. */
static bool is_real(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value > -0x1p512 && value < 0x1p512;
}

static bool is_row(uint64_t value, uint64_t rows) {
    return value < rows || value == UINT32_MAX;
}

static bool may_be(ms_kept_codec codec, const ms_kept_limits *limits, uint64_t value) {
    switch (codec) {
    case MS_KEPT_FLAG: return value <= 1;
    case MS_KEPT_REAL: return is_real(value);
    case MS_KEPT_TIME: return value <= limits->time_us;
    case MS_KEPT_PLACE: return value <= limits->places;
    case MS_KEPT_TASK: return value <= limits->tasks;
    case MS_KEPT_SCOPE: return value <= limits->scopes;
    case MS_KEPT_THREAD: return is_row(value, limits->threads);
    case MS_KEPT_SITE: return is_row(value, limits->sites);
    default: return true;
    }
}

static bool set_number(const ms_kept_cell *cell, const ms_kept_limits *limits, uint8_t *member,
                       uint64_t value) {
    bool fits = cell->size == sizeof value || value >> (8 * cell->size) == 0;
    if (!fits || !may_be(cell->codec, limits, value))
        return false;
    memcpy(member, &value, cell->size);
    return true;
}

static bool set_text(uint8_t *member, const uint8_t **at, const uint8_t *end, uint64_t size) {
    if (size > (uint64_t)(end - *at))
        return false;
    ms_text text = {*at, (uint32_t)size};
    memcpy(member, &text, sizeof text);
    *at += size;
    return true;
}

static bool get_column(const ms_kept_head *head, const ms_kept_table *table,
                       const ms_kept_limits *limits, const ms_kept_cell *cell, const uint8_t *at,
                       const uint8_t *end, uint8_t *rows) {
    uint64_t previous = 0;
    for (uint64_t i = 0; i < head->rows; i++) {
        uint8_t *member = rows + i * table->row_size + cell->offset;
        uint64_t value;
        if (!ms_varint_get(&at, end, &value))
            return false;
        if (is_delta(cell->codec))
            value = previous += (uint64_t)ms_unzigzag(value);
        if (cell->codec == MS_KEPT_TEXT ? !set_text(member, &at, end, value)
                                        : !set_number(cell, limits, member, value))
            return false;
    }
    return at == end;
}

bool ms_kept_get(const ms_kept_head *head, const ms_kept_table *table, const ms_kept_limits *limits,
                 void *rows) {
    const uint8_t *sizes = head->at, *column = head->at, *end = head->end;
    uint64_t size;
    for (uint64_t c = 0; c < head->columns; c++)
        if (!ms_varint_get(&column, end, &size))
            return false;
    for (uint64_t c = 0; c < head->columns; c++) {
        ms_varint_get(&sizes, end, &size);
        if (size > (uint64_t)(end - column))
            return false;
        if (c < table->cell_count &&
            !get_column(head, table, limits, &table->cells[c], column, column + size, rows))
            return false;
        column += size;
    }
    return true;
}
