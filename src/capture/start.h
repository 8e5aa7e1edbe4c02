/* start.h - recording that the program itself begins and ends. */
#ifndef MS_CAPTURE_START_H
#define MS_CAPTURE_START_H

#include "base/options.h"

/* What came of it: below these, a negative errno. */
enum {
    MS_START_OWN = 0,   /* the trace is the program's: it began it, or has ended it */
    MS_START_THEIRS = 1 /* it is of whoever started the program: only switched on or off */
};

/* Begins a trace as `options` say, in the file `options->output`; NULL: in memscope.PROGRAM.PID.memscope.
 * A trace that lies there is replaced, another file is not: -EEXIST. When the process has a trace that is
 * being recorded, or a recorder's, or `options->output` names the one it has, that goes on as it was begun:
 * MS_START_THEIRS. Any other trace of the process ends. `options->strategy` is to live as long as the
 * process. Not for signal handlers; -EBUSY while another thread is at it. */
int ms_start(const ms_options *options);

/* Ends the trace: when this returns all that was recorded is in the file, nothing is written to it any more
 * and nothing of it is mapped. A recorder's is switched off only. -ESRCH when there is none. Takes a
 * millisecond, up to 200 when a thread is held up in the middle of an event. As above. */
int ms_stop(void);

#endif
