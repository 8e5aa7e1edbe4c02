/* marking.h - every name that one function has for where a block goes. */
#ifndef MS_SYMBOL_MARKING_H
#define MS_SYMBOL_MARKING_H

#include "symbol/naming.h"
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
    bool moved;    /* it came there as bytes among others, from where it had been before */
    bool has_target; /* it points to something with a type */
    Dwarf_Die target;
} ms_mark;

#define MS_MARKS_MAX 64u

/* The names found so far. */
typedef struct ms_marking {
    ms_function *function;
    uint64_t birth; /* address of the call that brought the block */
    ms_mark marks[MS_MARKS_MAX];
    uint32_t inside[MS_MARKS_MAX]; /* the term of what a mark's place is in */
    uint32_t count, groups;
    bool moved; /* what is named now, as in a mark */
} ms_marking;

/* The place at `at` keeps the block, or another address in it (`interior`): of such only what is lasting counts, as it keeps
 * the block, too. `hops` as in a mark. */
void ms_marking_place(ms_marking *marking, const ms_moment *moment, ms_value at, bool interior,
                      uint32_t hops);

/* The object at `at` of the language's library keeps it. */
void ms_marking_object(ms_marking *marking, const ms_moment *moment, ms_value at);

/* The variable that is `where` is said to hold it; false: it has no name. */
bool ms_marking_variable(ms_marking *marking, const ms_moment *moment, const ms_where *where);

/* A callee's name for it, which leads there from the argument `root`. */
void ms_marking_borrow(ms_marking *marking, const ms_mark *mark, uint8_t root);

/* Whether one of them lasts longer than the function, so that its caller's need not be looked for. */
bool ms_marking_has_lasting(const ms_marking *marking);

/* Whether one of them has it from the beginning: where its bytes go then may be the machine's business. */
bool ms_marking_has_first(const ms_marking *marking);

/* Whether the block holds the term: what that leads to does not keep the block. */
bool ms_marking_is_inside(const ms_machine *machine, uint32_t term);

#endif
