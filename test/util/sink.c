#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/sink.h"

/* Every test has a directory of its own. */
static char directory[64];
static char path[512];

static int enter(void **state) {
    (void)state;
    strcpy(directory, "/tmp/ms_sink_XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/out.json", directory);
    return 0;
}

static int leave(void **state) {
    (void)state;
    char command[256];
    snprintf(command, sizeof command, "rm -r '%s'", directory);
    return system(command);
}

static int files_in_directory(void) {
    char command[256];
    snprintf(command, sizeof command, "ls -A '%s' | wc -l", directory);
    FILE *pipe = popen(command, "r");
    int count = -1;
    assert_int_equal(fscanf(pipe, "%d", &count), 1);
    pclose(pipe);
    return count;
}

static void assert_file(const char *name, const char *expected) {
    char bytes[256] = {0};
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, sizeof bytes - 1, file), strlen(expected));
    fclose(file);
    assert_string_equal(bytes, expected);
}

static void a_file_appears_when_it_is_closed_and_not_before(void **state) {
    (void)state;
    ms_sink *sink = ms_sink_open(path, NULL);
    assert_non_null(sink);
    ms_sink_printf(sink, "%s %d\n", "hello", 42);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(ms_sink_close(sink, NULL), MS_ERR_OK);
    assert_file(path, "hello 42\n");
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(files_in_directory(), 1);
}

static void an_existing_file_stays_until_the_new_one_is_complete(void **state) {
    (void)state;
    FILE *old = fopen(path, "w");
    fputs("old", old);
    fclose(old);
    ms_sink *sink = ms_sink_open(path, NULL);
    ms_sink_text(sink, "new");
    ms_sink_abandon(sink);
    assert_file(path, "old");
    assert_int_equal(files_in_directory(), 1);
    sink = ms_sink_open(path, NULL);
    ms_sink_text(sink, "new");
    assert_int_equal(ms_sink_close(sink, NULL), MS_ERR_OK);
    assert_file(path, "new");
}

static void a_link_stays_and_its_target_is_replaced(void **state) {
    (void)state;
    char target[512];
    snprintf(target, sizeof target, "%s/target", directory);
    fclose(fopen(target, "w"));
    assert_int_equal(symlink("target", path), 0);
    ms_sink *sink = ms_sink_open(path, NULL);
    ms_sink_text(sink, "through the link");
    assert_int_equal(ms_sink_close(sink, NULL), MS_ERR_OK);
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_file(target, "through the link");
}

static void the_longest_possible_name_is_possible(void **state) {
    (void)state;
    char name[256];
    memset(name, 'n', 255);
    name[255] = 0;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    ms_sink *sink = ms_sink_open(path, NULL);
    assert_non_null(sink);
    assert_int_equal(ms_sink_close(sink, NULL), MS_ERR_OK);
    assert_file(path, "");
}

static void a_missing_directory_is_said_at_once(void **state) {
    (void)state;
    char missing[512];
    snprintf(missing, sizeof missing, "%s/missing/out", directory);
    ms_error error;
    assert_null(ms_sink_open(missing, &error));
    assert_int_equal(error.code, MS_ERR_OUTPUT);
    assert_int_equal(error.os_errno, ENOENT);
    assert_non_null(strstr(error.message, missing));
    assert_null(ms_sink_open(directory, &error));
    assert_int_equal(error.os_errno, EISDIR);
}

static void a_full_device_is_reported_at_close(void **state) {
    (void)state;
    ms_sink *sink = ms_sink_open("/dev/full", NULL);
    assert_non_null(sink);
    ms_sink_text(sink, "does not fit");
    ms_error error;
    assert_int_equal(ms_sink_close(sink, &error), MS_ERR_OUTPUT);
    assert_int_equal(error.os_errno, ENOSPC);
    assert_non_null(strstr(error.message, "/dev/full"));
}

static void a_failed_sink_says_so_and_takes_nothing_more(void **state) {
    (void)state;
    ms_sink *sink = ms_sink_open("/dev/full", NULL);
    char block[4096] = {0};
    for (int i = 0; i < 100; i++)
        ms_sink_write(sink, block, sizeof block);
    assert_true(ms_sink_failed(sink));
    ms_error error;
    assert_int_equal(ms_sink_close(sink, &error), MS_ERR_OUTPUT);
}

static void a_fifo_is_written_directly_and_a_gone_reader_is_an_error(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    ms_sink *sink = ms_sink_open(path, NULL);
    ms_sink_text(sink, "to the reader");
    assert_int_equal(ms_sink_close(sink, NULL), MS_ERR_OK);
    char bytes[32] = {0};
    assert_int_equal(read(reader, bytes, sizeof bytes), 13);
    assert_string_equal(bytes, "to the reader");

    sink = ms_sink_open(path, NULL);
    close(reader);
    ms_sink_text(sink, "to nobody");
    ms_error error;
    assert_int_equal(ms_sink_close(sink, &error), MS_ERR_OUTPUT);
    assert_int_equal(error.os_errno, EPIPE);
}

static void standard_output_is_written_by_any_of_its_names(void **state) {
    (void)state;
    static const char *const names[] = {NULL, "-", "/dev/stdout"};
    int saved = dup(STDOUT_FILENO);
    fflush(stdout);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(file, STDOUT_FILENO);
    bool terminal = false, closed = true;
    for (int i = 0; i < 3; i++) {
        ms_sink *sink = ms_sink_open(names[i], NULL);
        terminal |= ms_sink_is_terminal(sink);
        ms_sink_printf(sink, "%d", i);
        closed &= ms_sink_close(sink, NULL) == MS_ERR_OK;
    }
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(file);
    assert_file(path, "012");
    assert_false(terminal);
    assert_true(closed);
}

static void memory_takes_bytes_of_any_number_and_kind(void **state) {
    (void)state;
    ms_sink *sink = ms_sink_memory();
    for (int i = 0; i < 10000; i++)
        ms_sink_write(sink, "a\0b", 3);
    ms_sink_printf(sink, "%1000d", 7); /* longer than the buffer of printf */
    size_t size;
    char *bytes = ms_sink_take(sink, &size);
    assert_int_equal(size, 31000);
    assert_memory_equal(bytes + 29997, "a\0b", 3);
    assert_int_equal(bytes[size], 0);
    free(bytes);
    bytes = ms_sink_take(sink, &size);
    assert_int_equal(size, 0);
    free(bytes);
    assert_int_equal(ms_sink_close(sink, NULL), MS_ERR_OK);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_file_appears_when_it_is_closed_and_not_before),
        IN_DIRECTORY(an_existing_file_stays_until_the_new_one_is_complete),
        IN_DIRECTORY(a_link_stays_and_its_target_is_replaced),
        IN_DIRECTORY(the_longest_possible_name_is_possible),
        IN_DIRECTORY(a_missing_directory_is_said_at_once),
        IN_DIRECTORY(a_fifo_is_written_directly_and_a_gone_reader_is_an_error),
        IN_DIRECTORY(standard_output_is_written_by_any_of_its_names),
        cmocka_unit_test(a_full_device_is_reported_at_close),
        cmocka_unit_test(a_failed_sink_says_so_and_takes_nothing_more),
        cmocka_unit_test(memory_takes_bytes_of_any_number_and_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
