#include "model/frame_key.h"

#include <string.h>
#include <xxhash.h>

#include "base/hash.h"

static uint64_t hash_text(const char *text, uint64_t seed) {
    return text ? XXH3_64bits_withSeed(text, strlen(text), seed) : ms_mum(seed, MS_HASH_K);
}

static uint64_t address_key(const ms_frame *frame) {
    return ms_mum(frame->address ^ MS_HASH_K, hash_text(frame->module, 1) | 1);
}

uint64_t ms_frame_function_key(const ms_frame *frame) {
    if (!frame->function)
        return address_key(frame);
    return hash_text(frame->function, hash_text(frame->module, 2));
}

uint64_t ms_frame_place_key(const ms_frame *frame) {
    if (!frame->file || frame->line == MS_UNKNOWN)
        return address_key(frame);
    return ms_mum(hash_text(frame->file, ms_frame_function_key(frame)), frame->line ^ MS_HASH_K);
}
