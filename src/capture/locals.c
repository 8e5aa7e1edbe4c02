#include "capture/locals.h"

static void set_innermost(ms_locals *locals) {
    locals->innermost = locals->count ? locals->at[locals->count - 1] : UINT64_MAX;
}

/* Where `address` is, or would be. */
static uint32_t place_of(const ms_locals *locals, uint64_t address) {
    uint32_t i = locals->count;
    while (i > 0 && locals->at[i - 1] < address)
        i--;
    return i;
}

static bool has(const ms_locals *locals, uint32_t place, uint64_t address) {
    return place > 0 && locals->at[place - 1] == address;
}

void ms_locals_track(ms_locals *locals, uint64_t address, uint64_t cfa, uint64_t low,
                     uint64_t high) {
    if (address < cfa || address >= high)
        return;
    if (locals->count == 0) {
        locals->low = low;
        locals->high = high;
    }
    uint32_t place = place_of(locals, address);
    if (locals->high != high || locals->count == MS_LOCALS_MAX || has(locals, place, address))
        return;
    for (uint32_t i = locals->count++; i > place; i--)
        locals->at[i] = locals->at[i - 1];
    locals->at[place] = address;
    set_innermost(locals);
}

void ms_locals_untrack(ms_locals *locals, uint64_t address) {
    uint32_t place = place_of(locals, address);
    if (!has(locals, place, address))
        return;
    for (uint32_t i = place; i < locals->count; i++)
        locals->at[i - 1] = locals->at[i];
    locals->count--;
    set_innermost(locals);
}

uint64_t ms_locals_take(ms_locals *locals, uint64_t cfa) {
    bool here = cfa > locals->low && cfa <= locals->high;
    uint64_t gone = locals->innermost;
    if (!here || !ms_locals_gone(locals, cfa))
        return 0;
    locals->count--;
    set_innermost(locals);
    return gone;
}
