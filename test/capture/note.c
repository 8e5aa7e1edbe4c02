#include "capture/note.h"

#include "../spoken.h"
#include "capture/clock.h"

enum { LONG = 100000 };

/* Writes one place; gives its number. */
static uint32_t tell(unsigned line, unsigned kind, const char *name, const char *type,
                     const char *file, const char *function) {
    const char *const texts[MS_SITE_TEXTS] = {name, type, file, function};
    ms_thread *thread = ms_enter();
    assert_true(thread && ms_tick(thread));
    uint32_t site = ms_record_site(thread, line, kind, texts);
    ms_leave(thread);
    return site;
}

static void check(const ms_event *site, const char *name, const char *type, const char *file,
                  const char *function) {
    assert_string_equal(heard_word(site, 0), name);
    assert_string_equal(heard_word(site, 1), type);
    assert_string_equal(heard_word(site, 2), file);
    assert_string_equal(heard_word(site, 3), function);
    size_t size = strlen(name) + strlen(type) + strlen(file) + strlen(function) + 4;
    assert_int_equal(site->text.size, size);
}

static void a_place_is_written_with_all_that_is_known_of_it(void **state) {
    (void)state;
    listen_now();
    assert_int_equal(tell(0, 0, NULL, NULL, NULL, NULL), 1);
    assert_int_equal(tell(UINT32_MAX, 8, "n", "type", "a file", "f"), 2);
    assert_int_equal(tell(12, 255, "", NULL, "", "main"), 3);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_SITE), 3);
    check(heard_site(&h, 1), "", "", "", "");
    check(heard_site(&h, 2), "n", "type", "a file", "f");
    check(heard_site(&h, 3), "", "", "", "main");
    assert_int_equal(heard_site(&h, 2)->size, UINT32_MAX);
    assert_int_equal(heard_site(&h, 2)->number, 8);
    assert_int_equal(heard_site(&h, 3)->number, 255);
    forget_heard(&h);
}

static void hostile_words_are_bytes_like_others(void **state) {
    (void)state;
    const char *words[] = {"%s%n%p", "\xff\xfe\x80", "\x1b[31m\r\n\t\"\\</script>", "\x01\x7f"};
    listen_now();
    tell(1, 0, words[0], words[1], words[2], words[3]);
    heard h = hear();
    check(heard_site(&h, 1), words[0], words[1], words[2], words[3]);
    forget_heard(&h);
}

static void long_words_are_cut_each_for_itself(void **state) {
    (void)state;
    static char text[LONG + 1], limit[MS_SITE_TEXT_MAX + 1];
    memset(text, 'x', LONG);
    memset(limit, 'x', MS_SITE_TEXT_MAX);
    listen_now();
    assert_int_equal(tell(1, 0, text, text, text, text), 1);
    assert_int_equal(tell(1, 0, limit, "short", text, limit + 1), 2);
    heard h = hear();
    check(heard_site(&h, 1), limit, limit, limit, limit);
    check(heard_site(&h, 2), limit, "short", limit, limit + 1);
    forget_heard(&h);
}

/* Of every size, so that one ends at each word of a chunk; an event never lies in two chunks. */
static void places_of_all_sizes_fill_chunks_without_tearing(void **state) {
    (void)state;
    enum { PLACES = 3000 };
    static char text[LONG];
    memset(text, 'y', sizeof text - 1);
    listen_now();
    for (unsigned i = 0; i < PLACES; i++)
        assert_int_equal(tell(i, 0, text + LONG - 1 - i % 1001, "t", "f", "g"), i + 1);
    heard h = hear();
    assert_int_equal(heard_count(&h, MS_EVENT_SITE), PLACES);
    size_t seen = 0;
    for (size_t i = 0; i < h.count; i++) {
        const ms_event *site = &h.events[i];
        if (site->kind != MS_EVENT_SITE)
            continue;
        assert_int_equal(site->site, ++seen);
        check(site, text + LONG - 1 - site->size % 1001, "t", "f", "g");
    }
    forget_heard(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_is_written_with_all_that_is_known_of_it),
        cmocka_unit_test(hostile_words_are_bytes_like_others),
        cmocka_unit_test(long_words_are_cut_each_for_itself),
        cmocka_unit_test(places_of_all_sizes_fill_chunks_without_tearing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
