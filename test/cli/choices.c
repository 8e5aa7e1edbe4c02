/* options.def cannot see the lists of the folders above it, so its choices are written there a second
 * time. Here they are held to those lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/options.h"
#include "export/export.h"
#include "model/rank.h"

static const char *choices_of(const char *name) {
    for (size_t i = 0; i < ms_option_count; i++)
        if (strcmp(ms_option_infos[i].name, name) == 0)
            return ms_option_infos[i].metavar;
    fail_msg("no option %s", name);
    return "";
}

/* Appends `word` to the choices in `text`. */
static void append(char *text, size_t capacity, const char *word) {
    assert_true(strlen(text) + strlen(word) + 2 <= capacity);
    if (*text)
        strcat(text, "|");
    strcat(text, word);
}

static void formats_are_the_exporters(void **state) {
    (void)state;
    char expected[256] = "";
    for (size_t i = 0; i < ms_exporter_count; i++)
        append(expected, sizeof expected, ms_exporters[i]->name);
    assert_string_equal(choices_of("format"), expected);
}

static void costs_are_those_sites_have(void **state) {
    (void)state;
    char expected[256] = "";
#define MS_COST(name, text, unit, doc) append(expected, sizeof expected, text);
    MS_COSTS(MS_COST)
#undef MS_COST
    assert_string_equal(choices_of("cost"), expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_the_exporters),
        cmocka_unit_test(costs_are_those_sites_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
