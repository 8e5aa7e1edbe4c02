/* Memory that was asked for and has no use that is known of: blocks larger than their type, and room in
 * containers that is not in use. */
#include "analyze/analyze.h"

#include <string.h>

#include "util/arena.h"
#include "util/human.h"

/* Less is not worth a change of the program. */
#define WORTH_BYTES 4096u

/* ---- blocks ----------------------------------------------------------------------------- */

/* What an allocator of the program's own puts in front of each block is no larger. */
#define HEADER_BYTES 16u

/* Only where each block has as much beyond its type, and not little: else it is another type behind the first,
 * that nobody has declared, or the header of an allocator. */
static void look_at_type(ms_findings *f, const ms_type *t) {
    if (!t->form || strcmp(t->form, "header") != 0 || t->excess_bytes == MS_UNKNOWN ||
        t->excess_bytes < WORTH_BYTES || !t->peak_blocks)
        return;
    uint64_t each = t->excess_bytes / t->peak_blocks;
    if (each <= HEADER_BYTES || each < t->size / 4)
        return;
    ms_arena *arena = f->model->arena;
    ms_finding finding = ms_finding_of("over_allocation", "info");
    finding.evidence = t->peak_bytes_error != MS_UNKNOWN ? "estimated" : "derived";
    finding.bytes = t->excess_bytes;
    finding.blocks = t->peak_blocks;
    finding.type = t->name;
    finding.title = ms_arena_printf(arena, "%s: its blocks are %s bytes larger than it", t->name,
                                    ms_human_count(each).text);
    finding.detail =
        ms_arena_printf(arena, "%s blocks live at the peak had %s bytes, of which one %s takes %s",
                        ms_human_count(t->peak_blocks).text, ms_human_count(t->peak_bytes).text,
                        t->name, ms_human_count(t->size).text);
    finding.advice =
        "allocate its size only; or, if something follows it in the block, declare that as a "
        "last member";
    ms_findings_add(f, finding);
}

/* ---- containers ------------------------------------------------------------------------- */

/* A container that doubles is half empty at most, and a quarter on average: that is as it should be. */
static bool is_mostly_empty(const ms_container *c) {
    return c->died_ns == MS_UNKNOWN && c->capacity != MS_UNKNOWN && c->slack_bytes != MS_UNKNOWN &&
           c->slack_bytes > c->capacity / 2;
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_place(const ms_container *a, const ms_container *b) {
    return a->line == b->line && same_text(a->name, b->name) && same_text(a->file, b->file) &&
           same_text(a->function, b->function);
}

#define PLACES_MAX 64u

typedef struct place {
    const ms_container *first;
    uint64_t count, capacity, slack;
} place;

static void report(ms_findings *f, const place *p) {
    ms_arena *arena = f->model->arena;
    if (p->slack < WORTH_BYTES)
        return;
    const char *name = p->first->name ? p->first->name : "a container";
    ms_finding finding = ms_finding_of("over_allocation", ms_severity_of(f->model, p->slack));
    finding.evidence = p->first->evidence;
    finding.bytes = p->slack;
    finding.blocks = p->count;
    finding.variable = p->first->name;
    finding.type = p->first->type;
    finding.site = p->first->site;
    finding.title = ms_arena_printf(arena, "%s: %s of its room is not in use", name,
                                    ms_human_share(p->slack, p->capacity).text);
    finding.detail = ms_arena_printf(
        arena, "%s live at the end %s room for %s bytes and use %s of them",
        p->count == 1 ? "one" : ms_human_count(p->count).text, p->count == 1 ? "has" : "have",
        ms_human_count(p->capacity).text, ms_human_count(p->capacity - p->slack).text);
    finding.advice = "reserve what is needed, or give back what is left when it is filled";
    ms_findings_add(f, finding);
}

/* Containers of one place are one finding; the first places will do. */
static void look_at_containers(ms_findings *f) {
    const ms_model *m = f->model;
    place places[PLACES_MAX] = {0};
    size_t count = 0;
    for (size_t i = 0; i < m->containers.count; i++) {
        const ms_container *c = &m->containers.items[i];
        size_t at = 0;
        while (at < count && !same_place(places[at].first, c))
            at++;
        if (!is_mostly_empty(c) || at == PLACES_MAX)
            continue;
        count += at == count;
        places[at].first = c;
        places[at].count++;
        places[at].capacity += c->capacity;
        places[at].slack += c->slack_bytes;
    }
    for (size_t i = 0; i < count; i++)
        report(f, &places[i]);
}

static void detect(ms_findings *f) {
    for (size_t i = 0; i < f->model->types.count; i++)
        look_at_type(f, &f->model->types.items[i]);
    look_at_containers(f);
}

const ms_detector ms_detector_excess = {.name = "excess", .detect = detect};
