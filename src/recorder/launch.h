/* launch.h - starting the program under the preload. */
#ifndef MS_RECORDER_LAUNCH_H
#define MS_RECORDER_LAUNCH_H

#include <signal.h>
#include <sys/types.h>

#include "base/options.h"

/* Forks and executes `argv` with the library preloaded and rings going to `ring_directory`, signal
 * mask `mask`. Returns the pid; -1 with errno set when it could not fork. `*exec_errno` is 0, or why
 * the child could not execute the program (it has then exited and been reaped). */
pid_t ms_launch(const ms_options *options, const char *library, const char *ring_directory,
                char *const argv[], const sigset_t *mask, int *exec_errno);

#endif
