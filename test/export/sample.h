/* sample.h - the model that the goldens of all formats show. */
#ifndef MS_TEST_EXPORT_SAMPLE_H
#define MS_TEST_EXPORT_SAMPLE_H

#include "../builder.h"

#include "export/export.h"
#include "model/lift.h"

static inline void describe_program(ms_model *m) {
    const char **argv = ms_arena_alloc(m->arena, 3 * sizeof *argv);
    argv[0] = "/usr/bin/demo";
    argv[1] = "--rules";
    argv[2] = "a b.txt";
    m->program = (ms_program){.executable = "/usr/bin/demo",
                              .argv = {argv, 3},
                              .directory = "/home/user",
                              .host = "box",
                              .pid = 4711,
                              .parent_pid = 4700,
                              .start = "2026-01-02T03:04:05Z",
                              .start_unix_ns = 1767323045000000000,
                              .duration_ns = 1234567890,
                              .exit_status = 0,
                              .exit_signal = MS_UNKNOWN,
                              .end = "exited"};
    m->capture = (ms_capture){.strategy = "core",
                              .complete = true,
                              .addresses = true,
                              .truncated_at = MS_UNKNOWN,
                              .exact_until_ns = MS_UNKNOWN,
                              .events_from_ns = MS_UNKNOWN,
                              .thinned_from_ns = MS_UNKNOWN,
                              .notes_from_ns = MS_UNKNOWN,
                              .history_steps_kept = MS_UNKNOWN,
                              .events = 2500,
                              .stacks = 20,
                              .sites = 9,
                              .trace_bytes = 123456};
}

static inline void hold(ms_site *site, uint64_t peak_blocks, uint64_t live_blocks) {
    site->peak_blocks = peak_blocks;
    site->peak_bytes = peak_blocks * site->max_size;
    site->own_peak_bytes = site->peak_bytes;
    site->live_blocks = live_blocks;
    site->live_bytes = live_blocks * site->max_size;
    site->frees = site->allocations - live_blocks;
}

static inline void add_sites(ms_model *m) {
    hold(add_site(m,
                  "xmalloc@util.c:10 parse_rule@src/parse.c:120 load@src/load.c:33 main@main.c:7 "
                  "__libc_start_call_main",
                  100, 40, 40),
         100, 20);
    hold(add_site(m,
                  "xmalloc@util.c:10 parse_rule@src/parse.c:120 reload@src/load.c:80 main@main.c:9",
                  50, 40, 40),
         10, 0);
    hold(add_site(m, "xmalloc@util.c:10 new_table@src/table.c:12 main@main.c:5", 4, 65536, 65536),
         4, 1);
    ms_site *format = add_site(
        m, "xmalloc@util.c:10 format@src/out.c:50 print@src/out.c:90 main@main.c:8", 1000, 8, 300);
    format->temporary = 990;
    format->lifetime_ns = (ms_lifetime){2100, 3500, 9000, 12345, 1000};
    hold(add_site(m, "xmalloc@util.c:10 open_log@src/log.c:5 main@main.c:4", 2, 512, 512), 2, 2);
    ms_site *grow = add_site(m,
                             "append@src/list.c:44 eval@src/eval.c:10 eval@src/eval.c:12 "
                             "eval@src/eval.c:12 run@src/eval.c:99 main@main.c:8",
                             1, 64, 4096);
    grow->reallocations = 6;
    hold(add_site(m, "+1f40 +2b00", 3, 100, 100), 3, 3);
    *(ms_frame *)&m->stacks.items[m->stacks.count - 1].frames[1] = (ms_frame){
        .module = "libold.so.1", .address = 0x2b00, .line = MS_UNKNOWN, .broken = "no unwind rule"};
    hold(add_site(m, "", 5, 1000, 1000), 5, 0);
}

