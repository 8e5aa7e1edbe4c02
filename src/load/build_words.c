#include "load/build_words.h"

uint32_t ms_words_stack(const ms_words *w, uint64_t id, uint32_t *module) {
    uint32_t unwanted;
    module = module ? module : &unwanted;
    *module = MS_NO_MODULE;
    if (!w->frames || id < MS_ROOT_COUNT)
        return MS_NO_STACK;
    return ms_frames_said(w->frames, ms_nodes_resolve(&w->replay->nodes, id), module);
}
