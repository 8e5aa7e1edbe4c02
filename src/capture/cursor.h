/* cursor.h - bounded reading of DWARF's bytes. Included where they are read, and nowhere else: the names
 * are short. */
#ifndef MS_CAPTURE_CURSOR_H
#define MS_CAPTURE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes left to read; a read past the end gives zeros and sets `failed`. */
typedef struct cursor {
    const uint8_t *at, *end;
    bool failed;
} cursor;

static inline uint64_t take(cursor *c, size_t size) {
    uint64_t value = 0;
    if ((size_t)(c->end - c->at) < size) {
        c->failed = true;
        c->at = c->end;
        return 0;
    }
    memcpy(&value, c->at, size);
    c->at += size;
    return value;
}

static inline uint64_t take_uleb(cursor *c) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint64_t byte = take(c, 1);
        value |= (byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    c->failed = true;
    return 0;
}

static inline int64_t take_sleb(cursor *c) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64;) {
        uint64_t byte = take(c, 1);
        value |= (byte & 0x7f) << shift;
        shift += 7;
        if (!(byte & 0x80)) {
            if (shift < 64 && byte & 0x40)
                value |= ~UINT64_C(0) << shift;
            return (int64_t)value;
        }
    }
    c->failed = true;
    return 0;
}

#endif
