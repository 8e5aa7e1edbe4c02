#include "load/build_crossings.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/memory.h"

#define MOST_SITES 64u /* of a pair */

/* Of a module by index, without folders; not terminated. */
static ms_text file_name(const ms_nodes *nodes, uint32_t module) {
    const ms_loaded *m = &nodes->modules[module];
    uint32_t id = m->text_size ? 1u + m->text[0] : 0, start = id < m->text_size ? id : m->text_size;
    for (uint32_t i = start; i < m->text_size; i++)
        if (m->text[i] == '/')
            start = i + 1;
    return (ms_text){m->text + start, m->text_size - start};
}

static bool begins(ms_text name, const char *with) {
    size_t size = strlen(with);
    return name.size >= size && memcmp(name.bytes, with, size) == 0;
}

/* Code that everybody calls says little of whose the block is. */
static bool is_c_library(const ms_nodes *nodes, uint32_t module) {
    static const char *const names[] = {"libc.so.",   "libc-2.",  "libstdc++.so.",
                                        "libc++.so.", "ld-linux", "libpthread"};
    ms_text name = file_name(nodes, module);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (begins(name, names[i]))
            return true;
    return false;
}

/* The module of the innermost frame outside of the C library; of the innermost, where all are within. */
static uint32_t owner_of(const ms_nodes *nodes, uint32_t node) {
    uint32_t innermost = MS_NO_MODULE;
    for (; node >= MS_ROOT_COUNT && node != MS_NODE_UNKNOWN;
         node = ms_nodes_at(nodes, node)->parent) {
        uint32_t module = ms_nodes_at(nodes, node)->module;
        if (module == MS_NO_MODULE)
            continue;
        if (!is_c_library(nodes, module))
            return module;
        innermost = innermost == MS_NO_MODULE ? module : innermost;
    }
    return innermost;
}

static const char *name_of(ms_model *model, const ms_nodes *nodes, uint32_t module) {
    if (module == MS_NO_MODULE)
        return NULL;
    ms_text name = file_name(nodes, module);
    return name.size ? ms_arena_text(model->arena, (const char *)name.bytes, name.size) : NULL;
}

const char *ms_build_freer(ms_model *model, const ms_replay *r, uint32_t freer) {
    return freer ? name_of(model, &r->nodes, r->crossings.freers[freer - 1].module) : NULL;
}

static bool same_file(const ms_nodes *nodes, uint32_t a, uint32_t b) {
    ms_text x = file_name(nodes, a), y = file_name(nodes, b);
    return x.size == y.size && memcmp(x.bytes, y.bytes, x.size) == 0;
}

bool ms_build_crosses(ms_replay *r, uint64_t stack, uint32_t freer) {
    ms_nodes *nodes = &r->nodes;
    uint32_t by = freer ? r->crossings.freers[freer - 1].module : MS_NO_MODULE;
    uint32_t owner =
        stack < MS_ROOT_COUNT ? MS_NO_MODULE : owner_of(nodes, ms_nodes_resolve(nodes, stack));
    return owner != MS_NO_MODULE && by != MS_NO_MODULE && !is_c_library(nodes, by) &&
           !same_file(nodes, owner, by);
}

/* ---- pairs ------------------------------------------------------------------------------ */

/* The first module of the same file name: one may be loaded several times. */
static uint32_t *find_firsts(const ms_nodes *nodes) {
    uint32_t *firsts = ms_memory_zeroed(nodes->module_count, sizeof *firsts);
    for (uint32_t i = 0; i < nodes->module_count; i++) {
        uint32_t first = 0;
        while (first < i && !(firsts[first] == first && same_file(nodes, first, i)))
            first++;
        firsts[i] = first;
    }
    return firsts;
}

static int by_blocks(const void *a, const void *b) {
    const ms_module_pair *x = a, *y = b;
    if (x->blocks != y->blocks)
        return x->blocks < y->blocks ? 1 : -1;
    int order =
        strcmp(x->allocated_by ? x->allocated_by : "", y->allocated_by ? y->allocated_by : "");
    return order ? order : strcmp(x->freed_by ? x->freed_by : "", y->freed_by ? y->freed_by : "");
}

static uint32_t first_of(const uint32_t *firsts, uint32_t module) {
    return module == MS_NO_MODULE ? module : firsts[module];
}

/* What is under way. A site of a pair is found again by both: several of the replay may be one by now. */
typedef struct builder {
    ms_model *model;
    const ms_replay *replay;
    const uint64_t *site_ids;
    uint32_t *firsts;
    ms_map pair_of, site_of; /* index + 1 */
    ms_pair_site *sites;
    uint32_t *pair; /* of each of these, index */
    size_t site_count;
} builder;

