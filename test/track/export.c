#include "track/export.h"

#include "../spoken.h"

/* A made-up `memscope` beside a made-up library: a script that writes down how it was called. */
static char directory[64], said[96];

static void put_script(const char *last_line) {
    char path[128];
    snprintf(path, sizeof path, "%s/bin/memscope", directory);
    FILE *script = fopen(path, "w");
    assert_non_null(script);
    fprintf(script, "#!/bin/sh\nprintf '<%%s>' \"$0\" \"$@\" >%s\nenv | sort >>%s\n%s\n", said,
            said, last_line);
    assert_int_equal(fclose(script), 0);
    assert_int_equal(chmod(path, 0700), 0);
}

static int install(void **state) {
    (void)state;
    char path[128];
    strcpy(directory, "/tmp/memscope-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(said, sizeof said, "%s/said", directory);
    snprintf(path, sizeof path, "%s/bin", directory);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/lib", directory);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(g_ms.library, sizeof g_ms.library, "%s/lib/libmemscope.so", directory);
    return 0;
}

static int remove_all(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static char *what_it_said(void) {
    static char text[65536];
    FILE *file = fopen(said, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    assert_int_equal(fclose(file), 0);
    return text;
}

static void the_report_is_written_by_the_program_beside_the_library(void **state) {
    (void)state;
    char command[512];
    const char *const flags[] = {"--top", "3 of them", NULL};
    put_script("exit 0");
    listen_now();
    assert_int_equal(ms_export("a report.html", "json", flags), 0);
    snprintf(command, sizeof command,
             "<%s/lib/../bin/memscope><report><-o><a report.html><%s><-f><json><--top><3 of them>",
             directory, heard_path);
    assert_memory_equal(what_it_said(), command, strlen(command));
    assert_int_equal(ms_export("plain.json", NULL, NULL), 0);
    snprintf(command, sizeof command, "<%s/lib/../bin/memscope><report><-o><plain.json><%s>",
             directory, heard_path);
    assert_memory_equal(what_it_said(), command, strlen(command));
    assert_int_equal(calls->stop(), 0);
}

static void the_program_is_not_recorded_itself(void **state) {
    (void)state;
    put_script("exit 0");
    assert_int_equal(setenv("LD_PRELOAD", "", 1), 0);
    assert_int_equal(setenv("MEMSCOPE_SAMPLE", "1K", 1), 0);
    assert_int_equal(setenv("MEMSCOPES", "kept", 1), 0);
    listen_now();
    assert_int_equal(ms_export("x.json", NULL, NULL), 0);
    assert_int_equal(calls->stop(), 0);
    const char *text = what_it_said();
    assert_null(strstr(text, "LD_PRELOAD"));
    assert_null(strstr(text, "MEMSCOPE_SAMPLE"));
    assert_non_null(strstr(text, "MEMSCOPES=kept"));
    assert_non_null(strstr(text, "MEMSCOPE_SO_FAR=0\n"));
    unsetenv("LD_PRELOAD");
    unsetenv("MEMSCOPE_SAMPLE");
    unsetenv("MEMSCOPES");
}

static void a_report_that_fails_says_so(void **state) {
    (void)state;
    assert_int_equal(ms_export("x.json", NULL, NULL), -1); /* nothing is recorded */
    listen_now();
    assert_int_equal(ms_export(NULL, "json", NULL), -1);
    put_script("exit 3");
    assert_int_equal(ms_export("x.json", NULL, NULL), -1);
    put_script("kill -9 $$");
    assert_int_equal(ms_export("x.json", NULL, NULL), -1);
    snprintf(g_ms.library, sizeof g_ms.library, "%s/other/libmemscope.so", directory);
    assert_int_equal(ms_export("x.json", NULL, NULL), -1);
    strcpy(g_ms.library, "libmemscope.so"); /* no folder */
    assert_int_equal(ms_export("x.json", NULL, NULL), -1);
    assert_int_equal(calls->stop(), 0);
}

static void a_library_with_another_name_still_has_its_program(void **state) {
    (void)state;
    char file[128], link[128];
    put_script("exit 0");
    snprintf(file, sizeof file, "%s/lib/libmemscope.so", directory);
    snprintf(link, sizeof link, "%s/link.so", directory);
    assert_int_equal(symlink(file, link), 0);
    strcpy(g_ms.library, link);
    listen_now();
    assert_int_equal(ms_export("x.json", NULL, NULL), 0);
    assert_int_equal(calls->stop(), 0);
}

#define INSTALLED(test) cmocka_unit_test_setup_teardown(test, install, remove_all)

int main(void) {
    const struct CMUnitTest tests[] = {
        INSTALLED(the_report_is_written_by_the_program_beside_the_library),
        INSTALLED(the_program_is_not_recorded_itself),
        INSTALLED(a_report_that_fails_says_so),
        INSTALLED(a_library_with_another_name_still_has_its_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
