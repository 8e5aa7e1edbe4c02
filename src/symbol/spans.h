/* spans.h - which of many, possibly nested, address ranges holds an address.
 *
 * Symbols, compilation units and inlined calls all ask this. Ranges are collected, then flattened
 * once, so that a query is one binary search however deep they nest:
 *
 *     value 1   |---------------------|
 *     value 2        |--------|                 the range that starts last wins;
 *     value 3            |--|                   of equal starts, the larger value
 *     flat      |  1 | 2 | 3| 2|  1   |
 */
#ifndef MS_SYMBOL_SPANS_H
#define MS_SYMBOL_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ms_span {
    uint64_t low;
    uint64_t high; /* one past the last address */
    uint32_t value;
} ms_span;

/* All zero is an empty set. */
typedef struct ms_spans {
    ms_span *items;
    size_t count;
    size_t capacity;
} ms_spans;

void ms_spans_deinit(ms_spans *spans);

/* Empty ranges are dropped. False without memory; what was added before stays. */
bool ms_spans_add(ms_spans *spans, uint64_t low, uint64_t high, uint32_t value);

/* Sorts and flattens: the items become disjoint and ascending. Once, after the last add and before
 * the first find. False without memory: then the set is empty. */
bool ms_spans_flatten(ms_spans *spans);

/* True, with `*value` set, when a range holds `address`. */
bool ms_spans_find(const ms_spans *spans, uint64_t address, uint32_t *value);

#endif
