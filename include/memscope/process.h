/* memscope/process.h - the recording of this process, from within. */
#ifndef MEMSCOPE_PROCESS_H
#define MEMSCOPE_PROCESS_H

#include "memscope/calls.h"

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

/* 0; -1 when nothing is recorded in this process, and `stats` is all 0. */
MEMSCOPE_INLINE_ int memscope_stats(struct memscope_counts *stats) {
    const struct memscope_calls *calls = memscope_calls_();
    __builtin_memset(stats, 0, sizeof *stats);
    return calls ? calls->stats(stats, sizeof *stats) : -1;
}

struct memscope_export_options {
    const char *format; /* as of `memscope report --format`; NULL: by the ending of the path */
};

/* Writes a report of the trace so far, as `memscope report` would, and waits for it. `options` may be NULL.
 * 0; -1 when it failed, without memscope, and under `memscope run`, where the recorder has the trace: this is
 * for programs that were started with LD_PRELOAD and MEMSCOPE_OUTPUT. Not for signal handlers. */
MEMSCOPE_INLINE_ int memscope_export(const char *path,
                                     const struct memscope_export_options *options) {
    const struct memscope_calls *calls = memscope_calls_();
    return calls ? calls->export_report(path, options ? options->format : NULL) : -1;
}

/* Names this moment; the label is copied. */
MEMSCOPE_INLINE_ void memscope_snapshot(const char *label) {
    struct memscope_place place = {label, NULL, NULL, NULL, 0, MEMSCOPE_KIND_OTHER, 0};
    memscope_note_(&place, MEMSCOPE_NOTE_SNAPSHOT, NULL, NULL, 0, 0);
}

#endif
