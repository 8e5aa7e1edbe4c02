/* async_uv.c - 50 tasks on libuv: timers on the loop's thread, work on the pool's.
 *
 *     memscope run --strategy async -- build/examples/async_uv
 *
 * libuv knows nothing of memscope: each callback switches to the task it belongs to, and back. A task
 * starts on a timer, has its work done on a thread of the pool, and finishes on the loop; what it
 * allocates belongs to it wherever that is. Every tenth task keeps its result.
 *
 * Its books: for each task what was allocated, one by one and in all, and what is left. */
#include <string.h>
#include <uv.h>

#include "memscope.h"
#include "example.h"

enum { TASKS = 50, KEEP_EVERY = 10 };

struct job {
    uint64_t task;
    unsigned number;
    uv_timer_t timer;
    uv_work_t work;
    char *input, *result;
    struct books books;
};

static struct job jobs[TASKS];
static unsigned finished;

static size_t input_size(const struct job *job) {
    return 200 + 10 * job->number;
}

/* On a thread of the pool. */
static void digest(uv_work_t *work) {
    struct job *job = work->data;
    memscope_task_switch(job->task);
    char *result = take(&job->books, input_size(job) / 2);
    MEMSCOPE_TRACK(result);
    for (size_t i = 0; i < input_size(job) / 2; i++)
        result[i] = (char)(job->input[2 * i] ^ job->input[2 * i + 1]);
    job->result = result;
    memscope_task_switch(0);
}

static void finish(uv_work_t *work, int status) {
    struct job *job = work->data;
    NEED(status == 0);
    memscope_task_switch(job->task);
    give_back(&job->books, job->input, input_size(job));
    if (job->number % KEEP_EVERY != 0)
        give_back(&job->books, job->result, input_size(job) / 2);
    memscope_task_end(job->task);
    memscope_task_switch(0);
    finished++;
}

static void start(uv_timer_t *timer) {
    struct job *job = timer->data;
    memscope_task_switch(job->task);
    job->input = take(&job->books, input_size(job));
    memset(job->input, 'a' + (int)(job->number % 26), input_size(job));
    memscope_task_switch(0);
    NEED(uv_queue_work(timer->loop, &job->work, digest, finish) == 0);
    uv_close((uv_handle_t *)timer, NULL);
}

static void begin(uv_loop_t *loop, struct job *job, unsigned number) {
    job->number = number;
    job->timer.data = job->work.data = job;
    job->task = MEMSCOPE_TASK_BEGIN("digest");
    NEED(uv_timer_init(loop, &job->timer) == 0);
    NEED(uv_timer_start(&job->timer, start, 1 + number % 5, 0) == 0);
}

int main(void) {
    uv_loop_t loop;
    struct books sum = {0};
    NEED(uv_loop_init(&loop) == 0);
    {
        MEMSCOPE_TASK("all");
        for (unsigned i = 0; i < TASKS; i++)
            begin(&loop, &jobs[i], i);
    }
    NEED(uv_run(&loop, UV_RUN_DEFAULT) == 0);
    NEED(uv_loop_close(&loop) == 0);
    NEED(finished == TASKS);

    printf("task.digest.each.bytes_allocated="); /* the jobs are in order of their size */
    for (unsigned i = 0; i < TASKS; i++) {
        printf("%s%" PRIu64, i == 0 ? "" : ",", jobs[i].books.bytes);
        add_books(&sum, &jobs[i].books);
    }
    printf("\ntask.digest.count=%d\n", TASKS);
    printf("task.digest.parent=all\n");
    printf("task.digest.zombies=0\n");
    printf("task.digest.live_blocks=%d\n", TASKS / KEEP_EVERY);
    printf("task.digest.freed_by_others=0\n");
    print_books("task.digest", &sum);
    printf("site.digest.allocations=%d\n", TASKS);
    printf("site.digest.live_bytes=%" PRIu64 "\n", sum.live_bytes);
    printf("variable.result.count=%d\n", TASKS);
    printf("variable.result.task=digest\n");
    printf("variable.result.alive=%d\n", TASKS / KEEP_EVERY);
    return 0;
}
