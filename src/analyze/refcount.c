/* Counted objects that nobody let go, and those that were let go too often, each with the function that kept
 * or dropped the reference. One finding for all objects of a type with the same function. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyze.h"
#include "util/arena.h"
#include "util/human.h"

#define GROUPS 32 /* findings at most */

/* A library keeps some objects for itself until the end: as many are no news. */
#define KEPT_BY_LIBRARY 16

/* What findings are about, as far as it is the same. */
typedef struct group {
    const char *type, *kind, *function, *module;
    const char *rivals; /* " or draw": who has kept as many; NULL: nobody */
    bool over;          /* dropped too often; else still held */
    bool made;          /* by the function, which took no reference but the first */
    uint64_t objects, bytes, refs, unrefs, unseen;
    uint64_t kept_by_library; /* of the objects */
    uint64_t count_offset;    /* where all have their count; MS_UNKNOWN: nobody has said */
    const char *name;         /* of the first that has one */
    uint32_t stack;           /* of the first */
} group;

typedef struct finder {
    const ms_model *model;
    group groups[GROUPS];
    size_t count;
    group rest[2]; /* what there is no group for: held, dropped too often */
} finder;

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* ---- who did it ------------------------------------------------------------------------- */

/* Of a held object who kept most, or else its maker; of the others who dropped most. NULL: nobody is known. */
static const ms_holder *culprit(const ms_smart_pointer *p, bool over) {
    size_t count = p->holders.count;
    const ms_holder *items = p->holders.items;
    if (!count)
        return NULL;
    if (over)
        return &items[count - 1];
    for (size_t i = 0; i < count && items[0].balance <= 0; i++)
        if (items[i].made)
            return &items[i];
    return &items[0];
}

static const char *name_of(const char *function, const char *module, ms_arena *arena) {
    return function || !module ? function : ms_arena_printf(arena, "code in %s", module);
}

/* Those who took as many more than they dropped as the first of the holders. Where fewer are held than all of them
 * have kept, others have dropped some for them: who still has one is not known. */
static const char *rivals_of(const ms_model *m, const ms_smart_pointer *p, bool over) {
    const ms_holder *items = p->holders.items;
    size_t count = p->holders.count, tied = 1;
    if (over || !count || items[0].balance <= 0)
        return NULL;
    while (tied < count && items[tied].balance == items[0].balance)
        tied++;
    const char *other = tied > 1 ? name_of(items[1].function, items[1].module, m->arena) : NULL;
    if (!other)
        return NULL;
    const char *word = (int64_t)p->held < (int64_t)tied * items[0].balance ? "or" : "and";
    return tied == 2 ? ms_arena_printf(m->arena, " %s %s", word, other)
                     : ms_arena_printf(m->arena, " %s %s %s %zu more", word, other, word, tied - 2);
}

static const char *path_of(const ms_model *m, const char *module) {
    for (size_t i = 0; i < m->modules.count; i++)
        if (same_text(m->modules.items[i].module, module))
            return m->modules.items[i].path;
    return NULL;
}

/* Code of the program, or of a library that is not the system's. */
static bool is_own(const ms_model *m, const char *module) {
    const char *path = module ? path_of(m, module) : NULL;
    bool systems = path && (strncmp(path, "/usr/lib/", 9) == 0 || strncmp(path, "/lib/", 5) == 0);
    return path && (!systems || same_text(path, m->program.executable));
}

/* No code of the program's own has ever held it, or all of that has let it go. */
static bool is_kept_by_library(const ms_model *m, const ms_smart_pointer *p) {
    if (!p->kind || strcmp(p->kind, "gobject") != 0)
        return false;
    if (p->held == 0)
        return true;
    for (size_t i = 0; i < p->holders.count; i++)
        if (!p->holders.items[i].module || is_own(m, p->holders.items[i].module))
            return false;
    return p->holders.count > 0;
}

/* ---- groups ----------------------------------------------------------------------------- */

static bool belongs(const group *g, const ms_smart_pointer *p, const ms_holder *holder,
                    const char *rivals, bool over) {
    return g->over == over && same_text(g->rivals, rivals) && same_text(g->type, p->type) &&
           same_text(g->kind, p->kind) &&
           same_text(g->function, holder ? holder->function : NULL) &&
           same_text(g->module, holder ? holder->module : NULL);
}

static group *group_of(finder *f, const ms_smart_pointer *p, const ms_holder *holder, bool over) {
    const char *rivals = rivals_of(f->model, p, over);
    size_t at = 0;
    while (at < f->count && !belongs(&f->groups[at], p, holder, rivals, over))
        at++;
    if (at == GROUPS)
        return &f->rest[over];
    if (at == f->count)
        f->groups[f->count++] = (group){.type = p->type,
                                        .kind = p->kind,
                                        .function = holder ? holder->function : NULL,
                                        .module = holder ? holder->module : NULL,
                                        .rivals = rivals,
                                        .over = over,
                                        .made = holder && holder->made && !holder->refs,
                                        .count_offset = p->count_offset,
                                        .stack = holder ? holder->stack : MS_NO_STACK};
    return &f->groups[at];
}

