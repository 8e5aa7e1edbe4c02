/* datatype.h - types of a program, as plain data: names, sizes, and where members lie. */
#ifndef MS_SYMBOL_DATATYPE_H
#define MS_SYMBOL_DATATYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MS_CACHE_LINE 64u

/* A size that is not known. */
#define MS_NO_SIZE UINT64_MAX

/* Of typedefs what they stand for. */
typedef enum ms_datatype_kind {
    MS_DATATYPE_VOID,      /* or something that is no object */
    MS_DATATYPE_NUMBER,    /* an enumeration, too */
    MS_DATATYPE_CHARACTER, /* char and its wide relatives */
    MS_DATATYPE_BYTE,      /* any other number of one byte */
    MS_DATATYPE_POINTER,   /* or reference */
    MS_DATATYPE_ARRAY,
    MS_DATATYPE_STRUCT, /* or class */
    MS_DATATYPE_UNION
} ms_datatype_kind;

typedef struct ms_layout ms_layout;

/* Texts as the file has them: escape them for output. */
typedef struct ms_datatype {
    const char *name;  /* spelled as in the program: see spelling.h */
    const char *plain; /* the same without typedefs, where what they stand for has a name */
    uint64_t size;     /* bytes; MS_NO_SIZE */
    ms_datatype_kind kind;
    const ms_layout *layout; /* of a structure or union that is defined somewhere, else NULL */
    /* What a pointer points to, or an array is of, without const and the like; NULL: not known. */
    const struct ms_datatype *inner;
    /* Bytes of the object in which a language's library keeps one of it, beside what it needs for itself: the node of a
     * map, the counts of a shared pointer. 0: blocks are of the type itself. */
    uint64_t node_size;
} ms_datatype;

/* A member, base class, or pointer to a table of virtual functions. What lies behind it up to the next one and
 * belongs to no member is its hole; of that, what is left of the unit of a bit-field counts as bits.
 *
 *     bytes  0       4   5       8                 16
 *            | count |tag| hole  | next            |     hole of `tag`: 3 */
typedef struct ms_layout_member {
    const char *name;   /* NULL: it has none */
    const char *type;   /* never NULL */
    uint64_t offset;    /* bytes from the start; of a bit-field: of the unit of its type it is in */
    uint64_t size;      /* bytes; of a bit-field: of that unit; 0: an array without an end */
    uint64_t alignment; /* bytes; 0: not known */
    uint64_t hole;      /* bytes */
    uint32_t bit_hole;  /* bits */
    uint32_t bit_offset; /* in the unit */
    uint32_t bit_size;   /* 0: no bit-field */
    bool is_base;        /* a base class */
    bool is_fixed;       /* the compiler places it: bases and hidden pointers */
    bool is_flexible;    /* an array without an end */
    bool straddles;      /* would fit in a cache line and lies in two, if the object begins one */
} ms_layout_member;

struct ms_layout {
    uint64_t size;
    uint64_t alignment;        /* 0: not known */
    ms_layout_member *members; /* by offset */
    size_t count;
    uint64_t holes, hole_bytes; /* between members */
    uint64_t bit_holes, bit_hole_bits;
    uint64_t padding;     /* bytes behind the last member */
    uint64_t bit_padding; /* bits behind it when it is a bit-field */
    uint64_t
        padding_bytes; /* no member has a bit in; MS_NO_SIZE: not known, as with virtual bases */
    uint64_t nested_padding; /* the same inside of its members; of unknown ones 0 */
    uint64_t cache_lines;
    uint64_t straddling; /* members */
    bool is_union, is_flexible;
};

#endif
