#include "load/crossings.h"

#include <stdlib.h>

#include "util/memory.h"

enum { PAGE_BITS = 12 };

void ms_crossings_init(ms_crossings *c, ms_arena *arena) {
    *c = (ms_crossings){0};
    ms_map_init(&c->freer_of, arena);
    ms_map_init(&c->of, arena);
}

void ms_crossings_deinit(ms_crossings *c) {
    free(c->freers);
    free(c->items);
    c->freers = NULL;
    c->items = NULL;
}

/* Return addresses lie behind the call, which may be the last thing in its object. */
static uint32_t module_of(const ms_nodes *nodes, uint64_t pc) {
    return ms_nodes_module(nodes, pc - 1, UINT32_MAX);
}

static uint32_t freer_of(ms_crossings *c, uint32_t module, uint64_t pc) {
    uint64_t page = UINT64_C(1) << 63 | pc >> PAGE_BITS;
    uint64_t key = module == MS_NO_MODULE ? page : module + UINT64_C(1);
    if (c->freer_count == MS_FREERS_MAX)
        return ms_map_get(&c->freer_of, key);
    uint32_t *number = ms_map_at(&c->freer_of, key, NULL);
    if (!*number) {
        c->freers =
            ms_memory_grow(c->freers, c->freer_count + 1, &c->freer_capacity, sizeof *c->freers);
        c->freers[c->freer_count] = (ms_freer_count){.pc = pc, .module = module};
        *number = (uint32_t)++c->freer_count;
    }
    return *number;
}

uint32_t ms_crossings_freer(ms_crossings *c, const ms_nodes *nodes, uint64_t pc) {
    return pc ? freer_of(c, module_of(nodes, pc), pc) : 0;
}

bool ms_crossings_restore(ms_crossings *c, const ms_nodes *nodes, ms_freer_count freer) {
    bool has_module = freer.module < nodes->module_count;
    return (has_module || freer.module == MS_NO_MODULE) &&
           freer_of(c, freer.module, freer.pc) == c->freer_count;
}

void ms_crossings_add(ms_crossings *c, uint32_t site, uint32_t freer, uint64_t blocks,
                      uint64_t bytes) {
    uint64_t key = (uint64_t)site << 32 | freer;
    if (blocks == 0 || c->count == MS_CROSSINGS_MAX)
        return;
    uint32_t *number = ms_map_at(&c->of, key, NULL);
    if (!*number) {
        c->items = ms_memory_grow(c->items, c->count + 1, &c->capacity, sizeof *c->items);
        c->items[c->count] = (ms_crossing){.site = site, .freer = freer};
        *number = (uint32_t)++c->count;
    }
    c->items[*number - 1].blocks += blocks;
    c->items[*number - 1].bytes += bytes;
}

void ms_crossings_flush(ms_crossings *c, ms_sites *sites, uint32_t site, uint32_t freer) {
    ms_site_count *s = &sites->items[site];
    ms_crossings_add(c, site, s->freer, s->freed_blocks, s->freed_bytes);
    s->freer = freer;
    s->freed_blocks = s->freed_bytes = 0;
}

/* A thread may name an object before the stream of another brings its definition. */
void ms_crossings_settle(ms_crossings *c, ms_sites *sites, const ms_nodes *nodes) {
    for (size_t i = 0; i < sites->count; i++)
        ms_crossings_flush(c, sites, (uint32_t)i, sites->items[i].freer);
    for (size_t i = 0; i < c->freer_count; i++)
        if (c->freers[i].module == MS_NO_MODULE)
            c->freers[i].module = module_of(nodes, c->freers[i].pc);
}
