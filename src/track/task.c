#include "track/task.h"

#include "capture/control.h"
#include "capture/state.h"
#include "track/note.h"

#define FIRST_TASK (UINT64_C(1) << 32)

uint64_t ms_task_number(bool found) {
    return FIRST_TASK + found + 2 * atomic_fetch_add_explicit(&g_ms.tasks, 1, memory_order_relaxed);
}

uint64_t ms_task_begin(struct memscope_place *place) {
    uint64_t task = ms_task_number(false);
    ms_note(place, MS_NOTE_TASK_BEGIN, NULL, (const void *)ms_task, 0, task);
    return task;
}

void ms_task_end(uint64_t task) {
    ms_note(NULL, MS_NOTE_TASK_END, NULL, NULL, 0, task);
    if (ms_task == task)
        ms_control_task(0);
}
