/* control.h - switching recording on and off while the program runs, and the tasks its threads work for. */
#ifndef MS_CAPTURE_CONTROL_H
#define MS_CAPTURE_CONTROL_H

#include "capture/state.h"

/* Switches the process's recording. False: there is no ring to record into. Any thread, any time; a thread
 * in the middle of a hook finishes it. */
bool ms_control_switch(bool on);

bool ms_control_is_on(void);

/* Switched off, to be switched on again perhaps; not because the recorder is done with the process. */
bool ms_control_is_paused(void);

/* Asks the recorder for the trace so far: all that this thread has done is in the first `*size` bytes of the
 * file `path` when this returns, and they stay so until ms_control_release_trace(). A lone ring is its own
 * trace, and `*size` is 0: all of it. False: there is no trace, or the recorder is gone. May wait. */
bool ms_control_hold_trace(char path[MS_PATH_SIZE], uint64_t *size);
void ms_control_release_trace(void);

/* Has the signal, if the options name one, switch recording on and off. */
void ms_control_take_signal(void);

/* The calling thread works for `task` from now on; 0: for none. Costs one word in the ring,
 * and holds while recording is off, too. */
void ms_control_task(uint64_t task);

#endif
