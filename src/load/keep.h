/* keep.h - how state gets into a checkpoint and out of it again. Each table of checkpoint.def has two
 * functions, in the keep_*.c of its subject: one writes its rows, the other takes them. So a new kind of
 * state is a table in that list and these two.
 *
 * Whatever the bytes say, what is taken fits together: rows name rows that are there, and what can be
 * counted or linked anew is not read. */
#ifndef MS_LOAD_KEEP_H
#define MS_LOAD_KEEP_H

#include "load/checkpoint.h"
#include "load/checkpoint_rows.h"

/* A checkpoint being written. */
typedef struct ms_saving ms_saving;

/* Appends a row to the table whose turn it is: all zeros, to be filled before the next one is asked for;
 * or one of the type, which is that of the table's rows; or `count` of them. */
void *ms_save_row(ms_saving *saving);
#define MS_SAVE(saving, type, ...) (*(type *)ms_save_row(saving) = (type){__VA_ARGS__})
void ms_save_rows(ms_saving *saving, const void *rows, size_t count);

/* ms_save_NAME() appends the rows. ms_take_NAME() takes some of them, in their order: false when they
 * are damaged, or do not go with what was taken before. */
#define MS_KEPT_TABLE(name, code, row, doc)                                                        \
    void ms_save_##name(ms_saving *saving, ms_checkpoint *checkpoint);                             \
    bool ms_take_##name(ms_checkpoint *checkpoint, const row *rows, size_t count);
#include "load/checkpoint.def"

static inline bool ms_is_time(uint64_t time_us) {
    return time_us <= MS_TIME_MAX_US;
}

#endif
