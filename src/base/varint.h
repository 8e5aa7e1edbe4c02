/* varint.h - LEB128 integers and zigzag, for the trace's columns.
 *
 * Pure: no heap, no globals, any thread, any signal handler. */
#ifndef MS_BASE_VARINT_H
#define MS_BASE_VARINT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The most bytes one u64 takes. */
#define MS_VARINT_MAX 10

/* Small magnitudes of either sign become small unsigned numbers. */
static inline uint64_t ms_zigzag(int64_t v) {
    return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}

static inline int64_t ms_unzigzag(uint64_t v) {
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* Writes `v` at `out`, which has MS_VARINT_MAX bytes of room; returns the end. */
static inline uint8_t *ms_varint_put(uint8_t *out, uint64_t v) {
    while (v >= 0x80) {
        *out++ = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    *out++ = (uint8_t)v;
    return out;
}

/* The same without a branch for each byte; all MS_VARINT_MAX bytes at `out` may be written. The seven
 * bits of each byte are moved to their places in three steps: 56 bits are two times 28, four times 14,
 * eight times 7. */
static inline uint8_t *ms_varint_put_fast(uint8_t *out, uint64_t v) {
    if (v < 0x80) {
        *out = (uint8_t)v;
        return out + 1;
    }
    if (v >> 56)
        return ms_varint_put(out, v);
    unsigned more = (63u - (unsigned)__builtin_clzll(v)) / 7; /* bytes but the last */
    uint64_t b = (v & 0x0fffffff) | (v & 0xfffffff0000000) << 4;
    b = (b & 0x00003fff00003fff) | (b & 0x0fffc0000fffc000) << 2;
    b = (b & 0x007f007f007f007f) | (b & 0x3f803f803f803f80) << 1;
    b |= 0x8080808080808080 & ((UINT64_C(1) << 8 * more) - 1);
    memcpy(out, &b, sizeof b);
    return out + more + 1;
}

/* Reads a number from [*at, end) into `v` and moves `*at` past it. Returns 0,
 * and moves nothing, when the bytes end first or name more than 64 bits. */
static inline int ms_varint_get(const uint8_t **at, const uint8_t *end, uint64_t *v) {
    const uint8_t *p = *at;
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70 && p < end; shift += 7) {
        uint8_t byte = *p++;
        if (shift == 63 && byte > 1)
            return 0;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *at = p;
            *v = value;
            return 1;
        }
    }
    return 0;
}

#endif
