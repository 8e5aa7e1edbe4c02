/* bound.h - keeps a trace within --max-trace, --ring or --aggregate.
 *
 * Now and then a child process of low priority, a digest, replaces the older part of the trace by what it
 * came to, in a new file. The recorder goes on appending to the old one meanwhile; when the child is done,
 * it copies what came since, and the new file takes the old one's name:
 *
 *      trace   | checkpoint | events ........................ | since |
 *                           '--- digest ---'                      |
 *      new     | checkpoint                 | last events .... | <- '
 *
 * So whatever is killed, and when: under the name there is always a whole trace. The new file has no name
 * before, where the file system allows. */
#ifndef MS_RECORDER_BOUND_H
#define MS_RECORDER_BOUND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/options.h"
#include "trace/writer.h"

/* What a digest does, in its own process: writes into the file `out` what the trace `trace` becomes when
 * the events before the EVENTS chunk at `last_chunk` (UINT64_MAX: all) are replaced; it ends at `end`.
 * What stands for the events shall fit into `room` bytes (0: any). False when it failed. */
typedef bool ms_digest_function(int trace, int out, uint64_t last_chunk, uint64_t end,
                                uint64_t room);

typedef struct ms_bound {
    const ms_options *options; /* borrowed */
    ms_digest_function *digest;
    pid_t child;       /* 0: none at work */
    bool last;         /* it makes the last one, of a trace that has ended */
    int trace;         /* of the last one: the trace, else -1 */
    int out;           /* what it writes, or -1 */
    bool named;        /* it has a name */
    uint64_t end;      /* of the trace it was given */
    uint64_t until_us; /* what it replaces is not younger */
    uint64_t size;     /* of the trace after the latest digest */
    uint64_t from_us;  /* what that has replaced was not younger */
    uint64_t seen,
        largest; /* size of the trace at the latest look; the most it has grown between two */
    uint64_t began_ns, rest_until_ns; /* the latest digest; when the next may begin */
    uint64_t holding_since_ns;        /* 0: not */
    uint64_t held_ns;                 /* in all, so far */
    unsigned failures;                /* in a row */
    unsigned failed;                  /* in all */
} ms_bound;

/* Without a limit among `options`, or without `digest`, all calls below do nothing. */
void ms_bound_init(ms_bound *bound, const ms_options *options, ms_digest_function *digest);

/* Ends a digest at work, if any. `path`: the trace's. */
void ms_bound_deinit(ms_bound *bound, const char *path);

/* To be called after the trace at `path` has grown, and now and then: begins a digest when one is due.
 * `now_us` is the trace's time. */
void ms_bound_look(ms_bound *bound, const ms_trace_writer *writer, const char *path,
                   uint64_t now_us, uint64_t now_ns);

/* Shall the trace not grow now? A digest is at work, without which it would become too large. */
bool ms_bound_holds(ms_bound *bound, const ms_trace_writer *writer, uint64_t now_ns);

/* The digest at work has ended, with `status`, as waitpid() gives it, and has used `cpu_ns`. Returns the
 * writer to go on with when that is another one than `writer`, which is the caller's to close; else
 * NULL. */
ms_trace_writer *ms_bound_ended(ms_bound *bound, int status, uint64_t cpu_ns,
                                const ms_trace_writer *writer, const char *path, uint64_t now_ns);

/* The process has ended: ends a digest at work, whose work is in vain. To be called before the trace's
 * last words are written. */
void ms_bound_stop(ms_bound *bound, const char *path, uint64_t now_ns);

/* The trace has ended, and `writer` is finished: begins the last digest when one is due. */
void ms_bound_finish(ms_bound *bound, const ms_trace_writer *writer, const char *path,
                     uint64_t now_ns);

/* Removes what a digest of the trace at `path` has left that was killed, where files need names. */
void ms_bound_clear(const char *path);

#endif
