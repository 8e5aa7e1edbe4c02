/* words.h - a made-up program that says things about its memory, for tests: play it, then finish() for the
 * model of it. With THROUGH_CHECKPOINTS the replay becomes a checkpoint behind its events, and a replay
 * again. */
#ifndef MS_TEST_LOAD_WORDS_H
#define MS_TEST_LOAD_WORDS_H

#include <string.h>

#include "builder.h"
#include "load/build_notes.h"
#include "load/build_objects.h"
#include "load/build_tasks.h"
#include "load/replay.h"

#ifdef THROUGH_CHECKPOINTS
#include "through_checkpoint.h"
#endif

enum { P = 0x5000, Q = 0x6000, LOCAL = 0x7ffc0010 };

/* Places of the made-up program. */
enum { NODE = 1, NODE_AGAIN, COUNT, OTHER, OUTER, INNER, JOB, MARK, HEIR, NOWHERE = 99 };

static inline void play(ms_replay *r, ms_event event) {
    event.thread = event.thread ? event.thread : 1;
    event.tid = 1000 + event.thread;
    ms_replay_event(r, &event, UINT64_MAX);
#ifdef THROUGH_CHECKPOINTS
    if (r->events < 100 || r->events % 4999 == 0)
        go_through_checkpoint(r);
#endif
}

static inline void define(ms_replay *r, uint64_t site, uint64_t line, const char *text,
                          uint32_t size) {
    play(r, (ms_event){.kind = MS_EVENT_SITE,
                       .site = site,
                       .size = line,
                       .number = site == COUNT ? MS_PLACE_SIGNED : MS_PLACE_POINTER,
                       .text = {(const uint8_t *)text, size}});
}
#define DEFINE(r, site, line, text) define(r, site, line, text, sizeof(text))

static inline void say(ms_replay *r, uint8_t what, uint64_t time_us, uint64_t site, ms_event note) {
    note.kind = MS_EVENT_NOTE;
    note.family = what;
    note.time_us = time_us;
    note.site = site;
    play(r, note);
}

/* A pointer is tracked. */
static inline void track(ms_replay *r, uint64_t time_us, uint64_t site, uint64_t block) {
    say(r, MS_NOTE_TRACK, time_us, site, (ms_event){.address = block, .old = block});
}

static inline void start(ms_replay *r) {
    ms_replay_init(r);
    DEFINE(r, NODE, 10, "node\0struct node *\0a.c\0main");
    DEFINE(r, NODE_AGAIN, 11, "node\0struct node *\0a.c\0main");
    DEFINE(r, COUNT, 12, "count\0int\0a.c\0main");
    DEFINE(r, OTHER, 13, "other\0struct node *\0a.c\0main");
    DEFINE(r, OUTER, 20, "outer\0\0b.c\0work");
    DEFINE(r, INNER, 21, "inner\0\0b.c\0work");
    DEFINE(r, JOB, 30, "job\0\0c.c\0serve");
    DEFINE(r, MARK, 40, "half way\0\0c.c\0serve");
}

static inline ms_model *finish(ms_replay *r) {
    ms_replay_finish(r);
    ms_model *m = ms_model_new();
    m->capture.addresses = true;
    m->threads.items = ms_arena_alloc(m->arena, r->thread_count * sizeof *m->threads.items);
    m->threads.count = r->thread_count;
    for (size_t i = 0; i < r->thread_count; i++)
        m->threads.items[i] = (ms_thread){.id = r->threads[i].serial, .thread = "worker"};
    ms_build_tasks(m, r);
    ms_typing typing;
    ms_typing_init(&typing, NULL, &r->notes.places, 0);
    ms_build_notes(m, r, &typing, NULL);
    ms_build_task_groups(m, r);
    ms_typing_deinit(&typing);
    ms_build_findings(m);
    ms_list_tasks(m);
    return m;
}

static inline void end(ms_replay *r, ms_model *m) {
    ms_model_free(m);
    ms_replay_deinit(r);
}

static inline uint64_t misuses(const ms_model *m, const char *kind) {
    uint64_t count = 0;
    for (size_t i = 0; i < m->misuses.count; i++)
        if (strcmp(m->misuses.items[i].kind, kind) == 0)
            count += m->misuses.items[i].count;
    return count;
}

#endif
