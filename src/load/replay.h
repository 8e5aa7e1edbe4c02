/* replay.h - what the events of a trace amount to: totals, live blocks, peak, sites, threads. One
 * pass; memory for live blocks, distinct stacks and threads, never for events. */
#ifndef MS_LOAD_REPLAY_H
#define MS_LOAD_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/bounds.h"
#include "load/crossings.h"
#include "load/history.h"
#include "load/live.h"
#include "load/mappings.h"
#include "load/nodes.h"
#include "load/notes.h"
#include "load/origins.h"
#include "load/pairs.h"
#include "load/series.h"
#include "load/sites.h"
#include "load/tasks.h"
#include "load/timeline.h"
#include "load/weight.h"
#include "model/rows.h"
#include "trace/event.h"
#include "trace/format.h"
#include "util/arena.h"
#include "util/map.h"

typedef struct ms_thread_count {
    uint32_t serial, tid;
    uint32_t origin;     /* of its blocks, now */
    uint32_t freer;      /* who releases blocks in it, now: see crossings.h */
    uint64_t free_stack; /* id; with which stack; 0: not known */
    char name[32];       /* "": never named */
    uint64_t allocations, reallocations, frees, bytes_allocated, freed_by_others;
    uint64_t
        counts[MS_COUNT_COUNT]; /* what no event tells of; added to the line above at the end */
    ms_share live;              /* of blocks it made */
    uint64_t first_us, last_us;
    uint64_t last_born; /* address of its latest birth by allocation; 0 after one by realloc */
    bool ended;
    ms_held_share held; /* of the sampled ones among the live */
    ms_estimate freed_by_others_excess;
} ms_thread_count;

struct ms_replay {
    ms_arena *arena;
    ms_live live;
    ms_nodes nodes;
    ms_sites sites;
    ms_origins origins;
    ms_crossings crossings;
    ms_tasks tasks;
    ms_history history;
    ms_pairs pairs; /* in use from the second thread on */
    ms_mappings mappings;
    ms_timeline timeline;
    ms_series series;
    ms_bounds bounds;         /* likewise */
    ms_thread_count *threads; /* in the order of their first event */
    size_t thread_count, thread_capacity;
    uint32_t last_thread; /* index of the latest event's */
    ms_map thread_of;     /* serial -> index + 1 */
    bool several;         /* threads, seen or known to come: their order is an estimate */
    uint64_t now_us;
    ms_moved moved;      /* the present event, for pairs */
    ms_level level;      /* at the end: of what is live for certain */
    ms_level last_level; /* at the end: of all that was not seen to die */
    uint64_t peak;       /* number of the latest peak; see sites.h */
    uint64_t peak_bytes, peak_blocks, peak_us;
    ms_held peak_held;
    bool peak_sampled; /* it is an estimate */
    uint64_t allocations, reallocations, frees, bytes_allocated, temporary;
    uint64_t unmatched, implied;
    uint64_t last_freed; /* where the latest release was; 0: of none below MS_MAPPED_MIN */
    uint64_t gap_frees, unsampled_frees; /* of blocks not seen born, where that is no wonder */
    uint64_t thinned_from_us, thin_rate; /* thin.h; UINT64_MAX, 0: not */
    uint64_t gap_deaths;                 /* of blocks whose address was handed out again */
    uint64_t changes_left_out;
    uint64_t order_uncertainty_bytes;
    uint64_t events;
    uint64_t lost[MS_LOSS_COUNT];
    ms_notes notes;
    ms_rows *rows; /* takes single blocks; NULL: they are not wanted. Borrowed */
};

void ms_replay_init(ms_replay *replay);
void ms_replay_deinit(ms_replay *replay);

/* Takes the next event; `until_us`: when it was surely over, UINT64_MAX: not known. */
void ms_replay_event(ms_replay *replay, const ms_event *event, uint64_t until_us);

/* Forgets a live block that did not die: nothing counts it any more. */
void ms_replay_forget(ms_replay *replay, ms_block *block);

/* After the last event: settles what was left open until the end. */
void ms_replay_finish(ms_replay *replay);

#endif
