/* What libuv calls in the place of the program's callbacks. */
#include "adapt/uv.h"

#include "capture/home.h"

/* All is in `f`: the memory of a handle or a request may be another's before its last callback is back. */
static long call(const ms_followed *f, unsigned which, long b, long c, long d, long e) {
    ms_callback *callback = (ms_callback *)f->callbacks[which];
    return callback ? ms_unit_run(&f->unit, callback, (long)f->key, b, c, d, e, 0) : 0;
}

/* One of several times. */
static inline long call_again(long key, unsigned which, long b, long c, long d, long e) {
    ms_followed f;
    if (!ms_table_get((const void *)key, &f))
        return 0;
    if (ms_unit_tell(&f.unit))
        ms_table_put(&f);
    return call(&f, which, b, c, d, e);
}

static inline long call_last(long key, unsigned which, long b, long c, long d, long e) {
    ms_followed f;
    if (!ms_table_take((const void *)key, &f))
        return 0;
    ms_unit_tell(&f.unit);
    long result = call(&f, which, b, c, d, e);
    ms_unit_end(&f.unit);
    return result;
}

#define STAND_IN(name, how, which)                                                                 \
    static long name(long key, long b, long c, long d, long e, long unused) {                      \
        (void)unused;                                                                              \
        return how(key, which, b, c, d, e);                                                        \
    }
STAND_IN(on_main, call_again, MS_UV_MAIN)
STAND_IN(on_alloc, call_again, MS_UV_ALLOC)
STAND_IN(on_close, call_last, MS_UV_CLOSE)
STAND_IN(on_work, call_again, MS_UV_WORK)
STAND_IN(on_done, call_last, MS_UV_DONE)

static ms_callback *const of_handle[] = {
    [MS_UV_MAIN] = on_main, [MS_UV_ALLOC] = on_alloc, [MS_UV_CLOSE] = on_close};
static ms_callback *const of_request[] = {[MS_UV_DONE] = on_done, [MS_UV_WORK] = on_work};

/* None, or one of these: libuv starts a handle again by itself, with what it was given. */
static bool is_nobodys(const void *callback) {
    bool found = !callback;
    for (unsigned i = 0; i < sizeof of_handle / sizeof *of_handle; i++)
        found |= callback == (const void *)of_handle[i];
    return found;
}

static void *follow(ms_uv_start *start, unsigned which, void *callback, ms_callback *stand_in) {
    start->now.callbacks[which] = callback;
    return ms_table_put(&start->now) ? (void *)stand_in : callback;
}

void *ms_uv_handle_more(ms_uv_start *start, unsigned which, void *callback) {
    bool needed = callback || which == MS_UV_CLOSE; /* that is the end of its task, called or not */
    return needed ? follow(start, which, callback, of_handle[which]) : NULL;
}

void *ms_uv_request_more(ms_uv_start *start, unsigned which, void *callback) {
    bool needed = callback || which == MS_UV_DONE;
    return needed ? follow(start, which, callback, of_request[which]) : NULL;
}

void *ms_uv_handle(ms_uv_start *start, const void *handle, unsigned which, void *callback,
                   struct memscope_place *kind, const uint64_t *frame) {
    start->was_followed = ms_table_get(handle, &start->before);
    start->now = start->was_followed ? start->before : (ms_followed){.key = handle};
    if (is_nobodys(callback))
        return callback;
    if (start->was_followed)
        ms_unit_again(&start->now.unit);
    else
        start->now.unit = ms_unit_of_handle(kind, callback, frame);
    return ms_uv_handle_more(start, which, callback);
}

static ms_unit unit_of_request(const void *owner, const void *callback, struct memscope_place *kind,
                               const uint64_t *frame) {
    ms_followed f;
    if (!ms_home_task() && owner && ms_table_get(owner, &f))
        return (ms_unit){.task = f.unit.task};
    return ms_unit_of_request(kind, callback, frame);
}

void *ms_uv_request(ms_uv_start *start, const void *request, const void *owner, void *callback,
                    struct memscope_place *kind, const uint64_t *frame) {
    start->was_followed = false; /* whatever was here is done */
    start->now = (ms_followed){.key = request};
    if (!callback)
        return NULL;
    start->now.unit = unit_of_request(owner, callback, kind, frame);
    return ms_uv_request_more(start, MS_UV_DONE, callback);
}

int ms_uv_started(ms_uv_start *start, int result) {
    if (result >= 0)
        return result;
    if (start->was_followed) {
        ms_table_put(&start->before);
    } else {
        ms_table_take(start->now.key, NULL);
        ms_unit_end(&start->now.unit);
    }
    return result;
}
