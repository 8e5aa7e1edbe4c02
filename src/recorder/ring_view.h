/* ring_view.h - the recorder's side of a ring: which words are new, and giving chunks back. What the
 * ring says is checked: the process that writes it may be running wild. */
#ifndef MS_RECORDER_RING_VIEW_H
#define MS_RECORDER_RING_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/format.h"

typedef struct ms_ring_view {
    int fd;
    ms_ring_header *header; /* shared with the process */
    uint64_t *chunks;       /* all chunks mapped so far, or NULL */
    uint32_t chunk_count;   /* of `chunks` */
    struct ms_ring_piece *pieces;
    size_t piece_count;
} ms_ring_view;

/* New words of one chunk. */
typedef struct ms_ring_piece {
    uint32_t chunk;
    uint32_t thread;
    uint32_t tid;
    uint64_t sequence;
    bool sealed;
    uint32_t first; /* word the last drain stopped at */
    uint32_t end;   /* set by whoever read the words: where the next drain starts */
    bool whole;     /* set by whoever read the words: there are no more */
} ms_ring_piece;

/* False with errno set; EINVAL: no ring. */
bool ms_ring_view_open(ms_ring_view *view, const char *path);
void ms_ring_view_close(ms_ring_view *view);

/* Collects the pieces that may have something new, each thread's in its order. False without memory. */
bool ms_ring_view_collect(ms_ring_view *view);

/* The words of a piece's chunk, MS_RING_CHUNK_WORDS of them. */
const uint64_t *ms_ring_view_words(const ms_ring_view *view, const ms_ring_piece *piece);

/* What its thread has counted so far, by counts.def. */
void ms_ring_view_counts(const ms_ring_view *view, const ms_ring_piece *piece,
                         uint64_t counts[MS_COUNT_COUNT]);

/* The words up to each piece's `end` are safe elsewhere: sealed chunks become free ones. */
void ms_ring_view_release(ms_ring_view *view);

#endif
