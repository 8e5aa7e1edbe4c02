/* flow.h - what registers and stack hold at each instruction of a function, whichever way it was reached. */
#ifndef MS_SYMBOL_FLOW_H
#define MS_SYMBOL_FLOW_H

#include "symbol/code.h"
#include "symbol/machine.h"

/* Where ways meet that bring different values to a place, it holds a term of its own from there on
 * (MS_TERM_MERGED): still the same one wherever it is copied to. */
typedef struct ms_flow {
    const ms_code *code;
    const ms_world *world;
    ms_machine **before; /* of instructions that lead; NULL: not reached */
} ms_flow;

/* Follows all ways through the function until nothing changes. `code` and `world` are borrowed, what is made
 * lives in `arena`. Time grows with the size of the function, and is bounded. */
ms_flow *ms_flow_new(const ms_code *code, const ms_world *world, ms_arena *arena);

/* The state before the instruction at that index. */
void ms_flow_before(const ms_flow *flow, uint32_t index, ms_machine *machine);

#endif