static inline void sum_up(ms_model *m) {
    ms_summary *s = &m->summary;
    s->temporary_allocations = 0;
    for (size_t i = 0; i < m->sites.count; i++) {
        const ms_site *site = &m->sites.items[i];
        s->allocations += site->allocations;
        s->reallocations += site->reallocations;
        s->frees += site->frees;
        s->bytes_allocated += site->bytes_allocated;
        s->peak_bytes += site->peak_bytes;
        s->peak_blocks += site->peak_blocks;
        s->live_bytes += site->live_bytes;
        s->live_blocks += site->live_blocks;
        s->temporary_allocations += site->temporary;
    }
    s->peak_time_ns = 820000000;
    s->evidence = "recorded";
    s->threads = 1;
    s->peak_rss_bytes = 6 << 20;
}

/* What the program itself has said. */
static inline void add_words(ms_model *m) {
    ms_variable *variable = ADD(m, variables);
    *variable = (ms_variable){.id = 1,
                              .name = "table",
                              .type = "struct table *",
                              .file = "src/table.c",
                              .line = 12,
                              .function = "new_table",
                              .scope = "start",
                              .scope_id = 1,
                              .task_id = MS_UNKNOWN,
                              .thread = "demo",
                              .thread_id = 1,
                              .address = 0x5000,
                              .size = 65536,
                              .born_ns = 1000,
                              .died_ns = MS_UNKNOWN,
                              .attached = true,
                              .offset = 0};
    variable->history.items = ms_arena_alloc(m->arena, 2 * sizeof *variable->history.items);
    variable->history.count = 2;
    for (size_t i = 0; i < 2; i++)
        variable->history.items[i] = (ms_change){.time_ns = 1000,
                                                 .address = 0x5000,
                                                 .size = 65536,
                                                 .kind = i ? "tracked" : "allocated",
                                                 .thread_id = 1,
                                                 .site = i ? MS_UNKNOWN : 3,
                                                 .stack = MS_NO_STACK};
    *(ms_variable_group *)ADD(m, variable_groups) = (ms_variable_group){.name = "table",
                                                                        .type = "struct table *",
                                                                        .file = "src/table.c",
                                                                        .line = 12,
                                                                        .function = "new_table",
                                                                        .variables = 4,
                                                                        .bytes = 262144,
                                                                        .peak_variables = 4,
                                                                        .peak_bytes = 262144,
                                                                        .live_variables = 1,
                                                                        .live_bytes = 65536};
    *(ms_scope *)ADD(m, scopes) = (ms_scope){.id = 1,
                                             .scope = "start",
                                             .parent = MS_UNKNOWN,
                                             .line = MS_UNKNOWN,
                                             .entered = 1,
                                             .allocations = 4,
                                             .bytes_allocated = 262144,
                                             .live_bytes = 65536};
    set_errors(&m->scopes.items[0], &ms_record_scope, MS_UNKNOWN);
    *(ms_task *)ADD(m, tasks) = (ms_task){.id = 7,
                                          .task = "request",
                                          .parent = MS_UNKNOWN,
                                          .bytes_allocated = 9000,
                                          .peak_bytes = 8000,
                                          .live_bytes = 1024,
                                          .begun_ns = 2000,
                                          .ended_ns = MS_UNKNOWN,
                                          .zombie = true,
                                          .line = MS_UNKNOWN};
    set_errors(&m->tasks.items[0], &ms_record_task, MS_UNKNOWN);
    *(ms_task_group *)ADD(m, task_groups) = (ms_task_group){.task = "request",
                                                            .line = MS_UNKNOWN,
                                                            .tasks = 1,
                                                            .zombies = 1,
                                                            .bytes_allocated = 9000,
                                                            .live_bytes = 1024,
                                                            .largest = 7,
                                                            .max_bytes = 9000,
                                                            .p50_bytes = 9000,
                                                            .p90_bytes = 9000,
                                                            .p99_bytes = 9000,
                                                            .max_peak_bytes = 8000};
    set_errors(&m->task_groups.items[0], &ms_record_task_group, MS_UNKNOWN);
    *(ms_misuse *)ADD(m, misuses) = (ms_misuse){.kind = "a null pointer was tracked",
                                                .count = 3,
                                                .name = "p\n",
                                                .line = MS_UNKNOWN,
                                                .function = "main",
                                                .thread_id = 1};
}

