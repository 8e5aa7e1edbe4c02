/* json_kept.h - the texts and stacks of a JSON report, which says them again wherever it means them:
 * each is kept once. So equal texts are one pointer. One thread at a time. */
#ifndef MS_LOAD_JSON_KEPT_H
#define MS_LOAD_JSON_KEPT_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "util/map.h"

typedef struct ms_json_kept {
    ms_arena *arena; /* borrowed: texts and frames live in it */
    const char **texts;
    size_t text_count, text_capacity;
    ms_stack *stacks;
    size_t stack_count, stack_capacity;
    ms_map text_of, stack_of; /* hash -> index; what has the hash of another is found behind it */
    uint64_t seed;            /* a file must not know the hashes */
} ms_json_kept;

void ms_json_kept_init(ms_json_kept *kept, ms_arena *arena);
void ms_json_kept_deinit(ms_json_kept *kept);

/* `size` bytes without a zero among them, as a text. */
const char *ms_json_kept_text(ms_json_kept *kept, const char *bytes, size_t size);

/* The number of the stack of these frames, whose texts are kept and whose padding is zero. Its lifted
 * frames are those in front that are marked so, while there is one left to blame. */
uint32_t ms_json_kept_stack(ms_json_kept *kept, const ms_frame *frames, uint32_t count);

/* Hands all stacks to `model`, whose arena it is. */
void ms_json_kept_finish(ms_json_kept *kept, ms_model *model);

#endif
