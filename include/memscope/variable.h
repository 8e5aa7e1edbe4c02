/* memscope/variable.h - variables, and who owns what they point to.
 *
 *   char *name = malloc(64);
 *   MEMSCOPE_TRACK(name);      the block is `name`'s from here on, until it is freed
 *
 * `var` is anything with an address. Of a pointer the block is tracked that it points to, of everything else
 * the variable itself, with its value when it is a number; tracking it again records what it is now. */
#ifndef MEMSCOPE_VARIABLE_H
#define MEMSCOPE_VARIABLE_H

#include "memscope/value.h"

MEMSCOPE_INLINE_ void memscope_tell_(struct memscope_place *place, unsigned what,
                                     struct memscope_seen_ seen) {
    memscope_note_(place, what, seen.address, seen.old, seen.size, seen.number);
}

/* At the end of its scope a pointer may be NULL: then it is the one that was tracked there at first. */
MEMSCOPE_INLINE_ void memscope_tell_end_(struct memscope_place *place, struct memscope_seen_ seen,
                                         const void *first) {
    if (!seen.address)
        seen.address = seen.old = first;
    if (seen.address)
        memscope_tell_(place, MEMSCOPE_NOTE_UNTRACK, seen);
}

/* Of two places where one thing is, or was. With its stack: owners change seldom. */
MEMSCOPE_INLINE_ void memscope_pass_(struct memscope_place *place, unsigned what,
                                     struct memscope_seen_ from, struct memscope_seen_ to) {
    memscope_note_stack_(place, what, to.address, from.address ? from.address : to.address, 0, 0);
}

