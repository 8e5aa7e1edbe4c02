#include "load/misuse.h"

#include <stdlib.h>

#include "util/memory.h"

void ms_misuses_init(ms_misuses *m, ms_arena *arena) {
    *m = (ms_misuses){0};
    ms_map_init(&m->of, arena);
}

void ms_misuses_deinit(ms_misuses *m) {
    free(m->items);
    m->items = NULL;
}

void ms_misuses_add(ms_misuses *m, uint64_t kind, const ms_said *said) {
    if (kind == 0 || kind >= MS_MISUSE_COUNT)
        return;
    uint32_t place = m->count < MS_MISUSES_MAX ? said->place : 0;
    uint32_t *number = ms_map_at(&m->of, kind << 32 | place, NULL);
    if (!*number) {
        m->items = ms_memory_grow(m->items, m->count + 1, &m->capacity, sizeof *m->items);
        m->items[m->count] = (ms_misuse_count){.kind = (uint32_t)kind,
                                               .place = place,
                                               .first_us = said->now_us,
                                               .thread = said->thread};
        *number = (uint32_t)++m->count;
    }
    m->items[*number - 1].count++;
}
