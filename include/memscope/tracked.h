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

namespace memscope {
/* A place without its type, which tracked<T> knows. */
struct MEMSCOPE_HIDDEN_ here {
    const char *name, *file, *function;
    unsigned line;
};

namespace detail {
/* One for each name and place: they are few, and live as long as the program does. */
template <typename T, typename Tag> struct MEMSCOPE_HIDDEN_ place_of {
    static memscope_place &at(const here &where) {
        static memscope_place place = {where.name, name<T>.bytes, where.file, where.function,
                                       where.line, kind<T>(),     0};
        return place;
    }
};
} // namespace detail

template <typename T> class MEMSCOPE_HIDDEN_ tracked {
    memscope_place *place; /* nullptr: somebody else owns what was here */
    const void *first;     /* what was tracked last */
    T value;

    /* What had no block of its own, and was tracked as itself, is not any more when it has one. */
    void leave(const tracked &former) {
        const void *object = std::addressof(former.value);
        if (former.first != object || detail::see(value).address == object)
            return;
        memscope_seen_ gone = {object, object, 0, 0};
        memscope_tell_(place, MEMSCOPE_NOTE_UNTRACK, gone);
    }

    void tell() {
        memscope_seen_ seen = detail::see(value);
        first = seen.address;
        if (first) /* an empty smart pointer is no mistake here */
            memscope_tell_(place, MEMSCOPE_NOTE_TRACK, seen);
    }

    /* A block has another owner now; an object that is its own memory is another one from here on. */
    void follow(tracked &from) {
        if (place) {
            leave(from);
            tell();
        }
        from.place = nullptr;
    }

    /* If it has got another block and has not said so, the one that was tracked is gone. */
    void end() {
        memscope_seen_ seen = detail::see(value);
        if (place && seen.address && seen.address == first)
            memscope_tell_(place, MEMSCOPE_NOTE_UNTRACK, seen);
    }

  public:
    /* `tag` is a lambda, whose type tells one place from all others: MEMSCOPE_HERE makes both. */
    template <typename Tag, typename... Arguments>
    explicit tracked(const std::pair<here, Tag> &where, Arguments &&...arguments)
        : place(&detail::place_of<T, Tag>::at(where.first)), first(nullptr),
          value(std::forward<Arguments>(arguments)...) {
        tell();
    }

    tracked(tracked &&from) noexcept(std::is_nothrow_move_constructible<T>::value)
        : place(from.place), first(nullptr), value(std::move(from.value)) {
        follow(from);
    }

    tracked &operator=(tracked &&from) noexcept(std::is_nothrow_move_assignable<T>::value) {
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

    ~tracked() {
        end();
    }

    T &operator*() {
        return value;
    }
    const T &operator*() const {
        return value;
    }
    T *operator->() {
        return std::addressof(value);
    }
    const T *operator->() const {
        return std::addressof(value);
    }

    /* To be said when it has other contents, or has them elsewhere. */
    void changed() {
        if (!place)
            return;
        leave(*this);
        tell();
    }

    /* Gives the object away, which is not tracked any more. */
    T release() {
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
        return std::pair<::memscope::here, decltype(tag)>(                                         \
            ::memscope::here{name, __FILE__, memscope_function, __LINE__}, tag);                   \
    }(__builtin_FUNCTION()))

#endif
