#include "export/text_notes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export/text_lives.h"
#include "export/text_passports.h"
#include "model/rank.h"
#include "util/human.h"

static const char *named(ms_page *page, const char *name) {
    return name ? ms_page_name(page, name, page->width / 3) : "(unnamed)";
}

static size_t limit(size_t count, size_t top) {
    return top && top < count ? top : count;
}

/* What is not known counts as nothing. */
static uint64_t known(uint64_t value) {
    return value == MS_UNKNOWN ? 0 : value;
}

static const char *bytes(ms_page *page, uint64_t value, uint64_t error) {
    return ms_arena_printf(page->arena, "%s", ms_human_bytes_within(value, error).text);
}

/* ---- variables -------------------------------------------------------------------------- */

static void variables(ms_page *page, size_t top) {
    const ms_model *m = page->model;
    size_t count = m->variable_groups.count, shown = limit(count, top);
    uint64_t tracked = 0;
    if (!count)
        return;
    for (size_t i = 0; i < count; i++)
        tracked += m->variable_groups.items[i].variables;
    ms_page_title(page, "Variables",
                  ms_arena_printf(page->arena, "%s tracked, by what is live at exit",
                                  ms_page_plural(page, tracked, "variable")));
    for (size_t i = 0; i < shown; i++) {
        const ms_variable_group *g = &m->variable_groups.items[i];
        ms_page_row(page, bytes(page, g->live_bytes, MS_UNKNOWN), named(page, g->name),
                    ms_arena_printf(page->arena, "%s live of %s%s%s; %s at the peak",
                                    ms_human_count(g->live_variables).text,
                                    ms_human_count(g->variables).text, g->type ? ", " : "",
                                    g->type ? named(page, g->type) : "",
                                    ms_human_bytes(g->peak_bytes).text));
    }
    ms_page_rest(page, count - shown);
}

/* ---- scopes and tasks ------------------------------------------------------------------- */

