#include "load/checkpoint.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "load/keep.h"
#include "util/memory.h"

/* ---- the list --------------------------------------------------------------------------- */

#define MS_KEPT_TABLE(name, code, row, doc) typedef row row_##name;
#include "load/checkpoint.def"

#define MS_KEPT_TABLE(name, code, row, doc) static const ms_kept_cell cells_##name[] = {
#define MS_KEPT_CELL(table, cell, kept_codec, member, cell_doc)                                    \
    {#cell, cell_doc, MS_KEPT_##kept_codec, offsetof(row_##table, member),                         \
     sizeof(((row_##table *)0)->member)},
#define MS_KEPT_END(table)                                                                         \
    }                                                                                              \
    ;
#include "load/checkpoint.def"

const ms_kept_table ms_checkpoint_tables[] = {
#define MS_KEPT_TABLE(name, code, row, doc)                                                        \
    {#name, doc, code, sizeof(row), cells_##name, sizeof cells_##name / sizeof *cells_##name},
#include "load/checkpoint.def"
};
const size_t ms_checkpoint_table_count = MS_KEPT_TABLES;

void ms_checkpoint_deinit(ms_checkpoint *c) {
    free(c->replayed);
}

/* ---- writing ---------------------------------------------------------------------------- */

struct ms_saving {
    ms_checkpoint *from;
    ms_trace_writer *writer;
    const ms_kept_table *table;
    uint8_t *rows; /* of it, not yet written */
    size_t count, capacity;
    ms_kept_bytes payload;
    bool failed;
};

static void write_part(ms_saving *s, const void *rows, size_t count) {
    uint64_t now_us = s->from->replay->now_us;
    s->payload.size = 0;
    ms_kept_put(&s->payload, s->table, rows, count);
    s->failed = s->failed || !ms_trace_writer_append(s->writer, MS_KIND_CHECKPOINT,
                                                     s->payload.bytes, s->payload.size, 0, now_us);
}

static void flush(ms_saving *s) {
    if (s->count)
        write_part(s, s->rows, s->count);
    s->count = 0;
}

void *ms_save_row(ms_saving *s) {
    size_t size = s->table->row_size;
    if (s->count == MS_KEPT_ROWS)
        flush(s);
    s->rows = ms_memory_grow(s->rows, (s->count + 1) * size, &s->capacity, 1);
    return memset(s->rows + size * s->count++, 0, size);
}

void ms_save_rows(ms_saving *s, const void *rows, size_t count) {
    const uint8_t *at = rows;
    flush(s);
    while (count > 0) {
        size_t part = count < MS_KEPT_ROWS ? count : MS_KEPT_ROWS;
        write_part(s, at, part);
        at += part * s->table->row_size;
        count -= part;
    }
}

/* The tables of checkpoint_words.def. */
static bool is_of_words(unsigned index) {
    return index >= MS_KEPT_tags && index <= MS_KEPT_snapshots;
}

typedef void save(ms_saving *saving, ms_checkpoint *checkpoint);

bool ms_checkpoint_write(ms_checkpoint *c, ms_trace_writer *writer) {
    static save *const savers[] = {
#define MS_KEPT_TABLE(name, code, row, doc) ms_save_##name,
#include "load/checkpoint.def"
    };
    ms_saving s = {.from = c, .writer = writer};
    c->block_bytes = c->word_bytes = c->level_bytes = 0;
    for (unsigned i = 0; i < MS_KEPT_TABLES; i++) {
        uint64_t before = ms_trace_writer_size(writer);
        s.table = &ms_checkpoint_tables[i];
        savers[i](&s, c);
        flush(&s);
        uint64_t took = ms_trace_writer_size(writer) - before;
        c->block_bytes += i == MS_KEPT_blocks ? took : 0;
        c->word_bytes += is_of_words(i) ? took : 0;
        c->level_bytes += i == MS_KEPT_levels ? took : 0;
    }
    free(s.payload.bytes);
    free(s.rows);
    return !s.failed;
}

/* ---- reading ---------------------------------------------------------------------------- */

static bool take(ms_checkpoint *c, unsigned index, const void *rows, size_t count) {
    bool taken = true;
    switch (index) {
#define MS_KEPT_TABLE(name, code, row, doc)                                                        \
    case MS_KEPT_##name:                                                                           \
        taken = ms_take_##name(c, rows, count);                                                    \
        break;
#include "load/checkpoint.def"
    default: break;
    }
    return taken;
}

static ms_kept_limits limits_of(const ms_replay *r) {
    return (ms_kept_limits){.time_us = MS_TIME_MAX_US,
                            .places = r->notes.places.count,
                            .tasks = r->tasks.count,
                            .scopes = r->notes.scopes.count,
                            .threads = r->thread_count,
                            .sites = r->sites.count};
}

bool ms_checkpoint_read(ms_checkpoint *c, const uint8_t *payload, size_t size) {
    ms_kept_head head;
    unsigned index = 0;
    if (!ms_kept_open(payload, size, &head))
        return false;
    while (index < MS_KEPT_TABLES && ms_checkpoint_tables[index].code != head.code)
        index++;
    if (index == MS_KEPT_TABLES)
        return true; /* of a later version */
    if (index != MS_KEPT_totals && !c->read)
        return false; /* the first one is missing */
    const ms_kept_table *table = &ms_checkpoint_tables[index];
    ms_kept_limits limits = limits_of(c->replay);
    void *rows = ms_memory_zeroed((size_t)head.rows, table->row_size);
    bool taken = ms_kept_get(&head, table, &limits, rows) &&
                 (head.rows == 0 || take(c, index, rows, (size_t)head.rows));
    free(rows);
    return taken;
}
