/* size_fit.h - whether blocks of the sizes seen can be of a type. */
#ifndef MS_SYMBOL_SIZE_FIT_H
#define MS_SYMBOL_SIZE_FIT_H

#include <stdint.h>

#include <elfutils/libdw.h>

/* Of two the greater one says more about the block. */
typedef enum ms_size_fit {
    MS_FIT_NOT,    /* a block is smaller than one object */
    MS_FIT_NONE,   /* no size is known: void, or only declared */
    MS_FIT_BYTES,  /* characters, which fit everything */
    MS_FIT_HEADER, /* an object with something behind it */
    MS_FIT_SCALAR, /* numbers or pointers, without a rest */
    MS_FIT_ARRAY,  /* structures, without a rest, or one that ends in an array without an end */
    MS_FIT_EXACT   /* one structure */
} ms_size_fit;

/* `type` (NULL: void) for blocks from `min` to `max` bytes. */
ms_size_fit ms_size_fit_of(const Dwarf_Die *type, uint64_t min, uint64_t max);

#endif