static int by_scope_bytes(const void *a, const void *b) {
    const ms_scope *x = *(const ms_scope *const *)a, *y = *(const ms_scope *const *)b;
    if (x->bytes_allocated != y->bytes_allocated)
        return x->bytes_allocated < y->bytes_allocated ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

static void scope(ms_page *page, const ms_scope *s) {
    ms_page_row(page, bytes(page, s->bytes_allocated, s->bytes_allocated_error),
                named(page, s->scope),
                ms_arena_printf(
                    page->arena, "entered %s; %s, %s live at exit",
                    ms_page_plural(page, s->entered, "time"),
                    ms_page_plural_within(page, s->allocations, s->allocations_error, "allocation"),
                    bytes(page, s->live_bytes, s->live_bytes_error)));
}

static void scopes(ms_page *page, size_t top) {
    const ms_model *m = page->model;
    size_t count = m->scopes.count, shown = limit(count, top);
    if (!count)
        return;
    const ms_scope **order = ms_arena_alloc(page->arena, count * sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = &m->scopes.items[i];
    qsort(order, count, sizeof *order, by_scope_bytes);
    ms_page_title(page, "Scopes", "by what was allocated in them and within");
    for (size_t i = 0; i < shown; i++)
        scope(page, order[i]);
    ms_page_rest(page, count - shown);
}

static const char *never_ended(ms_page *page, const ms_task_group *g) {
    if (!g->zombies)
        return "";
    return g->tasks == 1
               ? "; never ended"
               : ms_arena_printf(page->arena, "; %s never ended", ms_human_count(g->zombies).text);
}

static const char *group_name(ms_page *page, const ms_task_group *g) {
    if (g->task)
        return named(page, g->task);
    return g->tasks == 1 ? ms_arena_printf(page->arena, "task %llu", (unsigned long long)g->largest)
                         : "(no name)";
}

static const char *of_one(ms_page *page, const ms_task_group *g) {
    return ms_arena_printf(page->arena, "of %s allocated, at most %s at one time",
                           bytes(page, g->bytes_allocated, g->bytes_allocated_error),
                           bytes(page, g->max_peak_bytes, g->max_peak_bytes_error));
}

static const char *of_many(ms_page *page, const ms_task_group *g) {
    const char *count = ms_page_plural(page, g->tasks, "task");
    const char *all = bytes(page, g->bytes_allocated, g->bytes_allocated_error);
    if (!g->bytes_allocated || g->p50_bytes == MS_UNKNOWN)
        return ms_arena_printf(page->arena, "%s, %s allocated", count, all);
    return ms_arena_printf(page->arena, "%s, %s allocated: half took up to %s, the largest %s",
                           count, all, ms_human_bytes(g->p50_bytes).text,
                           ms_human_bytes(g->max_bytes).text);
}

static void task_group(ms_page *page, const ms_task_group *g) {
    const char *remark = g->tasks == 1 ? of_one(page, g) : of_many(page, g);
    ms_page_row(page, bytes(page, g->live_bytes, g->live_bytes_error), group_name(page, g),
                ms_arena_printf(page->arena, "%s%s", remark, never_ended(page, g)));
}

static void tasks(ms_page *page, size_t top) {
    const ms_model *m = page->model;
    size_t count = m->task_groups.count, shown = limit(count, top);
    uint64_t all = m->tasks.count + m->capture.tasks_left_out;
    if (!count)
        return;
    ms_page_title(page, "Tasks",
                  ms_arena_printf(page->arena, "%s%s, by what is live at exit",
                                  ms_page_plural(page, all, "task"),
                                  count < all ? " by name" : ""));
    for (size_t i = 0; i < shown; i++)
        task_group(page, &m->task_groups.items[i]);
    ms_page_rest(page, count - shown);
}

/* ---- tags ------------------------------------------------------------------------------- */

static void tags(ms_page *page, size_t top) {
    const ms_model *m = page->model;
    size_t count = m->tags.count, shown = limit(count, top);
    if (!count)
        return;
    ms_page_title(page, "Tags", "by what is live at exit of the blocks that have them");
    for (size_t i = 0; i < shown; i++) {
        const ms_tag *t = &m->tags.items[i];
        ms_page_row(page, bytes(page, t->live_bytes, MS_UNKNOWN), named(page, t->tag),
                    ms_arena_printf(page->arena, "%s live of %s, %s in all; %s at the peak",
                                    ms_human_count(t->live_blocks).text,
                                    ms_page_plural(page, t->blocks, "block"),
                                    ms_human_bytes(t->bytes).text,
                                    ms_human_bytes(t->peak_bytes).text));
    }
    ms_page_rest(page, count - shown);
}

/* ---- containers ------------------------------------------------------------------------- */

/* Bytes are not copied where nothing has grown: what is not used weighs, too. */
static int by_cost(const void *a, const void *b) {
    const ms_container *x = *(const ms_container *const *)a, *y = *(const ms_container *const *)b;
    uint64_t x_cost = known(x->copied_bytes), y_cost = known(y->copied_bytes);
    if (x_cost != y_cost)
        return x_cost < y_cost ? 1 : -1;
    uint64_t x_slack = known(x->slack_bytes), y_slack = known(y->slack_bytes);
    if (x_slack != y_slack)
        return x_slack < y_slack ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

/* "grew 17 times, x2.0, to 128 KiB". */
static const char *growth(ms_page *page, const ms_container *c) {
    if (!c->growths)
        return c->capacity == MS_UNKNOWN ? "did not grow"
                                         : ms_arena_printf(page->arena, "has room for %s",
                                                           ms_human_bytes(c->capacity).text);
    return ms_arena_printf(
        page->arena, "grew %s%s, to %s", ms_page_plural(page, c->growths, "time"),
        isfinite(c->growth_factor) ? ms_arena_printf(page->arena, ", x%.2g", c->growth_factor) : "",
        ms_human_bytes(c->max_capacity).text);
}

static const char *filling(ms_page *page, const ms_container *c) {
    const char *slack =
        c->slack_bytes == MS_UNKNOWN
            ? ""
            : ms_arena_printf(page->arena, "; %s not in use", ms_human_bytes(c->slack_bytes).text);
    return isfinite(c->load_factor)
               ? ms_arena_printf(page->arena, "%s; load factor %.2f", slack, c->load_factor)
               : slack;
}

/* Arrays without a name are called by the function in which they grow. */
static const char *container_name(ms_page *page, const ms_container *c) {
    const ms_site *site = ms_model_site(page->model, c->site);
    const ms_stack *stack = site ? ms_model_stack(page->model, site->stack) : NULL;
    if (c->name || !stack || !stack->count)
        return named(page, c->name);
    return ms_page_function(page, &stack->frames[ms_blamed_frame(stack, true)], page->width / 3);
}

static const char *copied(ms_page *page, const ms_container *c) {
    return c->copied_bytes == MS_UNKNOWN ? "-" : bytes(page, c->copied_bytes, MS_UNKNOWN);
}

/* Each is counted where it grew first. */
static const char *array_count(ms_page *page, const ms_container *c) {
    return c->containers
               ? ms_arena_printf(page->arena, "%s, ", ms_page_plural(page, c->containers, "array"))
               : "arrays from elsewhere, ";
}

static void container(ms_page *page, const ms_container *c) {
    bool arrays = c->site != MS_UNKNOWN;
    ms_page_row(page, copied(page, c), container_name(page, c),
                ms_arena_printf(page->arena, "%s%s%s%s%s", arrays ? array_count(page, c) : "",
                                growth(page, c), filling(page, c),
                                c->name && c->function ? "; in " : "",
                                c->name && c->function ? named(page, c->function) : ""));
}

/* Arrays that cost next to nothing are only counted. */
static bool is_worth_a_line(const ms_model *m, const ms_container *c) {
    return c->site == MS_UNKNOWN || known(c->copied_bytes) >= m->summary.peak_bytes / 200;
}

/* Those worth a line, dearest first. */
static size_t order_containers(const ms_model *m, const ms_container **order) {
    size_t count = 0;
    for (size_t i = 0; i < m->containers.count; i++)
        if (is_worth_a_line(m, &m->containers.items[i]))
            order[count++] = &m->containers.items[i];
    if (count)
        qsort(order, count, sizeof *order, by_cost);
    return count;
}

static void containers(ms_page *page, size_t top) {
    const ms_model *m = page->model;
    const ms_container **order = ms_arena_alloc(page->arena, m->containers.count * sizeof *order);
    size_t shown = limit(order_containers(m, order), top);
    if (!shown)
        return;
    ms_page_title(page, "Containers", "by bytes copied while they grew");
    for (size_t i = 0; i < shown; i++)
        container(page, order[i]);
    ms_page_rest(page, m->containers.count - shown);
}

/* ---- counted objects -------------------------------------------------------------------- */

/* Those of one type, or of one kind where no type is known. */
typedef struct counted {
    const char *name;
    uint64_t objects, held, held_bytes, refs, max_count;
} counted;

enum { COUNTED_MAX = 64 }; /* the last takes what there are too many of */

static counted *counted_of(counted *all, size_t *count, const char *name) {
    for (size_t i = 0; i < *count; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    if (*count == COUNTED_MAX) {
        all[COUNTED_MAX - 1].name = "others";
        return &all[COUNTED_MAX - 1];
    }
    all[*count].name = name;
    return &all[(*count)++];
}

static int by_held(const void *a, const void *b) {
    const counted *x = a, *y = b;
    if (x->held_bytes != y->held_bytes)
        return x->held_bytes < y->held_bytes ? 1 : -1;
    if (x->held != y->held)
        return x->held < y->held ? 1 : -1;
    if (x->objects != y->objects)
        return x->objects < y->objects ? 1 : -1;
    return strcmp(x->name, y->name);
}

static size_t count_objects(const ms_model *m, counted *all) {
    size_t count = 0;
    for (size_t i = 0; i < m->smart_pointers.count; i++) {
        const ms_smart_pointer *p = &m->smart_pointers.items[i];
        const char *kind = p->kind ? p->kind : "foreign";
        counted *c = counted_of(all, &count, p->type ? p->type : kind);
        c->objects++;
        c->held += p->leaked;
        c->held_bytes += p->leaked ? known(p->size) : 0;
        c->refs += p->refs;
        if (known(p->max_count) > c->max_count)
            c->max_count = p->max_count;
    }
    return count;
}

static void objects(ms_page *page, size_t top) {
    counted all[COUNTED_MAX] = {0};
    size_t count = count_objects(page->model, all), shown = limit(count, top);
    if (!count)
        return;
    qsort(all, count, sizeof *all, by_held);
    ms_page_title(page, "Counted objects", "by what is held at exit");
    for (size_t i = 0; i < shown; i++)
        ms_page_row(page, bytes(page, all[i].held_bytes, MS_UNKNOWN), named(page, all[i].name),
                    ms_arena_printf(page->arena, "%s held of %s; %s taken, at most %s of one",
                                    ms_human_count(all[i].held).text,
                                    ms_human_count(all[i].objects).text,
                                    ms_page_plural(page, all[i].refs, "reference"),
                                    ms_human_count(all[i].max_count).text));
    if (page->model->capture.references_left_out)
        ms_sink_printf(page->sink, "%*s  beside %s that are dead, or too many\n", MS_PAGE_VALUE, "",
                       ms_page_plural(page, page->model->capture.references_left_out, "object"));
    ms_page_rest(page, count - shown);
}

/* ---- boundaries ------------------------------------------------------------------------- */

/* What modules release of their own is nothing to tell of. */
static void boundaries(ms_page *page, size_t top) {
    const ms_model *m = page->model;
    size_t count = 0, shown = 0;
    for (size_t i = 0; i < m->module_pairs.count; i++)
        count += m->module_pairs.items[i].crosses;
    if (!count)
        return;
    ms_page_title(page, "Boundaries", "blocks that one module allocates and another one releases");
    for (size_t i = 0; i < m->module_pairs.count && shown < limit(count, top); i++) {
        const ms_module_pair *p = &m->module_pairs.items[i];
        if (!p->crosses)
            continue;
        shown++;
        ms_page_row(page, bytes(page, p->bytes, MS_UNKNOWN), named(page, p->allocated_by),
                    ms_arena_printf(page->arena, "%s, released by %s",
                                    ms_page_plural(page, p->blocks, "block"),
                                    named(page, p->freed_by)));
    }
    ms_page_rest(page, count - shown);
}

/* ---- what is wrong ---------------------------------------------------------------------- */

static void findings(ms_page *page) {
    const ms_model *m = page->model;
    bool any = false;
    for (size_t i = 0; i < m->findings.count; i++) {
        const ms_finding *f = &m->findings.items[i];
        if (!f->title)
            continue;
        ms_page_put(page, MS_BOLD, any ? "" : "Findings:\n");
        any = true;
        ms_page_row(page, bytes(page, f->bytes, MS_UNKNOWN), named(page, f->kind),
                    ms_page_name(page, f->title, 0));
    }
    if (any)
        ms_sink_text(page->sink, "\n");
}

static void misuses(ms_page *page, size_t top) {
    const ms_model *m = page->model;
    size_t count = m->misuses.count, shown = limit(count, top);
    if (!count)
        return;
    ms_page_title(page, "Annotations that cannot be", "times, and where first");
    for (size_t i = 0; i < shown; i++) {
        const ms_misuse *misuse = &m->misuses.items[i];
        const char *kind = ms_page_name(page, misuse->kind, 0);
        ms_page_row(page, ms_arena_printf(page->arena, "%s", ms_human_count(misuse->count).text),
                    named(page, misuse->name),
                    misuse->function ? ms_arena_printf(page->arena, "%s, in %s", kind,
                                                       named(page, misuse->function))
                                     : kind);
    }
    ms_page_rest(page, count - shown);
}

void ms_text_notes(ms_page *page, size_t top) {
    variables(page, top);
    ms_text_lives(page, top);
    scopes(page, top);
    tasks(page, top);
    tags(page, top);
    containers(page, top);
    objects(page, top);
    boundaries(page, top);
    ms_text_passports(page, top);
    findings(page);
    misuses(page, top);
}
