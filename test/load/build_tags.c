#include "load/build_tags.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "words.h"

static void a_tag_counts_the_blocks_that_have_it(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_stack(1, MS_ROOT_COUNT, 0x10, MS_ROOT_COMPLETE));
    play(&r, make_alloc(1, 100, P, 64, MS_ROOT_COUNT));
    play(&r, make_alloc(1, 101, Q, 100, 0));
    say(&r, MS_NOTE_TAG, 102, NODE, (ms_event){.address = P});
    say(&r, MS_NOTE_TAG, 103, NODE_AGAIN, (ms_event){.address = Q + 5}); /* of the same name */
    say(&r, MS_NOTE_TAG, 104, OTHER, (ms_event){.address = LOCAL});
    play(&r, make_realloc(1, 105, Q, Q, 300, 0));
    play(&r, make_free(1, 106, P));
    ms_model *m = finish(&r);
    assert_int_equal(m->tags.count, 2);
    const ms_tag *t = m->tags.items;
    assert_string_equal(t[0].tag, "node");
    assert_null(t[0].file); /* at two places */
    assert_int_equal(t[0].blocks, 2);
    assert_int_equal(t[0].bytes, 164);
    assert_int_equal(t[0].peak_bytes, 364);
    assert_int_equal(t[0].live_bytes, 300);
    assert_int_equal(t[0].live_blocks, 1);
    assert_string_equal(t[1].tag, "other");
    assert_string_equal(t[1].file, "a.c");
    assert_int_equal(t[1].unrecorded, 1);
    assert_int_equal(t[1].blocks, 0);
    end(&r, m);
}

static void a_block_has_the_latest_of_its_tags(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    play(&r, make_alloc(1, 100, P, 64, 0));
    say(&r, MS_NOTE_TAG, 102, NODE, (ms_event){.address = P});
    say(&r, MS_NOTE_TAG, 103, NODE, (ms_event){.address = P}); /* says nothing new */
    say(&r, MS_NOTE_TAG, 104, OTHER, (ms_event){.address = P});
    ms_model *m = finish(&r);
    assert_string_equal(m->tags.items[0].tag, "other");
    assert_int_equal(m->tags.items[0].live_bytes, 64);
    assert_int_equal(m->tags.items[1].blocks, 1);
    assert_int_equal(m->tags.items[1].live_blocks, 0);
    end(&r, m);
}

static void a_type_has_the_fields_that_its_thread_tells(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    for (uint32_t thread = 1; thread <= 2; thread++) { /* the second one says nothing new */
        say(&r, MS_NOTE_TYPE, 100, NODE,
            (ms_event){.size = 24, .number = UINT64_MAX, .thread = thread});
        say(&r, MS_NOTE_TYPE, 101, JOB, (ms_event){.size = 8, .number = 4, .thread = 3});
        say(&r, MS_NOTE_FIELD, 102, COUNT, (ms_event){.size = 4, .number = 8, .thread = thread});
    }
    say(&r, MS_NOTE_FIELD, 103, OTHER, (ms_event){.size = 8, .number = 16, .thread = 1});
    ms_model *m = finish(&r);
    assert_int_equal(m->declared_types.count, 2);
    const ms_declared_type *t = m->declared_types.items;
    assert_string_equal(t[0].name, "node");
    assert_int_equal(t[0].size, 24);
    assert_int_equal(t[0].count_offset, MS_UNKNOWN);
    assert_int_equal(t[0].fields.count, 2);
    assert_string_equal(t[0].fields.items[0].name, "count");
    assert_string_equal(t[0].fields.items[0].type, "int");
    assert_int_equal(t[0].fields.items[0].offset, 8);
    assert_int_equal(t[0].fields.items[1].size, 8);
    assert_int_equal(t[1].count_offset, 4);
    assert_int_equal(t[1].fields.count, 0);
    end(&r, m);
}

static void a_count_is_found_by_name_where_no_size_is_said(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    DEFINE(&r, 50, 5, "struct node\0struct node\0\0");
    DEFINE(&r, 51, 6, "job\0job\0a.c\0main");
    say(&r, MS_NOTE_TYPE, 100, 50, (ms_event){.size = UINT64_MAX, .number = 16});
    say(&r, MS_NOTE_TYPE, 101, 51, (ms_event){.size = 24, .number = 8});
    ms_model *m = finish(&r);
    ms_type types[] = {{.name = "node", .size = 40}, /* a keyword is no part of a name */
                       {.name = "node", .size = 16}, /* too small for it */
                       {.name = "job", .size = 24},
                       {.name = "job", .size = 32}, /* another one */
                       {.name = "jobs", .size = 24}};
    m->types.items = types;
    m->types.count = sizeof types / sizeof *types;
    ms_name_declared(m);
    assert_int_equal(m->declared_types.items[0].size, MS_UNKNOWN);
    const uint64_t offsets[] = {16, MS_UNKNOWN, 8, MS_UNKNOWN, MS_UNKNOWN};
    const bool declared[] = {true, true, true, false, false};
    for (size_t i = 0; i < m->types.count; i++) {
        assert_int_equal(types[i].count_offset, offsets[i]);
        assert_int_equal(types[i].declared, declared[i]);
    }
    m->types.count = 0;
    end(&r, m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_counts_the_blocks_that_have_it),
        cmocka_unit_test(a_block_has_the_latest_of_its_tags),
        cmocka_unit_test(a_type_has_the_fields_that_its_thread_tells),
        cmocka_unit_test(a_count_is_found_by_name_where_no_size_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
