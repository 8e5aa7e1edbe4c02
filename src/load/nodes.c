#include "load/nodes.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "util/memory.h"

/* Ids are handed out one after another, so pages of them are dense. The limit is far beyond the
 * stack table of the recording side; it bounds what a broken trace can make us allocate. */
#define MAX_IDS (UINT32_C(1) << 26)
#define FIRST_SLOTS 4096u
#define MAX_MODULES 65536u

/* No stack is deeper (capture keeps fewer frames); a longer chain of ids is a cycle. */
#define MAX_DEPTH 8192u

void ms_nodes_init(ms_nodes *nodes) {
    *nodes =
        (ms_nodes){.pages = ms_memory_zeroed(MAX_IDS / MS_NODES_PAGE + 1, sizeof *nodes->pages),
                   .slots = ms_memory_zeroed(FIRST_SLOTS, sizeof *nodes->slots),
                   .slot_mask = FIRST_SLOTS - 1};
}

void ms_nodes_deinit(ms_nodes *nodes) {
    for (size_t i = 0; i <= MAX_IDS / MS_NODES_PAGE; i++)
        free(nodes->pages[i]);
    for (size_t i = 0; i < nodes->module_count; i++)
        free(nodes->modules[i].text);
    free(nodes->pages);
    free(nodes->items);
    free(nodes->slots);
    free(nodes->modules);
}

ms_stack_id *ms_nodes_id(ms_nodes *nodes, uint64_t id) {
    if (id > MAX_IDS)
        id = MAX_IDS;
    ms_stack_id **page = &nodes->pages[id / MS_NODES_PAGE];
    if (!*page)
        *page = ms_memory_zeroed(MS_NODES_PAGE, sizeof **page);
    return &(*page)[id % MS_NODES_PAGE];
}

bool ms_nodes_page(const ms_nodes *nodes, uint32_t *first, const ms_stack_id **page) {
    size_t i = *first / MS_NODES_PAGE;
    while (i <= MAX_IDS / MS_NODES_PAGE && !nodes->pages[i])
        i++;
    if (i > MAX_IDS / MS_NODES_PAGE)
        return false;
    *first = (uint32_t)i * MS_NODES_PAGE;
    *page = nodes->pages[i];
    return true;
}

void ms_nodes_define(ms_nodes *nodes, const ms_event *event) {
    if (event->stack < MS_ROOT_COUNT || event->stack >= MAX_IDS)
        return;
    ms_stack_id *id = ms_nodes_id(nodes, event->stack);
    if (id->defined)
        return;
    id->defined = true;
    id->pc = event->pc;
    id->parent = event->parent < MAX_IDS ? (uint32_t)event->parent : MAX_IDS;
    nodes->defined++;
}

/* ---- modules ---------------------------------------------------------------------------- */

void ms_nodes_add_module(ms_nodes *nodes, const ms_event *event) {
    if (nodes->module_count == MAX_MODULES)
        return;
    nodes->modules = ms_memory_grow(nodes->modules, nodes->module_count + 1,
                                    &nodes->module_capacity, sizeof *nodes->modules);
    ms_loaded *module = &nodes->modules[nodes->module_count++];
    *module = (ms_loaded){.bias = event->address,
                          .start = event->old,
                          .bytes = event->size,
                          .number = event->number,
                          .text = ms_memory_zeroed(event->text.size, 1),
                          .text_size = event->text.size};
    if (event->text.size)
        memcpy(module->text, event->text.bytes, event->text.size);
}

uint32_t ms_nodes_module(const ms_nodes *nodes, uint64_t pc, uint32_t id) {
    uint32_t found = MS_NO_MODULE;
    for (size_t i = 0; i < nodes->module_count; i++) {
        const ms_loaded *m = &nodes->modules[i];
        if (pc - m->start < m->bytes && m->number <= id &&
            (found == MS_NO_MODULE || m->number >= nodes->modules[found].number))
            found = (uint32_t)i;
    }
    return found;
}

/* ---- nodes ------------------------------------------------------------------------------ */

static uint32_t *slot_of(const ms_nodes *nodes, const ms_node *node) {
    uint64_t hash = ms_mum(node->pc ^ (uint64_t)node->parent << 32, MS_HASH_K ^ node->module);
    size_t i = (size_t)hash & nodes->slot_mask;
    for (; nodes->slots[i]; i = (i + 1) & nodes->slot_mask) {
        const ms_node *other = ms_nodes_at(nodes, nodes->slots[i]);
        if (other->pc == node->pc && other->parent == node->parent && other->module == node->module)
            break;
    }
    return &nodes->slots[i];
}

static void grow_slots(ms_nodes *nodes) {
    size_t slots = (nodes->slot_mask + 1) * 2;
    free(nodes->slots);
    nodes->slots = ms_memory_zeroed(slots, sizeof *nodes->slots);
    nodes->slot_mask = slots - 1;
    for (size_t i = 0; i < nodes->count; i++)
        *slot_of(nodes, &nodes->items[i]) = (uint32_t)(i + MS_ROOT_COUNT);
}

uint32_t ms_nodes_intern(ms_nodes *nodes, ms_node node) {
    uint32_t *slot = slot_of(nodes, &node);
    if (*slot)
        return *slot;
    nodes->items =
        ms_memory_grow(nodes->items, nodes->count + 1, &nodes->capacity, sizeof *nodes->items);
    nodes->items[nodes->count++] = node;
    uint32_t number = (uint32_t)(nodes->count - 1 + MS_ROOT_COUNT);
    *slot = number;
    if (nodes->count * 2 > nodes->slot_mask)
        grow_slots(nodes);
    return number;
}

/* The node of an id as far as it is known without its callers: itself, an end, or nothing (0). */
static uint32_t known(ms_nodes *nodes, uint32_t id) {
    if (id != MS_ROOT_NONE && id < MS_ROOT_COUNT)
        return id;
    if (id == MS_ROOT_NONE || id >= MAX_IDS)
        return MS_NODE_LOST;
    return ms_nodes_id(nodes, id)->node;
}

/* Walks outwards to the first caller whose node is known, then back in, making nodes. */
static uint32_t resolve(ms_nodes *nodes, uint32_t id) {
    uint32_t path[MAX_DEPTH];
    size_t depth = 0;
    uint32_t node;
    while ((node = known(nodes, id)) == 0) {
        const ms_stack_id *entry = ms_nodes_id(nodes, id);
        if (!entry->defined && !nodes->closed)
            return MS_NODE_UNKNOWN;
        if (!entry->defined || depth == MAX_DEPTH) {
            node = MS_NODE_LOST;
            break;
        }
        path[depth++] = id;
        id = entry->parent;
    }
    while (depth-- > 0) {
        ms_stack_id *entry = ms_nodes_id(nodes, path[depth]);
        node = ms_nodes_intern(nodes,
                               (ms_node){.pc = entry->pc,
                                         .parent = node,
                                         .module = ms_nodes_module(nodes, entry->pc, path[depth])});
        entry->node = node;
    }
    return node;
}

uint32_t ms_nodes_resolve(ms_nodes *nodes, uint64_t id) {
    if (id < MS_ROOT_COUNT)
        return (uint32_t)id;
    return id < MAX_IDS ? resolve(nodes, (uint32_t)id) : MS_NODE_LOST;
}

void ms_nodes_close(ms_nodes *nodes) {
    nodes->closed = true;
}
