/* pool_tasks.c - a pool of four threads that are made for the task "service": each takes 5 bytes for itself, and
 * 7 when it is done. 20 jobs, each a task that main() begins and a worker goes on with, take 100 bytes in main()
 * and 10 in the worker, which frees the 100. All else is kept. */
#include <memscope.h>

#include <pthread.h>

#include "victim.h"

enum { WORKERS = 4, JOBS = 20 };

struct job {
    uint64_t task;
    void *input;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct job jobs[JOBS];
static int next;

static struct job *take_job(void) {
    pthread_mutex_lock(&lock);
    struct job *job = next < JOBS ? &jobs[next++] : NULL;
    pthread_mutex_unlock(&lock);
    return job;
}

static void *work(void *unused) {
    uint64_t own = memscope_task_current();
    void *first = take(5);
    MEMSCOPE_TRACK(first);
    for (struct job *job; (job = take_job());) {
        memscope_task_switch(job->task);
        take(10);
        free(job->input);
        memscope_task_end(job->task);
        memscope_task_switch(own);
    }
    void *last = take(7);
    MEMSCOPE_TRACK(last);
    return unused;
}

int main(void) {
    pthread_t workers[WORKERS];
    for (int i = 0; i < JOBS; i++) {
        jobs[i].task = MEMSCOPE_TASK_BEGIN("job");
        memscope_task_switch(jobs[i].task);
        jobs[i].input = take(100);
        memscope_task_switch(0);
    }
    {
        MEMSCOPE_TASK("service");
        for (int i = 0; i < WORKERS; i++)
            EXPECT(pthread_create(&workers[i], NULL, work, NULL) == 0);
        for (int i = 0; i < WORKERS; i++)
            EXPECT(pthread_join(workers[i], NULL) == 0);
    }
    say("pool_tasks done\n");
    return 0;
}
