#include "util/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

ms_err ms_fail(ms_error *error, ms_err code, const char *format, ...) {
    if (!error)
        return code;
    int saved_errno = errno;
    *error = (ms_error){.code = code};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    errno = saved_errno;
    return code;
}

int ms_err_exit_status(ms_err code) {
    switch (code) {
#define MS_ERROR(name, status, text)                                                               \
    case MS_ERR_##name: return status;
        MS_ERRORS(MS_ERROR)
#undef MS_ERROR
    }
    return 4;
}
