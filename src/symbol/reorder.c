#include "symbol/reorder.h"

#include <stdlib.h>

/* The System V ABI lays members out one after the other:
 *
 *     plain member   at the next multiple of its alignment
 *     bit-field      at the next bit, unless it would not fit in a unit of its type there: then at the next unit
 *
 * What moves is a plain member, or a run of bit-fields. At each step the one that leaves the smallest gap is taken,
 * of those the one with the largest alignment, of those the first: members that need no hole keep their order. */
typedef struct item {
    uint32_t first, count; /* members */
    bool placed;
} item;

typedef struct plan {
    const ms_layout *layout;
    item *items;
    size_t count;
    ms_reordering *out;
    uint32_t filled; /* members of `out` */
    uint64_t bit;    /* the next one that is free */
} plan;

static uint64_t round_up(uint64_t value, uint64_t step) {
    return (value + step - 1) / step * step;
}

static uint64_t alignment_of(const ms_layout_member *m) {
    return m->alignment ? m->alignment : 1;
}

/* Where the member would begin. */
static uint64_t begin_at(const ms_layout_member *m, uint64_t bit) {
    if (!m->bit_size) {
        return round_up(bit, 8 * alignment_of(m));
    }
    uint64_t unit = 8 * m->size;
    return bit % unit + m->bit_size > unit ? round_up(bit, unit) : bit;
}

static uint64_t end_at(const ms_layout_member *m, uint64_t begin) {
    return begin + (m->bit_size ? m->bit_size : 8 * m->size);
}

static void place(plan *p, item *it) {
    it->placed = true;
    for (uint32_t i = it->first; i < it->first + it->count; i++) {
        const ms_layout_member *m = &p->layout->members[i];
        uint64_t begin = begin_at(m, p->bit);
        p->out->order[p->filled] = i;
        p->out->bits[p->filled++] = begin;
        p->bit = end_at(m, begin);
    }
}

static uint64_t finished_size(const plan *p) {
    return round_up((p->bit + 7) / 8, p->layout->alignment);
}

/* ---- items ------------------------------------------------------------------------------ */

/* Bit-fields next to each other share units. */
static void find_items(plan *p) {
    const ms_layout *layout = p->layout;
    for (uint32_t i = 0; i < layout->count; i++) {
        const ms_layout_member *m = &layout->members[i];
        if (i && m->bit_size && m[-1].bit_size) {
            p->items[p->count - 1].count++;
        } else {
            p->items[p->count++] = (item){.first = i, .count = 1};
        }
    }
}

/* What the compiler places begins where the structure as it is says: bases overlap, and are aligned by rules of their
 * own. */
static void place_fixed(plan *p) {
    for (size_t i = 0; i < p->count; i++) {
        const ms_layout_member *m = &p->layout->members[p->items[i].first];
        if (!m->is_fixed) {
            continue;
        }
        uint64_t begin = 8 * m->offset, end = end_at(m, begin);
        p->items[i].placed = true;
        p->out->order[p->filled] = p->items[i].first;
        p->out->bits[p->filled++] = begin;
        p->bit = end > p->bit ? end : p->bit;
    }
}

/* Where the first member behind a base begins, when it lies in the padding of that. */
static void reuse_padding(plan *p) {
    const ms_layout *layout = p->layout;
    for (size_t i = 1; i < layout->count; i++) {
        uint64_t begin = 8 * layout->members[i].offset + layout->members[i].bit_offset;
        if (layout->members[i - 1].is_base && !layout->members[i].is_fixed && begin < p->bit) {
            p->bit = begin;
        }
    }
}

/* ---- orders ----------------------------------------------------------------------------- */

/* Whether the rules lead to the layout that the compiler made. */
static bool explains(plan *p) {
    for (size_t i = 0; i < p->count; i++) {
        if (!p->items[i].placed) {
            place(p, &p->items[i]);
        }
    }
    bool same = finished_size(p) == p->layout->size;
    for (uint32_t i = 0; same && i < p->filled; i++) {
        const ms_layout_member *m = &p->layout->members[p->out->order[i]];
        same = p->out->bits[i] == 8 * m->offset + m->bit_offset;
    }
    return same;
}

static uint64_t alignment_of_item(const plan *p, const item *it) {
    const ms_layout_member *m = &p->layout->members[it->first];
    uint64_t largest = 1;
    for (uint32_t i = 0; i < it->count; i++) {
        uint64_t own = m[i].bit_size ? 1 : alignment_of(&m[i]);
        largest = own > largest ? own : largest;
    }
    return largest;
}

/* NULL: all are placed. */
static item *next_item(const plan *p) {
    item *best = NULL;
    uint64_t best_gap = 0, best_alignment = 0;
    for (size_t i = 0; i < p->count; i++) {
        item *it = &p->items[i];
        const ms_layout_member *m = &p->layout->members[it->first];
        if (it->placed || m->is_flexible) {
            continue;
        }
        uint64_t gap = begin_at(m, p->bit) - p->bit, alignment = alignment_of_item(p, it);
        if (!best || gap < best_gap || (gap == best_gap && alignment > best_alignment)) {
            best = it;
            best_gap = gap;
            best_alignment = alignment;
        }
    }
    return best;
}

static void start(plan *p) {
    p->filled = 0;
    p->bit = 0;
    for (size_t i = 0; i < p->count; i++) {
        p->items[i].placed = false;
    }
    place_fixed(p);
    reuse_padding(p);
}

static void reorder(plan *p) {
    item *next;
    while ((next = next_item(p))) {
        place(p, next);
    }
    for (size_t i = 0; i < p->count; i++) {
        if (!p->items[i].placed) {
            place(p, &p->items[i]); /* without an end */
        }
    }
}

static bool is_plain(const ms_layout *layout) {
    return !layout->is_union && layout->count > 1 && layout->alignment &&
           layout->padding_bytes != MS_NO_SIZE && layout->padding_bytes > 0;
}

bool ms_reorder(const ms_layout *layout, ms_reordering *out) {
    *out = (ms_reordering){0};
    if (!is_plain(layout)) {
        return false;
    }
    plan p = {.layout = layout, .out = out};
    p.items = calloc(layout->count, sizeof *p.items);
    out->order = calloc(layout->count, sizeof *out->order);
    out->bits = calloc(layout->count, sizeof *out->bits);
    bool better = false;
    if (p.items && out->order && out->bits) {
        find_items(&p);
        start(&p);
        if (explains(&p)) {
            start(&p);
            reorder(&p);
            out->size = finished_size(&p);
            better = out->size < layout->size;
        }
    }
    free(p.items);
    if (!better) {
        ms_reordering_deinit(out);
    }
    return better;
}

void ms_reordering_deinit(ms_reordering *out) {
    free(out->order);
    free(out->bits);
    *out = (ms_reordering){0};
}
