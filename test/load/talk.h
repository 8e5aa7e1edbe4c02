/* talk.h - what a made-up program says about its memory, at random: all words there are, about blocks, what
 * lies in them, and what lies elsewhere; most of it sensible, some not. For tests. */
#ifndef MS_TEST_LOAD_TALK_H
#define MS_TEST_LOAD_TALK_H

#include "builder.h"

enum { TALK_PLACES = 24 };

/* The definition of a place. */
static inline ms_event some_place(uint64_t *chance, uint32_t thread) {
    static const uint8_t texts[][40] = {"node\0struct node *\0a.c\0main", "count\0long\0a.c\0main",
                                        "node\0struct node *\0b.c\0work", "job\0\0c.c\0serve"};
    uint64_t site = 1 + random_below(chance, TALK_PLACES);
    return (ms_event){.kind = MS_EVENT_SITE,
                      .thread = thread,
                      .tid = 1000 + thread,
                      .site = site,
                      .size = 10 + site,
                      .number = random_below(chance, 6),
                      .text = {texts[site % 4], 36}};
}

static inline uint64_t some_number(uint64_t *chance) {
    return random_below(chance, 8) ? random_below(chance, 4) : UINT64_MAX;
}

/* A word about `address`, or about something that lies there; `other` is the address of another thing. */
static inline ms_event some_word(uint64_t *chance, uint32_t thread, uint64_t address,
                                 uint64_t other) {
    static const uint64_t offsets[] = {0, 0, 0, 16, 40};
    static const uint8_t often[] = {MS_NOTE_TRACK, MS_NOTE_TRACK,    MS_NOTE_REF_NEW,
                                    MS_NOTE_REF,   MS_NOTE_UNREF,    MS_NOTE_TAG,
                                    MS_NOTE_FIELD, MS_NOTE_HANDOVER, MS_NOTE_CONTAINER};
    uint8_t what = random_below(chance, 2) ? often[random_below(chance, sizeof often)]
                                           : (uint8_t)(1 + random_below(chance, MS_NOTE_COUNT - 1));
    ms_event word = {.kind = MS_EVENT_NOTE,
                     .thread = thread,
                     .tid = 1000 + thread,
                     .family = what,
                     .site = random_below(chance, TALK_PLACES + 1),
                     .address = address + offsets[random_below(chance, 5)],
                     .old = random_below(chance, 2) ? other : 0,
                     .size = random_below(chance, 2) ? random_below(chance, 100) : UINT64_MAX,
                     .stack = MS_ROOT_COUNT + random_below(chance, 30),
                     .number = some_number(chance)};
    if (what == MS_NOTE_REF_NEW || what == MS_NOTE_REF || what == MS_NOTE_UNREF)
        word.old = random_below(chance, 6);
    if (what == MS_NOTE_MISUSE)
        word.number = random_below(chance, MS_MISUSE_COUNT + 1);
    if (what == MS_NOTE_TRACK && word.old)
        word.old = word.address;
    return word;
}

#endif
