/* What libevent calls in the place of the program's callbacks, where it has one argument for them. */
#include "adapt/event.h"

ms_closure *ms_event_handle(struct memscope_place *kind, void *callback, void *argument,
                            const uint64_t *frame, const void *caller) {
    ms_unit unit;
    if (!callback || ms_route_is_inside(caller))
        return NULL;
    if (!ms_closure_renews(callback, argument, &unit))
        unit = ms_unit_of_handle(kind, callback, frame);
    return ms_closure_new(unit, callback, argument);
}

ms_closure *ms_event_request(struct memscope_place *kind, void *callback, void *argument,
                             const uint64_t *frame, const void *caller) {
    if (!callback || ms_route_is_inside(caller))
        return NULL;
    return ms_closure_new(ms_unit_of_request(kind, callback, frame), callback, argument);
}

/* Which of the arguments it is depends on the callback. */
long ms_event_call_last(long a, long b, long c, long d, long e, long f) {
    const long arguments[] = {a, b, c, d, e, f};
    long result = ms_closure_call(a, b, c, d, e, f);
    unsigned i = 0;
    while (i < 6 && !ms_closure_is(arguments[i]))
        i++;
    if (i < 6)
        ms_closure_unref((void *)arguments[i]);
    return result;
}

ms_closure *ms_event_kept(const void *key, unsigned which) {
    ms_followed row;
    return ms_table_get(key, &row) ? row.callbacks[which] : NULL;
}

static bool is_empty(const ms_followed *row) {
    unsigned i = 0;
    while (i < MS_CALLBACKS && !row->callbacks[i])
        i++;
    return i == MS_CALLBACKS;
}

/* Without memory for the row it is never let go of. */
void ms_event_keep(const void *key, unsigned which, ms_closure *closure) {
    ms_followed row = {.key = key};
    bool known = ms_table_get(key, &row);
    ms_closure *before = row.callbacks[which];
    row.callbacks[which] = closure;
    if (!is_empty(&row))
        ms_table_put(&row);
    else if (known)
        ms_table_take(key, NULL);
    if (before)
        ms_closure_unref(before);
}

ms_followed ms_event_take(const void *key) {
    ms_followed row = {0};
    ms_table_take(key, &row);
    return row;
}

void ms_event_let_go(const ms_followed *row) {
    for (unsigned i = 0; i < MS_CALLBACKS; i++) {
        for (ms_closure *at = row->callbacks[i], *next; at; at = next) {
            next = at->next;
            ms_closure_unref(at);
        }
    }
}
