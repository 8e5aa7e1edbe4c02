/* browser/fixture FILE - writes the page of a run that never was, the same on every machine: what the kept pictures
 * show (screens.mjs). A server that loads rules, answers requests, and forgets some of them. */
#include "export/export.h"
#include "model/lift.h"
#include "model/rows.h"

#include "../export/sample.h"

#define END_US 2000000u
#define BLOCKS 6000u
#define MOMENTS 400u

/* What a site allocates. */
typedef struct part {
    const char *stack;
    uint64_t size, spread;         /* from `size`, up to so much more */
    uint64_t lifetime_us, from_us; /* lifetime 0: until the end */
    unsigned share;                /* of 100 births */
    uint32_t thread;
    const char *variable, *type;
} part;

static const part parts[] = {
    {"parse_rule@src/parse.c:120 load@src/load.c:33 main@main.c:7", 64, 4000, 900000, 0, 9, 0,
     "rules->items", "struct rule"},
    {"new_table@src/table.c:12 load@src/load.c:40 main@main.c:7", 16384, 120000, 0, 0, 1, 0,
     "table", "struct table"},
    {"read_request@src/http.c:51 serve@src/serve.c:20 worker@src/pool.c:88", 512, 7000, 900, 0, 44,
     1, "request->body", "char"},
    {"format@src/out.c:50 reply@src/out.c:90 serve@src/serve.c:31 worker@src/pool.c:88", 32, 300,
     40, 0, 30, 2, NULL, "char"},
    {"remember@src/session.c:77 serve@src/serve.c:27 worker@src/pool.c:88", 2048, 2048, 0, 200000,
     10, 1, "sessions.last->next", "struct session"},
    {"append@src/list.c:44 eval@src/eval.c:10 eval@src/eval.c:12 run@src/eval.c:99 "
     "serve@src/serve.c:29 "
     "worker@src/pool.c:88",
     1024, 30000, 250000, 400000, 6, 2, "list->items", "struct value *"},
};
#define PARTS (sizeof parts / sizeof *parts)

static uint64_t seed = 4711;

static uint64_t below(uint64_t most) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % (most ? most : 1);
}

static ms_row rows[BLOCKS];

static const part *choose(uint64_t now_us, uint32_t *site) {
    for (;;) {
        unsigned draw = (unsigned)below(100), sum = 0;
        for (*site = 0; *site < PARTS; ++*site)
            if (draw < (sum += parts[*site].share))
                break;
        if (parts[*site].from_us <= now_us)
            return &parts[*site];
    }
}

/* Addresses go up, a region for each site: two of them far away. */
static uint64_t place(uint32_t site, uint64_t size) {
    static uint64_t used[PARTS];
    uint64_t at = used[site];
    used[site] = (at + ((size + 31) & ~15ull)) % (3u << 20);
    return (site < 2 ? 0x555500000000u : 0x7f1100000000u) + ((uint64_t)site << 23) + at;
}

static void make_rows(void) {
    for (uint64_t i = 0; i < BLOCKS; i++) {
        uint64_t now_us = 2000 + i * (END_US - 100000) / BLOCKS;
        uint32_t site;
        const part *p = choose(now_us, &site);
        uint64_t size = p->size + below(p->spread),
                 life_us = p->lifetime_us / 2 + below(p->lifetime_us);
        bool dies = p->lifetime_us && now_us + life_us < END_US;
        rows[i] = (ms_row){.address = place(site, size),
                           .size = size,
                           .born_us = now_us,
                           .died_us = dies ? now_us + life_us : UINT64_MAX,
                           .born = now_us * 2,
                           .died = dies ? (now_us + life_us) * 2 - 1 : UINT64_MAX,
                           .weight = 1,
                           .site = site,
                           .thread = p->thread,
                           .freed_by = dies ? p->thread : UINT32_MAX,
                           .end = dies ? MS_ROW_FREED : MS_ROW_LIVE};
    }
}

static bool lives_at(const ms_row *row, uint64_t time_us) {
    return row->born_us <= time_us && row->died_us > time_us;
}

static uint64_t live_at(uint64_t time_us, uint64_t *blocks) {
    uint64_t sum = 0;
    *blocks = 0;
    for (size_t i = 0; i < BLOCKS; i++)
        if (lives_at(&rows[i], time_us)) {
            sum += rows[i].size;
            ++*blocks;
        }
    return sum;
}

static void add_timeline(ms_model *m) {
    m->timeline.items = ms_arena_alloc(m->arena, MOMENTS * sizeof *m->timeline.items);
    for (uint64_t i = 0; i < MOMENTS; i++) {
        ms_moment *moment = &m->timeline.items[m->timeline.count++];
        uint64_t time_us = i * END_US / (MOMENTS - 1), births = 0;
        for (size_t k = 0; k < BLOCKS; k++)
            births += rows[k].born_us <= time_us;
        moment->time_ns = time_us * 1000;
        moment->live_bytes = live_at(time_us, &moment->live_blocks);
        moment->max_live_bytes = moment->live_bytes;
        moment->allocations = births;
        moment->rss_bytes = (3u << 20) + moment->live_bytes / 2 + (i / 20) * 40000;
        set_errors(moment, &ms_record_moment, MS_UNKNOWN);
    }
}

static void find_peak(ms_summary *s) {
    for (size_t i = 0; i < BLOCKS; i++) {
        uint64_t blocks, bytes = live_at(rows[i].born_us, &blocks);
        if (bytes <= s->peak_bytes)
            continue;
        s->peak_bytes = bytes;
        s->peak_blocks = blocks;
        s->peak_time_ns = rows[i].born_us * 1000;
    }
}

