#include "load/mappings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "builder.h"
#include "trace/format.h"

enum { PAGE = 4096 };

static void map(ms_mappings *m, uint64_t address, uint64_t size) {
    ms_mappings_event(
        m, &(ms_event){
               .kind = MS_EVENT_MAP, .family = MS_FAMILY_MMAP, .address = address, .size = size});
}

static void unmap(ms_mappings *m, uint64_t address, uint64_t size) {
    ms_mappings_event(
        m, &(ms_event){
               .kind = MS_EVENT_UNMAP, .family = MS_FAMILY_MMAP, .address = address, .size = size});
}

static void pages_go_in_other_pieces_than_they_came(void **state) {
    (void)state;
    ms_mappings m = {0};
    map(&m, 10 * PAGE, 10 * PAGE);
    unmap(&m, 12 * PAGE, PAGE); /* a hole */
    assert_int_equal(m.bytes, 9 * PAGE);
    unmap(&m, 11 * PAGE, 4 * PAGE); /* over the hole */
    assert_int_equal(m.bytes, 6 * PAGE);
    map(&m, 19 * PAGE, 2 * PAGE); /* replaces a page of the first */
    assert_int_equal(m.bytes, 7 * PAGE);
    unmap(&m, 0, 100 * PAGE);
    assert_int_equal(m.bytes, 0);
    assert_int_equal(m.count, 0);
    assert_int_equal(m.peak_bytes, 10 * PAGE);
    assert_int_equal(m.total_bytes, 12 * PAGE);
    ms_mappings_deinit(&m);
}

static void unmapping_takes_whole_pages(void **state) {
    (void)state;
    ms_mappings m = {0};
    map(&m, PAGE, 100);
    unmap(&m, PAGE, 50);
    assert_int_equal(m.bytes, 0);
    ms_mappings_deinit(&m);
}

static void a_mapping_moves_and_grows(void **state) {
    (void)state;
    ms_mappings m = {0};
    map(&m, PAGE, PAGE);
    ms_mappings_event(&m, &(ms_event){.kind = MS_EVENT_REMAP,
                                      .address = 50 * PAGE,
                                      .old = PAGE,
                                      .size = 3 * PAGE,
                                      .number = PAGE});
    assert_int_equal(m.bytes, 3 * PAGE);
    assert_int_equal(m.total_bytes, 3 * PAGE);
    unmap(&m, 50 * PAGE, 3 * PAGE);
    assert_int_equal(m.bytes, 0);
    ms_mappings_deinit(&m);
}

static void the_break_is_no_mapping(void **state) {
    (void)state;
    ms_mappings m = {0};
    ms_mappings_event(
        &m,
        &(ms_event){.kind = MS_EVENT_MAP, .family = MS_FAMILY_BRK, .address = PAGE, .size = PAGE});
    assert_int_equal(m.bytes + m.total_bytes, 0);
    ms_mappings_deinit(&m);
}

static void ranges_agree_with_a_page_map(void **state) {
    (void)state;
    enum { PAGES = 300 };
    bool mapped[PAGES] = {false};
    uint64_t seed = 4;
    ms_mappings m = {0};
    for (int i = 0; i < 20000; i++) {
        uint64_t page = random_below(&seed, PAGES), pages = 1 + random_below(&seed, 20), sum = 0;
        bool on = random_below(&seed, 2);
        if (pages > PAGES - page)
            pages = PAGES - page;
        if (on)
            map(&m, (page + 1) * PAGE, pages * PAGE);
        else
            unmap(&m, (page + 1) * PAGE, pages * PAGE);
        for (uint64_t p = 0; p < PAGES; p++) {
            mapped[p] = p >= page && p < page + pages ? on : mapped[p];
            sum += mapped[p];
        }
        assert_int_equal(m.bytes, sum * PAGE);
    }
    ms_mappings_deinit(&m);
}

static void wild_ranges_do_no_harm(void **state) {
    (void)state;
    const uint64_t wild[] = {
        0, 1, PAGE - 1, PAGE, UINT64_MAX / 2, UINT64_MAX - PAGE, UINT64_MAX - 1, UINT64_MAX};
    enum { COUNT = sizeof wild / sizeof *wild };
    ms_mappings m = {0};
    for (size_t i = 0; i < COUNT * COUNT; i++)
        map(&m, wild[i % COUNT], wild[i / COUNT]);
    for (size_t i = 0; i < COUNT * COUNT; i++)
        unmap(&m, wild[i % COUNT], wild[i / COUNT]);
    for (size_t i = 1; i < m.count; i++)
        assert_true(m.items[i - 1].end <= m.items[i].start);
    ms_mappings_deinit(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_go_in_other_pieces_than_they_came),
        cmocka_unit_test(unmapping_takes_whole_pages),
        cmocka_unit_test(a_mapping_moves_and_grows),
        cmocka_unit_test(the_break_is_no_mapping),
        cmocka_unit_test(ranges_agree_with_a_page_map),
        cmocka_unit_test(wild_ranges_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
