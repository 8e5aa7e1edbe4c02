#include "load/mappings.h"

#include <stdlib.h>
#include <string.h>

#include "trace/format.h"
#include "util/memory.h"

#define PAGE UINT64_C(4096)

/* Twice what Linux lets a process have. Beyond it ranges are not tracked: each costs a move of the
 * table, and a broken trace may have any number. */
#define MAX_RANGES (2 * 65536u)

void ms_mappings_deinit(ms_mappings *m) {
    free(m->items);
    m->items = NULL;
}

/* The index of the first range that ends behind `address`. */
static size_t first_behind(const ms_mappings *m, uint64_t address) {
    size_t low = 0, high = m->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->items[middle].end > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Replaces `count` ranges from `at` on by `with_count` others. */
static void replace(ms_mappings *m, size_t at, size_t count, const ms_range *with,
                    size_t with_count) {
    m->items = ms_memory_grow(m->items, m->count + with_count, &m->capacity, sizeof *m->items);
    memmove(m->items + at + with_count, m->items + at + count,
            (m->count - at - count) * sizeof *m->items);
    if (with_count)
        memcpy(m->items + at, with, with_count * sizeof *with);
    m->count = m->count - count + with_count;
}

/* Takes [start, end) out of the ranges; what sticks out at either side stays. */
static void clear(ms_mappings *m, uint64_t start, uint64_t end) {
    size_t first = first_behind(m, start), last = first, rest_count = 0;
    ms_range rest[2];
    for (; last < m->count && m->items[last].start < end; last++) {
        ms_range range = m->items[last];
        if (range.start < start)
            rest[rest_count++] = (ms_range){range.start, start};
        if (range.end > end)
            rest[rest_count++] = (ms_range){end, range.end};
        m->bytes -= range.end - range.start;
    }
    for (size_t i = 0; i < rest_count; i++)
        m->bytes += rest[i].end - rest[i].start;
    if (last > first)
        replace(m, first, last - first, rest, rest_count);
}

static uint64_t end_of(uint64_t start, uint64_t size) {
    return size > UINT64_MAX - PAGE - start ? UINT64_MAX - PAGE : start + size;
}

static void map(ms_mappings *m, uint64_t start, uint64_t size) {
    uint64_t end = end_of(start, size);
    if (end <= start)
        return;
    clear(m, start, end);
    size_t at = first_behind(m, start);
    if (at > 0 && m->items[at - 1].end == start) {
        m->items[at - 1].end = end;
    } else if (m->count < MAX_RANGES) {
        replace(m, at, 0, &(ms_range){start, end}, 1);
    } else {
        return;
    }
    m->bytes += end - start;
    if (m->bytes > m->peak_bytes)
        m->peak_bytes = m->bytes;
}

/* The kernel unmaps whole pages. */
static void unmap(ms_mappings *m, uint64_t start, uint64_t size) {
    uint64_t end = (end_of(start, size) + PAGE - 1) & ~(PAGE - 1);
    if (end > start)
        clear(m, start, end);
}

bool ms_mappings_restore(ms_mappings *m, const ms_range *range) {
    uint64_t end = m->count ? m->items[m->count - 1].end : 0;
    if (range->start < end || range->end <= range->start || m->count >= MAX_RANGES)
        return false;
    replace(m, m->count, 0, range, 1);
    m->bytes += range->end - range->start;
    return true;
}

void ms_mappings_event(ms_mappings *m, const ms_event *event) {
    switch (event->kind) {
    case MS_EVENT_MAP:
        if (event->family != MS_FAMILY_MMAP)
            return;
        m->total_bytes += event->size;
        map(m, event->address, event->size);
        return;
    case MS_EVENT_UNMAP:
        if (event->family == MS_FAMILY_MMAP)
            unmap(m, event->address, event->size);
        return;
    case MS_EVENT_REMAP:
        if (event->size > event->number)
            m->total_bytes += event->size - event->number;
        unmap(m, event->old, event->number);
        map(m, event->address, event->size);
        return;
    default: return;
    }
}
