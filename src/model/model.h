/* model.h - a loaded trace as tables of records, with the descriptors exporters walk. */
#ifndef MS_MODEL_MODEL_H
#define MS_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The version of records.def, in a report's "schema" member. Fields are only ever added within one. */
#define MS_SCHEMA_VERSION 1

#define MS_NO_STACK UINT32_MAX
#define MS_UNKNOWN UINT64_MAX /* the value of an OPT_U64 that is not known */

typedef struct ms_arena ms_arena; /* util/arena.h */
typedef struct ms_rows ms_rows;   /* model/rows.h */

/* A list of texts. */
typedef struct ms_texts {
    const char **items;
    size_t count;
} ms_texts;

/* ---- records: structs and descriptors from records.def ---------------------------------- */

#define MS_TYPE_U64 uint64_t
#define MS_TYPE_I64 int64_t
#define MS_TYPE_F64 double
#define MS_TYPE_BOOL bool
#define MS_TYPE_TEXT const char *
#define MS_TYPE_OPT_U64 uint64_t
#define MS_TYPE_TEXTS ms_texts
#define MS_TYPE_STACK uint32_t

#define MS_RECORD(name, doc) typedef struct ms_##name {
#define MS_FIELD(record, name, kind, unit, doc) MS_TYPE_##kind name;
#define MS_NEST(record, name, other, doc) struct ms_##other name;
#define MS_MANY(record, name, other, doc)                                                          \
    struct {                                                                                       \
        struct ms_##other *items;                                                                  \
        size_t count;                                                                              \
    } name;
#define MS_END(record)                                                                             \
    }                                                                                              \
    ms_##record;
#include "model/records.def"

typedef enum ms_field_kind {
    MS_U64,
    MS_I64,
    MS_F64,
    MS_BOOL,
    MS_TEXT,
    MS_OPT_U64,
    MS_TEXTS,
    MS_STACK,
    MS_NESTED, /* a record */
    MS_NESTED_LIST
} ms_field_kind;

typedef enum ms_unit {
    MS_UNIT_NONE,
    MS_UNIT_BYTES,
    MS_UNIT_COUNT,
    MS_UNIT_NS,
    MS_UNIT_ADDRESS,
    MS_UNIT_RATIO,
    MS_UNIT_ID
} ms_unit;

typedef struct ms_record_info ms_record_info;

typedef struct ms_field_info {
    const char *name;
    const char *doc;
    ms_field_kind kind;
    ms_unit unit;
    size_t offset;
    const ms_record_info *nested; /* of MS_NESTED, MS_NESTED_LIST */
} ms_field_info;

struct ms_record_info {
    const char *name;
    const char *doc;
    size_t size;
    const ms_field_info *fields;
    size_t field_count;
};

#define MS_RECORD(name, doc) extern const ms_record_info ms_record_##name;
#include "model/records.def"

/* Every record, in the order of records.def. */
extern const ms_record_info *const ms_records[];
extern const size_t ms_record_count;

/* A word for a unit: "bytes", "ns"...; NULL for MS_UNIT_NONE. */
const char *ms_unit_name(ms_unit unit);

/* ---- the model -------------------------------------------------------------------------- */

/* A stack: frames, innermost first. */
typedef struct ms_stack {
    const ms_frame *frames;
    uint32_t count;
    uint32_t depth_lifted; /* how many innermost frames are allocator wrappers; < count */
} ms_stack;

typedef struct ms_table_of_stacks {
    ms_stack *items;
    size_t count;
} ms_stacks;

/* Everything a report shows. All texts, frames and tables live in `arena` and die with it;
 * whoever reads the model borrows. Written by load, read-only afterwards. */
typedef struct ms_model {
    ms_arena *arena;
    ms_stacks stacks;
    uint64_t
        *task_ids; /* the number of every task, listed or not, by which single blocks call it */
    size_t task_id_count;
    ms_rows *rows; /* single blocks; NULL: nobody asked for them. Owned */
    /* Values that the report of another version, from which this was read, did not have, and the name of the first:
     * numbers that cannot be unknown are 0. */
    size_t lacking;
    const char *first_lacking;
#define MS_ONE(key, record, doc) ms_##record key;
#define MS_LIST(key, record, doc)                                                                  \
    struct {                                                                                       \
        ms_##record *items;                                                                        \
        size_t count;                                                                              \
    } key;
#include "model/records.def"
} ms_model;

/* One part of the report: a singleton (`list` false) or a table of records. */
typedef struct ms_part_info {
    const char *key;
    const char *doc;
    const ms_record_info *record;
    bool list;
    size_t offset; /* in ms_model: of the record, or of {items, count} */
} ms_part_info;

extern const ms_part_info ms_parts[];
extern const size_t ms_part_count;

/* The records of a part: sets `*items` and returns how many; 1 for a singleton. Borrowed. */
size_t ms_part_records(const ms_model *model, const ms_part_info *part, const void **items);

/* The records of a MS_NESTED_LIST field, likewise. */
size_t ms_nested_records(const void *record, const ms_field_info *field, const void **items);

/* A stack by its index; NULL for MS_NO_STACK and every index that is none. Borrowed. */
const ms_stack *ms_model_stack(const ms_model *model, uint32_t stack);

/* The site of that number; NULL for MS_UNKNOWN and every number that is none's. Borrowed. */
const ms_site *ms_model_site(const ms_model *model, uint64_t id);

/* The standard error of the sum of two values, from theirs. MS_UNKNOWN is that of an exact value; the
 * sum of two such is exact. */
uint64_t ms_error_join(uint64_t a, uint64_t b);

/* Makes a record of kind `info` empty: everything that may be unknown is, all else is zero. */
void ms_record_clear(void *record, const ms_record_info *info);

/* A new, empty model with its own arena, or NULL without memory. Every OPT_U64 of the singletons is
 * MS_UNKNOWN; everything else is zero. */
ms_model *ms_model_new(void);

/* Frees the model and everything in it. NULL is fine. */
void ms_model_free(ms_model *model);

#endif
