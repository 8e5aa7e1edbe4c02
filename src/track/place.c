#include "track/place.h"

static bool is_told(uint64_t id) {
    return id >> 32 == g_ms.generation;
}

uint32_t ms_place_tell(ms_thread *thread, struct memscope_place *place) {
    uint64_t id = ms_place_id(place);
    if (is_told(id)) /* meanwhile, by another thread */
        return (uint32_t)id;
    const char *const texts[MS_SITE_TEXTS] = {place->name, place->type, place->file,
                                              place->function};
    uint32_t number = ms_record_site(thread, place->line, place->kind, texts);
    uint64_t own = (uint64_t)g_ms.generation << 32 | number;
    bool is_first = number && __atomic_compare_exchange_n(&place->id, &id, own, false,
                                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return !is_first && is_told(id) ? (uint32_t)id : number;
}