static uint32_t pair_of(builder *b, uint32_t owner, uint32_t freer) {
    ms_model *model = b->model;
    const ms_nodes *nodes = &b->replay->nodes;
    uint32_t *number = ms_map_at(&b->pair_of, (uint64_t)owner << 32 | freer, NULL);
    if (!*number) {
        *number = (uint32_t)++model->module_pairs.count;
        model->module_pairs.items[*number - 1] =
            (ms_module_pair){.allocated_by = name_of(model, nodes, owner),
                             .freed_by = name_of(model, nodes, freer),
                             .crosses = owner != freer && owner != MS_NO_MODULE &&
                                        freer != MS_NO_MODULE && !is_c_library(nodes, freer)};
    }
    return *number - 1;
}

static void add_site(builder *b, uint32_t pair, uint32_t site, const ms_crossing *crossing) {
    if (!b->site_ids || b->site_ids[site] == MS_UNKNOWN)
        return;
    uint32_t *number = ms_map_at(&b->site_of, (uint64_t)pair << 32 | site, NULL);
    if (!*number) {
        *number = (uint32_t)++b->site_count;
        b->sites[*number - 1] = (ms_pair_site){.site = b->site_ids[site]};
        b->model->module_pairs.items[pair].sites.count++;
        b->pair[*number - 1] = pair;
    }
    b->sites[*number - 1].blocks += crossing->blocks;
    b->sites[*number - 1].bytes += crossing->bytes;
}

static void add(builder *b, const ms_crossing *crossing) {
    const ms_replay *r = b->replay;
    uint32_t site = r->sites.moved[crossing->site], freer = MS_NO_MODULE;
    uint32_t owner = first_of(b->firsts, owner_of(&r->nodes, r->sites.items[site].node));
    if (crossing->freer)
        freer = first_of(b->firsts, r->crossings.freers[crossing->freer - 1].module);
    uint32_t pair = pair_of(b, owner, freer);
    b->model->module_pairs.items[pair].blocks += crossing->blocks;
    b->model->module_pairs.items[pair].bytes += crossing->bytes;
    add_site(b, pair, site, crossing);
}

static int by_site_blocks(const void *a, const void *b) {
    const ms_pair_site *x = a, *y = b;
    if (x->blocks != y->blocks)
        return x->blocks < y->blocks ? 1 : -1;
    return (x->site > y->site) - (x->site < y->site);
}

/* Each pair gets its own of the sites, one pair's after the other's, most blocks first. */
static void hand_out_sites(builder *b) {
    size_t count = b->model->module_pairs.count;
    ms_module_pair *pairs = b->model->module_pairs.items;
    ms_pair_site *next =
        ms_arena_alloc(b->model->arena, (b->site_count + 1) * sizeof *pairs->sites.items);
    for (size_t i = 0; i < count; i++) {
        pairs[i].sites.items = next;
        next += pairs[i].sites.count;
        pairs[i].sites.count = 0;
    }
    for (size_t i = 0; i < b->site_count; i++) {
        ms_module_pair *pair = &pairs[b->pair[i]];
        pair->sites.items[pair->sites.count++] = b->sites[i];
    }
    for (size_t i = 0; i < count; i++) {
        size_t sites = pairs[i].sites.count;
        if (sites)
            qsort(pairs[i].sites.items, sites, sizeof *pairs[i].sites.items, by_site_blocks);
        pairs[i].sites.count = sites < MOST_SITES ? sites : MOST_SITES;
    }
}

void ms_build_crossings(ms_model *model, const ms_replay *r, const uint64_t *site_ids) {
    const ms_crossings *crossings = &r->crossings;
    ms_arena *scratch = ms_arena_new();
    if (!scratch)
        return;
    builder b = {.model = model, .replay = r, .site_ids = site_ids};
    ms_map_init(&b.pair_of, scratch);
    ms_map_init(&b.site_of, scratch);
    b.firsts = find_firsts(&r->nodes);
    b.sites = ms_memory_zeroed(crossings->count + 1, sizeof *b.sites);
    b.pair = ms_memory_zeroed(crossings->count + 1, sizeof *b.pair);
    model->module_pairs.items =
        ms_arena_alloc(model->arena, crossings->count * sizeof *model->module_pairs.items);
    for (size_t i = 0; i < crossings->count; i++)
        add(&b, &crossings->items[i]);
    hand_out_sites(&b);
    if (model->module_pairs.count)
        qsort(model->module_pairs.items, model->module_pairs.count,
              sizeof *model->module_pairs.items, by_blocks);
    free(b.firsts);
    free(b.sites);
    free(b.pair);
    ms_arena_free(scratch);
}
