#include "recorder/control.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "recorder/ring_view.h"

static uint64_t now_us(const ms_ring_header *ring) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    return now_ns > ring->start_monotonic_ns ? (now_ns - ring->start_monotonic_ns) / 1000 : 0;
}

/* As the process itself would: capture/control.c. */
static void set(ms_ring_header *ring, bool on) {
    uint64_t tick_us = __atomic_load_n(&ring->tick_us, __ATOMIC_RELAXED);
    if (on == (tick_us != MS_TICK_OFF))
        return;
    uint64_t none = MS_NOT_OFF, now = now_us(ring);
    if (!on)
        __atomic_compare_exchange_n(&ring->off_since_us, &none, now, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED);
    __atomic_store_n(&ring->tick_us, on ? now : MS_TICK_OFF, __ATOMIC_RELEASE);
}

/* The file at `path` as the process sees it, if it is the ring that process `pid` writes to. */
static ms_ring_header *open_ring(pid_t pid, const char *path) {
    char inside[4352];
    snprintf(inside, sizeof inside, "/proc/%d/root%s", pid, path);
    int fd = open(inside, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;
    if (fd < 0)
        return NULL;
    ms_ring_header *ring = MAP_FAILED;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size >= (off_t)MS_RING_HEADER_SIZE)
        ring = mmap(NULL, MS_RING_HEADER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int saved = errno;
    close(fd);
    errno = saved;
    if (ring == MAP_FAILED)
        return NULL;
    if (memcmp(ring->magic, MS_TRACE_MAGIC, sizeof ring->magic) == 0 &&
        ring->version == MS_TRACE_VERSION && ring->form == MS_FORM_RING)
        return ring;
    munmap(ring, MS_RING_HEADER_SIZE);
    return NULL;
}

/* A line of /proc/PID/maps that maps a file from its beginning for reading and writing, shared: its path. */
static char *shared_file(char *line) {
    char rights[8];
    uint64_t offset;
    int path = 0;
    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "%*x-%*x %7s %" SCNx64 " %*s %*s %n", rights, &offset, &path) < 2 || path == 0)
        return NULL;
    return strcmp(rights, "rw-s") == 0 && offset == 0 && line[path] == '/' ? line + path : NULL;
}

ms_err ms_control_process(pid_t pid, bool on, char *ring_path, size_t size, ms_error *error) {
    char maps[64], line[4608];
    snprintf(maps, sizeof maps, "/proc/%d/maps", pid);
    FILE *file = fopen(maps, "re");
    if (!file)
        return ms_fail(error, MS_ERR_ENVIRONMENT, "process %d: %s", pid,
                       errno == ENOENT ? "there is none" : strerror(errno));
    bool preloaded = false;
    ms_ring_header *ring = NULL;
    while (!ring && fgets(line, sizeof line, file)) {
        preloaded |= strstr(line, "libmemscope.so") != NULL;
        const char *path = shared_file(line);
        ring = path ? open_ring(pid, path) : NULL;
        if (ring)
            snprintf(ring_path, size, "%s", path);
    }
    fclose(file);
    if (!ring)
        return ms_fail(error, MS_ERR_ENVIRONMENT,
                       preloaded
                           ? "process %d has the library but nowhere to record: start it with "
                             "MEMSCOPE_OUTPUT=FILE as well"
                           : "process %d was not started with the library: use memscope run, or "
                             "LD_PRELOAD with MEMSCOPE_START=off and MEMSCOPE_OUTPUT=FILE",
                       pid);
    set(ring, on);
    munmap(ring, MS_RING_HEADER_SIZE);
    return MS_ERR_OK;
}
