/* checkpoint.h - the state of a replay at one moment, written into a trace in the place of the events
 * that led to it, and taken up again. A replay that goes on from it ends with the same numbers as one
 * of all events.
 *
 * A checkpoint is several CHECKPOINT chunks, each a part of one table of checkpoint.def. */
#ifndef MS_LOAD_CHECKPOINT_H
#define MS_LOAD_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/kept.h"
#include "load/replay.h"
#include "load/samples.h"
#include "trace/writer.h"

typedef struct ms_checkpoint {
    ms_replay *replay; /* whose state: borrowed, as the next two */
    ms_samples *samples;
    uint64_t *end_us; /* time of the last chunk */
    uint64_t
        *replayed; /* events of each stream of the first EVENTS chunk behind it that are in it */
    size_t replayed_count, replayed_capacity;
    uint64_t block_bytes, word_bytes,
        level_bytes;   /* that live blocks, the program's words, and what
                                                      sites had over time took in the one written last */
    bool last;         /* nothing comes behind it */
    uint64_t until_us; /* of one that was read: time of its latest event */
    bool read;         /* one was */
} ms_checkpoint;

void ms_checkpoint_deinit(ms_checkpoint *checkpoint);

/* Appends the chunks. The replay is not finished, and stays as it is. False when one cannot be written:
 * see the writer. */
bool ms_checkpoint_write(ms_checkpoint *checkpoint, ms_trace_writer *writer);

/* Takes the payload of a CHECKPOINT chunk into the replay. False when it is damaged or does not go with
 * those before it; then it is left out, as a whole or from the damage on. */
bool ms_checkpoint_read(ms_checkpoint *checkpoint, const uint8_t *payload, size_t size);

/* Every table, in the order in which they are written. */
extern const ms_kept_table ms_checkpoint_tables[];
extern const size_t ms_checkpoint_table_count;

#endif
