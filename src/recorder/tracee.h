/* tracee.h - one recorded process: its ring, drained into its trace. */
#ifndef MS_RECORDER_TRACEE_H
#define MS_RECORDER_TRACEE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/options.h"
#include "trace/format.h"
#include "trace/writer.h"

typedef struct ms_tracee ms_tracee;

/* How a process ended, as far as we saw. */
typedef enum ms_tracee_end {
    MS_END_EXITED,  /* with `detail` as status */
    MS_END_KILLED,  /* by signal `detail` */
    MS_END_EXEC,    /* replaced its image by another one */
    MS_END_GONE,    /* not our child: nobody told us how */
    MS_END_DETACHED /* it goes on; we stopped recording */
} ms_tracee_end;

/* Opens the ring at `ring_path`. `options` (borrowed) are those of the run, and go into the trace.
 * NULL with errno set when it is no ring. */
ms_tracee *ms_tracee_open(const char *ring_path, const ms_options *options);

/* Unmaps and closes; removes the ring's file. NULL is fine. */
void ms_tracee_close(ms_tracee *tracee);

/* The path of its ring. */
const char *ms_tracee_ring(const ms_tracee *tracee);

pid_t ms_tracee_pid(const ms_tracee *tracee);

/* Of its ring, until the tracee is closed: to be raised as a sign of life (pulse.h). */
uint32_t *ms_tracee_beats(const ms_tracee *tracee);

/* A descriptor that becomes readable when the process has ended, or -1. Owned by the tracee. */
int ms_tracee_pidfd(const ms_tracee *tracee);

/* Sets the tick that the process's hooks stamp events with. */
void ms_tracee_tick(ms_tracee *tracee, uint64_t now_monotonic_ns);

/* Recording off, for good: its hooks pass through from now on. */
void ms_tracee_switch_off(ms_tracee *tracee);

/* Has enough piled up in the ring for a drain to be worth while? */
bool ms_tracee_wants_drain(const ms_tracee *tracee);

/* Heap or mapping events so far. A process without any leaves no trace. */
uint64_t ms_tracee_events(const ms_tracee *tracee);

/* Takes over what the ring holds. `last`: the process has ended, nothing will be added. False: there
 * is nothing to write; true: call ms_tracee_write(). */
bool ms_tracee_collect(ms_tracee *tracee, bool last);

/* Appends what was collected to the trace at `path`, which the first call creates; then the words are
 * taken from the ring. When the trace cannot be written the ring is emptied all the same, and what is
 * lost counted. */
void ms_tracee_write(ms_tracee *tracee, const char *path);

/* What writes the trace, borrowed; NULL before there is one, and after a write that failed. */
ms_trace_writer *ms_tracee_writer(const ms_tracee *tracee);

/* Goes on with another writer, which is taken over; the one before is closed. */
void ms_tracee_take_writer(ms_tracee *tracee, ms_trace_writer *writer);

/* The time in the trace, microseconds since its start. */
uint64_t ms_tracee_time_us(const ms_tracee *tracee, uint64_t now_monotonic_ns);

/* Does the process ask for its trace so far? Is somebody reading it, so that it must stay as it is? */
bool ms_tracee_asks(const ms_tracee *tracee);
bool ms_tracee_is_read(const ms_tracee *tracee);

/* Answers, after a drain: the trace lies at `path` (NULL: there is none yet), as far as it is written now,
 * with what was lost until now. */
void ms_tracee_answer(ms_tracee *tracee, const char *path);

/* errno of the write that failed; 0: none did. */
int ms_tracee_error(const ms_tracee *tracee);

/* Events lost because the trace could not be written. */
uint64_t ms_tracee_unwritten(const ms_tracee *tracee);

/* Reads /proc about the process and its threads. Cheap; a process that has ended gives nothing. */
void ms_tracee_sample(ms_tracee *tracee, uint64_t now_monotonic_ns);

/* Completes the trace, after the last ms_tracee_write(). `detail`: status or signal; `held_ns`: for how
 * long it was not written to, to keep it short. */
void ms_tracee_finish(ms_tracee *tracee, ms_tracee_end end, int detail, uint64_t held_ns);

#endif
