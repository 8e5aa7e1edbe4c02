#include "load/forget.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

/* ---- histories -------------------------------------------------------------------------- */

static uint32_t longer(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* Of each history the first `steps` stay. Returns how many the longest has then. */
static uint32_t shorten(ms_notes *n, uint32_t steps) {
    uint32_t longest = ms_variables_shorten(&n->variables, steps);
    for (size_t i = 0; i < n->references.count; i++)
        longest = longer(longest, ms_acts_shorten(&n->acts, &n->references.items[i].acts, steps));
    for (size_t i = 0; i < n->passports.count; i++)
        longest = longer(longest, ms_acts_shorten(&n->acts, &n->passports.items[i].acts, steps));
    return longest;
}

/* ---- what is over ----------------------------------------------------------------------- */

static bool variable_is_over(const ms_notes *n, size_t index) {
    return n->variables.items[index].dead;
}

/* One of which something is wrong is what reports are for. */
static bool reference_is_over(const ms_notes *n, size_t index) {
    const ms_reference_count *object = &n->references.items[index];
    return object->dead && !ms_reference_wrong(object);
}

static bool passport_is_over(const ms_notes *n, size_t index) {
    unsigned custody = n->passports.items[index].custody;
    return custody == MS_CUSTODY_FREED_BY_OWNER || custody == MS_CUSTODY_FREED_BY_FOREIGN;
}

static bool container_is_over(const ms_notes *n, size_t index) {
    return n->containers.items[index].dead;
}

/* A list of things, and where anchors have the numbers of those that hang on them. */
typedef struct things {
    void *items;
    size_t *count, size;
    uint64_t *left_out;
    size_t anchor_member;
    bool (*is_over)(const ms_notes *notes, size_t index);
    uint32_t
        *now; /* number before, index + 1 -> number now; 0: it is forgotten. At first: a mark */
} things;

enum { LISTS = 4 };

/* Variables are the last: others name them. */
static void list_things(ms_notes *n, things lists[LISTS]) {
#define THINGS(table, number, over)                                                                \
    (things){.items = n->table.items,                                                              \
             .count = &n->table.count,                                                             \
             .size = sizeof *n->table.items,                                                       \
             .left_out = &n->table.left_out,                                                       \
             .anchor_member = offsetof(ms_anchor, number),                                         \
             .is_over = over}
    lists[0] = THINGS(references, reference, reference_is_over);
    lists[1] = THINGS(passports, passport, passport_is_over);
    lists[2] = THINGS(containers, container, container_is_over);
    lists[3] = THINGS(variables, variables, variable_is_over);
#undef THINGS
}

static uint32_t *number_at(const ms_notes *n, const things *t, size_t slot) {
    return (uint32_t *)((char *)&n->anchors.slots[slot] + t->anchor_member);
}

static size_t slots(const ms_notes *n) {
    return n->anchors.slots ? n->anchors.mask + 1 : 0;
}

/* What hangs on an address is marked: it may be spoken of again. */
static void mark(const ms_notes *n, things *t) {
    t->now = ms_memory_zeroed(*t->count + 1, sizeof *t->now);
    for (size_t i = 0; i < slots(n); i++)
        t->now[*number_at(n, t, i)] = 1;
    t->now[0] = 0;
}

static bool may_go(const ms_notes *n, const things *t, size_t index) {
    return !t->now[index + 1] && t->is_over(n, index);
}

static size_t count_over(const ms_notes *n, const things *t) {
    size_t over = 0;
    for (size_t i = 0; i < *t->count; i++)
        over += may_go(n, t, i);
    return over;
}

/* The newest `most` of those that are over stay. */
static void number(const ms_notes *n, things *t, size_t most) {
    size_t over = count_over(n, t);
    uint32_t kept = 0;
    for (size_t i = 0; i < *t->count; i++) {
        bool goes = over > most && may_go(n, t, i);
        over -= goes;
        t->now[i + 1] = goes ? 0 : ++kept;
    }
}

static void close_gaps(things *t) {
    char *items = t->items;
    size_t kept = 0;
    for (size_t i = 0; i < *t->count; i++)
        if (t->now[i + 1])
            memmove(items + kept++ * t->size, items + i * t->size, t->size);
    *t->left_out += *t->count - kept;
    *t->count = kept;
}

static void hang_anew(ms_notes *n, const things *t) {
    for (size_t i = 0; i < slots(n); i++)
        *number_at(n, t, i) = t->now[*number_at(n, t, i)];
}

/* The names that variables have among themselves, and those that objects have from them. */
static void name_anew(ms_notes *n, const uint32_t *now) {
    ms_variables *v = &n->variables;
    size_t kept = 0;
    for (size_t i = 0; i < v->count; i++)
        v->items[i].next = now[v->items[i].next];
    for (size_t i = 0; i < v->heir_count; i++) {
        ms_heir heir = v->heirs[i];
        heir.owner = now[heir.owner];
        heir.heir = now[heir.heir];
        if (heir.owner && heir.heir)
            v->heirs[kept++] = heir;
    }
    v->heir_count = kept;
    for (size_t i = 0; i < n->references.count; i++)
        n->references.items[i].variable = now[n->references.items[i].variable];
}

/* Of each list the newest `most` of those that are over stay. */
static void forget_over(ms_notes *n, size_t most) {
    things lists[LISTS];
    list_things(n, lists);
    for (unsigned i = 0; i < LISTS; i++) {
        mark(n, &lists[i]);
        number(n, &lists[i], most);
        close_gaps(&lists[i]);
        hang_anew(n, &lists[i]);
    }
    name_anew(n, lists[LISTS - 1].now);
    for (unsigned i = 0; i < LISTS; i++)
        free(lists[i].now);
}

static size_t most_over(ms_notes *n) {
    things lists[LISTS];
    size_t most = 0;
    list_things(n, lists);
    for (unsigned i = 0; i < LISTS; i++) {
        mark(n, &lists[i]);
        size_t over = count_over(n, &lists[i]);
        most = over > most ? over : most;
        free(lists[i].now);
    }
    return most;
}

/* ---- the door --------------------------------------------------------------------------- */

/* As before; false: nothing was. */
static bool forget_again(ms_notes *n) {
    if (n->step_limit)
        shorten(n, n->step_limit - 1);
    if (n->over_limit)
        forget_over(n, n->over_limit - 1);
    return n->step_limit || n->over_limit;
}

bool ms_forget(ms_replay *r, bool enough) {
    ms_notes *n = &r->notes;
    if (enough && forget_again(n))
        return true;
    uint32_t longest = shorten(n, UINT32_MAX);
    if (longest) {
        n->step_limit = longest / 2 + 1;
        shorten(n, longest / 2);
        return true;
    }
    size_t over = most_over(n);
    if (over == 0)
        return false;
    n->step_limit = 1; /* nobody has any, and nobody shall */
    n->over_limit = (uint32_t)(over / 2) + 1;
    forget_over(n, over / 2);
    return true;
}
