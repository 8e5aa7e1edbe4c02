#include "util/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE ((size_t)64 << 10)

/* A file sink flushes its buffer when it is full; a memory sink (fd -1) lets it grow. */
struct ms_sink {
    int fd;
    bool owns_fd;
    char *path;      /* as the messages name it; NULL: memory */
    char *target;    /* what `temporary` becomes; NULL: written directly */
    char *temporary; /* as long as it exists */
    char *buffer;
    size_t used;
    size_t capacity;
    int failure; /* errno of the first failure; the sink takes nothing more */
};

static void sink_free(ms_sink *sink) {
    if (sink->owns_fd && sink->fd >= 0)
        close(sink->fd);
    if (sink->temporary)
        unlink(sink->temporary);
    free(sink->path);
    free(sink->target);
    free(sink->temporary);
    free(sink->buffer);
    free(sink);
}

static ms_sink *sink_new(int fd, const char *path) {
    ms_sink *sink = calloc(1, sizeof *sink);
    if (!sink)
        return NULL;
    sink->fd = fd;
    sink->path = path ? strdup(path) : NULL;
    sink->capacity = path ? BUFFER_SIZE : 256;
    sink->buffer = malloc(sink->capacity);
    if (!sink->buffer || (path && !sink->path)) {
        sink_free(sink);
        return NULL;
    }
    return sink;
}

/* The descriptor of a standard stream, or -1. By name and not by opening /dev/stdout anew: that
 * would write from the start of the file and fail where the stream is a socket. */
static int standard_stream(const char *path) {
    if (!path || !strcmp(path, "-") || !strcmp(path, "/dev/stdout"))
        return STDOUT_FILENO;
    return strcmp(path, "/dev/stderr") ? -1 : STDERR_FILENO;
}

static bool is_written_directly(const char *path) {
    struct stat status;
    if (!strncmp(path, "/dev/fd/", 8) || !strncmp(path, "/proc/", 6))
        return true;
    return !stat(path, &status) && !S_ISREG(status.st_mode);
}

/* "DIR/.memscope.XXXXXX": a short name, so that any name that is possible for the target is. */
static char *temporary_name(const char *target) {
    const char *slash = strrchr(target, '/');
    int directory = slash ? (int)(slash - target) + 1 : 0;
    char *name;
    return asprintf(&name, "%.*s.memscope.XXXXXX", directory, target) < 0 ? NULL : name;
}

static int open_beside(ms_sink *sink) {
    sink->target = realpath(sink->path, NULL);
    if (!sink->target) /* not there yet */
        sink->target = strdup(sink->path);
    sink->temporary = sink->target ? temporary_name(sink->target) : NULL;
    if (!sink->temporary) {
        errno = ENOMEM;
        return -1;
    }
    int fd = mkostemp(sink->temporary, O_CLOEXEC);
    if (fd < 0) {
        free(sink->temporary); /* nothing to unlink */
        sink->temporary = NULL;
    }
    return fd;
}

ms_sink *ms_sink_open(const char *path, ms_error *error) {
    int standard = standard_stream(path);
    const char *name = standard == STDOUT_FILENO ? "standard output" : path;
    ms_sink *sink = sink_new(standard, name);
    if (!sink) {
        ms_fail(error, MS_ERR_NOMEM, "cannot write %s: out of memory", name);
        return NULL;
    }
    if (standard >= 0)
        return sink;
    sink->owns_fd = true;
    sink->fd =
        is_written_directly(path) ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC) : open_beside(sink);
    if (sink->fd < 0) {
        int cause = errno;
        ms_fail(error, MS_ERR_OUTPUT, "cannot write %s: %s; choose another place with --output",
                path, strerror(cause));
        if (error)
            error->os_errno = cause;
        sink_free(sink);
        return NULL;
    }
    return sink;
}

ms_sink *ms_sink_memory(void) {
    return sink_new(-1, NULL);
}

