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

static bool is_known(uint64_t kind) {
    return kind > 0 && kind < MS_MISUSE_COUNT;
}

/* Its number, made if need be. */
static uint32_t number_of(ms_misuses *m, ms_misuse_count misuse) {
    uint32_t *number = ms_map_at(&m->of, (uint64_t)misuse.kind << 32 | misuse.place, NULL);
    if (!*number) {
        m->items = ms_memory_grow(m->items, m->count + 1, &m->capacity, sizeof *m->items);
        m->items[m->count] = misuse;
        *number = (uint32_t)++m->count;
    }
    return *number;
}

void ms_misuses_add(ms_misuses *m, uint64_t kind, const ms_said *said) {
    if (!is_known(kind))
        return;
    uint32_t number =
        number_of(m, (ms_misuse_count){.kind = (uint32_t)kind,
                                       .place = m->count < MS_MISUSES_MAX ? said->place : 0,
                                       .first_us = said->now_us,
                                       .thread = said->thread});
    m->items[number - 1].count++;
}

bool ms_misuses_restore(ms_misuses *m, ms_misuse_count misuse) {
    size_t had = m->count;
    bool has_room = had < MS_MISUSES_MAX || misuse.place == 0;
    return is_known(misuse.kind) && has_room && number_of(m, misuse) > had;
}
