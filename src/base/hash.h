/* hash.h - the two mixers used on hot paths and in tables keyed by integers. Pure. */
#ifndef MS_BASE_HASH_H
#define MS_BASE_HASH_H

#include <stdint.h>

/* Both halves of a 64x64 multiply, folded (the "mum" step of wyhash by Wang Yi):
 * one multiplication mixes every bit of both operands. */
static inline uint64_t ms_mum(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 ms_u128;
    ms_u128 product = (ms_u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#define MS_HASH_K 0x9e3779b97f4a7c15u /* 2^64 / golden ratio, odd */

/* A well-mixed hash of one integer; 0 maps to 0. */
static inline uint64_t ms_hash_u64(uint64_t v) {
    return ms_mum(v, MS_HASH_K);
}

/* The hash of a stack one frame deeper than the one hashed to `outer`. Never 0,
 * so that 0 can mark an empty table slot. */
static inline uint64_t ms_hash_frame(uint64_t outer, uint64_t pc) {
    return ms_mum(outer ^ pc, MS_HASH_K) | 1;
}

#endif
