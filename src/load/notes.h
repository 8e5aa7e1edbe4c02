/* notes.h - what a program says about its memory, NOTE events, beside what it does with it: variables,
 * scopes, tasks, counted references, passports, containers, and what was said wrongly. Memory is bounded by limits of each table, never by events. */
#ifndef MS_LOAD_NOTES_H
#define MS_LOAD_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/acts.h"
#include "load/anchors.h"
#include "load/containers.h"
#include "load/declared.h"
#include "load/misuse.h"
#include "load/passports.h"
#include "load/places.h"
#include "load/references.h"
#include "load/scope_tree.h"
#include "load/tags.h"
#include "load/variables.h"
#include "load/within.h"
#include "trace/event.h"

#define MS_SNAPSHOTS_MAX 4096u

/* A moment that the program has named. */
typedef struct ms_snapshot_count {
    uint64_t time_us, live_bytes, live_blocks;
    double bytes_variance, blocks_variance;
    uint32_t place, thread;
} ms_snapshot_count;

typedef struct ms_notes {
    uint64_t count; /* NOTE events */
    ms_places places;
    ms_anchors anchors;
    ms_variables variables;
    ms_scope_tree scopes;
    ms_acts acts;
    ms_references references;
    ms_passports passports;
    ms_containers containers;
    ms_tags tags;
    ms_declared declared;
    ms_misuses misuses;
    ms_snapshot_count *snapshots;
    size_t snapshot_count, snapshot_capacity;
    uint64_t snapshots_left_out;
    uint32_t step_limit,
        over_limit;    /* forget.h: of each history so many steps are kept, of each list
                                        so many that are over, + 1; 0: all */
    ms_within within;  /* where notes speak of addresses within blocks */
    ms_anchor *moving; /* what hangs on the block that is being reallocated */
    size_t moving_count, moving_capacity;
    uint64_t from_us; /* not 0: of notes before that time nothing is known; what else is unknown may
                         have been said there */
} ms_notes;

typedef struct ms_replay ms_replay;

/* `arena` is borrowed. */
void ms_notes_init(ms_notes *notes, ms_arena *arena);
void ms_notes_deinit(ms_notes *notes);

/* Takes a NOTE of the thread of an index. */
void ms_notes_event(ms_replay *replay, const ms_event *event, uint32_t thread);

/* A block is born at the address, by a thread. Died there: was released, or went where nobody sees it, by
 * a realloc that was not sampled. The address may be any. */
void ms_notes_born(ms_replay *replay, uint64_t address, uint32_t thread);
void ms_notes_died(ms_replay *replay, uint64_t address, uint32_t thread, bool is_free);

/* Around the two halves of a realloc: what is said of the block at `old` goes on where it goes. */
void ms_notes_lift(ms_replay *replay, uint64_t old);
void ms_notes_lower(ms_replay *replay, const ms_event *realloc, uint32_t thread);

/* The trace is over. */
void ms_notes_finish(ms_replay *replay);

#endif
