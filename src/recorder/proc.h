/* proc.h - what /proc says about a process and its threads. */
#ifndef MS_RECORDER_PROC_H
#define MS_RECORDER_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/format.h"

typedef struct ms_proc_sample {
    char name[32];                    /* of the thread (of the process: its main thread) */
    uint64_t values[MS_SAMPLE_COUNT]; /* samples.def; UINT64_MAX: not given */
} ms_proc_sample;

/* The pid here of the process that calls itself `pid` in the pid namespace `space`, as the link
 * /proc/PID/ns/pid names it; 0 when there is none (any more). Cheap where that is our own namespace,
 * or not known (""). */
pid_t ms_proc_pid_here(pid_t pid, const char *space);

/* Samples process `pid`, or its thread `tid` when that is not 0. False when it is gone. */
bool ms_proc_read(pid_t pid, pid_t tid, ms_proc_sample *sample);

/* The thread ids of `pid`: writes at most `max`, returns how many there are. */
size_t ms_proc_threads(pid_t pid, pid_t *tids, size_t max);

#endif
