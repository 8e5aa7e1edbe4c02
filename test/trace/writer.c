#include "trace/writer.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/varint.h"
#include "random_event.h"
#include "trace/decode.h"

static const ms_trace_header header = {
    .magic = MS_TRACE_MAGIC, .version = MS_TRACE_VERSION, .form = MS_FORM_TRACE, .pid = 7};

static char path[] = "/tmp/memscope-writer-XXXXXX";

static int make_path(void **state) {
    (void)state;
    strcpy(path + sizeof path - 7, "XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 || close(fd);
}

static int remove_path(void **state) {
    (void)state;
    unlink(path);
    return 0;
}

static size_t read_file(uint8_t *bytes, size_t max) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, max, file);
    fclose(file);
    return size;
}

static ms_trace_writer *open_writer(void) {
    int os_errno = 0;
    ms_trace_writer *writer = ms_trace_writer_open(path, &header, &os_errno);
    assert_non_null(writer);
    return writer;
}

static void a_finished_trace_ends_with_index_and_trailer(void **state) {
    (void)state;
    ms_trace_writer *writer = open_writer();
    assert_true(ms_trace_writer_append(writer, MS_KIND_INFO, (const uint8_t *)"abc", 3, 5, 6));
    assert_true(ms_trace_writer_append(writer, MS_KIND_SAMPLES, (const uint8_t *)"", 0, 7, 8));
    assert_true(ms_trace_writer_finish(writer));
    uint64_t end = ms_trace_writer_size(writer);
    ms_trace_writer_close(writer);

    static uint8_t bytes[4096];
    size_t size = read_file(bytes, sizeof bytes);
    assert_int_equal(size, end);
    assert_memory_equal(bytes, &header, sizeof header);
    ms_trace_trailer trailer;
    memcpy(&trailer, bytes + size - sizeof trailer, sizeof trailer);
    assert_memory_equal(trailer.magic, "MSEND\0\0\0", 8);
    ms_trace_chunk index;
    memcpy(&index, bytes + trailer.index_offset, sizeof index);
    assert_int_equal(index.kind, MS_KIND_INDEX);
    assert_true(ms_chunk_intact(&index, bytes + trailer.index_offset + sizeof index));

    const uint8_t *at = bytes + trailer.index_offset + sizeof index;
    const uint64_t expected[] = {2, 64, MS_KIND_INFO, 5, 6, 43, MS_KIND_SAMPLES, 7, 8};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        uint64_t value;
        assert_true(ms_varint_get(&at, bytes + size, &value));
        assert_int_equal(value, expected[i]);
    }
}

static void the_file_is_private(void **state) {
    (void)state;
    unlink(path);
    ms_trace_writer_close(open_writer());
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_missing_folder_is_reported(void **state) {
    (void)state;
    int os_errno = 0;
    assert_null(ms_trace_writer_open("/nonexistent/x.memscope", &header, &os_errno));
    assert_int_equal(os_errno, ENOENT);
}

static void a_full_device_is_reported_and_kept(void **state) {
    (void)state;
    int os_errno = 0;
    assert_null(ms_trace_writer_open("/dev/full", &header, &os_errno));
    assert_int_equal(os_errno, ENOSPC);
    assert_int_equal(access("/dev/full", F_OK), 0);
}

/* The limit on file sizes stands for a full disk: both end a write half way. */
static void a_chunk_that_does_not_fit_is_cut_off(void **state) {
    (void)state;
    static uint8_t payload[2000], bytes[8192];
    uint64_t seed = 5; /* noise does not compress */
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)random_u64(&seed);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit old, limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    limit = (struct rlimit){1500, old.rlim_max};

    ms_trace_writer *writer = open_writer();
    assert_true(ms_trace_writer_append(writer, MS_KIND_INFO, payload, 10, 0, 0));
    uint64_t whole = ms_trace_writer_size(writer);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    bool appended = ms_trace_writer_append(writer, MS_KIND_INFO, payload, sizeof payload, 0, 0);
    size_t size = read_file(bytes, sizeof bytes);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_false(appended);
    assert_int_equal(ms_trace_writer_error(writer), EFBIG);
    assert_int_equal(size, whole);

    assert_true(ms_trace_writer_append(writer, MS_KIND_INFO, payload, 10, 0, 0));
    assert_true(ms_trace_writer_finish(writer));
    ms_trace_writer_close(writer);
    size = read_file(bytes, sizeof bytes);
    ms_trace_chunk chunk;
    memcpy(&chunk, bytes + whole, sizeof chunk);
    assert_true(ms_chunk_plausible(&chunk) &&
                ms_chunk_intact(&chunk, bytes + whole + sizeof chunk));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_finished_trace_ends_with_index_and_trailer, make_path,
                                        remove_path),
        cmocka_unit_test_setup_teardown(the_file_is_private, make_path, remove_path),
        cmocka_unit_test(a_missing_folder_is_reported),
        cmocka_unit_test(a_full_device_is_reported_and_kept),
        cmocka_unit_test_setup_teardown(a_chunk_that_does_not_fit_is_cut_off, make_path,
                                        remove_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
