/* uv_tails.c - callbacks that end in a jump to libuv, so that it seems to be called by whoever called them. 100
 * timers, one after the other, at one address; each takes 10 bytes and keeps them. The last turn of the loop
 * closes by uv_walk() what is left, a timer that takes nothing. Built with -O2. */
#include <uv.h>

#include "victim.h"

enum { TIMERS = 100 };

static uv_timer_t timer, idle;

static void begin(void);

static void on_gone(uv_handle_t *handle) {
    (void)handle;
    begin();
}

static void on_tick(uv_timer_t *handle) {
    take(10);
    uv_close((uv_handle_t *)handle, on_gone);
}

static void close_all(uv_handle_t *handle, void *argument) {
    (void)argument;
    uv_close(handle, NULL);
}

static void never(uv_timer_t *handle) {
    (void)handle;
    EXPECT(0);
}

static void begin(void) {
    static int begun;
    if (begun++ == TIMERS) {
        uv_walk(uv_default_loop(), close_all, NULL);
        return;
    }
    EXPECT(uv_timer_init(uv_default_loop(), &timer) == 0);
    EXPECT(uv_timer_start(&timer, on_tick, 0, 0) == 0);
}

static void set_up(void) {
    EXPECT(uv_timer_init(uv_default_loop(), &idle) == 0);
    uv_timer_start(&idle, never, 1000000, 0);
}

int main(void) {
    static uv_once_t guard = UV_ONCE_INIT;
    uv_once(&guard, set_up);
    uv_once(&guard, set_up);
    begin();
    EXPECT(uv_run(uv_default_loop(), UV_RUN_DEFAULT) == 0);
    EXPECT(uv_loop_close(uv_default_loop()) == 0);
    return 0;
}
