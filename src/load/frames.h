/* frames.h - stacks of nodes become stacks of named frames, in the model. Each distinct pc is looked
 * up once. */
#ifndef MS_LOAD_FRAMES_H
#define MS_LOAD_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "load/load.h"
#include "load/nodes.h"
#include "model/model.h"

typedef struct ms_frames ms_frames;

/* Both are borrowed, `options` may be NULL; what is made lives in the model's arena. */
ms_frames *ms_frames_new(const ms_nodes *nodes, const ms_load_options *options, ms_model *model);
void ms_frames_free(ms_frames *frames);

/* Adds the stack that ends inwards in `node` to the model's. Returns its index, or MS_NO_STACK when
 * no stack was taken. `*module` is the index of the innermost frame's module in the model, or
 * MS_NO_MODULE. To be called for the most important stacks first: there is room for some millions
 * of frames, and stacks behind that keep only their innermost ones. */
uint32_t ms_frames_stack(ms_frames *frames, uint32_t node, uint32_t *module);

/* The same of a word of the program: who said it is innermost, not the functions of memscope's headers that
 * say it for them. Of a node it is added once. */
uint32_t ms_frames_said(ms_frames *frames, uint32_t node, uint32_t *module);

/* The name of the function that begins at `address`, as of when stack `id` was defined, or where in its module it
 * is; NULL: that is not known. */
const char *ms_frames_function(ms_frames *frames, uint64_t address, uint32_t id);

/* The innermost frame of the stack that ends in `node`; NULL: there is none. */
const ms_frame *ms_frames_innermost(ms_frames *frames, uint32_t node);

/* Adds variable and type to `site`, whose stack ends inwards in `node`, as far as debug info and code tell. A site
 * that has one of them already is left alone. Returns the type of which its blocks are one or several; NULL: not
 * known. */
const ms_datatype *ms_frames_name(ms_frames *frames, uint32_t node, ms_site *site);

/* Hands stacks and modules to the model. */
void ms_frames_finish(ms_frames *frames);

/* The module record at an index that ms_frames_stack() gave, until ms_frames_finish(). */
ms_module *ms_frames_module(ms_frames *frames, uint32_t index);

/* For who asks the modules of the trace for more than frames: how many there are, and the handle of one in
 * `*symbols`. SIZE_MAX: it is not to be asked: it is memscope's own, or the system's and on no stack so far. */
uint32_t ms_frames_modules(const ms_frames *frames);
size_t ms_frames_symbols(ms_frames *frames, uint32_t module, ms_symbols **symbols);

#endif
