/* holders.h - who took references of a counted object, and who gave them up, by stack: so that of one that
 * is held at the end it can be said by whom. One list for each object, in one pool. Bounded for each and for
 * all together; the lists of dead objects are used again. One thread at a time. */
#ifndef MS_LOAD_HOLDERS_H
#define MS_LOAD_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MS_HOLDERS_MAX (1u << 21)
#define MS_HOLDERS_EACH 64u

typedef struct ms_holder_count {
    uint64_t stack; /* id */
    uint32_t refs, unrefs;
    uint32_t next; /* index + 1; 0: the last */
} ms_holder_count;

typedef struct ms_holders {
    ms_holder_count *items;
    size_t count, capacity;
    uint32_t spare; /* a list of those not in use: index + 1 */
} ms_holders;

/* A list in the pool. All zeros: empty. */
typedef struct ms_holder_list {
    uint32_t first; /* index + 1; 0: none */
    uint32_t listed;
    bool cut; /* somebody has no place in it */
} ms_holder_list;

void ms_holders_deinit(ms_holders *holders);

/* A reference was taken, or given up, with the stack of this id. */
void ms_holders_add(ms_holders *holders, ms_holder_list *list, uint64_t stack, bool is_ref);

/* One that is in a checkpoint. False: there is no room. */
bool ms_holders_restore(ms_holders *holders, ms_holder_list *list, ms_holder_count holder);

/* Nobody will ask any more. */
void ms_holders_drop(ms_holders *holders, ms_holder_list *list);

#endif
