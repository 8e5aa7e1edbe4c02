#include "load/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "builder.h"

static ms_model *load_path(const char *path, ms_error *warning) {
    ms_error error = {.code = MS_ERR_OK};
    ms_load_options options = {.no_symbols = true, .no_lift = true};
    ms_model *model = ms_load(path, &options, warning, &error);
    if (!model)
        fail_msg("%s", error.message);
    return model;
}

static void put_all(builder *b, const ms_event *events, size_t count) {
    for (size_t i = 0; i < count; i++)
        put_event(b, &events[i]);
}

#define PUT_ALL(b, events) put_all(b, events, sizeof(events) / sizeof *(events))

/* main <- parse <- xmalloc, and main <- other */
static void put_stacks(builder *b) {
    const ms_event events[] = {
        make_stack(1, 16, 0x1010, MS_ROOT_COMPLETE),
        make_stack(1, 17, 0x2020, 16),
        make_stack(1, 18, 0x3030, 17),
        make_stack(1, 19, 0x4040, 16),
    };
    PUT_ALL(b, events);
}

static void totals_follow_the_counting_rules(void **state) {
    (void)state;
    builder b = build_trace();
    put_stacks(&b);
    const ms_event events[] = {
        make_alloc(1, 1000, 0x100, 50, 18),
        make_free(1, 2000, 0x100), /* temporary */
        make_alloc(1, 3000, 0x100, 10, 18),
        make_alloc(1, 3000, 0x200, 100, 19),
        make_realloc(1, 4000, 0x200, 0x300, 300, 19), /* one step: never 400 bytes */
        make_free(1, 5000, 0x100),
        make_free(1, 6000, 0x999), /* not seen born */
        make_alloc(1, 7000, 0x500, 5, 18),
    };
    PUT_ALL(&b, events);
    end_trace(&b, true);

    ms_error warning;
    ms_model *m = load_path(b.path, &warning);
    assert_int_equal(warning.code, MS_ERR_OK);
    assert_int_equal(m->summary.allocations, 4);
    assert_int_equal(m->summary.reallocations, 1);
    assert_int_equal(m->summary.frees, 3);
    assert_int_equal(m->summary.unmatched_frees, 1);
    assert_int_equal(m->summary.bytes_allocated, 50 + 10 + 100 + 300 + 5);
    assert_int_equal(m->summary.peak_bytes, 310);
    assert_int_equal(m->summary.peak_blocks, 2);
    assert_int_equal(m->summary.peak_time_ns, 4000000);
    assert_int_equal(m->summary.live_bytes, 305);
    assert_int_equal(m->summary.live_blocks, 2);
    assert_int_equal(m->summary.temporary_allocations, 1);
    assert_int_equal(m->summary.threads, 1);
    assert_int_equal(m->capture.order_uncertainty_bytes, 0);
    assert_int_equal(m->capture.implied_frees, 0);
    assert_false(m->capture.truncated);
    assert_int_equal(m->program.duration_ns, 7000000);
    ms_model_free(m);
    unlink(b.path);
}

static void a_birth_on_a_live_block_implies_its_death(void **state) {
    (void)state;
    builder b = build_trace();
    const ms_event events[] = {
        make_alloc(1, 1000, 0x100, 50, 0),
        make_alloc(1, 1000, 0x100, 30, 0),
        make_realloc(1, 1000, 0x999, 0x200, 7, 0), /* of a block not seen born: no free */
        make_free(1, 1000, 0x100),
    };
    PUT_ALL(&b, events);
    end_trace(&b, true);
    ms_model *m = load_path(b.path, NULL);
    assert_int_equal(m->capture.implied_frees, 1);
    assert_int_equal(m->summary.peak_bytes, 50);
    assert_int_equal(m->summary.live_bytes, 7);
    assert_int_equal(m->summary.unmatched_frees, 0);
    assert_int_equal(m->summary.reallocations, 1);
    ms_model_free(m);
    unlink(b.path);
}