/* Standard streams may be non-blocking because somebody else made them so: then wait. */
static bool write_all(int fd, const char *bytes, size_t size) {
    while (size) {
        ssize_t n = write(fd, bytes, size);
        if (n >= 0) {
            bytes += n;
            size -= (size_t)n;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

static void flush_bytes(ms_sink *sink, const char *bytes, size_t size) {
    if (!sink->failure && !write_all(sink->fd, bytes, size))
        sink->failure = errno;
}

static void grow(ms_sink *sink, size_t size) {
    size_t capacity = sink->capacity;
    while (capacity - sink->used < size && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    char *buffer = capacity - sink->used < size ? NULL : realloc(sink->buffer, capacity);
    if (!buffer) {
        sink->failure = ENOMEM;
        return;
    }
    sink->buffer = buffer;
    sink->capacity = capacity;
}

void ms_sink_write(ms_sink *sink, const void *bytes, size_t size) {
    if (sink->capacity - sink->used < size) {
        if (sink->path) {
            flush_bytes(sink, sink->buffer, sink->used);
            sink->used = 0;
        } else {
            grow(sink, size);
        }
    }
    if (sink->failure || !size)
        return;
    if (sink->capacity - sink->used < size) {
        flush_bytes(sink, bytes, size);
        return;
    }
    memcpy(sink->buffer + sink->used, bytes, size);
    sink->used += size;
}

void ms_sink_text(ms_sink *sink, const char *text) {
    ms_sink_write(sink, text, strlen(text));
}

void ms_sink_printf(ms_sink *sink, const char *format, ...) {
    char small[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (length < (int)sizeof small) {
        ms_sink_write(sink, small, length > 0 ? (size_t)length : 0);
        return;
    }
    char *large;
    va_start(arguments, format);
    length = vasprintf(&large, format, arguments);
    va_end(arguments);
    if (length < 0) {
        sink->failure = ENOMEM;
        return;
    }
    ms_sink_write(sink, large, (size_t)length);
    free(large);
}

char *ms_sink_take(ms_sink *sink, size_t *size) {
    ms_sink_write(sink, "", 1);
    if (sink->failure)
        return NULL;
    char *bytes = sink->buffer;
    if (size)
        *size = sink->used - 1;
    sink->buffer = NULL;
    sink->used = 0;
    sink->capacity = 256;
    sink->buffer = malloc(sink->capacity);
    if (!sink->buffer)
        sink->failure = ENOMEM;
    return bytes;
}

/* Everything on disk under its name, or the first errno that prevented it. */
static int finish(ms_sink *sink) {
    if (sink->path)
        flush_bytes(sink, sink->buffer, sink->used);
    if (sink->owns_fd) {
        if (close(sink->fd) && !sink->failure)
            sink->failure = errno;
        sink->fd = -1;
    }
    if (sink->failure || !sink->temporary)
        return sink->failure;
    if (rename(sink->temporary, sink->target))
        return errno;
    free(sink->temporary);
    sink->temporary = NULL;
    return 0;
}

ms_err ms_sink_close(ms_sink *sink, ms_error *error) {
    int cause = finish(sink);
    ms_err code = MS_ERR_OK;
    if (cause) {
        const char *step = cause == ENOSPC || cause == EDQUOT ? "; free some space or choose "
                                                                "another place with --output"
                                                              : "";
        code =
            ms_fail(error, cause == ENOMEM ? MS_ERR_NOMEM : MS_ERR_OUTPUT, "cannot write %s: %s%s",
                    sink->path ? sink->path : "to memory", strerror(cause), step);
        if (error)
            error->os_errno = cause;
    }
    sink_free(sink);
    return code;
}

void ms_sink_abandon(ms_sink *sink) {
    if (sink)
        sink_free(sink);
}

bool ms_sink_failed(const ms_sink *sink) {
    return sink->failure != 0;
}

bool ms_sink_is_terminal(const ms_sink *sink) {
    return sink->path && !sink->owns_fd && isatty(sink->fd);
}
