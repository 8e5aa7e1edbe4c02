#include "load/crossings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "builder.h"
#include "load/build_crossings.h"
#include "load/replay.h"

enum { PROGRAM = 0x10000, LIBRARY = 0x20000, LIBC = 0x30000, SIZE = 0x1000, P = 0x5000 };
enum { BY_PROGRAM = MS_ROOT_COUNT, BY_LIBRARY, BY_LIBC_FOR_LIBRARY, BY_PROGRAM_TOO };

static void play(ms_replay *r, ms_event event) {
    event.thread = event.thread ? event.thread : 1;
    event.tid = 1000 + event.thread;
    ms_replay_event(r, &event, UINT64_MAX);
}

static void load(ms_replay *r, uint64_t at, const char *path, uint32_t size) {
    play(r, make_module(1, at, SIZE, 0, (ms_text){(const uint8_t *)path, size}));
}
#define LOAD(r, at, path) load(r, at, "\0" path, sizeof(path))

static void start(ms_replay *r) {
    ms_replay_init(r);
    LOAD(r, PROGRAM, "/bin/program");
    LOAD(r, LIBRARY, "/lib/libdata.so.1");
    LOAD(r, LIBC, "/lib/libc.so.6");
    play(r, make_stack(1, BY_PROGRAM, PROGRAM + 0x10, MS_ROOT_COMPLETE));
    play(r, make_stack(1, BY_LIBRARY, LIBRARY + 0x10, BY_PROGRAM));
    play(r, make_stack(1, BY_LIBC_FOR_LIBRARY, LIBC + 0x10, BY_LIBRARY));
}

static void freer(ms_replay *r, uint32_t thread, uint64_t pc) {
    play(r, (ms_event){.kind = MS_EVENT_FREER, .thread = thread, .pc = pc});
}

static ms_model *finish(ms_replay *r) {
    ms_replay_finish(r);
    ms_model *m = ms_model_new();
    uint64_t *ids = calloc(r->sites.count, sizeof *ids);
    for (size_t i = 0; i < r->sites.count; i++)
        ids[i] = 100 + i;
    ms_build_crossings(m, r, ids);
    free(ids);
    return m;
}

static void end(ms_replay *r, ms_model *m) {
    ms_model_free(m);
    ms_replay_deinit(r);
}

static const ms_module_pair *pair(const ms_model *m, const char *from, const char *to) {
    for (size_t i = 0; i < m->module_pairs.count; i++) {
        const ms_module_pair *p = &m->module_pairs.items[i];
        if (strcmp(p->allocated_by, from) == 0 &&
            (to ? p->freed_by && strcmp(p->freed_by, to) == 0 : !p->freed_by))
            return p;
    }
    return NULL;
}

/* `count` blocks of 10 bytes come and go. */
static void come_and_go(ms_replay *r, uint64_t stack, uint32_t thread, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        play(r, make_alloc(1, 100, P, 10, stack));
        play(r, make_free(thread, 100, P));
    }
}

static void a_release_counts_for_the_module_that_makes_it(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    come_and_go(&r, BY_PROGRAM, 1, 1); /* nobody has said yet who */
    freer(&r, 1, PROGRAM + 0x20);
    come_and_go(&r, BY_PROGRAM, 1, 2);
    come_and_go(&r, BY_LIBC_FOR_LIBRARY, 1,
                3); /* what the C library makes, it makes for its caller */
    freer(&r, 1, LIBRARY + 0x20);
    come_and_go(&r, BY_LIBRARY, 1, 4);
    freer(&r, 1, PROGRAM + 0x30);
    come_and_go(&r, BY_LIBRARY, 1, 5);
    freer(&r, 1, LIBC + 0x30);
    come_and_go(&r, BY_PROGRAM, 1, 6);
    ms_model *m = finish(&r);
    assert_int_equal(m->module_pairs.count, 5);
    assert_int_equal(pair(m, "program", NULL)->blocks, 1);
    assert_int_equal(pair(m, "program", "program")->blocks, 2);
    assert_false(pair(m, "program", "program")->crosses);
    assert_int_equal(pair(m, "libdata.so.1", "program")->blocks, 8);
    assert_int_equal(pair(m, "libdata.so.1", "program")->bytes, 80);
    assert_true(pair(m, "libdata.so.1", "program")->crosses);
    assert_int_equal(pair(m, "libdata.so.1", "libdata.so.1")->blocks, 4);
    assert_int_equal(pair(m, "program", "libc.so.6")->blocks, 6);
    assert_false(pair(m, "program", "libc.so.6")->crosses); /* it releases for others */
    end(&r, m);
}