static const ms_site *site_at(const ms_model *m, uint64_t pc) {
    for (size_t i = 0; i < m->sites.count; i++)
        if (m->stacks.items[m->sites.items[i].stack].frames[0].address == pc)
            return &m->sites.items[i];
    fail_msg("no site at %llx", (unsigned long long)pc);
    return NULL;
}

static void sites_share_the_peak(void **state) {
    (void)state;
    builder b = build_trace();
    put_stacks(&b);
    const ms_event events[] = {
        make_alloc(1, 1000, 0x100, 70, 18),
        make_alloc(1, 1000, 0x200, 30, 19), /* peak: 100 */
        make_free(1, 2000, 0x200),
        make_alloc(1, 2000, 0x300, 20, 18),
    };
    PUT_ALL(&b, events);
    end_trace(&b, true);

    ms_model *m = load_path(b.path, NULL);
    assert_int_equal(m->sites.count, 2);
    const ms_site *parse = site_at(m, 0x3030), *other = site_at(m, 0x4040);
    assert_int_equal(parse->peak_bytes, 70);
    assert_int_equal(parse->own_peak_bytes, 90);
    assert_int_equal(parse->live_bytes, 90);
    assert_int_equal(parse->allocations, 2);
    assert_int_equal(parse->min_size, 20);
    assert_int_equal(parse->max_size, 70);
    assert_string_equal(parse->family, "malloc");
    assert_int_equal(other->peak_bytes, 30);
    assert_int_equal(other->live_bytes, 0);
    assert_int_equal(other->frees, 1);
    assert_int_equal(other->lifetime_ns.max, 1000000);
    assert_true(parse->id == 1 && other->id == 2); /* most peak bytes first */

    const ms_stack *stack = &m->stacks.items[parse->stack];
    assert_int_equal(stack->count, 3);
    assert_int_equal(stack->frames[2].address, 0x1010);
    assert_null(stack->frames[2].broken);
    ms_model_free(m);
    unlink(b.path);
}

static void one_frame_under_two_ids_is_one_site(void **state) {
    (void)state;
    builder b = build_trace();
    put_stacks(&b);
    const ms_event events[] = {
        make_stack(1, 20, 0x3030, 17),
        make_alloc(1, 1000, 0x100, 1, 18),
        make_alloc(1, 1000, 0x200, 2, 20),
        /* defined only behind its use, by another thread */
        make_alloc(1, 1000, 0x300, 4, 21),
        make_stack(2, 21, 0x3030, 17),
    };
    PUT_ALL(&b, events);
    end_trace(&b, true);
    ms_model *m = load_path(b.path, NULL);
    assert_int_equal(m->sites.count, 1);
    assert_int_equal(m->sites.items[0].live_bytes, 7);
    assert_int_equal(m->sites.items[0].allocations, 3);
    assert_int_equal(m->sites.items[0].peak_bytes, 7);
    ms_model_free(m);
    unlink(b.path);
}

static void broken_stacks_say_so(void **state) {
    (void)state;
    builder b = build_trace();
    const ms_event events[] = {
        make_stack(1, 16, 0x1010, MS_ROOT_NO_CFI), make_stack(1, 17, 0x2020, 500),
        make_alloc(1, 0, 0x100, 400, 16),          make_alloc(1, 0, 0x200, 300, 17),
        make_alloc(1, 0, 0x300, 200, 600),         make_alloc(1, 0, 0x400, 100, MS_ROOT_OFF),
    };
    PUT_ALL(&b, events);
    end_trace(&b, true);
    ms_model *m = load_path(b.path, NULL);
    assert_int_equal(m->sites.count, 4);
    const ms_stack *stacks = m->stacks.items;
    assert_non_null(strstr(stacks[m->sites.items[0].stack].frames[0].broken, "unwind"));
    assert_non_null(strstr(stacks[m->sites.items[1].stack].frames[0].broken, "definition"));
    assert_non_null(strstr(stacks[m->sites.items[2].stack].frames[0].broken, "definition"));
    assert_int_equal(m->sites.items[3].stack, MS_NO_STACK);
    ms_model_free(m);
    unlink(b.path);
}

