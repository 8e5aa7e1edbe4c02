#include "load/build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "builder.h"

static ms_event number_event(ms_event_kind kind, uint64_t time_us, uint64_t number) {
    return (ms_event){.kind = kind, .thread = 1, .tid = 1001, .time_us = time_us, .number = number};
}

static ms_event count_event(uint64_t time_us, uint8_t count, uint64_t number) {
    ms_event event = number_event(MS_EVENT_COUNT, time_us, number);
    event.family = count;
    return event;
}

static ms_model *load_events(const ms_event *events, size_t count) {
    builder b = build_trace();
    put_event(&b, &(ms_event){.kind = MS_EVENT_STACK,
                              .thread = 1,
                              .tid = 1001,
                              .stack = 16,
                              .pc = 0x1000,
                              .parent = MS_ROOT_COMPLETE});
    for (size_t i = 0; i < count; i++)
        put_event(&b, &events[i]);
    end_trace(&b, true);
    ms_load_options options = {.no_symbols = true, .no_lift = true};
    ms_error error = {.code = MS_ERR_OK};
    ms_model *model = ms_load(b.path, &options, NULL, &error);
    if (!model)
        fail_msg("%s", error.message);
    unlink(b.path);
    return model;
}

#define LOAD(events) load_events(events, sizeof(events) / sizeof *(events))

/* Every field that is an error of another one. */
static void assert_errors(const void *record, const ms_record_info *info, bool known) {
    for (size_t i = 0; i < info->field_count; i++) {
        const ms_field_info *field = &info->fields[i];
        const char *ending = strstr(field->name, "_error");
        uint64_t value;
        if (!ending || ending[strlen("_error")])
            continue;
        memcpy(&value, (const char *)record + field->offset, sizeof value);
        if ((value != MS_UNKNOWN) != known)
            fail_msg("%s.%s", info->name, field->name);
    }
}

static void assert_all_errors(const ms_model *m, bool known) {
    assert_errors(&m->summary, &ms_record_summary, known);
    assert_errors(&m->sites.items[0], &ms_record_site, known);
    assert_errors(&m->threads.items[0], &ms_record_thread, known);
    assert_errors(&m->timeline.items[m->timeline.count - 1], &ms_record_moment, known);
}

static void an_exact_trace_has_no_errors(void **state) {
    (void)state;
    const ms_event events[] = {
        number_event(MS_EVENT_RATE, 1000, 0), /* as streams begin */
        make_alloc(1, 1000, 0x100, 50, 16),
        make_free(1, 2000, 0x100),
    };
    ms_model *m = LOAD(events);
    assert_all_errors(m, false);
    assert_string_equal(m->summary.evidence, "recorded");
    assert_string_equal(m->sites.items[0].evidence, "recorded");
    assert_int_equal(m->summary.temporary_allocations, 1);
    assert_int_equal(m->capture.sample_bytes, 0);
    assert_true(m->capture.exact_until_ns == MS_UNKNOWN);
    assert_int_equal(m->capture.rates.count, 0);
    assert_int_equal(m->tasks.count, 0);
    ms_model_free(m);
}

