/* memscope/tracked.h - C++: an object that is tracked from its birth to its end, and followed when it moves.
 *
 *   memscope::tracked<std::vector<int>> numbers{MEMSCOPE_HERE("numbers"), 1000, 7};   // (1000, 7), tracked
 *   numbers->push_back(1);
 *   numbers.changed();                       // its elements may lie elsewhere now
 *   auto kept = std::move(numbers);          // `kept` has what `numbers` had
 *
 * Also for members, and for whatever lives in a container: the place is where MEMSCOPE_HERE stands.
 *
 * Of a smart pointer the block is tracked that it points to, of a vector or string the block of its elements,
 * of a map and of anything else the object itself: as MEMSCOPE_TRACK does. */
#ifndef MEMSCOPE_TRACKED_H
#define MEMSCOPE_TRACKED_H

#include "memscope/variable.h"

/* Leaves no symbol. */
#define MEMSCOPE_INLINED_ __attribute__((always_inline))

namespace memscope {
/* A place without its type, which tracked<T> knows. `Tag` is a lambda, whose type tells one place from all
 * others: MEMSCOPE_HERE makes both. */
template <typename Tag> struct MEMSCOPE_HIDDEN_ here {
    const char *name, *file, *function;
    unsigned line;
};

namespace detail {
/* One for each name and place: they are few, and live as long as the program does. Filled in here, not by its
 * constructor: that needs a guard, a symbol that gcc lets everybody see. `file` says that the rest is there. */
template <typename T, typename Tag> struct MEMSCOPE_HIDDEN_ place_of {
    MEMSCOPE_INLINED_ static memscope_place *at(const here<Tag> &where) {
#ifdef MEMSCOPE_DISABLE
        (void)where;
        return nullptr;
#else
        static memscope_place place;
        if (!__atomic_load_n(&place.file, __ATOMIC_ACQUIRE)) {
            const char *type = name<T>.bytes;
            __atomic_store_n(&place.name, where.name, __ATOMIC_RELAXED);
            __atomic_store_n(&place.type, type, __ATOMIC_RELAXED);
            __atomic_store_n(&place.function, where.function, __ATOMIC_RELAXED);
            __atomic_store_n(&place.line, where.line, __ATOMIC_RELAXED);
            __atomic_store_n(&place.kind, kind<T>(), __ATOMIC_RELAXED);
            __atomic_store_n(&place.file, where.file, __ATOMIC_RELEASE);
        }
        return &place;
#endif
    }
};
} // namespace detail

/* A hidden class could be no member of classes that are seen: so its functions leave no symbols. */
template <typename T> class tracked {
    memscope_place *place; /* nullptr: somebody else owns what was here */
    const void *first;     /* what was tracked last */
    T value;

    /* What had no block of its own, and was tracked as itself, is not any more when it has one. */
    MEMSCOPE_INLINED_ void leave(const tracked &former) {
        const void *object = std::addressof(former.value);
        if (former.first != object || detail::see(value).address == object)
            return;
        memscope_seen_ gone = {object, object, 0, 0};
        memscope_tell_(place, MEMSCOPE_NOTE_UNTRACK, gone);
    }

    MEMSCOPE_INLINED_ void tell() {
        memscope_seen_ seen = detail::see(value);
        first = seen.address;
        if (first) /* an empty smart pointer is no mistake here */
            memscope_tell_(place, MEMSCOPE_NOTE_TRACK, seen);
    }

    /* A block has another owner now; an object that is its own memory is another one from here on. */
    MEMSCOPE_INLINED_ void follow(tracked &from) {
        if (place) {
            leave(from);
            tell();
        }
        from.place = nullptr;
    }

    /* If it has got another block and has not said so, the one that was tracked is gone. */
    MEMSCOPE_INLINED_ void end() {
        memscope_seen_ seen = detail::see(value);
        if (place && seen.address && seen.address == first)
            memscope_tell_(place, MEMSCOPE_NOTE_UNTRACK, seen);
    }

  public:
    template <typename Tag, typename... Arguments>
    MEMSCOPE_INLINED_ explicit tracked(const here<Tag> &where, Arguments &&...arguments)
        : place(detail::place_of<T, Tag>::at(where)), first(nullptr),
          value(std::forward<Arguments>(arguments)...) {
        tell();
    }

    MEMSCOPE_INLINED_ tracked(tracked &&from) noexcept(std::is_nothrow_move_constructible<T>::value)
        : place(from.place), first(nullptr), value(std::move(from.value)) {
        follow(from);
    }

    MEMSCOPE_INLINED_ tracked &
    operator=(tracked &&from) noexcept(std::is_nothrow_move_assignable<T>::value) {
        if (this != &from) {
            end();
            value = std::move(from.value);
            place = from.place;
            follow(from);
        }
        return *this;
    }

    tracked(const tracked &) = delete;
    tracked &operator=(const tracked &) = delete;

    MEMSCOPE_INLINED_ ~tracked() {
        end();
    }

    MEMSCOPE_INLINED_ T &operator*() {
        return value;
    }
    MEMSCOPE_INLINED_ const T &operator*() const {
        return value;
    }
    MEMSCOPE_INLINED_ T *operator->() {
        return std::addressof(value);
    }
    MEMSCOPE_INLINED_ const T *operator->() const {
        return std::addressof(value);
    }

    /* To be said when it has other contents, or has them elsewhere. */
    MEMSCOPE_INLINED_ void changed() {
        if (!place)
            return;
        leave(*this);
        tell();
    }

    /* Gives the object away, which is not tracked any more. */
    MEMSCOPE_INLINED_ T release() {
        end();
        place = nullptr;
        return std::move(value);
    }
};
} // namespace memscope

/* Where this stands, for the constructor of a memscope::tracked<T>. `name` is a constant text. */
#define MEMSCOPE_HERE(name)                                                                        \
    ([](const char *memscope_function) {                                                           \
        auto tag = [] {};                                                                          \
        return ::memscope::here<decltype(tag)>{name, __FILE__, memscope_function, __LINE__};       \
    }(__builtin_FUNCTION()))

#endif
