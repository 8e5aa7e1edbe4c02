/* build_words.h - the words of a program on their way into the model. For build_*.c. */
#ifndef MS_LOAD_BUILD_WORDS_H
#define MS_LOAD_BUILD_WORDS_H

#include "load/frames.h"
#include "load/replay.h"
#include "model/model.h"

/* What is built, and the words of each place in the model's memory: by index + 1. NULL: not known. */
typedef struct ms_words {
    ms_model *model;
    ms_replay *replay;
    ms_frames *frames; /* NULL: stacks are left out */
    ms_place *places;
    const uint64_t *site_ids; /* of the replay's sites, in the model; NULL: it has none of them */
} ms_words;

/* The stack of an id, in the model; MS_NO_STACK: none was taken, or all are left out. `*module` (may be
 * NULL): that of its innermost frame, or MS_NO_MODULE. */
uint32_t ms_words_stack(const ms_words *words, uint64_t id, uint32_t *module);

static inline uint64_t ms_words_ns(uint64_t us) {
    return us * 1000;
}

static inline uint64_t ms_words_id(uint32_t number) {
    return number ? number : MS_UNKNOWN;
}

static inline uint64_t ms_words_line(const ms_place *place) {
    return place->defined && place->line ? place->line : MS_UNKNOWN;
}

/* A site by index, or MS_NO_SITE. */
static inline uint64_t ms_words_site_id(const ms_words *w, uint32_t site) {
    return w->site_ids && site < w->replay->sites.count ? w->site_ids[site] : MS_UNKNOWN;
}

/* A thread by index, or MS_NOBODY. */
static inline const char *ms_words_thread(const ms_words *w, uint32_t thread) {
    return thread < w->model->threads.count ? w->model->threads.items[thread].thread : NULL;
}

static inline uint64_t ms_words_thread_id(const ms_words *w, uint32_t thread) {
    return thread < w->model->threads.count ? w->model->threads.items[thread].id : MS_UNKNOWN;
}

#endif
