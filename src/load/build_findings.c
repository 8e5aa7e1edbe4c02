/* What the program's own words say is wrong at the end of the trace. */
#include "load/build_objects.h"

#include <string.h>

#include "util/arena.h"
#include "util/human.h"

/* Room for one of each kind. */
enum { FINDINGS = 3 };

typedef struct found {
    uint64_t count, bytes;
    const char *name; /* of the first that has one */
    uint32_t stack;   /* of the first */
} found;

static void add_found(found *f, uint64_t bytes, const char *name, uint32_t stack) {
    if (!f->count++)
        f->stack = stack;
    if (bytes != MS_UNKNOWN)
        f->bytes += bytes;
    if (!f->name)
        f->name = name;
}

/* "3 blocks were lost, such as p". */
static const char *titled(const ms_model *m, const found *f, const char *noun, const char *what) {
    return ms_arena_printf(m->arena, "%s %s%s %s%s%s", ms_human_count(f->count).text, noun,
                           f->count == 1 ? "" : "s", what, f->name ? ", such as " : "",
                           f->name ? f->name : "");
}

static void report(ms_model *m, const found *f, ms_finding finding) {
    if (!f->count)
        return;
    finding.bytes = f->bytes;
    finding.variable = f->name;
    finding.site = MS_UNKNOWN;
    finding.stacks = (ms_finding_stacks){f->stack, MS_NO_STACK, MS_NO_STACK};
    m->findings.items[m->findings.count++] = finding;
}

static found find_passports(const ms_model *m, const char *status) {
    found all = {.stack = MS_NO_STACK};
    for (size_t i = 0; i < m->passports.count; i++) {
        const ms_passport *p = &m->passports.items[i];
        if (strcmp(p->status, status) == 0)
            add_found(&all, p->size, p->name, p->stack);
    }
    return all;
}

static void find_abroad(ms_model *m) {
    found abroad = find_passports(m, "in_foreign_custody");
    report(
        m, &abroad,
        (ms_finding){.kind = "boundary",
                     .severity = "medium",
                     .evidence = "recorded",
                     .blocks = abroad.count,
                     .title = titled(m, &abroad, "block", "in foreign custody at the end"),
                     .detail = "they were handed over, and neither taken back nor freed",
                     .advice = "find out who should release them, and reclaim or free them there"});
}

static void find_lost(ms_model *m) {
    found lost = find_passports(m, "lost");
    report(m, &lost,
           (ms_finding){.kind = "boundary",
                        .severity = "medium",
                        .evidence = "derived",
                        .blocks = lost.count,
                        .title = titled(m, &lost, "block", "lost over a boundary"),
                        .detail =
                            "the other side says that it released them, yet they are live; or "
                            "their addresses were handed out again, and nobody saw a release",
                        .advice = "see their stamps: who had each of them last should release it"});
}

static void find_tasks(ms_model *m) {
    found left = {.stack = MS_NO_STACK};
    uint64_t blocks = 0;
    for (size_t i = 0; i < m->tasks.count; i++) {
        const ms_task *t = &m->tasks.items[i];
        if (t->ended_ns == MS_UNKNOWN || t->begun_ns == MS_UNKNOWN || !t->live_blocks)
            continue;
        if (t->callback) /* nobody said that it was to end with them */
            continue;
        add_found(&left, t->live_bytes, t->task, MS_NO_STACK);
        blocks += t->live_blocks;
    }
    report(
        m, &left,
        (ms_finding){.kind = "task_leak",
                     .severity = "low",
                     .evidence = m->summary.evidence,
                     .blocks = blocks,
                     .title = titled(m, &left, "task", "ended with blocks left behind"),
                     .detail = "blocks that were allocated for them were live at the end",
                     .advice = "release them when the task ends, or allocate them outside of it"});
}

void ms_build_findings(ms_model *model) {
    model->findings.items = ms_arena_alloc(model->arena, FINDINGS * sizeof *model->findings.items);
    find_abroad(model);
    find_lost(model);
    find_tasks(model);
}
