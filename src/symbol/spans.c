#include "symbol/spans.h"

#include <stdlib.h>

#include "symbol/grow.h"

void ms_spans_deinit(ms_spans *spans) {
    free(spans->items);
    *spans = (ms_spans){0};
}

bool ms_spans_add(ms_spans *spans, uint64_t low, uint64_t high, uint32_t value) {
    if (low >= high) {
        return true;
    }
    ms_span *items = ms_grow(spans->items, spans->count, &spans->capacity, sizeof *items);
    if (!items) {
        return false;
    }
    spans->items = items;
    items[spans->count++] = (ms_span){.low = low, .high = high, .value = value};
    return true;
}

static int compare_spans(const void *left, const void *right) {
    const ms_span *a = left, *b = right;
    if (a->low != b->low) {
        return a->low < b->low ? -1 : 1;
    }
    return (a->value > b->value) - (a->value < b->value);
}

/* The sweep from low to high addresses. `open` holds the ranges begun and not known to have ended,
 * the winner on top; a range that ended below the top is dropped when it surfaces. */
typedef struct ms_sweep {
    ms_spans flat;
    const ms_span **open;
    size_t open_count;
    uint64_t cursor; /* everything below is in `flat` */
} ms_sweep;

static bool emit(ms_sweep *sweep, uint64_t high, uint32_t value) {
    ms_span *last = sweep->flat.count ? &sweep->flat.items[sweep->flat.count - 1] : NULL;
    if (last && last->value == value && last->high == sweep->cursor) {
        last->high = high;
    } else if (!ms_spans_add(&sweep->flat, sweep->cursor, high, value)) {
        return false;
    }
    sweep->cursor = high;
    return true;
}

static bool advance(ms_sweep *sweep, uint64_t limit) {
    while (sweep->open_count && sweep->cursor < limit) {
        const ms_span *top = sweep->open[sweep->open_count - 1];
        if (top->high <= sweep->cursor) {
            sweep->open_count--;
        } else if (!emit(sweep, top->high < limit ? top->high : limit, top->value)) {
            return false;
        }
    }
    sweep->cursor = limit;
    return true;
}

static bool run_sweep(ms_sweep *sweep, const ms_spans *spans) {
    for (size_t i = 0; i < spans->count; i++) {
        if (!advance(sweep, spans->items[i].low)) {
            return false;
        }
        sweep->open[sweep->open_count++] = &spans->items[i];
    }
    return advance(sweep, UINT64_MAX);
}

bool ms_spans_flatten(ms_spans *spans) {
    if (!spans->count) {
        return true;
    }
    qsort(spans->items, spans->count, sizeof *spans->items, compare_spans);
    ms_sweep sweep = {.open = calloc(spans->count, sizeof *sweep.open)};
    bool done = sweep.open && run_sweep(&sweep, spans);
    free(sweep.open);
    ms_spans_deinit(spans);
    if (!done) {
        ms_spans_deinit(&sweep.flat);
    }
    *spans = sweep.flat;
    return done;
}

bool ms_spans_find(const ms_spans *spans, uint64_t address, uint32_t *value) {
    size_t low = 0, high = spans->count;
    while (low < high) { /* the first span that ends after `address` */
        size_t middle = low + (high - low) / 2;
        if (spans->items[middle].high <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == spans->count || spans->items[low].low > address) {
        return false;
    }
    *value = spans->items[low].value;
    return true;
}
