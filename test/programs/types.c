/* types.c - blocks of some types, in counts that are said at the end: so that a test knows each number.
 *
 * Usage: types. */
#include <memscope.h>

#include <stdint.h>

#include "victim.h"

/* 24 bytes, of them 3 + 4 between and behind members, in any order. */
struct wasteful {
    char tag;
    int number;
    char *text;
    int last;
};

/* 40 bytes that can be 24: 7 + 7 + 2 behind members. */
struct holey {
    char a;
    double b;
    char c;
    double d;
    short e;
    int f;
};

/* Nothing to gain. */
struct tight {
    double x, y;
    int z, w;
};

struct message {
    uint32_t size;
    uint16_t kind;
    char bytes[];
};

typedef struct {
    float re, im;
} sample;

enum { HOLEY = 1000, TIGHT = 500, MESSAGES = 10, SAMPLES = 64 };

static void *kept[HOLEY + TIGHT + MESSAGES + 8];
static int kept_count;

static void *keep(void *block) {
    kept[kept_count++] = block;
    return block;
}

int main(void) {
    for (int i = 0; i < HOLEY; i++) {
        struct holey *holey = keep(malloc(sizeof *holey));
        MEMSCOPE_TRACK(holey);
    }
    for (int i = 0; i < TIGHT; i++) {
        struct tight *tight = keep(malloc(sizeof *tight));
        MEMSCOPE_TRACK(tight);
    }
    for (int i = 0; i < MESSAGES; i++) {
        struct message *message = keep(malloc(sizeof *message + (size_t)i * 7));
        MEMSCOPE_TRACK(message);
    }
    sample *samples = keep(calloc(SAMPLES, sizeof *samples));
    MEMSCOPE_TRACK(samples);
    struct wasteful *array = keep(malloc(100 * sizeof *array));
    MEMSCOPE_TRACK(array);
    struct tight *followed = keep(malloc(sizeof *followed + 100));
    MEMSCOPE_TRACK(followed);
    char *text = keep(strdup("some words"));
    MEMSCOPE_TRACK(text);
    return kept_count != HOLEY + TIGHT + MESSAGES + 4;
}
