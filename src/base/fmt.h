/* fmt.h - text into a caller's buffer without stdio: for code inside malloc and signal handlers.
 * Pure. What does not fit is cut; the text is always terminated. */
#ifndef MS_BASE_FMT_H
#define MS_BASE_FMT_H

#include <stddef.h>
#include <stdint.h>

typedef struct ms_fmt {
    char *at;
    char *end; /* the last byte, kept for the terminator */
} ms_fmt;

/* `size` > 0. */
static inline ms_fmt ms_fmt_begin(char *buffer, size_t size) {
    buffer[0] = 0;
    return (ms_fmt){.at = buffer, .end = buffer + size - 1};
}

static inline void ms_fmt_bytes(ms_fmt *fmt, const char *bytes, size_t size) {
    while (size-- > 0 && fmt->at < fmt->end)
        *fmt->at++ = *bytes++;
    *fmt->at = 0;
}

static inline void ms_fmt_text(ms_fmt *fmt, const char *text) {
    while (*text && fmt->at < fmt->end)
        *fmt->at++ = *text++;
    *fmt->at = 0;
}

static inline void ms_fmt_u64(ms_fmt *fmt, uint64_t value) {
    char digits[20];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count > 0)
        ms_fmt_bytes(fmt, &digits[--count], 1);
}

#endif
