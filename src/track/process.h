/* process.h - memscope_start() and memscope_stop(), as the table of calls offers them. */
#ifndef MS_TRACK_PROCESS_H
#define MS_TRACK_PROCESS_H

#include "base/options.h"
#include "memscope/calls.h"

/* The strategy that recording goes by: enum memscope_strategy. */
unsigned ms_process_strategy(const ms_options *options);

/* What the environment says, where it does not the defaults; `size` bytes of it. */
void ms_process_config(struct memscope_config *config, size_t size);

/* 0, 1 or -1 with errno: memscope/process.h. `config` NULL: the same as above. */
int ms_process_start(const struct memscope_config *config);
int ms_process_stop(void);

#endif
