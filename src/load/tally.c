#include "load/tally.h"

void ms_tally_enter(ms_tally *tally, uint64_t size, ms_estimate weight) {
    tally->live_bytes += size;
    tally->live_blocks++;
    ms_held_add(&tally->held, weight, size);
    uint64_t bytes = ms_estimated(tally->live_bytes, tally->held.bytes.excess);
    if (ms_surely(bytes, tally->held.bytes.variance) >
        ms_surely(tally->peak_bytes, tally->peak_variance)) {
        tally->peak_bytes = bytes;
        tally->peak_variance = tally->held.bytes.variance;
    }
}

void ms_tally_born(ms_tally *tally, uint64_t size, ms_estimate weight, bool is_realloc) {
    tally->allocations += !is_realloc;
    tally->reallocations += is_realloc;
    tally->bytes_allocated += size;
    ms_estimate_add(is_realloc ? &tally->reallocations_excess : &tally->allocations_excess, weight,
                    1);
    ms_estimate_add(&tally->bytes_excess, weight, (double)size);
    ms_tally_enter(tally, size, weight);
}

void ms_tally_leave(ms_tally *tally, uint64_t size, ms_estimate weight) {
    tally->live_bytes -= size;
    tally->live_blocks--;
    ms_held_remove(&tally->held, weight, size);
}