static void count_row(const ms_model *m, const ms_row *row, ms_site *site, ms_thread *thread) {
    uint64_t live = row->died_us == UINT64_MAX,
             peak = lives_at(row, m->summary.peak_time_ns / 1000);
    site->allocations++, thread->allocations++;
    site->bytes_allocated += row->size, thread->bytes_allocated += row->size;
    site->frees += !live, thread->frees += !live;
    site->live_blocks += live, thread->live_blocks += live;
    site->live_bytes += live * row->size, thread->live_bytes += live * row->size;
    site->peak_blocks += peak;
    site->peak_bytes += peak * row->size, thread->peak_bytes += peak * row->size;
    site->own_peak_bytes =
        site->peak_bytes > site->live_bytes ? site->peak_bytes : site->live_bytes;
    if (row->size < site->min_size)
        site->min_size = row->size;
    if (row->size > site->max_size)
        site->max_size = row->size;
}

static void add_parts(ms_model *m) {
    static const char *const names[] = {"server", "worker 1", "worker 2"};
    for (uint64_t i = 0; i < 3; i++) {
        ms_thread *thread = ADD(m, threads);
        *thread = (ms_thread){.id = i + 1,
                              .tid = 4711 + i,
                              .thread = names[i],
                              .cpu_ns = MS_UNKNOWN,
                              .last_ns = END_US * 1000};
        set_errors(thread, &ms_record_thread, MS_UNKNOWN);
    }
    for (size_t i = 0; i < PARTS; i++) {
        ms_site *site = add_site(m, parts[i].stack, 0, UINT64_MAX, 0);
        site->variable = parts[i].variable;
        site->type = parts[i].type;
        site->evidence = "recorded";
        site->last_ns = END_US * 1000;
        if (parts[i].lifetime_us)
            site->lifetime_ns =
                (ms_lifetime){parts[i].lifetime_us * 500, parts[i].lifetime_us * 1000,
                              parts[i].lifetime_us * 1300, parts[i].lifetime_us * 1500,
                              parts[i].lifetime_us * 1000};
        else
            site->lifetime_ns =
                (ms_lifetime){MS_UNKNOWN, MS_UNKNOWN, MS_UNKNOWN, MS_UNKNOWN, MS_UNKNOWN};
    }
    for (size_t i = 0; i < BLOCKS; i++)
        count_row(m, &rows[i], &m->sites.items[rows[i].site], &m->threads.items[rows[i].thread]);
}

static void add_module(ms_model *m) {
    ms_module *module = ADD(m, modules);
    *module = (ms_module){.id = 1,
                          .module = "demo",
                          .path = "/usr/bin/demo",
                          .build_id = "0123abcd",
                          .symbols = "dwarf",
                          .allocations = m->summary.allocations,
                          .bytes_allocated = m->summary.bytes_allocated,
                          .live_bytes = m->summary.live_bytes,
                          .peak_bytes = m->summary.peak_bytes};
    set_errors(module, &ms_record_module, MS_UNKNOWN);
}

static void add_findings(ms_model *m) {
    const ms_site *site = &m->sites.items[4];
    *(ms_finding *)ADD(m, findings) = (ms_finding){
        .kind = "live_at_exit",
        .severity = "high",
        .evidence = "recorded",
        .bytes = site->live_bytes,
        .blocks = site->live_blocks,
        .title = "remember() keeps every session",
        .detail =
            "Sessions are born with each request that asks for one, and none of them has died.",
        .advice = "Let sessions end, or bound how many there are.",
        .variable = site->variable,
        .type = site->type,
        .site = site->id,
        .stacks = {site->stack, MS_NO_STACK, MS_NO_STACK}};
}

static ms_model *fixture(void) {
    ms_model *m = ms_model_new();
    describe_program(m);
    m->program.duration_ns = (uint64_t)END_US * 1000;
    make_rows();
    find_peak(&m->summary);
    add_parts(m);
    uint64_t peak_time_ns = m->summary.peak_time_ns;
    ms_summary peak = m->summary;
    m->summary = (ms_summary){0};
    sum_up(m);
    m->summary.peak_time_ns = peak_time_ns;
    m->summary.peak_blocks = peak.peak_blocks;
    m->summary.threads = 3;
    set_errors(&m->summary, &ms_record_summary, MS_UNKNOWN);
    add_timeline(m);
    add_module(m);
    add_findings(m);
    add_words(m);
    ms_lift(m);
    static const uint32_t order[PARTS] = {0, 1, 2, 3, 4, 5};
    m->rows = ms_rows_new(0);
    for (size_t i = 0; i < BLOCKS; i++)
        ms_rows_add(m->rows, &rows[i]);
    ms_rows_finish(m->rows, order, PARTS);
    return m;
}

int main(int argc, char **argv) {
    ms_error error;
    ms_sink *sink = argc == 2 ? ms_sink_open(argv[1], &error) : NULL;
    if (!sink) {
        fprintf(stderr, "usage: fixture FILE: %s\n", argc == 2 ? error.message : "which?");
        return 2;
    }
    ms_model *model = fixture();
    ms_export_options options = ms_export_defaults();
    ms_err code = ms_exporter_named("html")->write(model, sink, &options, &error);
    if (!code)
        code = ms_sink_close(sink, &error);
    else
        ms_sink_abandon(sink);
    ms_model_free(model);
    if (code)
        fprintf(stderr, "fixture: %s\n", error.message);
    return code ? 1 : 0;
}
