/* memscope/adapt_klib.h - vectors and hash tables of klib, https://github.com/attractivechaos/klib, and what
 * is built like them: whatever has their members. Its tests have structs of that shape, not klib itself.
 *
 *   kvec_t(int) numbers;         n, m, a: elements, room for elements, where they are
 *   MEMSCOPE_KVEC(numbers);
 *   khash_t(names) *table;       n_buckets, size, keys, vals
 *   MEMSCOPE_KHASH(table);
 *   memscope_container_gone(&numbers);  with kv_destroy; a khash_t ends with its block */
#ifndef MEMSCOPE_ADAPT_KLIB_H
#define MEMSCOPE_ADAPT_KLIB_H

#include "memscope/container.h"

MEMSCOPE_INLINE_ void memscope_klib_tell_(struct memscope_place *place, const void *container,
                                          const void *elements, size_t element_size, size_t slots,
                                          size_t filled) {
    struct memscope_container_ c = {
        container, elements, slots * element_size, filled * element_size, filled, slots};
    memscope_container_tell_(place, c);
}

#define MEMSCOPE_KVEC(vector)                                                                      \
    MEMSCOPE_CONTAINER_(#vector, "kvec", memscope_klib_tell_, &(vector), (vector).a,               \
                        sizeof *(vector).a, (vector).m, (vector).n)

/* Its room is that of keys and values, which a set has none of. */
#define MEMSCOPE_KHASH(table)                                                                      \
    MEMSCOPE_CONTAINER_(#table, "khash", memscope_klib_tell_, table, (table)->keys,                \
                        sizeof *(table)->keys + ((table)->vals ? sizeof *(table)->vals : 0),       \
                        (table)->n_buckets, (table)->size)

#endif
