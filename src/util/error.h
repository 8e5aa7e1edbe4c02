/* error.h - how offline code reports a failure: a code, and one line that names the file, the
 * cause and the next step. */
#ifndef MS_UTIL_ERROR_H
#define MS_UTIL_ERROR_H

#include <stdint.h>

#define MS_MUST_CHECK __attribute__((warn_unused_result))

/* MS_ERROR(NAME, exit status of the CLI, text) */
#define MS_ERRORS(MS_ERROR)                                                                        \
    MS_ERROR(OK, 0, "no error")                                                                    \
    MS_ERROR(USAGE, 2, "wrong usage")                                                              \
    MS_ERROR(INPUT, 3, "unreadable input")                                                         \
    MS_ERROR(OUTPUT, 4, "cannot write output")                                                     \
    MS_ERROR(ENVIRONMENT, 4, "the environment does not allow it")                                  \
    MS_ERROR(NOMEM, 4, "out of memory")

typedef enum ms_err {
#define MS_ERROR(name, status, text) MS_ERR_##name,
    MS_ERRORS(MS_ERROR)
#undef MS_ERROR
} ms_err;

typedef struct ms_error {
    ms_err code;
    int os_errno;    /* 0 when the operating system was not the cause */
    uint64_t offset; /* in the input, where that means something */
    char message[512];
} ms_error;

/* Fills `error` (NULL: ignored) from a printf format and returns `code`. */
ms_err ms_fail(ms_error *error, ms_err code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The CLI's exit status for a code. */
int ms_err_exit_status(ms_err code);

#endif
