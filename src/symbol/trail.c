#include "symbol/trail.h"

/* What is in front of the address is no part of what its type describes. */
static ms_size_fit fit_of(const ms_trail *trail, const ms_mark *mark, int64_t offset) {
    uint64_t before = offset > 0 ? (uint64_t)offset : 0;
    if (before > trail->min_size) {
        return MS_FIT_NOT;
    }
    return ms_size_fit_of(mark->has_target ? &mark->target : NULL, trail->min_size - before,
                          trail->max_size - before);
}

void ms_trail_add(ms_trail *trail, const ms_passage *passage) {
    uint32_t frame = trail->depth++;
    trail->passages[frame] = passage;
    for (uint32_t i = 0; i < passage->count && trail->count < MS_PASSED_MAX; i++) {
        const ms_mark *mark = &passage->marks[i];
        trail->marks[trail->count++] = (ms_passed){.mark = mark,
                                                   .passage = passage,
                                                   .frame = frame,
                                                   .fit = fit_of(trail, mark, passage->offset)};
    }
}

static bool is_possible(const ms_trail *trail, const ms_passed *mark) {
    uint8_t root = mark->mark->root;
    for (uint32_t i = mark->frame; i + 1 < trail->depth && root < MS_REGISTERS; i++) {
        root = ms_given_for(&trail->passages[i + 1]->given, trail->passages[i]->entry, root);
    }
    return root != MS_GIVEN_NULL;
}

void ms_trail_prune(ms_trail *trail) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < trail->count; i++) {
        if (is_possible(trail, &trail->marks[i])) {
            trail->marks[kept++] = trail->marks[i];
        }
    }
    trail->count = kept;
}