static void a_sampled_trace_has_estimates_with_errors_and_exact_totals(void **state) {
    (void)state;
    const ms_event events[] = {
        make_alloc(1, 1000, 0x100, 50, 16),
        number_event(MS_EVENT_RATE, 2000, 4096),
        make_alloc(1, 2000, 0x1000, 4096, 16), /* stands for 1.58 */
        number_event(MS_EVENT_RATE, 3000, 4096),
        make_alloc(1, 3000, 0x3000, 4096, 16),
        make_free(1, 4000, 0x3000),
        count_event(5000, MS_COUNT_ALLOCATIONS, 97),
        count_event(5000, MS_COUNT_FREES, 9),
        count_event(5000, MS_COUNT_BYTES, 1000),
    };
    ms_model *m = LOAD(events);
    assert_all_errors(m, true);
    const ms_summary *s = &m->summary;
    assert_int_equal(s->allocations, 100);
    assert_int_equal(s->frees, 10);
    assert_int_equal(s->bytes_allocated, 9242);
    assert_int_equal(s->live_bytes, 50 + 6477);
    assert_int_equal(s->live_bytes_error, 3927); /* 4096 * sqrt(1.581 * 0.581) */
    assert_int_equal(s->live_blocks, 3);         /* 1 + 1.58 */
    assert_int_equal(s->peak_bytes, 50 + 2 * 6477);
    assert_int_equal(s->peak_bytes_error, 5554);
    assert_true(s->temporary_allocations == MS_UNKNOWN);
    assert_string_equal(s->evidence, "estimated");
    const ms_site *site = &m->sites.items[0];
    assert_int_equal(site->allocations, 4); /* 1 + 2 * 1.58 */
    assert_int_equal(site->recorded_births, 3);
    assert_int_equal(site->bytes_allocated, 50 + 2 * 6477);
    assert_int_equal(site->live_bytes, s->live_bytes);
    assert_int_equal(site->frees, 2);
    assert_int_equal(site->lifetime_ns.recorded_deaths, 1);
    assert_int_equal(m->threads.items[0].allocations, 100);
    assert_int_equal(m->threads.items[0].live_bytes, s->live_bytes);
    assert_int_equal(m->capture.sample_bytes, 4096);
    assert_int_equal(m->capture.exact_until_ns, 2000000);
    assert_int_equal(m->capture.rates.count, 1);
    assert_int_equal(m->capture.rates.items[0].bytes, 4096);
    assert_int_equal(m->capture.rates.items[0].thread, 1);
    assert_int_equal(m->timeline.items[m->timeline.count - 1].live_bytes, s->live_bytes);
    ms_model_free(m);
}

static void sampling_from_the_first_birth_on_leaves_nothing_exact(void **state) {
    (void)state;
    const ms_event events[] = {
        number_event(MS_EVENT_RATE, 2000, 4096),
        make_alloc(1, 3000, 0x100, 10, 16),
    };
    ms_model *m = LOAD(events);
    assert_int_equal(m->capture.exact_until_ns, 0);
    assert_int_equal(m->capture.rates.items[0].time_ns, 2000000);
    ms_model_free(m);
}

static void a_peak_before_the_sampling_has_an_error_of_nothing(void **state) {
    (void)state;
    const ms_event events[] = {
        make_alloc(1, 1000, 0x100, 100000, 16),  make_free(1, 1000, 0x100),
        number_event(MS_EVENT_RATE, 2000, 4096), make_alloc(1, 3000, 0x100, 10, 16),
        number_event(MS_EVENT_RATE, 4000, 512),
    };
    ms_model *m = LOAD(events);
    assert_int_equal(m->summary.peak_bytes, 100000);
    assert_int_equal(m->summary.peak_bytes_error, 0); /* whether it was the peak is an estimate */
    assert_int_equal(m->sites.items[0].peak_bytes_error, 0);
    assert_int_equal(m->sites.items[0].peak_bytes, 100000);
    assert_true(m->summary.live_bytes_error != MS_UNKNOWN);
    assert_true(m->capture.sample_bytes == MS_UNKNOWN); /* two rates */
    assert_int_equal(m->capture.rate_changes, 2);
    ms_model_free(m);
}

static void no_peak_is_lower_than_what_is_live(void **state) {
    (void)state;
    const ms_event events[] = {
        number_event(MS_EVENT_TASK, 1000, 3), make_alloc(1, 1000, 0x100, 100, 16),
        number_event(MS_EVENT_RATE, 2000, 1 << 20),
        make_alloc(1, 3000, 0x200, 1, 16), /* stands for 2041, give or take as many */
    };
    ms_model *m = LOAD(events);
    uint64_t live = m->summary.live_bytes;
    assert_true(live > 2000);
    assert_int_equal(m->summary.peak_bytes, live);
    assert_int_equal(m->sites.items[0].own_peak_bytes, live);
    assert_int_equal(m->tasks.items[0].peak_bytes, live);
    assert_int_equal(m->sites.items[0].own_peak_bytes_error, m->summary.peak_bytes_error);
    assert_int_equal(m->tasks.items[0].peak_bytes_error, m->summary.peak_bytes_error);
    ms_model_free(m);
}

