/* nodes.h - the stacks of a trace as a tree of call frames.
 *
 * A trace defines stack ids, each as a frame on top of another id. Two threads may have defined the
 * same frame under two ids, and an id may be used by one thread before the stream of another brings
 * its definition. So ids are resolved to nodes: one for each (caller, pc, module).
 *
 * Numbers below MS_ROOT_COUNT are not nodes but ends of stacks: ms_root, or MS_NODE_LOST. */
#ifndef MS_LOAD_NODES_H
#define MS_LOAD_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"
#include "trace/format.h"

#define MS_NODE_LOST 15u           /* the trace does not have the definition */
#define MS_NODE_UNKNOWN UINT32_MAX /* not yet: see ms_nodes_close() */
#define MS_NO_MODULE UINT32_MAX
#define MS_NODES_PAGE 1024u /* ids */

/* Of a module: what a MODULE event said. The text is owned. */
typedef struct ms_loaded {
    uint64_t bias, start, bytes;
    uint64_t number; /* stack ids from here on mean this module */
    uint8_t *text;   /* build id length, build id, path */
    uint32_t text_size;
} ms_loaded;

typedef struct ms_node {
    uint64_t pc;
    uint32_t parent; /* node number or end of stack */
    uint32_t module; /* index, or MS_NO_MODULE */
} ms_node;

/* What is known of a stack id. */
typedef struct ms_stack_id {
    uint64_t pc;
    uint32_t parent; /* stack id or end of stack */
    uint32_t node;   /* 0: not resolved yet */
    uint32_t site;   /* the replay's: index + 1 */
    bool defined;
} ms_stack_id;

typedef struct ms_nodes {
    ms_stack_id **pages;
    ms_node *items; /* node number - MS_ROOT_COUNT */
    size_t count, capacity;
    uint32_t *slots; /* hash table of the nodes: number, 0 where free */
    size_t slot_mask;
    ms_loaded *modules;
    size_t module_count, module_capacity;
    uint64_t defined; /* ids */
    bool closed;
} ms_nodes;

void ms_nodes_init(ms_nodes *nodes);
void ms_nodes_deinit(ms_nodes *nodes);

/* The number of the node, made if need be. */
uint32_t ms_nodes_intern(ms_nodes *nodes, ms_node node);

/* Takes a STACK event. A second definition of an id is ignored. */
void ms_nodes_define(ms_nodes *nodes, const ms_event *event);

/* Takes a MODULE event. */
void ms_nodes_add_module(ms_nodes *nodes, const ms_event *event);

/* The entry of a stack id, made if need be. Ids no trace can have share one. */
ms_stack_id *ms_nodes_id(ms_nodes *nodes, uint64_t id);

/* The first page of ids from `*first` on that has any, which `*first` is set to: MS_NODES_PAGE ids from
 * there on. False when there is none. */
bool ms_nodes_page(const ms_nodes *nodes, uint32_t *first, const ms_stack_id **page);

/* The node of a stack id; MS_NODE_UNKNOWN while its definition, or that of a caller, is missing. */
uint32_t ms_nodes_resolve(ms_nodes *nodes, uint64_t id);

/* The newest module that covers `pc` and was there when stack `id` was defined, or MS_NO_MODULE. */
uint32_t ms_nodes_module(const ms_nodes *nodes, uint64_t pc, uint32_t id);

/* No more definitions will come: what is missing is lost, and ends its stacks. */
void ms_nodes_close(ms_nodes *nodes);

static inline const ms_node *ms_nodes_at(const ms_nodes *nodes, uint32_t node) {
    return &nodes->items[node - MS_ROOT_COUNT];
}

#endif
