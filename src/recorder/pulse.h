/* pulse.h - tells recorded processes that their recorder lives, while it works for another one of them, packs
 * much on a busy machine, or waits for a slow disk. Who waits for room in its ring gives up when there was no
 * beat for a second (capture/ring.c), and what it says then is lost.
 *
 * A thread of its own beats for all. Like the rest of the recorder it stands still when that is stopped or
 * killed, and it ends beating when the recorder's loop has not turned for MS_PULSE_PATIENCE_S: nobody shall
 * wait for ever for a disk that is gone. */
#ifndef MS_RECORDER_PULSE_H
#define MS_RECORDER_PULSE_H

#include <stdint.h>

enum { MS_PULSE_PATIENCE_S = 10 };

typedef struct ms_pulse ms_pulse;

/* NULL: there is no memory, or no thread to be had; all do without it then, and the functions below take
 * NULL. */
ms_pulse *ms_pulse_start(void);
void ms_pulse_stop(ms_pulse *pulse);

/* The beats of one ring, which have to be there until they are removed. */
void ms_pulse_add(ms_pulse *pulse, uint32_t *beats);
void ms_pulse_remove(ms_pulse *pulse, const uint32_t *beats);

/* The loop has turned. */
void ms_pulse_turn(ms_pulse *pulse);

#endif