static void threads_release_each_for_themselves(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    freer(&r, 2, LIBRARY + 0x20);
    freer(&r, 3, PROGRAM + 0x20);
    for (unsigned i = 0; i < 5; i++) {
        come_and_go(&r, BY_PROGRAM, 2, 1);
        come_and_go(&r, BY_PROGRAM, 3, 2);
    }
    ms_model *m = finish(&r);
    assert_int_equal(pair(m, "program", "libdata.so.1")->blocks, 5);
    assert_int_equal(pair(m, "program", "program")->blocks, 10);
    end(&r, m);
}

static void a_module_may_be_defined_after_it_was_spoken_of(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    freer(&r, 1, 0x40010);
    come_and_go(&r, BY_PROGRAM, 1, 1);
    LOAD(&r, 0x40000, "/lib/late.so");
    ms_model *m = finish(&r);
    assert_int_equal(pair(m, "program", "late.so")->blocks, 1);
    end(&r, m);
}

static void code_of_no_module_is_not_known(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    freer(&r, 1, 0x90010);
    come_and_go(&r, BY_PROGRAM, 1, 1);
    freer(&r, 1, 0x90020);
    come_and_go(&r, BY_PROGRAM, 1, 1);
    ms_model *m = finish(&r);
    assert_int_equal(m->module_pairs.count, 1);
    assert_int_equal(pair(m, "program", NULL)->blocks, 2);
    end(&r, m);
}

static void a_pair_names_its_sites_most_blocks_first(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_stack(1, BY_PROGRAM_TOO, PROGRAM + 0x40, MS_ROOT_COMPLETE));
    freer(&r, 1, LIBRARY + 0x20);
    come_and_go(&r, BY_PROGRAM, 1, 2);
    come_and_go(&r, BY_PROGRAM_TOO, 1, 3);
    freer(&r, 1, PROGRAM + 0x20);
    come_and_go(&r, BY_PROGRAM, 1, 1);
    freer(&r, 1, LIBRARY + 0x20);
    come_and_go(&r, BY_PROGRAM, 1, 2);
    ms_model *m = finish(&r);
    const ms_module_pair *p = pair(m, "program", "libdata.so.1");
    assert_int_equal(p->sites.count, 2);
    assert_int_equal(p->sites.items[0].blocks, 4);
    assert_int_equal(p->sites.items[0].bytes, 40);
    assert_int_equal(p->sites.items[1].blocks, 3);
    assert_int_equal(p->sites.items[0].site, 100);
    assert_int_equal(p->sites.items[1].site, 101);
    p = pair(m, "program", "program");
    assert_int_equal(p->sites.count, 1);
    assert_int_equal(p->sites.items[0].blocks, 1);
    end(&r, m);
}

static void a_pair_names_no_more_sites_than_are_of_use(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    freer(&r, 1, PROGRAM + 0x20);
    for (uint64_t i = 0; i < 100; i++) {
        play(&r, make_stack(1, BY_PROGRAM_TOO + i, PROGRAM + 0x40 + i, MS_ROOT_COMPLETE));
        come_and_go(&r, BY_PROGRAM_TOO + i, 1, (unsigned)(i + 1));
    }
    ms_model *m = finish(&r);
    const ms_module_pair *p = pair(m, "program", "program");
    assert_int_equal(p->blocks, 5050);
    assert_int_equal(p->sites.count, 64);
    assert_int_equal(p->sites.items[0].blocks, 100);
    assert_int_equal(p->sites.items[63].blocks, 37);
    end(&r, m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_release_counts_for_the_module_that_makes_it),
        cmocka_unit_test(threads_release_each_for_themselves),
        cmocka_unit_test(a_module_may_be_defined_after_it_was_spoken_of),
        cmocka_unit_test(code_of_no_module_is_not_known),
        cmocka_unit_test(a_pair_names_its_sites_most_blocks_first),
        cmocka_unit_test(a_pair_names_no_more_sites_than_are_of_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