static void add(finder *f, const ms_smart_pointer *p, bool over) {
    const ms_holder *holder = culprit(p, over);
    group *g = group_of(f, p, holder, over);
    g->objects++;
    g->kept_by_library += is_kept_by_library(f->model, p);
    g->bytes += p->size == MS_UNKNOWN ? 0 : p->size;
    g->refs += holder ? holder->refs + holder->made : 0; /* the first one, too */
    g->unrefs += holder ? holder->unrefs : 0;
    g->unseen += p->untracked > 0 ? (uint64_t)p->untracked : 0;
    if (p->count_offset != g->count_offset)
        g->count_offset = MS_UNKNOWN;
    if (!g->name)
        g->name = p->name;
}

/* ---- words ------------------------------------------------------------------------------ */

static const char *text(const ms_model *m, const char *before, const char *value) {
    return value ? ms_arena_printf(m->arena, "%s%s", before, value) : "";
}

static const char *who(const ms_model *m, const group *g) {
    const char *name = name_of(g->function, g->module, m->arena);
    return name && g->rivals ? ms_arena_printf(m->arena, "%s%s", name, g->rivals) : name;
}

/* "2 counted objects (Widget) with references left at the end, taken in leaky_owner, such as w". */
static const char *title(const ms_model *m, const group *g) {
    const char *where = g->over ? ", last in " : g->made ? ", made in " : ", taken in ";
    return ms_arena_printf(m->arena, "%s counted object%s%s%s%s %s%s%s",
                           ms_human_count(g->objects).text, g->objects == 1 ? "" : "s",
                           g->type ? " (" : "", g->type ? g->type : "", g->type ? ")" : "",
                           g->over ? "released too often" : "with references left at the end",
                           text(m, where, who(m, g)), text(m, ", such as ", g->name));
}

static const char *count(ms_arena *arena, uint64_t value, const char *noun) {
    return ms_arena_printf(arena, "%s %s%s", ms_human_count(value).text, noun,
                           value == 1 ? "" : "s");
}

static const char *detail(const ms_model *m, const group *g) {
    const char *name = who(m, g);
    if (g->over)
        return "more references were dropped than were taken";
    const char *unseen =
        g->unseen ? ms_arena_printf(m->arena,
                                    "; %s more, by their own count, that nobody was seen to take",
                                    ms_human_count(g->unseen).text)
                  : "";
    if (!name)
        return ms_arena_printf(m->arena, "fewer references were dropped than were taken%s", unseen);
    if (g->made)
        return ms_arena_printf(m->arena,
                               "%s made them, and nobody kept a reference that was taken later%s",
                               name, unseen);
    if (g->rivals)
        return ms_arena_printf(m->arena, "%s took more than was dropped there%s", name, unseen);
    return ms_arena_printf(m->arena, "%s took %s of them and dropped %s%s", name,
                           count(m->arena, g->refs, "reference"), ms_human_count(g->unrefs).text,
                           unseen);
}

static const char *what_to_do(const ms_model *m, const group *g) {
    const char *name = who(m, g);
    if (g->over)
        return "look in the history for the drop that has no ref before it";
    if (!name)
        return "look in the history for the ref that has no drop behind it";
    return g->made ? "find out who owns them in the end, and drop the first reference there"
                   : ms_arena_printf(m->arena,
                                     "drop what %s took where it is done, or where it goes", name);
}

/* A count whose place the program has told can be watched, with all that change it in silence. */
static const char *advice(const ms_model *m, const group *g) {
    const char *advice = what_to_do(m, g);
    if (g->count_offset == MS_UNKNOWN)
        return advice;
    return ms_arena_printf(m->arena,
                           "%s; a debugger's watchpoint on the count, %" PRIu64
                           " bytes from the start of a %s, stops at whoever changes it",
                           advice, g->count_offset, g->type);
}

static void report(ms_findings *f, const group *g) {
    ms_finding finding = ms_finding_of("refcount", g->over ? "high" : "medium");
    finding.evidence = "derived";
    finding.bytes = g->bytes;
    finding.blocks = g->objects;
    finding.title = title(f->model, g);
    finding.detail = detail(f->model, g);
    finding.advice = advice(f->model, g);
    finding.variable = g->name;
    finding.type = g->type;
    *(g->over ? &finding.stacks.free : &finding.stacks.alloc) = g->stack;
    ms_findings_add(f, finding);
}

/* Of one that the program forgets time and again there are more than a library keeps. */
static bool is_news(const group *g) {
    return g->over || g->kept_by_library < g->objects || g->objects > KEPT_BY_LIBRARY;
}

static void detect(ms_findings *findings) {
    const ms_model *m = findings->model;
    const group rest = {.stack = MS_NO_STACK, .count_offset = MS_UNKNOWN};
    finder f = {.model = m, .rest = {rest, rest}};
    f.rest[1].over = true;
    for (size_t i = 0; i < m->smart_pointers.count; i++) {
        const ms_smart_pointer *p = &m->smart_pointers.items[i];
        if (p->leaked)
            add(&f, p, false);
        if (p->over_released)
            add(&f, p, true);
    }
    for (size_t i = 0; i < f.count; i++)
        if (is_news(&f.groups[i]))
            report(findings, &f.groups[i]);
    for (size_t i = 0; i < 2; i++)
        if (f.rest[i].objects && is_news(&f.rest[i]))
            report(findings, &f.rest[i]);
}

const ms_detector ms_detector_refcount = {.name = "refcount", .detect = detect};