/* One type, more of it in each quarter of the run. */
static inline void add_types(ms_model *m) {
    ms_type *type = ADD(m, types);
    *type = (ms_type){.id = 1,
                      .name = "struct entry",
                      .class = "struct",
                      .form = "single",
                      .evidence = "derived",
                      .size = 24,
                      .sites = 1,
                      .padding_bytes = 7,
                      .live_padding_bytes = 70,
                      .peak_padding_bytes = 70,
                      .live_count = 10,
                      .live_blocks = 10,
                      .live_bytes = 240,
                      .peak_count = 10,
                      .peak_blocks = 10,
                      .peak_bytes = 240,
                      .allocations = 10,
                      .bytes_allocated = 240,
                      .nested_padding_bytes = MS_UNKNOWN,
                      .excess_bytes = MS_UNKNOWN,
                      .alignment = 8,
                      .cache_lines = 1,
                      .reordered_size = MS_UNKNOWN,
                      .count_offset = MS_UNKNOWN};
    set_errors(type, &ms_record_type, MS_UNKNOWN);
    ms_type_series *series = ADD(m, type_series);
    *series = (ms_type_series){
        .what = "type", .type = 1, .name = type->name, .types = 1, .max_live_bytes = 240};
    for (uint64_t i = 1; i <= 10; i++) {
        ms_type_point *point = add_room(m->arena, &series->points, sizeof *series->points.items);
        *point = (ms_type_point){.time_ns = i * m->program.duration_ns / 10,
                                 .live_count = i,
                                 .live_bytes = 24 * i,
                                 .padding_bytes = 7 * i};
        set_errors(point, &ms_record_type_point, MS_UNKNOWN);
    }
}

/* Every kind of value at least once: known and unknown, a stack, a broken one and none. */
static inline ms_model *sample_model(void) {
    ms_model *m = ms_model_new();
    describe_program(m);
    add_sites(m);
    sum_up(m);
    *(ms_thread *)ADD(m, threads) = (ms_thread){.id = 1,
                                                .tid = 4711,
                                                .thread = "demo",
                                                .allocations = m->summary.allocations,
                                                .cpu_ns = MS_UNKNOWN,
                                                .ended = true};
    set_errors(&m->threads.items[0], &ms_record_thread, MS_UNKNOWN);
    *(ms_module *)ADD(m, modules) = (ms_module){.id = 1,
                                                .module = "demo",
                                                .path = "/usr/bin/demo",
                                                .build_id = "0123abcd",
                                                .symbols = "dwarf",
                                                .allocations = m->summary.allocations - 8};
    set_errors(&m->modules.items[0], &ms_record_module, MS_UNKNOWN);
    *(ms_moment *)ADD(m, timeline) = (ms_moment){.time_ns = 0, .rss_bytes = MS_UNKNOWN};
    *(ms_moment *)ADD(m, timeline) = (ms_moment){
        .time_ns = 820000000, .live_bytes = m->summary.peak_bytes, .rss_bytes = 6 << 20};
    for (size_t i = 0; i < m->timeline.count; i++)
        set_errors(&m->timeline.items[i], &ms_record_moment, MS_UNKNOWN);
    ms_finding *finding = ADD(m, findings);
    *finding = (ms_finding){.kind = "live_at_exit",
                            .severity = "info",
                            .evidence = "recorded",
                            .site = 1,
                            .stacks = {0, MS_NO_STACK, MS_NO_STACK}};
    add_types(m);
    add_words(m);
    ms_lift(m);
    return m;
}

/* The model through an exporter, into memory the caller frees. */
static inline char *exported(const ms_model *model, const char *format,
                             const ms_export_options *options) {
    ms_sink *sink = ms_sink_memory();
    ms_error error;
    if (ms_exporter_named(format)->write(model, sink, options, &error)) {
        ms_sink_abandon(sink);
        return NULL;
    }
    char *text = ms_sink_take(sink, NULL);
    ms_sink_abandon(sink);
    return text;
}

#endif
