/* memscope/adapt_uthash.h - hash tables of uthash, https://troydhanson.github.io/uthash. Included where
 * <uthash.h> would be, which it includes.
 *
 *   HASH_ADD_INT(users, id, user);      a table that doubles its buckets tells of itself
 *   MEMSCOPE_UTHASH(users);             what it has now, and its name
 *
 * The table is gone when its last item is deleted, or with HASH_CLEAR. */
#ifndef MEMSCOPE_ADAPT_UTHASH_H
#define MEMSCOPE_ADAPT_UTHASH_H

#include "memscope/container.h"

#if defined(UTHASH_H) && !defined(MEMSCOPE_DISABLE)
#error "memscope/adapt_uthash.h has to be included before uthash.h, whose hook it sets"
#endif

/* A program that has a hook of its own keeps it, and may call this one in it. */
#define memscope_uthash_expand_fyi(table)                                                          \
    MEMSCOPE_CONTAINER_(NULL, "UT_hash_table", memscope_uthash_tell_, table)
#ifndef uthash_expand_fyi
#define uthash_expand_fyi(table) memscope_uthash_expand_fyi(table)
#endif

#include <uthash.h>

/* Its room is that of its buckets, in use are those with an item. Looks at every bucket. */
MEMSCOPE_INLINE_ void memscope_uthash_tell_(struct memscope_place *place,
                                            const UT_hash_table *table) {
    if (!memscope_is_told_())
        return;
    size_t used = 0;
    for (unsigned i = 0; i < table->num_buckets; i++)
        used += table->buckets[i].count > 0;
    struct memscope_container_ c = {table,
                                    table->buckets,
                                    table->num_buckets * sizeof *table->buckets,
                                    used * sizeof *table->buckets,
                                    table->num_items,
                                    table->num_buckets};
    memscope_container_tell_(place, c);
}

/* `hh`: the handle's name, where it is not that. An empty table, NULL, has nothing to tell. */
#define MEMSCOPE_UTHASH(head) MEMSCOPE_UTHASH_BY(hh, head)
#define MEMSCOPE_UTHASH_BY(hh, head)                                                               \
    do {                                                                                           \
        if (head)                                                                                  \
            MEMSCOPE_CONTAINER_(#head, "UT_hash_table", memscope_uthash_tell_, (head)->hh.tbl);    \
    } while (0)

#endif
