/* memscope/adapt_stb_ds.h - arrays and maps of stb_ds, https://github.com/nothings/stb. To be used behind
 * stb_ds.h, included by whatever path it has.
 *
 *   MEMSCOPE_STB_ARRAY(points);      what an array has now; it is known by the variable that holds it
 *   MEMSCOPE_STB_MAP(prices);        likewise a map, of hm... or sh...
 *   memscope_container_gone(&points);  with arrfree, hmfree, shfree
 *
 * Room and use are those of the elements. A map's are in an array, too, that begins with the default one;
 * its slots, whose number is read from the index behind it, are in a block of their own. */
#ifndef MEMSCOPE_ADAPT_STB_DS_H
#define MEMSCOPE_ADAPT_STB_DS_H

#include "memscope/container.h"

/* How the index of a map begins: its type is known only to the implementation. */
struct memscope_stb_index_ {
    char *temp_key;
    size_t slot_count;
};

MEMSCOPE_INLINE_ void memscope_stb_tell_(struct memscope_place *place, const void *variable,
                                         const void *block, size_t element_size, size_t capacity,
                                         size_t length, uint64_t slots) {
    struct memscope_container_ c = {variable, block, capacity * element_size, length * element_size,
                                    length,   slots};
    memscope_container_tell_(place, c);
}

MEMSCOPE_INLINE_ void memscope_stb_tell_map_(struct memscope_place *place, const void *variable,
                                             const void *block, size_t element_size,
                                             size_t capacity, size_t length, const void *index) {
    const struct memscope_stb_index_ *slots = (const struct memscope_stb_index_ *)index;
    struct memscope_container_ c = {variable,
                                    block,
                                    capacity * element_size,
                                    length * element_size,
                                    length ? length - 1 : 0,
                                    slots ? slots->slot_count : 0};
    memscope_container_tell_(place, c);
}

#define MEMSCOPE_STB_ARRAY(array)                                                                  \
    MEMSCOPE_CONTAINER_(#array, "stb_ds array", memscope_stb_tell_, &(array),                      \
                        (array) ? (void *)stbds_header(array) : NULL, sizeof *(array),             \
                        stbds_arrcap(array), stbds_arrlenu(array), stbds_arrcap(array))

#define MEMSCOPE_STB_MAP(map)                                                                      \
    MEMSCOPE_CONTAINER_(#map, "stb_ds map", memscope_stb_tell_map_, &(map),                        \
                        (map) ? (void *)stbds_header((map)-1) : NULL, sizeof *(map),               \
                        (map) ? stbds_header((map)-1)->capacity : 0,                               \
                        (map) ? stbds_header((map)-1)->length : 0,                                 \
                        (map) ? stbds_header((map)-1)->hash_table : NULL)

#endif
