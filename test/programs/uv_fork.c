/* uv_fork.c - a timer is started, then the process forks: in both it takes 10 bytes. */
#include <sys/wait.h>
#include <uv.h>

#include "victim.h"

static void on_tick(uv_timer_t *timer) {
    take(10);
    uv_close((uv_handle_t *)timer, NULL);
}

int main(void) {
    uv_timer_t timer;
    int status;
    EXPECT(uv_timer_init(uv_default_loop(), &timer) == 0);
    EXPECT(uv_timer_start(&timer, on_tick, 1, 0) == 0);
    pid_t pid = fork();
    EXPECT(pid >= 0);
    if (pid == 0)
        EXPECT(uv_loop_fork(uv_default_loop()) == 0);
    EXPECT(uv_run(uv_default_loop(), UV_RUN_DEFAULT) == 0);
    if (pid > 0)
        EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
    return 0;
}
