#include "track/place.h"

uint32_t ms_place_tell(ms_thread *thread, struct memscope_place *place) {
    const char *const texts[MS_SITE_TEXTS] = {place->name, place->type, place->file,
                                              place->function};
    uint32_t number = ms_record_site(thread, place->line, place->kind, texts);
    if (number)
        __atomic_store_n(&place->id, (uint64_t)g_ms.generation << 32 | number, __ATOMIC_RELAXED);
    return number;
}