static void frames_belong_to_the_module_of_their_time(void **state) {
    (void)state;
    builder b = build_trace();
    const ms_text first = {(const uint8_t *)"\2\xab\xcd/lib/one.so", 14};
    const ms_event events[] = {
        make_module(1, 0x10000, 0x1000, 16, first),
        make_stack(1, 16, 0x10010, MS_ROOT_COMPLETE),
        make_alloc(1, 0, 0x100, 10, 16),
        make_module(1, 0x10000, 0x1000, 17, (ms_text){(const uint8_t *)"\0/opt/two.so", 12}),
        make_stack(1, 17, 0x10010, MS_ROOT_COMPLETE),
        make_alloc(1, 0, 0x200, 5, 17),
    };
    PUT_ALL(&b, events);
    end_trace(&b, true);
    ms_model *m = load_path(b.path, NULL);
    assert_int_equal(m->sites.count, 2);
    assert_int_equal(m->modules.count, 2);
    const ms_frame *frame = m->stacks.items[m->sites.items[0].stack].frames;
    assert_string_equal(frame->module, "one.so");
    assert_int_equal(frame->address, 0x10);
    assert_string_equal(m->modules.items[0].path, "/lib/one.so");
    assert_string_equal(m->modules.items[0].build_id, "abcd");
    assert_int_equal(m->modules.items[0].bytes_allocated, 10);
    assert_string_equal(m->stacks.items[m->sites.items[1].stack].frames->module, "two.so");
    assert_null(m->modules.items[1].build_id);
    ms_model_free(m);
    unlink(b.path);
}

static void info_describes_program_and_capture(void **state) {
    (void)state;
    builder b = build_trace();
    pairs_payload start = {.size = 0}, end = {.size = 0};
    put_pair(&start, MS_INFO_EXECUTABLE, "/usr/bin/prog");
    put_pair(&start, MS_INFO_ARGUMENT, "prog");
    put_pair(&start, MS_INFO_ARGUMENT, "--flag");
    put_pair(&start, MS_INFO_STRATEGY, "core");
    put_pair(&start, "a key of the future", "x");
    put_pair(&end, MS_INFO_END, "signal 9");
    put_pair(&end, MS_INFO_LOST, "no_space=12");
    put_pair(&end, MS_INFO_COMPLETE, "1");
    put_info(&b, &start);
    put_event(&b, &(ms_event){.kind = MS_EVENT_TIME, .thread = 1, .time_us = 5});
    end_chunk(&b);
    put_info(&b, &end);
    end_trace(&b, true);
    ms_model *m = load_path(b.path, NULL);
    assert_string_equal(m->program.executable, "/usr/bin/prog");
    assert_int_equal(m->program.argv.count, 2);
    assert_string_equal(m->program.argv.items[1], "--flag");
    assert_string_equal(m->program.end, "killed");
    assert_int_equal(m->program.exit_signal, 9);
    assert_true(m->program.exit_status == MS_UNKNOWN);
    assert_int_equal(m->program.pid, 77);
    assert_string_equal(m->program.start, "2020-09-13T12:26:40.123Z");
    assert_string_equal(m->capture.strategy, "core");
    assert_int_equal(m->capture.dropped.no_space, 12);
    assert_false(m->capture.complete); /* what was dropped is missing */
    assert_false(m->capture.truncated);
    ms_model_free(m);
    unlink(b.path);
}

