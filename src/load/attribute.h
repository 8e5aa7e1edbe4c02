/* attribute.h - what blocks count that were born at a sampling rate, for a task or in a scope, beside what every
 * block counts (replay.c): what they stand for, in the program, their site, thread and task. And the
 * events that say at which rate, and for which task. */
#ifndef MS_LOAD_ATTRIBUTE_H
#define MS_LOAD_ATTRIBUTE_H

#include "load/replay.h"

/* Keeps the calls out of the way of traces that need none of them. */
#define MS_SELDOM __attribute__((cold))

/* The block was born, by a realloc of another one or not; stops being live; was released by a thread
 * that made blocks of origin `by` then, which says for which task. Blocks of plain origins change nothing. */
MS_SELDOM void ms_attribute_birth(ms_replay *replay, const ms_block *block, bool is_realloc);
MS_SELDOM void ms_attribute_leave(ms_replay *replay, const ms_block *block);
MS_SELDOM void ms_attribute_release(ms_replay *replay, const ms_block *block, uint32_t by);

/* The block, which goes on living, stands for others by the origin `number` from now on: the same thread,
 * task and scope at another rate. */
MS_SELDOM void ms_attribute_again(ms_replay *replay, ms_block *block, uint32_t number);

/* Of a site with an excess, after a block has entered. */
MS_SELDOM void ms_attribute_own_peak(ms_site_count *site);

/* Takes a RATE, TASK, THREAD_END, COUNT or GAP event of the thread of an index. */
MS_SELDOM void ms_attribute_event(ms_replay *replay, const ms_event *event, uint32_t thread);

/* The thread is in another scope from now on: index + 1, 0: in none. */
void ms_attribute_scope(ms_replay *replay, uint32_t thread, uint32_t scope);

/* What the block counts among the lifetimes of its site. */
MS_SELDOM uint64_t ms_attribute_lifetime(const ms_replay *replay, const ms_block *block);

#endif
