/* control.h - switching the recording of a running process that has the library preloaded. */
#ifndef MS_RECORDER_CONTROL_H
#define MS_RECORDER_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "util/error.h"

/* Switches it on or off; no change is no error. `ring` (of `size` bytes) gets the path of the file that it
 * records into: a trace, when there is no recorder. Fails when there is no such process, no library in it
 * that may record, or no permission. */
ms_err ms_control_process(pid_t pid, bool on, char *ring, size_t size, ms_error *error);

#endif
