#include "track/task.h"

#include "capture/control.h"
#include "capture/home.h"
#include "capture/state.h"
#include "track/note.h"

uint64_t ms_task_number(bool found) {
    return MS_FIRST_TASK + found +
           2 * atomic_fetch_add_explicit(&g_ms.tasks, 1, memory_order_relaxed);
}

uint64_t ms_task_begin(struct memscope_place *place) {
    uint64_t task = ms_task_number(false);
    ms_note(place, MS_NOTE_TASK_BEGIN, NULL, (const void *)ms_home_task(), 0, task);
    return task;
}

void ms_task_end(uint64_t task) {
    ms_note(NULL, MS_NOTE_TASK_END, NULL, NULL, 0, task);
    if (ms_home_task() == task)
        ms_control_task(0);
    ms_coroutine_end_of(task);
}

void ms_task_stack(uint64_t task, const void *base, size_t size) {
    uint64_t low = (uint64_t)base, high = low + size;
    ms_coroutine about = {.task = task, .made_for = task, .word = task};
    if (task)
        ms_coroutine_put(low, high, &about);
    else
        ms_coroutines_forget(low, high);
}
