#include "util/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DRAW_EVERY_NS 100000000u
#define PATIENCE_NS 400000000u /* shorter work shows nothing: a bar that flashes by only disturbs */
#define BAR_WIDTH 24

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void put(const ms_progress *progress, const char *text, size_t size) {
    while (size) {
        ssize_t written = write(progress->fd, text, size);
        if (written <= 0)
            return; /* a terminal that is gone is no reason to stop */
        text += written;
        size -= (size_t)written;
    }
}

void ms_progress_init(ms_progress *progress, int fd, const char *mode, const char *label,
                      const volatile sig_atomic_t *stop) {
    bool always = strcmp(mode, "always") == 0;
    bool never = strcmp(mode, "never") == 0;
    uint64_t now = now_ns();
    *progress = (ms_progress){
        .fd = fd,
        .enabled = always || (!never && isatty(fd)),
        .label = label,
        .stop = stop,
        .drawn_ns = always ? 0 : now + PATIENCE_NS - DRAW_EVERY_NS,
    };
}

static void draw(ms_progress *progress, uint64_t done, uint64_t total) {
    char bar[BAR_WIDTH + 1];
    double part = total ? (double)done / (double)total : 0;
    if (part > 1)
        part = 1;
    size_t filled = (size_t)(part * BAR_WIDTH);
    memset(bar, '#', filled);
    memset(bar + filled, '.', BAR_WIDTH - filled);
    bar[BAR_WIDTH] = 0;

    char line[160];
    int size =
        snprintf(line, sizeof line, "\r%s [%s] %3d %%  %.1f of %.1f MiB\033[K", progress->label,
                 bar, (int)(part * 100), (double)done / 1048576.0, (double)total / 1048576.0);
    if (size > 0)
        put(progress, line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
    progress->shown = true;
}

bool ms_progress_update(void *context, uint64_t done, uint64_t total) {
    ms_progress *progress = context;
    if (progress->enabled) {
        uint64_t now = now_ns();
        if (now >= progress->drawn_ns + DRAW_EVERY_NS) {
            progress->drawn_ns = now;
            draw(progress, done, total);
        }
    }
    return !progress->stop || !*progress->stop;
}

void ms_progress_deinit(ms_progress *progress) {
    if (progress->shown)
        put(progress, "\r\033[K", 4);
    progress->shown = false;
}
