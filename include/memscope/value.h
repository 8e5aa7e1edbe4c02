/* memscope/value.h - what a variable is, told from the variable alone: in C by _Generic and the compiler's
 * builtins, in C++ by memscope/value_cpp.h. */
#ifndef MEMSCOPE_VALUE_H
#define MEMSCOPE_VALUE_H

#include "memscope/calls.h"

/* What is recorded of a variable. A pointer is recorded as what it points to: then `address` and `old` are
 * its value, and `size` is 0, to be had from the block. Else `address` and `size` are the variable's own,
 * and `number` is its value: sign-extended, or the bits of a double. */
struct memscope_seen_ {
    const void *address, *old;
    size_t size;
    uint64_t number;
};

MEMSCOPE_INLINE_ uint64_t memscope_integer_(int64_t value) {
    return MEMSCOPE_CAST_(uint64_t, value);
}

MEMSCOPE_INLINE_ uint64_t memscope_floating_(double value) {
    uint64_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The bits of the scalar at `variable`; 0 when it has none that fit. Size and kind are constants: one load
 * remains. */
MEMSCOPE_INLINE_ uint64_t memscope_scalar_(const void *variable, size_t size, unsigned kind) {
#define MEMSCOPE_LOAD_(of, type, as)                                                               \
    if (kind == MEMSCOPE_KIND_##of && size == sizeof(type)) {                                      \
        type value;                                                                                \
        __builtin_memcpy(&value, variable, sizeof value);                                          \
        return as;                                                                                 \
    }
    MEMSCOPE_LOAD_(SIGNED, int8_t, memscope_integer_(value))
    MEMSCOPE_LOAD_(SIGNED, int16_t, memscope_integer_(value))
    MEMSCOPE_LOAD_(SIGNED, int32_t, memscope_integer_(value))
    MEMSCOPE_LOAD_(SIGNED, int64_t, memscope_integer_(value))
    MEMSCOPE_LOAD_(UNSIGNED, uint8_t, value)
    MEMSCOPE_LOAD_(UNSIGNED, uint16_t, value)
    MEMSCOPE_LOAD_(UNSIGNED, uint32_t, value)
    MEMSCOPE_LOAD_(UNSIGNED, uint64_t, value)
    MEMSCOPE_LOAD_(FLOATING, float, memscope_floating_(MEMSCOPE_CAST_(double, value)))
    MEMSCOPE_LOAD_(FLOATING, double, memscope_floating_(value))
    MEMSCOPE_LOAD_(FLOATING, long double, memscope_floating_(MEMSCOPE_CAST_(double, value)))
#undef MEMSCOPE_LOAD_
    return 0;
}

MEMSCOPE_INLINE_ struct memscope_seen_ memscope_see_pointer_(const volatile void *pointer) {
    const void *address = MEMSCOPE_POINTER_(const void *, MEMSCOPE_NUMBER_(pointer));
    struct memscope_seen_ seen = {address, address, 0, 0};
    return seen;
}

MEMSCOPE_INLINE_ struct memscope_seen_ memscope_see_(const volatile void *variable, size_t size,
                                                     unsigned kind) {
    const void *address = MEMSCOPE_POINTER_(const void *, MEMSCOPE_NUMBER_(variable));
    struct memscope_seen_ seen = {address, NULL, size, 0};
    if (kind == MEMSCOPE_KIND_POINTER) {
        const void *pointer;
        __builtin_memcpy(&pointer, address, sizeof pointer);
        return memscope_see_pointer_(pointer);
    }
    seen.number = memscope_scalar_(address, size, kind);
    return seen;
}

#ifdef __cplusplus
#include "memscope/value_cpp.h"
#else

/* clang-format off */

/* The types whose names and kinds need no debug information: of(type, kind). */
#define MEMSCOPE_TYPES_(of)                                                                        \
    of(_Bool, UNSIGNED)                                                                            \
    of(char, CHAR)             of(signed char, SIGNED)  of(unsigned char, UNSIGNED)                \
    of(short, SIGNED)          of(unsigned short, UNSIGNED)                                        \
    of(int, SIGNED)            of(unsigned int, UNSIGNED)                                          \
    of(long, SIGNED)           of(unsigned long, UNSIGNED)                                         \
    of(long long, SIGNED)      of(unsigned long long, UNSIGNED)                                    \
    of(float, FLOATING)        of(double, FLOATING)     of(long double, FLOATING)

#define MEMSCOPE_KIND_CHAR ((char)-1 < 0 ? MEMSCOPE_KIND_SIGNED : MEMSCOPE_KIND_UNSIGNED)

/* Of an array the type after decay is another one. So it is of narrow integers, but those are no pointers. */
#define MEMSCOPE_IS_POINTER_(x) (__builtin_classify_type(x) == 5 /* pointer_type_class */)
#define MEMSCOPE_IS_ARRAY_(x)                                                                      \
    (MEMSCOPE_IS_POINTER_(x) &&                                                                    \
     !__builtin_types_compatible_p(__typeof__(x), __typeof__(1 ? (x) : (x))))

#define MEMSCOPE_KIND_CASE_(type, kind) type: MEMSCOPE_KIND_##kind,
#define MEMSCOPE_KIND_OF_(x)                                                                       \
    (MEMSCOPE_IS_ARRAY_(x)     ? MEMSCOPE_KIND_ARRAY                                               \
     : MEMSCOPE_IS_POINTER_(x) ? MEMSCOPE_KIND_POINTER                                             \
     : _Generic((x), MEMSCOPE_TYPES_(MEMSCOPE_KIND_CASE_) default: MEMSCOPE_KIND_STRUCT))

#define MEMSCOPE_TYPE_CASE_(type, kind)                                                            \
    type: #type, type *: #type " *", const type *: "const " #type " *",
#define MEMSCOPE_TYPE_OF_(x)                                                                       \
    (MEMSCOPE_IS_ARRAY_(x) ? NULL                                                                  \
     : _Generic((x), MEMSCOPE_TYPES_(MEMSCOPE_TYPE_CASE_)                                          \
                     void *: "void *", const void *: "const void *", default: NULL))

/* clang-format on */

#define MEMSCOPE_SEE_(x) memscope_see_(&(x), sizeof(x), MEMSCOPE_KIND_OF_(x))
#endif

#endif
