/* load_bytes.h - loads bytes as a trace file, for the targets. */
#ifndef MS_FUZZ_LOAD_BYTES_H
#define MS_FUZZ_LOAD_BYTES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "load/load.h"

/* Loads the file `fd`, without symbols (its modules are other programs' files), and closes it. */
static inline void load_descriptor(int fd) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ms_load_options options = {.no_symbols = true};
    ms_error warning, error;
    ms_model_free(ms_load(path, &options, &warning, &error));
    close(fd);
}

static inline int memory_file(const void *bytes, size_t size) {
    int fd = memfd_create("trace", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
        abort();
    return fd;
}

#endif
