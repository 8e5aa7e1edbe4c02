/* variables.h - the variables a program tracks, dead ones too. One that stands for a heap block, or
 * points to one, hangs on that block: it follows it through realloc and ends with it. One thread at a
 * time.
 *
 * Memory is bounded by limits, not by events: so many variables, so many changes of each and of all.
 * What is beyond is counted. */
#ifndef MS_LOAD_VARIABLES_H
#define MS_LOAD_VARIABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/acts.h"
#include "load/anchors.h"
#include "load/places.h"
#include "load/said.h"
#include "load/sites.h"
#include "util/map.h"

#define MS_VARIABLES_MAX (1u << 20) /* some hundred megabytes at most */
#define MS_CHANGES_MAX (1u << 21)   /* of all variables together */
#define MS_CHANGES_EACH MS_ACTS_EACH
#define MS_VARIABLES_HERE 32u /* alive at one address */

/* What happens to a variable, from its first day to its last. */
typedef enum ms_change_kind {
#define MS_CHANGE(NAME, code, text, doc) MS_CHANGE_##NAME = code,
#include "load/changes.def"
    MS_CHANGE_KINDS,
    MS_CHANGE_ENDS = MS_CHANGE_FREED /* from here on: how it ended */
} ms_change_kind;

typedef struct ms_change_count {
    uint64_t time_us, address, size;
    uint64_t value;
    uint32_t thread; /* index; UINT32_MAX: not known */
    uint32_t next;   /* index + 1; 0: the last */
    uint32_t site;   /* of a block that was resized or moved: index; else MS_NO_SITE */
    uint32_t stack;  /* id; where it was done; 0: not known, or as the site says */
    uint8_t kind;
} ms_change_count;

typedef struct ms_variable_count {
    uint64_t address, size; /* of its block; else its own */
    uint64_t block;         /* which begins there; 0: it has none */
    uint64_t value;         /* when it was tracked first, like the next two */
    uint64_t born_address, born_size;
    uint64_t born_us, died_us;
    uint64_t block_us;                   /* when the block it was tracked on first was born, */
    uint32_t block_maker, block_site;    /* by which thread and where: indices */
    uint32_t place, scope, task, thread; /* index + 1, but of the thread the index */
    uint32_t typed;                      /* the place that tells the type: index + 1 */
    uint32_t next;        /* of those at the address, alive, or excused; index + 1; 0: the last */
    uint32_t first, last; /* change, index + 1; 0: none */
    uint32_t changes, ended_by;    /* how many, listed or not; thread as in a change */
    uint32_t tracked_at, ended_at; /* stacks, as in a change */
    uint16_t readers;              /* borrows, now */
    uint8_t listed;                /* changes, the first ones */
    uint8_t end;                   /* ms_change_kind, when dead */
    bool dead, pointer, lent;
    bool on_block; /* when it was tracked first */
    bool excused;  /* dead: it was untracked then, and will not be again */
} ms_variable_count;

/* What one variable had, another has: instead, or as well. Both are index + 1. */
typedef struct ms_heir {
    uint32_t owner, heir;
    bool given; /* else shared */
    bool fresh; /* the heir was not tracked before */
} ms_heir;

/* Of all variables of a place: they are tracked in loops, and by many threads. */
typedef struct ms_variables_here {
    ms_share live; /* bytes of those alive */
    uint64_t variables, bytes;
    uint32_t typed;
} ms_variables_here;

typedef struct ms_variables {
    ms_variable_count *items; /* in the order in which they were tracked first */
    size_t count, capacity;
    ms_change_count *changes;
    size_t change_count, change_capacity;
    ms_heir *heirs; /* fewer than two for each variable */
    size_t heir_count, heir_capacity;
    ms_variables_here *here; /* by place, index */
    size_t here_count, here_capacity;
    ms_map
        ended; /* address -> the latest of a chain of dead ones, of which somebody may still say that they
                     are to be untracked: see ms_variables_untrack() */
    uint64_t left_out;
} ms_variables;

/* `arena` is borrowed. */
void ms_variables_init(ms_variables *variables, ms_arena *arena);
void ms_variables_deinit(ms_variables *variables);

/* Of the variables at an anchor the one of that name, index + 1; 0: none is. */
uint32_t ms_variables_find(const ms_variables *variables, const ms_anchor *anchor,
                           const ms_places *places, uint32_t place);

/* A variable is tracked: a new one, or one that is there already, by name. */
void ms_variables_track(ms_variables *variables, ms_anchors *anchors, const ms_places *places,
                        const ms_said *said);

/* All of a place, index + 1. Good until the next variable. */
ms_variables_here *ms_variables_here_of(ms_variables *variables, uint32_t place);

/* Ends the one of that name, or else any at the address. False: that cannot be, for none was tracked.
 *
 * Programs untrack what has ended already: they free a block and leave a scope, or give it away. So who has
 * ended there with the latest block that had variables, or was given from there, is excused, once and by name.
 * By any name, when no block lives there that the word could mean. And so is a word that tracks and untracks,
 * wherever; and who speaks where another thread had the latest, for the order of threads is an estimate. */
bool ms_variables_untrack(ms_variables *variables, ms_anchors *anchors, const ms_places *places,
                          const ms_said *said);

/* Has the latest variable there ended with its block, where nobody has mapped other memory since? */
bool ms_variables_freed(const ms_variables *variables, uint64_t address);

/* What the thread tracks there is out of scope. The place of the variable that was; 0: there was none. */
uint32_t ms_variables_leave(ms_variables *variables, ms_anchors *anchors, const ms_said *said);

/* Somebody may still untrack a dead one at the address. */
void ms_variables_excuse(ms_variables *variables, uint64_t address, uint32_t variable);

/* What the variables at `said->old` own is given to, or shared with, the one of `said`. */
void ms_variables_give(ms_variables *variables, ms_anchors *anchors, const ms_places *places,
                       const ms_said *said);
void ms_variables_share(ms_variables *variables, ms_anchors *anchors, const ms_places *places,
                        const ms_said *said);

/* Those at the address are borrowed (number: 1 to be changed), or returned. False: there is a conflict
 * with another borrow. */
bool ms_variables_borrow(ms_variables *variables, const ms_anchor *anchor, const ms_said *said);
void ms_variables_return(ms_variables *variables, const ms_anchor *anchor, const ms_said *said);

/* Something happened to those on an anchor. */
void ms_variables_note(ms_variables *variables, const ms_anchor *anchor, ms_change_kind kind,
                       const ms_said *said);

/* A block has ended or begun where they are: so they are there no more. */
void ms_variables_end(ms_variables *variables, ms_anchor *anchor, ms_change_kind end,
                      const ms_said *said);

/* The chain of those at said->old are now at `to`, which is the address of `said`. */
void ms_variables_move(ms_variables *variables, uint32_t chain, ms_anchor *to, const ms_said *said);

/* Of each variable the first `steps` changes stay. Returns how many the longest list has then. */
uint32_t ms_variables_shorten(ms_variables *variables, uint32_t steps);

/* Out of a checkpoint: the next change of a variable, index + 1; and that it lives, on the anchor of its
 * address, come there later than the others. False: that cannot be. */
bool ms_variables_restore_change(ms_variables *variables, uint32_t variable,
                                 ms_change_count change);
bool ms_variables_restore_life(ms_variables *variables, uint32_t variable, ms_anchor *anchor,
                               uint64_t peak);

/* The trace is over: settles shares at the last peak. */
void ms_variables_finish(ms_variables *variables, uint64_t peak);

#endif
