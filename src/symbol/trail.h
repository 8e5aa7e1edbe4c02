/* trail.h - the way of a block through the functions of one stack: every name that something on it has for where it
 * goes. */
#ifndef MS_SYMBOL_TRAIL_H
#define MS_SYMBOL_TRAIL_H

#include "symbol/passage.h"
#include "symbol/size_fit.h"

/* A passage that a block of certain sizes took. */
typedef struct ms_passed {
    const ms_mark *mark;
    const ms_passage *passage;
    uint32_t frame; /* index of the call in the stack */
    ms_size_fit fit;
} ms_passed;

#define MS_PASSED_MAX 256u

/* How far a block may be handed out; more is recursion. */
#define MS_CLIMB_MAX 24u

typedef struct ms_trail {
    uint64_t min_size, max_size; /* bytes of the blocks */
    ms_passed marks[MS_PASSED_MAX];
    uint32_t count;
    const ms_passage *passages[MS_CLIMB_MAX]; /* by frame */
    uint32_t depth;
} ms_trail;

/* What the next function out, of at most MS_CLIMB_MAX, does with the block. */
void ms_trail_add(ms_trail *trail, const ms_passage *passage);

/* Leaves out the places that this stack cannot have stored to: an argument that leads there is NULL. */
void ms_trail_prune(ms_trail *trail);

/* The answer that the marks together give: indexes of the mark that names the block, and of the one that tells
 * its type; UINT32_MAX: none does. */
void ms_trail_judge(const ms_trail *trail, uint32_t *name, uint32_t *type);

#endif
