/* html_names.h - the texts of a model, each once and with a number, and its stacks as one tree: what the
 * page's tables refer to. Inside the HTML exporter only. One thread at a time. */
#ifndef MS_EXPORT_HTML_NAMES_H
#define MS_EXPORT_HTML_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

typedef struct ms_html_names {
    uint64_t seed;      /* of the hashes: a trace must not choose which texts collide */
    const char **texts; /* by number; borrowed from the model */
    size_t text_count, text_capacity;
    uint32_t *text_slots; /* by hash: number + 1 */
    size_t text_mask;

    ms_frame *frames; /* distinct ones */
    size_t frame_count, frame_capacity;
    uint32_t *frame_slots;
    size_t frame_mask;

    /* From the outermost frame inwards: stacks that begin alike share their nodes. */
    struct ms_html_node {
        uint32_t parent; /* number + 1; 0: outermost */
        uint32_t frame;
    } * nodes;
    size_t node_count, node_capacity;
    uint32_t *node_slots;
    size_t node_mask;
    uint32_t
        *stack_nodes; /* of each stack of the model: number + 1 of its innermost; 0: it is empty */
} ms_html_names;

/* Collects all texts and stacks of `model`, which must outlive it. */
void ms_html_names_init(ms_html_names *names, const ms_model *model);
void ms_html_names_deinit(ms_html_names *names);

/* The number of a text of the model plus 1; 0 for NULL. One that is new is added. */
uint32_t ms_html_text(ms_html_names *names, const char *text);

#endif
