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

/* Samples process `pid`, or its thread `tid` when that is not 0. False when it is gone. */
bool ms_proc_read(pid_t pid, pid_t tid, ms_proc_sample *sample);

/* The thread ids of `pid`: writes at most `max`, returns how many there are. */
size_t ms_proc_threads(pid_t pid, pid_t *tids, size_t max);

#endif
