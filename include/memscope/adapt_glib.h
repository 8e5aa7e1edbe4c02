/* memscope/adapt_glib.h - containers of GLib.
 *
 *   MEMSCOPE_G_ARRAY(points);          a GArray, GByteArray, GPtrArray or GHashTable as it is now: its
 *   MEMSCOPE_G_BYTE_ARRAY(bytes);      elements, and what they take
 *   MEMSCOPE_G_PTR_ARRAY(names);
 *   MEMSCOPE_G_HASH_TABLE(prices);
 *   memscope_container_gone(points);   before it is freed: most are no blocks of their own
 *
 * GLib does not say how much room a container has; that of the block is recorded that it keeps its elements
 * in. The number of a hash table's slots is read from the table itself: not told where that does not look as
 * it does since GLib 2.58. */
#ifndef MEMSCOPE_ADAPT_GLIB_H
#define MEMSCOPE_ADAPT_GLIB_H

#include <glib.h>

#include "memscope/container.h"

MEMSCOPE_INLINE_ void memscope_g_tell_(struct memscope_place *place, const void *container,
                                       const void *elements, size_t element_size, guint length) {
    struct memscope_container_ c = {
        container, elements,         elements ? MEMSCOPE_ROOM_OF_BLOCK : 0, element_size * length,
        length,    MEMSCOPE_NOT_TOLD};
    memscope_container_tell_(place, c);
}

/* How a GHashTable begins. */
struct memscope_g_hash_table_ {
    gsize size; /* slots */
    gint mod;
    guint mask; /* of as many slots as a power of two */
    guint nodes, occupied;
    guint big;
    gpointer keys;
};

MEMSCOPE_INLINE_ void memscope_g_tell_table_(struct memscope_place *place, GHashTable *table) {
    if (!memscope_is_told_())
        return;
    struct memscope_g_hash_table_ t;
    __builtin_memcpy(&t, (const void *)table, sizeof t);
    gboolean known = t.nodes == g_hash_table_size(table) && t.occupied >= t.nodes &&
                     t.size == (gsize)t.mask + 1 && t.size >= t.occupied && (t.size & t.mask) == 0;
    struct memscope_container_ c = {table,
                                    known ? t.keys : NULL,
                                    MEMSCOPE_ROOM_OF_BLOCK,
                                    MEMSCOPE_NOT_TOLD,
                                    g_hash_table_size(table),
                                    known ? t.size : MEMSCOPE_NOT_TOLD};
    memscope_container_tell_(place, c);
}

#define MEMSCOPE_G_ARRAY(array)                                                                    \
    MEMSCOPE_CONTAINER_(#array, "GArray", memscope_g_tell_, array, (array)->data,                  \
                        g_array_get_element_size(array), (array)->len)
#define MEMSCOPE_G_BYTE_ARRAY(array)                                                               \
    MEMSCOPE_CONTAINER_(#array, "GByteArray", memscope_g_tell_, array, (array)->data, 1,           \
                        (array)->len)
#define MEMSCOPE_G_PTR_ARRAY(array)                                                                \
    MEMSCOPE_CONTAINER_(#array, "GPtrArray", memscope_g_tell_, array, (array)->pdata,              \
                        sizeof *(array)->pdata, (array)->len)
#define MEMSCOPE_G_HASH_TABLE(table)                                                               \
    MEMSCOPE_CONTAINER_(#table, "GHashTable", memscope_g_tell_table_, table)

#endif