static void gaps_are_listed_and_what_they_leave_open_is_apart(void **state) {
    (void)state;
    const ms_event events[] = {
        make_alloc(1, 1000, 0x100, 100, 16),
        number_event(MS_EVENT_GAP, 9000, 4000),
        make_alloc(1, 9000, 0x200, 7, 16),
        make_free(1, 9500, 0x900),
    };
    ms_model *m = LOAD(events);
    assert_string_equal(m->summary.evidence, "derived");
    assert_int_equal(m->capture.gaps, 1);
    assert_int_equal(m->capture.gap_ns, 5000000);
    assert_int_equal(m->capture.recording_gaps.items[0].from_ns, 4000000);
    assert_int_equal(m->capture.recording_gaps.items[0].to_ns, 9000000);
    assert_false(m->capture.complete);
    assert_int_equal(m->summary.live_bytes, 7);
    assert_int_equal(m->summary.uncertain_bytes, 100);
    assert_int_equal(m->summary.uncertain_blocks, 1);
    assert_int_equal(m->summary.gap_frees, 1);
    assert_int_equal(m->summary.unmatched_frees, 0);
    assert_int_equal(m->sites.items[0].live_bytes, 7);
    assert_all_errors(m, false);
    ms_model_free(m);
}

static void tasks_become_records(void **state) {
    (void)state;
    const ms_event events[] = {
        number_event(MS_EVENT_TASK, 1000, 9),
        make_alloc(1, 1000, 0x100, 100, 16),
        number_event(MS_EVENT_TASK, 2000, 4),
        make_free(1, 2000, 0x100),
    };
    ms_model *m = LOAD(events);
    assert_int_equal(m->tasks.count, 2);
    const ms_task *task = &m->tasks.items[0];
    assert_int_equal(task->id, 9);
    assert_null(task->task);
    assert_true(task->parent == MS_UNKNOWN);
    assert_int_equal(task->allocations, 1);
    assert_int_equal(task->bytes_allocated, 100);
    assert_int_equal(task->peak_bytes, 100);
    assert_int_equal(task->live_bytes, 0);
    assert_int_equal(task->freed_by_others, 1);
    assert_int_equal(task->first_ns, 1000000);
    assert_errors(task, &ms_record_task, false);
    ms_model_free(m);
}

static ms_event handed_over(uint64_t time_us, uint64_t address) {
    ms_event event = number_event(MS_EVENT_NOTE, time_us, 0);
    event.family = MS_NOTE_HANDOVER;
    event.address = address;
    event.size = UINT64_MAX;
    event.stack = 16;
    return event;
}

static void words_of_one_stack_share_it(void **state) {
    (void)state;
    const ms_event events[] = {
        make_alloc(1, 1000, 0x100, 100, 16),
        make_alloc(1, 1000, 0x200, 100, 16),
        handed_over(1000, 0x100),
        handed_over(1000, 0x200),
        handed_over(2000, 0x100),
    };
    ms_model *m = LOAD(events);
    assert_int_equal(m->passports.count, 2);
    const ms_passport *first = &m->passports.items[0], *second = &m->passports.items[1];
    assert_true(first->stamps.count >= 1 && second->stamps.count >= 1);
    uint32_t stack = first->stamps.items[0].stack;
    assert_non_null(ms_model_stack(m, stack));
    assert_int_equal(first->stamps.items[first->stamps.count - 1].stack, stack);
    assert_int_equal(second->stamps.items[0].stack, stack);
    assert_int_equal(m->stacks.count, 2); /* the site's, and theirs */
    ms_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exact_trace_has_no_errors),
        cmocka_unit_test(a_sampled_trace_has_estimates_with_errors_and_exact_totals),
        cmocka_unit_test(sampling_from_the_first_birth_on_leaves_nothing_exact),
        cmocka_unit_test(a_peak_before_the_sampling_has_an_error_of_nothing),
        cmocka_unit_test(no_peak_is_lower_than_what_is_live),
        cmocka_unit_test(gaps_are_listed_and_what_they_leave_open_is_apart),
        cmocka_unit_test(tasks_become_records),
        cmocka_unit_test(words_of_one_stack_share_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
