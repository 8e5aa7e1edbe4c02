/* info.h - what a trace says about the program and its recording: INFO pairs. */
#ifndef MS_LOAD_INFO_H
#define MS_LOAD_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "trace/format.h"
#include "util/arena.h"

typedef struct ms_info_list {
    const char **items;
    size_t count, capacity;
} ms_info_list;

/* Texts live in the arena; NULL: not given. Of a key given again the last value holds; a chunk with
 * arguments or options replaces those of the chunks before it. */
typedef struct ms_info {
    ms_arena *arena; /* borrowed */
    const char *executable, *directory, *host, *strategy, *ring, *end;
    ms_info_list arguments, options;
    uint64_t parent; /* MS_UNKNOWN: not given */
    uint64_t held_ms;
    bool forked, complete;
    bool compact; /* blocks have names, where others have addresses */
    uint64_t lost[MS_LOSS_COUNT];
    size_t kept; /* bytes */
} ms_info;

void ms_info_init(ms_info *info, ms_arena *arena);
void ms_info_deinit(ms_info *info);

/* Takes the payload of an INFO chunk. What comes behind a damaged pair is ignored. */
void ms_info_read(ms_info *info, const uint8_t *payload, size_t size);

/* Fills in the program's part of the model and what the recording says about itself. */
void ms_info_finish(const ms_info *info, ms_model *model);

/* RFC 3339, UTC. */
const char *ms_info_date(ms_arena *arena, uint64_t unix_ns);

#endif
