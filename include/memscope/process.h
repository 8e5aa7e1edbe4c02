/* memscope/process.h - the recording of this process, from within. */
#ifndef MEMSCOPE_PROCESS_H
#define MEMSCOPE_PROCESS_H

#include "memscope/calls.h"

/* Does the library have this function? It may be older than this header. */
#define MEMSCOPE_HAS_(calls, member)                                                               \
    ((calls) && (calls)->size >= offsetof(struct memscope_calls, member) + sizeof(calls)->member)

/* What the environment says (MEMSCOPE_STRATEGY, MEMSCOPE_OUTPUT, ...), else the defaults: change of it what
 * the program knows better. */
MEMSCOPE_INLINE_ struct memscope_config memscope_config_default(void) {
    const struct memscope_calls *calls = memscope_calls_();
    struct memscope_config config = {sizeof config,        MEMSCOPE_CORE, 1, 1, 0,
                                     MEMSCOPE_AS_STRATEGY, NULL,          0, 0};
    if (MEMSCOPE_HAS_(calls, config))
        calls->config(&config, sizeof config);
    return config;
}

/* Begins a trace of this process, in the file config->output; `config` may be NULL: the default. A trace that
 * lies there already is replaced. What was allocated before is not in it.
 *
 * 0: it is recorded, as `config` says. 1: the process is recorded already - by `memscope run`, by the trace
 * that MEMSCOPE_OUTPUT names, or since an earlier memscope_start() - and that goes on as it was begun; if it
 * was paused, or begun with MEMSCOPE_START=off, it is on now. Whoever runs the program has the last word.
 * (Only MEMSCOPE_OUTPUT with MEMSCOPE_START=off gives way to another config->output: then that is recorded.)
 * -1 with errno: EEXIST when another file lies there, or a trace that another process is writing; ENOSPC,
 * EACCES, ...; EINVAL for no strategy, or a config that nobody has filled in; EPERM when MEMSCOPE_ENABLE says
 * no; ESRCH when the recorder is gone. Without memscope errno is left alone.
 *
 * Threads may allocate meanwhile. Not for signal handlers. */
MEMSCOPE_INLINE_ int memscope_start(const struct memscope_config *config) {
    const struct memscope_calls *calls = memscope_calls_();
    return MEMSCOPE_HAS_(calls, start) ? calls->start(config) : -1;
}

/* Ends the trace: all of it is in the file when this returns, and nothing is recorded until the next
 * memscope_start(). 0; 1: it is the trace of `memscope run`, which is paused instead; -1: there is none.
 * A trace that nothing was recorded into leaves no file. Takes a millisecond. Not for signal handlers. */
MEMSCOPE_INLINE_ int memscope_stop(void) {
    const struct memscope_calls *calls = memscope_calls_();
    return MEMSCOPE_HAS_(calls, stop) ? calls->stop() : -1;
}

/* Recording off, and on again. 0; -1 when nothing can be recorded, as always without memscope. */
MEMSCOPE_INLINE_ int memscope_pause(void) {
    const struct memscope_calls *calls = memscope_calls_();
    return calls ? calls->pause() : -1;
}

MEMSCOPE_INLINE_ int memscope_resume(void) {
    const struct memscope_calls *calls = memscope_calls_();
    return calls ? calls->resume() : -1;
}

MEMSCOPE_INLINE_ int memscope_is_recording(void) {
    const struct memscope_calls *calls = memscope_calls_();
    return calls ? calls->is_recording() : 0;
}

/* 0; -1 when there is no trace in this process, and `stats` is all 0. */
MEMSCOPE_INLINE_ int memscope_stats(struct memscope_counts *stats) {
    const struct memscope_calls *calls = memscope_calls_();
    __builtin_memset(stats, 0, sizeof *stats);
    return calls ? calls->stats(stats, sizeof *stats) : -1;
}

struct memscope_export_options {
    const char *format; /* as of `memscope report --format`; NULL: by the ending of the path */
    const char *const *flags; /* more flags of `memscope report`, ended by NULL; NULL: none */
};

/* Writes what is known so far, all that this thread has done included, to `path`, and waits for that: by
 * `memscope report` itself, so the formats and the numbers are its own. To FILE.memscope: the trace so far, as
 * a whole one. `options` may be NULL. 0; -1 without memscope, when nothing is recorded, and when the report
 * failed, which says why on stderr. Not for signal handlers. */
MEMSCOPE_INLINE_ int memscope_export(const char *path,
                                     const struct memscope_export_options *options) {
    const struct memscope_calls *calls = memscope_calls_();
    if (!calls)
        return -1;
    return calls->export_report(path, options ? options->format : NULL,
                                options ? options->flags : NULL);
}

/* Names this moment; the label is copied. */
MEMSCOPE_INLINE_ void memscope_snapshot(const char *label) {
    struct memscope_place place = {label, NULL, NULL, NULL, 0, MEMSCOPE_KIND_OTHER, 0};
    memscope_note_(&place, MEMSCOPE_NOTE_SNAPSHOT, NULL, NULL, 0, 0);
}

#endif
