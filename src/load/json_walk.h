/* json_walk.h - the tokens of a JSON report become the records of a model, as they come.
 *
 * Where the tokens are is a path of levels, each of which says what may follow; records.def alone
 * knows what that is, so a new record or field is read without a line here:
 *
 *      {"sites": [{"stack": [{"line": 12        report > list > record > frames > record
 *
 * What a later version has added is passed over and counted; so is what an earlier one had not. All
 * else has to be as memscope writes it. Memory is that of the records, which are smaller than their
 * text: a file of records that say next to nothing is refused. One thread at a time. */
#ifndef MS_LOAD_JSON_WALK_H
#define MS_LOAD_JSON_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yajl_parse.h>

#include "load/json_kept.h"
#include "util/error.h"

/* The next step after every error. */
#define MS_JSON_AGAIN "`memscope report TRACE -o REPORT.json` makes a report anew"

/* Of the descriptors: those of records.def go 7 deep. */
#define MS_JSON_LEVELS 12
#define MS_JSON_FIELDS 256

typedef enum ms_json_level_kind {
    MS_JSON_REPORT,
    MS_JSON_RECORD,
    MS_JSON_LIST,  /* of records */
    MS_JSON_TEXTS, /* a list of texts */
    MS_JSON_STACK  /* a list of frames */
} ms_json_level_kind;

typedef struct ms_json_level {
    ms_json_level_kind kind;
    const ms_record_info *info; /* of the record, or of each in the list */
    char *place;                /* the record, or where the list belongs */
    size_t field;               /* of the record, part of the report: that of the last key */
    uint64_t seen[MS_JSON_FIELDS / 64]; /* those that there were */
    char *items;                        /* of a list, so far; the room stays with the level */
    size_t count, capacity;             /* the latter in bytes */
} ms_json_level;

/* What this version reads and the file has not, or the other way round. */
typedef struct ms_json_other {
    size_t count;
    char first[96]; /* its name */
} ms_json_other;

typedef struct ms_json_walk {
    const char *path; /* of the file; borrowed, as the next three are */
    ms_model *model;
    ms_error *error; /* not NULL; set when a callback returns 0 */
    yajl_handle parser;
    uint64_t before; /* bytes that the parser was given before those it has now */
    uint64_t tokens;
    uint64_t schema; /* MS_UNKNOWN: it has not said */
    size_t built;    /* bytes of records */
    size_t skipped;  /* open containers that are passed over */
    size_t depth;    /* levels */
    ms_json_level levels[MS_JSON_LEVELS];
    ms_json_kept kept;
    ms_json_other unknown, missing;
} ms_json_walk;

/* For a parser whose context is an ms_json_walk. */
extern const yajl_callbacks ms_json_walk_callbacks;

void ms_json_walk_init(ms_json_walk *walk, const char *path, ms_model *model, ms_error *error);
void ms_json_walk_deinit(ms_json_walk *walk);

/* Where the parser is, in bytes from the start of the file. */
uint64_t ms_json_walk_offset(const ms_json_walk *walk);

#endif
