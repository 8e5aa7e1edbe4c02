/* checkpoint_rows.h - rows of checkpoint.def that are no structs of the replay. For checkpoint.c and
 * keep_*.c. */
#ifndef MS_LOAD_CHECKPOINT_ROWS_H
#define MS_LOAD_CHECKPOINT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "load/replay.h"
#include "trace/event.h"

typedef struct ms_kept_number {
    uint64_t value;
} ms_kept_number;

typedef struct ms_kept_row {
    uint32_t row;
} ms_kept_row;

typedef struct ms_kept_file {
    uint64_t end_us, sample_us;
    uint64_t taken, keep, skipped, peak_rss;
    bool words;
} ms_kept_file;

typedef struct ms_kept_module {
    uint64_t bias, start, bytes, number;
    ms_text text;
} ms_kept_module;

typedef struct ms_kept_lifetime {
    uint32_t site, bucket;
    uint64_t count;
} ms_kept_lifetime;

typedef struct ms_kept_stack {
    uint64_t pc;
    uint32_t id, node, site, parent;
    bool defined;
} ms_kept_stack;

typedef struct ms_kept_thread {
    ms_thread_count count;
    ms_text name;
    uint64_t scopes_beyond;
} ms_kept_thread;

typedef struct ms_kept_place {
    uint64_t id, line, kind;
    bool defined;
    ms_text text;
} ms_kept_place;

typedef struct ms_kept_origin {
    ms_origin origin;
    bool now;
} ms_kept_origin;

typedef struct ms_kept_weighed {
    uint32_t site;
    ms_site_excess excess;
} ms_kept_weighed;

typedef struct ms_kept_grown {
    uint32_t site;
    ms_growth growth;
} ms_kept_grown;

typedef struct ms_kept_died {
    uint64_t address;
    uint32_t time_ms, thread, way;
} ms_kept_died;

typedef struct ms_kept_over {
    uint64_t address;
    uint32_t passport;
} ms_kept_over;

typedef struct ms_kept_ended {
    uint64_t address;
    uint32_t variable;
} ms_kept_ended;

typedef struct ms_kept_tag {
    uint32_t place;
    ms_tag_count tag;
} ms_kept_tag;

typedef struct ms_kept_tracked {
    uint32_t place;
    ms_variables_here here;
} ms_kept_tracked;

typedef struct ms_kept_change {
    uint32_t variable;
    ms_change_count change;
} ms_kept_change;

typedef struct ms_kept_holder {
    uint32_t reference;
    ms_holder_count holder;
} ms_kept_holder;

typedef struct ms_kept_act {
    uint32_t owner;
    bool passport;
    ms_done act;
} ms_kept_act;

typedef struct ms_kept_anchor {
    uint64_t address, block;
    uint32_t reference, passport, container, speaker;
    ms_tagged tagged;
} ms_kept_anchor;

typedef struct ms_kept_field {
    uint32_t type;
    ms_declared_member field;
} ms_kept_field;

typedef struct ms_kept_describing {
    uint32_t thread, type;
} ms_kept_describing;

/* Indices in ms_checkpoint_tables. */
enum {
#define MS_KEPT_TABLE(name, code, row, doc) MS_KEPT_##name,
#include "load/checkpoint.def"
    MS_KEPT_TABLES
};

#endif
