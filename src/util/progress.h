/* progress.h - a progress bar on a terminal, for work that takes long enough to wonder about. */
#ifndef MS_UTIL_PROGRESS_H
#define MS_UTIL_PROGRESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct ms_progress {
    int fd;
    bool enabled;
    bool shown;                        /* there is a bar on the screen now */
    const char *label;                 /* borrowed */
    const volatile sig_atomic_t *stop; /* borrowed; may be NULL */
    uint64_t drawn_ns;                 /* when it was drawn last */
} ms_progress;

/* Prepares a bar on `fd`; `mode` is "always", "never", or "auto": only where `fd` is a terminal,
 * and only when the work takes more than a moment. `stop` (may be NULL) is a flag a signal handler
 * sets to end the work. */
void ms_progress_init(ms_progress *progress, int fd, const char *mode, const char *label,
                      const volatile sig_atomic_t *stop);

/* Shows how far the work is, in bytes, at most ten times a second; cheap to call. Returns false
 * when the work should stop. `progress` is an ms_progress (the type fits callbacks). */
bool ms_progress_update(void *progress, uint64_t done, uint64_t total);

/* Takes the bar off the screen. */
void ms_progress_deinit(ms_progress *progress);

#endif
