/* walk.h - where a block goes after the call that made it: every way from there is followed, until nothing
 * holds it any more. */
#ifndef MS_SYMBOL_WALK_H
#define MS_SYMBOL_WALK_H

#include "symbol/flow.h"

/* What a call does, beside its value. */
typedef struct ms_walk_effect {
    bool gone; /* the block is none any more behind it: the way ends there */
    ms_value to, from;
    uint64_t size; /* bytes copied; 0: none */
} ms_walk_effect;

/* Called for what happens, nearest first. */
typedef struct ms_walk_visitor {
    /* Before each instruction. */
    void (*step)(void *context, const ms_machine *machine, const ms_instruction *instruction);
    /* The instruction has stored an address in the block, or a word of what keeps it. */
    void (*stored)(void *context, const ms_machine *machine, const ms_instruction *instruction,
                   const ms_slot *store);
    /* What the function returns is such. */
    void (*returned)(void *context, ms_value value);
    /* The value of a call; ms_unknown() when nothing is known. `*effect` is all zero. */
    ms_value (*called)(void *context, const ms_machine *machine, const ms_instruction *instruction,
                       ms_walk_effect *effect);
    /* A way has ended otherwise, or was given up. */
    void (*ended)(void *context);
    void *context;
} ms_walk_visitor;

/* Goes on from the instruction at `index` in the state `start`, which holds the block or what keeps it. Where it comes to
 * the call before `index` again, that makes another block. */
void ms_walk(const ms_flow *flow, const ms_machine *start, uint32_t index,
             const ms_walk_visitor *visitor);

#endif