static void frees_of_a_forked_child_are_inherited(void **state) {
    (void)state;
    builder b = build_trace();
    pairs_payload info = {.size = 0};
    put_pair(&info, MS_INFO_FORKED, "1");
    put_info(&b, &info);
    put_event(&b, &(ms_event){.kind = MS_EVENT_FREE, .thread = 1, .tid = 1, .address = 0x77});
    end_trace(&b, true);
    ms_model *m = load_path(b.path, NULL);
    assert_int_equal(m->summary.frees, 1);
    assert_int_equal(m->summary.inherited_frees, 1);
    assert_int_equal(m->summary.unmatched_frees, 0);
    assert_true(m->program.forked);
    ms_model_free(m);
    unlink(b.path);
}

static void samples_become_resources(void **state) {
    (void)state;
    builder b = build_trace();
    put_event(&b, &(ms_event){.kind = MS_EVENT_THREAD,
                              .thread = 1,
                              .tid = 1001,
                              .number = 1001,
                              .text = make_text("main")});
    uint8_t payload[64], *at = payload;
    const uint64_t values[] = {5000, 0,    3, 9001, 0, 8,           /* process: rss 9000 */
                               6000, 1001, 5, 0,    0, 0, 101, 201, /* thread: 300 ns */
                               9000, 0,    1, 4001};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        at = ms_varint_put(at, values[i]);
    assert_true(ms_trace_writer_append(b.writer, MS_KIND_SAMPLES, payload, (size_t)(at - payload),
                                       5000, 9000));
    end_trace(&b, true);
    ms_model *m = load_path(b.path, NULL);
    assert_int_equal(m->resources.count, 2);
    assert_int_equal(m->resources.items[0].rss_bytes, 9000);
    assert_true(m->resources.items[0].minor_faults == MS_UNKNOWN);
    assert_int_equal(m->resources.items[0].major_faults, 7);
    assert_int_equal(m->summary.peak_rss_bytes, 9000);
    assert_int_equal(m->threads.items[0].cpu_ns, 300);
    assert_string_equal(m->threads.items[0].thread, "main");
    assert_int_equal(m->program.duration_ns, 9000000);
    assert_int_equal(m->timeline.items[m->timeline.count - 1].rss_bytes, 4000);
    ms_model_free(m);
    unlink(b.path);
}

/* ---- damage ----------------------------------------------------------------------------- */

/* Ten chunks of ten births each. */
static void make_ten_chunks(char path[64]) {
    builder b = build_trace();
    put_stacks(&b);
    for (uint64_t i = 0; i < 100; i++) {
        ms_event event = make_alloc(1 + (uint32_t)(i % 2), i * 1000, 0x1000 + i * 16, 1, 18);
        put_event(&b, &event);
        if (i % 10 == 9)
            end_chunk(&b);
    }
    end_trace(&b, true);
    strcpy(path, b.path);
}

static void a_trace_cut_anywhere_gives_what_is_before(void **state) {
    (void)state;
    char path[64];
    size_t size;
    make_ten_chunks(path);
    uint8_t *bytes = read_file(path, &size);
    uint64_t last = 0;
    for (size_t length = sizeof(ms_trace_header); length < size; length++) {
        ms_error warning;
        write_file(path, bytes, length);
        ms_model *m = load_path(path, &warning);
        assert_true(m->summary.allocations >= last);
        assert_true(m->capture.truncated);
        assert_true(m->capture.truncated_at <= length);
        assert_int_equal(warning.code, MS_ERR_INPUT);
        assert_int_equal(m->capture.dropped.damaged_chunks, 0);
        last = m->summary.allocations;
        ms_model_free(m);
    }
    assert_int_equal(last, 100);
    free(bytes);
    unlink(path);
}

