/* forget.h - fewer of a program's words. Where what it said takes more room than there is, the later steps
 * of histories are left out first, then what is over, the oldest first. What is left out is counted, totals
 * of all stay exact, and what lives stays. One thread at a time. */
#ifndef MS_LOAD_FORGET_H
#define MS_LOAD_FORGET_H

#include <stdbool.h>

#include "load/replay.h"

/* Leaves out as much as was left out before, of what is newer; when that was not `enough`, more. False: there
 * is no point. */
bool ms_forget(ms_replay *replay, bool enough);

#endif
