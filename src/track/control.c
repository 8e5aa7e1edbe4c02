/* The calls a program may make itself: exported, and found by memscope.h where the library is loaded. */
#include "capture/control.h"

#include "capture/state.h"

MS_EXPORT int memscope_resume(void);
MS_EXPORT int memscope_pause(void);
MS_EXPORT int memscope_is_recording(void);

/* 0, or -1 when nothing can be recorded in this process. */
int memscope_resume(void) {
    return ms_control_switch(true) ? 0 : -1;
}

int memscope_pause(void) {
    return ms_control_switch(false) ? 0 : -1;
}

int memscope_is_recording(void) {
    return ms_control_is_on();
}