#define MEMSCOPE_TELL_(what, var)                                                                  \
    MEMSCOPE_SAY_(#var, MEMSCOPE_TYPE_OF_(var), MEMSCOPE_KIND_OF_(var),                            \
                  memscope_tell_(memscope_here, MEMSCOPE_NOTE_##what, MEMSCOPE_SEE_(var)))

#define MEMSCOPE_TRACK(var) MEMSCOPE_TELL_(TRACK, var)

/* A block that no variable names, or by another name and type: both are constant texts, or NULL. */
#define MEMSCOPE_TRACK_AS(pointer, name, type)                                                     \
    MEMSCOPE_SAY_(                                                                                 \
        name, type, MEMSCOPE_KIND_POINTER,                                                         \
        memscope_tell_(memscope_here, MEMSCOPE_NOTE_TRACK, memscope_see_pointer_(pointer)))

/* The name for those who are used to choosing: MEMSCOPE_TRACK chooses by the type itself. */
#define MEMSCOPE_TRACK_SMART(var) MEMSCOPE_TRACK(var)

/* From here on `var` is not tracked any more. Not needed for blocks that are freed. */
#define MEMSCOPE_UNTRACK(var) MEMSCOPE_TELL_(UNTRACK, var)

/* What `from` owned is owned by `to` now, or by both. To be said when `to` has it already. */
#define MEMSCOPE_MOVE(from, to) MEMSCOPE_PASS_(MOVE, from, to)
#define MEMSCOPE_SHARE(from, to) MEMSCOPE_PASS_(SHARE, from, to)
#define MEMSCOPE_PASS_(what, from, to)                                                             \
    MEMSCOPE_SAY_(#to, #from, MEMSCOPE_KIND_OF_(to),                                               \
                  memscope_pass_(memscope_here, MEMSCOPE_NOTE_##what, MEMSCOPE_SEE_(from),         \
                                 MEMSCOPE_SEE_(to)))

/* What was at `from` lies at `to` now: for moves that no realloc() does. */
MEMSCOPE_INLINE_ void memscope_move(const void *from, const void *to) {
    memscope_note_stack_(NULL, MEMSCOPE_NOTE_MOVE, to, from, 0, 0);
}

/* Somebody uses what `var` owns for a while, to read it or to change it, and then returns it. */
#define MEMSCOPE_BORROW(var) MEMSCOPE_LEND_(BORROW, var, 0)
#define MEMSCOPE_BORROW_MUT(var) MEMSCOPE_LEND_(BORROW, var, 1)
#define MEMSCOPE_RETURN(var) MEMSCOPE_LEND_(RETURN, var, 0)
#define MEMSCOPE_RETURN_MUT(var) MEMSCOPE_LEND_(RETURN, var, 1)
#define MEMSCOPE_LEND_(what, var, change)                                                          \
    MEMSCOPE_SAY_(#var, MEMSCOPE_TYPE_OF_(var), MEMSCOPE_KIND_OF_(var),                            \
                  memscope_note_(memscope_here, MEMSCOPE_NOTE_##what, MEMSCOPE_SEE_(var).address,  \
                                 NULL, 0, change))

/* The block belongs to what the tag, a constant text, says. */
#define MEMSCOPE_TAG(pointer, tag)                                                                 \
    MEMSCOPE_SAY_(tag, NULL, MEMSCOPE_KIND_OTHER,                                                  \
                  memscope_note_(memscope_here, MEMSCOPE_NOTE_TAG,                                 \
                                 memscope_see_pointer_(pointer).address, NULL, 0, 0))

/* MEMSCOPE_OWNED(char *, name, malloc(64)); declares `name`, with that value, and tracks it until it goes out
 * of scope, however that happens. Nothing is freed. */
#ifdef MEMSCOPE_DISABLE
#define MEMSCOPE_OWNED(type, name, ...) __typeof__(type) name __attribute__((unused)) = __VA_ARGS__
#else
#define MEMSCOPE_OWNED(type, name, ...)                                                            \
    MEMSCOPE_OWNED_(MEMSCOPE_PASTE_(memscope_owned_, __COUNTER__), type, name, __VA_ARGS__)
#define MEMSCOPE_OWNED_(owned, type, name, ...)                                                    \
    __typeof__(type) name = __VA_ARGS__;                                                           \
    MEMSCOPE_PLACE_(owned, #name, MEMSCOPE_TYPE_OF_(name), MEMSCOPE_KIND_OF_(name));               \
    MEMSCOPE_UNTIL_END_(owned, MEMSCOPE_AT_(owned), name)
#endif

#ifndef __cplusplus
struct memscope_owned_ {
    struct memscope_place *place;
    const volatile void *variable;
    size_t size;
    unsigned kind;
    const void *first;
};

MEMSCOPE_INLINE_ struct memscope_owned_ memscope_owned_begin_(struct memscope_owned_ owned) {
    struct memscope_seen_ seen = memscope_see_(owned.variable, owned.size, owned.kind);
    memscope_tell_(owned.place, MEMSCOPE_NOTE_TRACK, seen);
    owned.first = seen.address;
    return owned;
}

MEMSCOPE_INLINE_ void memscope_owned_end_(const struct memscope_owned_ *owned) {
    struct memscope_seen_ seen = memscope_see_(owned->variable, owned->size, owned->kind);
    memscope_tell_end_(owned->place, seen, owned->first);
}

#define MEMSCOPE_UNTIL_END_(owned, place, name)                                                    \
    __attribute__((cleanup(memscope_owned_end_), unused)) const struct memscope_owned_ owned =     \
        memscope_owned_begin_(                                                                     \
            (struct memscope_owned_){place, &(name), sizeof(name), MEMSCOPE_KIND_OF_(name), NULL})
#else
namespace memscope {
namespace detail {
template <typename T> class MEMSCOPE_HIDDEN_ owned {
    struct memscope_place *place;
    const T &variable;
    const void *first;

  public:
    __attribute__((always_inline)) owned(struct memscope_place *where, const T &what)
        : place(where), variable(what), first(see(what).address) {
        memscope_tell_(place, MEMSCOPE_NOTE_TRACK, see(variable));
    }
    __attribute__((always_inline)) ~owned() {
        memscope_tell_end_(place, see(variable), first);
    }
    owned(const owned &) = delete;
    owned &operator=(const owned &) = delete;
};
} // namespace detail
} // namespace memscope

#define MEMSCOPE_UNTIL_END_(owner, place, name)                                                    \
    const ::memscope::detail::owned<::memscope::detail::bare<decltype(name)>> owner(place, name)
#endif

#endif
