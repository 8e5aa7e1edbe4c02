/* play.h - a trace file, of either form, is read and replayed. What ms_load() makes a model of, and
 * ms_digest() a checkpoint. One thread at a time. */
#ifndef MS_LOAD_PLAY_H
#define MS_LOAD_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/checkpoint.h"
#include "load/info.h"
#include "load/merge.h"
#include "load/reader.h"
#include "load/replay.h"
#include "load/ringfile.h"
#include "load/samples.h"
#include "util/error.h"

/* The events of a chunk while they are in the merge. */
typedef struct ms_batch {
    ms_payload payload;
    struct ms_paced_stream *streams;
    size_t count, capacity;
} ms_batch;

typedef struct ms_play {
    const char *path;  /* for messages; borrowed, as the next four */
    int fd;            /* the file */
    uint64_t size;     /* of it, or what of it is to be read */
    ms_error *warning; /* the first trouble; may be NULL */
    bool so_far;       /* its recorder is at work: the rest is not our business */
    ms_replay replay;
    ms_merge *merge;
    ms_info info;
    ms_samples samples;
    ms_checkpoint checkpoint;
    ms_reader reader;  /* of a TRACE */
    ms_ringfile *ring; /* the trace, or the rest of one whose recorder died */
    uint64_t end_us;   /* time of the last chunk */
    uint64_t damaged_streams;
    ms_batch batches[2]; /* the merge keeps two */
    unsigned next_batch;
    uint64_t event_chunks; /* read so far */
    uint64_t last_chunk;   /* offset of the last one to be read; UINT64_MAX: all are */
    bool chunks_left;
} ms_play;

/* Starts with the file, of `form`; the first five members are set, the others 0. Texts go to `arena`
 * (borrowed). False when a ring has no readable header. Either way ms_play_deinit() is due. */
bool ms_play_begin(ms_play *play, ms_trace_form form, ms_arena *arena);
void ms_play_deinit(ms_play *play);

/* Replays a few events; false when there are none left.
 *
 * With `last_chunk` set, false as soon as events of a chunk behind it would be due: those of all chunks
 * before it are replayed then, and the first ones of the last chunk. */
bool ms_play_on(ms_play *play);

/* How far the last chunk is replayed: into the checkpoint, for whoever goes on from there. */
void ms_play_note_rest(ms_play *play);

/* After the last call of ms_play_on(): what was read and not replayed is let go, damage in it noted. */
void ms_play_end(ms_play *play);

/* Notes a trouble, `what` it is, at `offset` of the file, unless there was one before. */
void ms_play_warn(ms_play *play, uint64_t offset, const char *what);

#endif
