/* references.h - objects whose references a program counts: boxes, rc, arc, GObjects and its own. An object may lie
 * within a block, so it lives from word to word: until its count is 0, or a block begins or ends exactly
 * where it is. One thread at a time.
 *
 * The count is the first one that the program told, and from there on a balance: the words of several
 * threads may be read in another order than they were said in, and a sum does not mind. So a count that
 * falls below 0 on the way means nothing as long as several threads had a say.
 *
 * Of a GObject every word comes with its own count, read in passing, for not every reference is taken where
 * somebody sees it. So it is dead when it says so, and what it has beside the balance was not seen. */
#ifndef MS_LOAD_REFERENCES_H
#define MS_LOAD_REFERENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/acts.h"
#include "load/anchors.h"
#include "load/holders.h"

#define MS_REFERENCES_MAX (1u << 20)
#define MS_GOBJECTS_MAX (1u << 14) /* from then on GObjects take the places of dead ones */
#define MS_COUNT_NOT_TOLD UINT64_MAX

/* A count that is told is less; so is what is reckoned with, for a trace that ends some day. */
#define MS_COUNT_MAX (INT64_C(1) << 61)

/* How an object is counted: `old` of a REF_NEW. */
typedef enum ms_counter { MS_COUNTER_GOBJECT = 5 } ms_counter;

typedef struct ms_reference_count {
    uint64_t address, size;
    int64_t count;      /* when it is known; below 0 at the end: released too often */
    uint64_t told;      /* its own count, as told last; MS_COUNT_NOT_TOLD: never was */
    uint64_t max_count; /* told, or reckoned */
    uint64_t refs, unrefs, weak, max_weak;
    uint64_t born_us, died_us;
    ms_act_list acts;
    ms_holder_list holders;
    uint64_t made_stack;  /* id; of its REF_NEW */
    uint64_t wrong_stack; /* id; of the first time below */
    uint32_t place;       /* the first that named it: index + 1; 0: none */
    uint32_t variable;    /* the first that was tracked there: index + 1; 0: none */
    uint32_t thread, task, scope;
    uint32_t wrong;    /* times it was used after its count was 0, or fell below */
    uint32_t ended_by; /* thread; when it is dead */
    uint8_t kind;      /* as in REF_NEW, ms_counter; 0: not said */
    bool made;         /* there was a REF_NEW */
    bool known;        /* its count is */
    bool dead;         /* its count is 0 */
    bool freed;        /* its block was, whatever the count */
    bool several;      /* threads have spoken of it */
} ms_reference_count;

typedef struct ms_references {
    ms_reference_count *items; /* in the order of their begin */
    size_t count, capacity;
    uint64_t left_out;
    size_t oldest; /* where to look for a dead one: index */
    ms_holders holders;
} ms_references;

void ms_references_deinit(ms_references *references);

/* How often it was used after its count was 0, or fell below. */
uint64_t ms_reference_wrong(const ms_reference_count *object);

/* Takes a note of kind REF_NEW to REF_CHANGED. False: the count cannot be right. */
bool ms_references_note(ms_references *references, ms_anchors *anchors, ms_acts *acts, uint8_t what,
                        const ms_said *said);

/* A block has begun or ended where the object on an anchor is. */
void ms_references_end(ms_references *references, ms_acts *acts, ms_anchor *anchor,
                       const ms_said *said);

#endif
