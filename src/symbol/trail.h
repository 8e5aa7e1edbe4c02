/* trail.h - what is found on the way of a block: every name that something on it has for where it goes. */
#ifndef MS_SYMBOL_TRAIL_H
#define MS_SYMBOL_TRAIL_H

#include "symbol/given.h"
#include "symbol/holder.h"
#include "symbol/naming.h"
#include "symbol/size_fit.h"
#include "symbol/speak.h"

/* One name on the way. */
typedef struct ms_mark {
    ms_phrase phrase;
    ms_naming_evidence evidence;
    uint32_t group;   /* the arms of one union have the same */
    uint32_t inlined; /* how deep the variable it begins with is in inlined calls */
    uint8_t root;     /* the argument that leads to the place, as in given.h */
    uint8_t alias;    /* of something that only got the block later: how many calls away */
    uint8_t hops;     /* how many calls further in it was stored, where a caller had said */
    bool interior;    /* what is kept there is another address in the block */
    bool outdone;  /* in what the block leads to since it took its place: the old head of a list */
    bool nameless; /* of a function that says of what it returns only that it is some memory */
    bool is_this;  /* a member function's object: it tells the type, and keeps nothing */
    bool library;  /* begins with a variable of a function of the language's library: likewise */
    bool held;     /* by an object of that library, which the name is of */
    bool has_target; /* it points to something with a type */
    Dwarf_Die target;
} ms_mark;

/* A place, said in terms of a caller's arguments, that a function stored the block's address to. */
typedef struct ms_handed {
    uint32_t reg;
    int64_t offset;       /* from what the register held */
    int64_t block_offset; /* which address in the block */
    bool held;            /* not to that place, but to where the object there keeps it */
    uint32_t hops;        /* how many calls further in it did */
} ms_handed;

#define MS_HANDED_MAX 4u

/* How a block leaves a function, or comes to its caller. */
typedef struct ms_handover {
    bool returned;
    int64_t offset; /* of the address returned, in the block */
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
