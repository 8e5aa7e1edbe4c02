/* passage.h - a block's way through one function, and how it leaves that for the caller. */
#ifndef MS_SYMBOL_PASSAGE_H
#define MS_SYMBOL_PASSAGE_H

#include "symbol/given.h"
#include "symbol/holder.h"
#include "symbol/marking.h"

/* A place, said in terms of a caller's arguments, that a function stored the block's address to. */
typedef struct ms_handed {
    uint32_t reg;
    int64_t offset;       /* from what the register held */
    int64_t block_offset; /* which address in the block */
    bool held;            /* not to that place, but to where the object there keeps it */
    uint32_t size;        /* bytes of that object; 0: not known */
    uint32_t hops;        /* how many calls further in it did */
} ms_handed;

#define MS_HANDED_MAX 4u

/* How a block leaves a function, or comes to its caller. */
typedef struct ms_handover {
    bool returned;
    int64_t offset; /* of the address returned, in the block */
    uint32_t
        returned_size; /* bytes of an object that keeps it and is returned in registers; 0: none is */
    uint32_t handed_count;
    ms_handed handed[MS_HANDED_MAX];
    ms_holder_role role; /* of the function that it leaves */
} ms_handover;

/* What becomes of a block in one function, whoever called that: the same for every stack. */
typedef struct ms_passage {
    ms_mark *marks;
    uint32_t count, groups;
    int64_t offset; /* which address in the block came in */
    ms_handover departure;
    uint64_t entry; /* of the function */
    ms_given given; /* by the call that brought the block */
    bool frees;     /* it is none any more afterwards */
} ms_passage;

/* What becomes of a block that is an argument, in the register `reg`, of the function at `target` (as linked) in
 * the same file as `caller`. NULL: not known. */
typedef const ms_passage *ms_enter(void *context, const ms_function *caller, uint64_t target,
                                   uint32_t reg);

/* How to ask for that. */
typedef struct ms_callees {
    ms_enter *enter;
    void *context;
} ms_callees;

/* The same for a function that gets the block in the register. */
ms_passage *ms_passage_enter(ms_function *function, uint32_t reg, const ms_callees *callees,
                             ms_arena *arena);

/* Follows the block through `function` from the call before `address` on, where it comes in as `arrival` says;
 * NULL: the call was of the allocator itself. Lives in `arena`. */
ms_passage *ms_passage_read(ms_function *function, uint64_t address, const ms_handover *arrival,
                            const ms_callees *callees, ms_arena *arena);

#endif
