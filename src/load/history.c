#include "load/history.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/memory.h"

void ms_history_init(ms_history *h) {
    *h = (ms_history){.sampled_from_us = UINT64_MAX, .first_gap_until_us = UINT64_MAX};
}

void ms_history_deinit(ms_history *h) {
    free(h->rates);
    free(h->gaps);
}

void ms_history_rate(ms_history *h, uint64_t now_us, uint32_t thread, uint64_t rate) {
    h->rate_changes++;
    if (rate) {
        h->several_rates |= h->rate && h->rate != rate;
        h->rate = rate;
        if (h->sampled_from_us == UINT64_MAX)
            h->sampled_from_us = now_us;
    }
    if (h->rate_count == MS_HISTORY_MAX)
        return;
    h->rates = ms_memory_grow(h->rates, h->rate_count + 1, &h->rate_capacity, sizeof *h->rates);
    h->rates[h->rate_count++] = (ms_rate_change){now_us * 1000, thread, rate};
}

/* Who tells of the same gap later took longer to notice that it was over. */
void ms_history_gap(ms_history *h, uint64_t now_us, uint64_t since_us) {
    if (h->gap_changes && since_us == h->gap_since_us)
        return;
    h->gap_since_us = since_us;
    if (since_us < h->gap_until_us)
        since_us = h->gap_until_us;
    if (since_us > now_us)
        since_us = now_us;
    h->gap_changes++;
    h->gap_us += now_us - since_us;
    h->gap_until_us = now_us;
    if (h->first_gap_until_us == UINT64_MAX)
        h->first_gap_until_us = now_us;
    if (h->gap_count == MS_HISTORY_MAX)
        return;
    h->gaps = ms_memory_grow(h->gaps, h->gap_count + 1, &h->gap_capacity, sizeof *h->gaps);
    h->gaps[h->gap_count++] = (ms_recording_gap){since_us * 1000, now_us * 1000};
}

static void *copied(ms_model *model, const void *items, size_t count, size_t size) {
    void *copy = ms_arena_alloc(model->arena, count * size);
    if (count)
        memcpy(copy, items, count * size);
    return copy;
}

void ms_history_finish(const ms_history *h, ms_model *model) {
    ms_capture *c = &model->capture;
    c->sample_bytes = h->several_rates ? MS_UNKNOWN : h->rate;
    c->exact_until_ns = h->sampled_from_us == UINT64_MAX ? MS_UNKNOWN : h->sampled_from_us * 1000;
    c->rate_changes = h->rate_changes;
    c->rates.items = copied(model, h->rates, h->rate_count, sizeof *h->rates);
    c->rates.count = h->rate_count;
    c->gaps = h->gap_changes;
    c->gap_ns = h->gap_us * 1000;
    c->recording_gaps.items = copied(model, h->gaps, h->gap_count, sizeof *h->gaps);
    c->recording_gaps.count = h->gap_count;
}