static void a_damaged_chunk_is_skipped_and_reported(void **state) {
    (void)state;
    char path[64];
    size_t size;
    make_ten_chunks(path);
    uint8_t *bytes = read_file(path, &size);
    ms_trace_chunk first, second;
    size_t at = sizeof(ms_trace_header);
    memcpy(&first, bytes + at, sizeof first);
    at += sizeof first + first.stored_size;
    memcpy(&second, bytes + at, sizeof second);
    for (size_t i = 0; i < sizeof second + second.stored_size; i++) {
        bytes[at + i] ^= 0x10;
        ms_error warning;
        write_file(path, bytes, size);
        ms_model *m = load_path(path, &warning);
        assert_int_equal(m->summary.allocations, 90);
        assert_int_equal(m->capture.dropped.damaged_chunks, 1);
        assert_true(m->capture.truncated && !m->capture.complete);
        assert_int_equal(m->capture.truncated_at, at);
        assert_int_equal(warning.offset, at);
        assert_non_null(strstr(warning.message, "damaged"));
        ms_model_free(m);
        bytes[at + i] ^= 0x10;
    }
    free(bytes);
    unlink(path);
}

static void assert_refused(const char *path, const char *why) {
    ms_error error = {.code = MS_ERR_OK};
    assert_null(ms_load(path, NULL, NULL, &error));
    assert_int_equal(error.code, MS_ERR_INPUT);
    assert_non_null(strstr(error.message, path));
    assert_null(strchr(error.message, '\n'));
    if (!strstr(error.message, why))
        fail_msg("`%s` does not say `%s`", error.message, why);
}

static void what_is_no_trace_is_refused_with_a_reason(void **state) {
    (void)state;
    char path[64];
    temporary_path(path);
    assert_refused("/nonexistent.memscope", "No such file");
    assert_refused("/tmp", "a directory");
    assert_refused("/dev/null", "not a regular file");
    assert_refused(path, "empty");
    write_file(path, "hello, world, this is no trace", 30);
    assert_refused(path, "is not a memscope trace");

    ms_trace_header header = test_header;
    header.version = 2;
    write_file(path, &header, sizeof header);
    assert_refused(path, "version 2");
    header.version = 0x0100;
    write_file(path, &header, sizeof header);
    assert_refused(path, "byte order");
    write_file(path, &test_header, 20);
    assert_refused(path, "cut within its header");
    unlink(path);
}

static bool stop_at_once(void *context, uint64_t done, uint64_t total) {
    assert_true(done <= total);
    ++*(int *)context;
    return false;
}

static void a_stop_request_gives_what_was_read(void **state) {
    (void)state;
    builder b = build_trace();
    for (uint64_t i = 0; i < 300000; i++) {
        ms_event event = make_alloc(1, i, 0x1000 + i * 16, 1, 0);
        put_event(&b, &event);
        if (i % 10000 == 9999)
            end_chunk(&b);
    }
    end_trace(&b, true);
    int calls = 0;
    ms_load_options options = {.no_symbols = true, .progress = stop_at_once, .context = &calls};
    ms_model *m = ms_load(b.path, &options, NULL, NULL);
    assert_non_null(m);
    assert_int_equal(calls, 1);
    assert_true(m->capture.truncated);
    assert_in_range(m->summary.allocations, 1, 299999);
    ms_model_free(m);
    unlink(b.path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_follow_the_counting_rules),
        cmocka_unit_test(a_birth_on_a_live_block_implies_its_death),
        cmocka_unit_test(sites_share_the_peak),
        cmocka_unit_test(one_frame_under_two_ids_is_one_site),
        cmocka_unit_test(broken_stacks_say_so),
        cmocka_unit_test(frames_belong_to_the_module_of_their_time),
        cmocka_unit_test(info_describes_program_and_capture),
        cmocka_unit_test(frees_of_a_forked_child_are_inherited),
        cmocka_unit_test(samples_become_resources),
        cmocka_unit_test(a_trace_cut_anywhere_gives_what_is_before),
        cmocka_unit_test(a_damaged_chunk_is_skipped_and_reported),
        cmocka_unit_test(what_is_no_trace_is_refused_with_a_reason),
        cmocka_unit_test(a_stop_request_gives_what_was_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
