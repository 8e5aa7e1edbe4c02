/* type_form.h - how many of a type are in the blocks of a site. Pure. */
#ifndef MS_LOAD_TYPE_FORM_H
#define MS_LOAD_TYPE_FORM_H

#include "model/model.h"
#include "symbol/datatype.h"

/* How a block is made of a type T of so many bytes. What stands behind a header has no name in the type: */
typedef enum ms_form {
    MS_FORM_UNKNOWN,  /* the size of T, or of the blocks, is not known */
    MS_FORM_SINGLE,   /* T */
    MS_FORM_ARRAY,    /* T[n] */
    MS_FORM_FLEXIBLE, /* T, whose last member is an array without an end */
    MS_FORM_HEADER,   /* T, and more behind it */
    MS_FORM_NODE,     /* T, inside of what a language's library keeps each in */
    MS_FORM_PARTIAL   /* less than T */
} ms_form;

/* The word for it; NULL for MS_FORM_UNKNOWN. */
const char *ms_form_name(ms_form form);

/* That of all blocks of a site. Of sizes that vary only the smallest, the largest and some sums are known: they are
 * arrays when all of these are multiples. */
ms_form ms_form_of(const ms_site *site, const ms_datatype *type);

/* How many of a type of that size are in `blocks` blocks of `bytes` bytes of such a site. */
uint64_t ms_form_count(ms_form form, uint64_t type_size, uint64_t blocks, uint64_t bytes);

#endif
