/* utf8.h - one character at a time out of bytes nobody vouches for. Pure. */
#ifndef MS_UTIL_UTF8_H
#define MS_UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ms_utf8 {
    uint32_t code;      /* the character; of an invalid byte: its value */
    unsigned char size; /* bytes it took: 1..4; 0 at the terminator */
    bool valid;
} ms_utf8;

/* The first character of the terminated `text`. Overlong forms, surrogates, numbers beyond U+10FFFF
 * and sequences that end early are invalid and take one byte. Never reads past the terminator. */
ms_utf8 ms_utf8_at(const char *text);

/* True for what a terminal acts on instead of showing it: C0 and C1 controls, DEL, line and
 * paragraph separators, marks that reorder text. */
bool ms_utf8_is_control(uint32_t code);

#endif
