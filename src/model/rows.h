/* rows.h - single blocks, each a row from its birth to its death, for reports that list them.
 *
 * A trace has as many blocks as it likes, a report a budget. Those live at the end and those that died
 * have one each. Within it all are kept; beyond it the largest are, and of the rest a sample:
 *
 *      site A   seen 900,000   draws below 1/32 kept:  28,100
 *      site B   seen  30,000   draws below 1/2  kept:  15,020
 *      site C   seen     400   all kept:                  400
 *
 * Each block draws a number; a site keeps those below a bound that halves whenever the rows are too
 * many, first where most are. So small sites stay whole, and a row stands for seen / kept blocks of its
 * site. The draws follow from the order of events alone: one trace, one report. One thread at a time. */
#ifndef MS_MODEL_ROWS_H
#define MS_MODEL_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

typedef enum ms_row_end {
    MS_ROW_LIVE,        /* at the end */
    MS_ROW_UNCERTAIN,   /* likewise, or released while recording was off */
    MS_ROW_FREED,       /* by a release */
    MS_ROW_REALLOCATED, /* by a realloc */
    MS_ROW_IMPLIED,     /* its address was handed out again */
    MS_ROW_ENDS
} ms_row_end;

typedef struct ms_row {
    uint64_t address, size;
    uint64_t born_us, died_us;   /* the latter UINT64_MAX while it lives, as `died` below */
    uint64_t born, died;         /* numbers of the events that were these, in the order of all */
    double weight;               /* blocks it stands for because births were sampled; else 1 */
    uint32_t site;               /* index, in whatever order the caller has */
    uint32_t thread;             /* index in model.threads */
    uint32_t freed_by;           /* likewise; UINT32_MAX: not known */
    uint32_t task, scope;        /* index + 1 in their tables of the model; 0: none */
    uint32_t draw : 28, end : 4; /* the former is the rows' own */
} ms_row;

/* `budget` rows of live blocks and as many of dead ones; 0: the default, 2^20. More only where there are
 * more sites than that. */
ms_rows *ms_rows_new(size_t budget);

/* NULL is fine. */
void ms_rows_free(ms_rows *rows);

/* Takes in a block that died, or one that lives at the end: which of the two, its `end` says. */
void ms_rows_add(ms_rows *rows, const ms_row *row);

/* After the last one: brings the rows into the order of their births. `site_of[i]` is the index in
 * model.sites of what was added as site `i`, for `count` sites; blocks of others are dropped. */
void ms_rows_finish(ms_rows *rows, const uint32_t *site_of, size_t count);

/* The word for an end, as in records. */
const char *ms_row_end_name(ms_row_end end);

size_t ms_rows_count(const ms_rows *rows);

/* How many were added. */
uint64_t ms_rows_seen(const ms_rows *rows);

/* Row `index` as a record; names and numbers are those of `model`, to which the rows belong. */
void ms_rows_at(const ms_model *model, size_t index, ms_allocation *record);

#endif
