/* leftover.h - rings that a recorder which was killed has left behind. They hold the last events of
 * its trace, so nobody removes them but the user. */
#ifndef MS_RECORDER_LEFTOVER_H
#define MS_RECORDER_LEFTOVER_H

#include <stddef.h>
#include <stdint.h>

typedef struct ms_leftovers {
    size_t count;      /* of ring directories without a living recorder */
    uint64_t bytes;    /* that they take */
    char places[1024]; /* their names, blanks between them, as many as fit */
} ms_leftovers;

/* Looks where ms_ring_directory_create() makes directories. Those of other users, which cannot be
 * opened, are not counted. */
void ms_leftovers_find(ms_leftovers *found);

#endif
