/* table.h - whose callbacks are ours to call: for each handle and request that a program has registered
 * callbacks with, those, and the unit they run in. By the address of the handle, which is in the program's
 * memory and says nothing of us. Any thread. */
#ifndef MS_ADAPT_TABLE_H
#define MS_ADAPT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "adapt/unit.h"

enum { MS_CALLBACKS = 3 };

typedef struct ms_followed {
    const void *key; /* the handle; NULL: a free place */
    ms_unit unit;
    void
        *callbacks[MS_CALLBACKS]; /* the program's, NULL: none; which is which, the adapter knows */
} ms_followed;

bool ms_table_get(const void *key, ms_followed *out);

/* Takes the place of what there was. False: there is no memory. */
bool ms_table_put(const ms_followed *item);

/* As ms_table_get(), and forgets it. `out` may be NULL. */
bool ms_table_take(const void *key, ms_followed *out);

#endif
