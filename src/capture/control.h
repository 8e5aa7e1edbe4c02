/* control.h - switching recording on and off while the program runs, and the tasks its threads work for. */
#ifndef MS_CAPTURE_CONTROL_H
#define MS_CAPTURE_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

/* Switches the process's recording. False: there is no ring to record into. Any thread, any time; a thread
 * in the middle of a hook finishes it. */
bool ms_control_switch(bool on);

bool ms_control_is_on(void);

/* Switched off, to be switched on again perhaps; not because the recorder is done with the process. */
bool ms_control_is_paused(void);

/* Has the signal, if the options name one, switch recording on and off. */
void ms_control_take_signal(void);

/* The calling thread works for `task` from now on; 0: for none. Costs one word in the ring,
 * and holds while recording is off, too. */
void ms_control_task(uint64_t task);

#endif
