/* Tasks: what a thread works for, said by the program. */
#include "capture/control.h"
#include "capture/state.h"

MS_EXPORT void memscope_task_switch(uint64_t task);

/* The calling thread works for `task` from now on; 0: for none. The program numbers its tasks. */
void memscope_task_switch(uint64_t task) {
    ms_control_task(task);
}
