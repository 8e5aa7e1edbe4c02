/* place.h - the number that a place in the program has in the present trace. */
#ifndef MS_TRACK_PLACE_H
#define MS_TRACK_PLACE_H

#include "memscope/calls.h"

#include "capture/note.h"

/* Tells the trace about the place and returns its number; 0: that event was lost. */
uint32_t ms_place_tell(ms_thread *thread, struct memscope_place *place);

/* Its number, and above it the generation of the ring it had that in: another one's is no number. */
static inline uint64_t ms_place_id(const struct memscope_place *place) {
    return __atomic_load_n(&place->id, __ATOMIC_RELAXED);
}

static inline bool ms_place_is_told(const struct memscope_place *place) {
    return ms_place_id(place) >> 32 == g_ms.generation;
}

/* Two threads may tell one place at once: then the trace has it twice, but all speak of one of the two. A
 * scope that is entered as one and left as the other would not be left for whoever has not read both. */
static inline uint32_t ms_place_number(ms_thread *thread, struct memscope_place *place) {
    if (!place)
        return 0;
    uint64_t id = ms_place_id(place);
    return ms_likely(id >> 32 == g_ms.generation) ? (uint32_t)id : ms_place_tell(thread, place);
}

#endif
