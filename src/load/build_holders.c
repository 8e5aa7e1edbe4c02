#include "load/build_holders.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"

/* ---- by stack --------------------------------------------------------------------------- */

static ms_holder row(const ms_words *w, uint64_t stack, uint64_t refs, uint64_t unrefs) {
    return (ms_holder){.refs = refs,
                       .unrefs = unrefs,
                       .balance = (int64_t)refs - (int64_t)unrefs,
                       .stack = ms_words_stack(w, stack, NULL)};
}

void ms_build_holders(const ms_words *w, const ms_reference_count *r, ms_smart_pointer *out) {
    const ms_holder_count *all = w->replay->notes.references.holders.items;
    ms_holder *items = ms_arena_alloc(w->model->arena, (r->holders.listed + 2u) * sizeof *items);
    size_t count = 0;
    if (!out->leaked && !out->over_released)
        return;
    if (r->made) {
        items[count] = row(w, r->made_stack, 0, 0);
        items[count++].made = true;
    }
    for (uint32_t i = r->holders.first; i; i = all[i - 1].next)
        items[count++] = row(w, all[i - 1].stack, all[i - 1].refs, all[i - 1].unrefs);
    if (r->wrong && !r->holders.first)
        items[count++] = row(w, r->wrong_stack, 0, r->wrong);
    out->holders.items = items;
    out->holders.count = count;
}

/* ---- by function ------------------------------------------------------------------------ */

static bool begins(const char *text, const char *with) {
    return text && strncmp(text, with, strlen(with)) == 0;
}

/* Inlined from a header, or in a library that drops what it was given. */
static bool is_glue(const ms_frame *frame) {
    static const char *const functions[] = {"memscope_", "g_object_", "g_set_object", "g_clear_",
                                            "glib_auto"};
    if (begins(frame->module, "libglib-2.0.so") || begins(frame->module, "libgobject-2.0.so"))
        return true;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (begins(frame->function, functions[i]))
            return true;
    return false;
}

const ms_frame *ms_holder_frame(const ms_model *model, uint32_t stack) {
    const ms_stack *s = ms_model_stack(model, stack);
    if (!s || !s->count)
        return NULL;
    uint32_t at = 0;
    while (at + 1 < s->count && is_glue(&s->frames[at]))
        at++;
    return is_glue(&s->frames[at]) ? &s->frames[0] : &s->frames[at];
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Without a name, each address in a module is a function. */
static bool same_function(const ms_model *m, const ms_holder *a, const ms_holder *b) {
    const ms_frame *x = ms_holder_frame(m, a->stack), *y = ms_holder_frame(m, b->stack);
    if (!x || !y)
        return x == y;
    return same_text(x->module, y->module) && same_text(x->function, y->function) &&
           (x->function || x->address == y->address);
}

static void merge(ms_holder *to, const ms_holder *from) {
    if (!to->refs && from->refs)
        to->stack = from->stack;
    to->refs += from->refs;
    to->unrefs += from->unrefs;
    to->balance += from->balance;
    to->made |= from->made;
}

/* Most kept first; of as many, who was heard of last, whose reference had the least time to be dropped elsewhere. */
static int by_balance(const void *a, const void *b) {
    const ms_holder *x = a, *y = b;
    if (x->balance != y->balance)
        return x->balance < y->balance ? 1 : -1;
    if (x->made != y->made)
        return x->made ? -1 : 1;
    return (x->stack < y->stack) - (x->stack > y->stack);
}

static void name_holders(const ms_model *m, ms_smart_pointer *p) {
    ms_holder *items = p->holders.items;
    size_t count = 0;
    for (size_t i = 0; i < p->holders.count; i++) {
        size_t at = 0;
        while (at < count && !same_function(m, &items[at], &items[i]))
            at++;
        if (at < count)
            merge(&items[at], &items[i]);
        else
            items[count++] = items[i];
    }
    for (size_t i = 0; i < count; i++) {
        const ms_frame *frame = ms_holder_frame(m, items[i].stack);
        items[i].function = frame ? frame->function : NULL;
        items[i].module = frame ? frame->module : NULL;
    }
    p->holders.count = count;
    if (count)
        qsort(items, count, sizeof *items, by_balance);
}

void ms_name_holders(ms_model *m) {
    for (size_t i = 0; i < m->smart_pointers.count; i++)
        name_holders(m, &m->smart_pointers.items[i]);
}
