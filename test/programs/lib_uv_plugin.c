/* lib_uv_plugin.c - a plugin that brings libuv along: nobody else sees that. A timer takes 10 bytes, in its turn
 * sets off work that takes 20, and keeps all. */
#include <uv.h>

#include "victim.h"

int run_plugin(void);

static void on_work(uv_work_t *work) {
    (void)work;
    take(20);
}

static void on_worked(uv_work_t *work, int status) {
    (void)work;
    EXPECT(status == 0);
}

static void on_tick(uv_timer_t *timer) {
    static uv_work_t work;
    take(10);
    EXPECT(uv_queue_work(timer->loop, &work, on_work, on_worked) == 0);
    uv_close((uv_handle_t *)timer, NULL);
}

int run_plugin(void) {
    uv_loop_t loop;
    uv_timer_t timer;
    EXPECT(uv_loop_init(&loop) == 0 && uv_timer_init(&loop, &timer) == 0);
    EXPECT(uv_timer_start(&timer, on_tick, 1, 0) == 0);
    EXPECT(uv_run(&loop, UV_RUN_DEFAULT) == 0);
    return uv_loop_close(&loop);
}
