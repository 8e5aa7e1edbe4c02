#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../golden.h"

#include "export/schema.h"

static char *printed(void (*write)(ms_sink *)) {
    ms_sink *sink = ms_sink_memory();
    write(sink);
    char *text = ms_sink_take(sink, NULL);
    ms_sink_abandon(sink);
    return text;
}

/* So that a change of what outsiders rely on is seen in a review. */
static void the_schema_is_the_committed_one(void **state) {
    (void)state;
    char *text = printed(ms_schema_write_json);
    check_golden("test/golden/schema.json", text);
    free(text);
}

static void the_reference_in_docs_is_the_printed_one(void **state) {
    (void)state;
    char *text = printed(ms_schema_write_markdown);
    check_golden("docs/schema.md", text);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_is_the_committed_one),
        cmocka_unit_test(the_reference_in_docs_is_the_printed_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
