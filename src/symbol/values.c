#include "symbol/values.h"

#include <stdlib.h>

#include "base/hash.h"
#include "symbol/grow.h"

#define TERMS_MAX (1u << 20)

void ms_values_init(ms_values *values, ms_arena *arena) {
    *values = (ms_values){.arena = arena};
    ms_map_init(&values->index, arena);
    for (uint8_t kind = 0; kind < MS_TERM_FIXED; kind++) {
        ms_values_make(values, (ms_term){.kind = kind});
    }
}

void ms_values_deinit(ms_values *values) {
    free(values->items);
    *values = (ms_values){0};
}

static bool same(const ms_term *a, const ms_term *b) {
    return a->kind == b->kind && a->a == b->a && a->b == b->b && a->k == b->k;
}

ms_value ms_values_make(ms_values *values, ms_term term) {
    uint64_t key = ms_mum(((uint64_t)term.a << 32 | term.b) ^ MS_HASH_K,
                          (uint64_t)term.k * 31 + term.kind + 1);
    uint32_t *slot = ms_map_at(&values->index, key, NULL);
    if (*slot) {
        bool known = same(&values->items[*slot - 1], &term);
        return known ? (ms_value){.term = *slot - 1} : ms_unknown();
    }
    size_t capacity = values->capacity;
    ms_term *items = values->count < TERMS_MAX
                         ? ms_grow(values->items, values->count, &capacity, sizeof *items)
                         : NULL;
    if (!items) {
        return ms_unknown();
    }
    values->items = items;
    values->capacity = (uint32_t)capacity;
    items[values->count++] = term;
    *slot = values->count;
    return (ms_value){.term = values->count - 1};
}

static ms_value plus(ms_value value, int64_t bytes) {
    return ms_value_plus(value, bytes);
}

/* A term as another one times a factor; any term is itself times 1. */
static uint32_t unscale(const ms_values *values, uint32_t term, int64_t *factor) {
    const ms_term *t = ms_values_at(values, term);
    *factor = t->kind == MS_TERM_SCALED ? t->k : 1;
    return t->kind == MS_TERM_SCALED ? t->a : term;
}

static ms_value scaled(ms_values *values, uint32_t term, int64_t factor) {
    if (factor == 1) {
        return (ms_value){.term = term};
    }
    return ms_values_make(values, (ms_term){.kind = MS_TERM_SCALED, .a = term, .k = factor});
}

static int64_t times(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

ms_value ms_values_add(ms_values *values, ms_value a, ms_value b) {
    if (a.term == MS_TERM_UNKNOWN || b.term == MS_TERM_UNKNOWN) {
        return ms_unknown();
    }
    if (a.term == MS_TERM_NUMBER || b.term == MS_TERM_NUMBER) {
        return a.term == MS_TERM_NUMBER ? plus(b, a.offset) : plus(a, b.offset);
    }
    int64_t p, q, offset = (int64_t)((uint64_t)a.offset + (uint64_t)b.offset);
    uint32_t x = unscale(values, a.term, &p), y = unscale(values, b.term, &q);
    if (x == y) {
        return plus(scaled(values, x, (int64_t)((uint64_t)p + (uint64_t)q)), offset);
    }
    bool swap = p == q ? a.term > b.term : p != 1; /* what is scaled is no pointer: it comes last */
    ms_term sum = {.kind = MS_TERM_SUM, .a = a.term, .b = b.term};
    if (swap) {
        sum.a = b.term;
        sum.b = a.term;
    }
    return plus(ms_values_make(values, sum), offset);
}

ms_value ms_values_subtract(ms_values *values, ms_value a, ms_value b) {
    if (b.term == MS_TERM_NUMBER) {
        return ms_value_plus(a, (int64_t)(0 - (uint64_t)b.offset));
    }
    if (a.term == b.term && a.term != MS_TERM_UNKNOWN) {
        return ms_number((int64_t)((uint64_t)a.offset - (uint64_t)b.offset));
    }
    int64_t p, q;
    uint32_t x = unscale(values, a.term, &p), y = unscale(values, b.term, &q);
    if (x == y && x != MS_TERM_UNKNOWN && p != q) { /* 8 x - x */
        int64_t offset = (int64_t)((uint64_t)a.offset - (uint64_t)b.offset);
        return plus(scaled(values, x, (int64_t)((uint64_t)p - (uint64_t)q)), offset);
    }
    return ms_unknown();
}

ms_value ms_values_scale(ms_values *values, ms_value value, int64_t factor) {
    if (value.term == MS_TERM_UNKNOWN) {
        return value;
    }
    if (value.term == MS_TERM_NUMBER) {
        return ms_number(times(value.offset, factor));
    }
    int64_t before;
    uint32_t term = unscale(values, value.term, &before);
    return plus(scaled(values, term, times(before, factor)), times(value.offset, factor));
}

ms_value ms_values_load(ms_values *values, ms_value at) {
    if (at.term == MS_TERM_UNKNOWN) {
        return at;
    }
    return ms_values_make(values, (ms_term){.kind = MS_TERM_LOAD, .a = at.term, .k = at.offset});
}
