/* memscope/value_cpp.h - what a variable is, told by its C++ type. Smart pointers and containers are known
 * by their members, not by name: so those of other libraries are, too, and none of them has to be included. */
#ifndef MEMSCOPE_VALUE_CPP_H
#define MEMSCOPE_VALUE_CPP_H

#include <memory>
#include <type_traits>
#include <utility>

namespace memscope {
namespace detail {

/* The name of T, as the compiler spells it between "T = " and the end of this function's signature. */
template <typename T> static constexpr const char *signature() {
    return __PRETTY_FUNCTION__;
}

static constexpr size_t length(const char *text) {
    size_t size = 0;
    while (text[size])
        size++;
    return size;
}

static constexpr size_t name_start(const char *text) {
    for (size_t i = 0; text[i]; i++)
        if (text[i] == 'T' && text[i + 1] == ' ' && text[i + 2] == '=' && text[i + 3] == ' ')
            return i + 4;
    return 0;
}

template <typename T> struct MEMSCOPE_HIDDEN_ name_of {
    static constexpr size_t start = name_start(signature<T>());
    static constexpr size_t size = length(signature<T>()) - start; /* with ']' for the final 0 */
    struct text {
        char bytes[size];
    };
    static constexpr text cut() {
        text name{};
        for (size_t i = 0; i + 1 < size; i++)
            name.bytes[i] = signature<T>()[start + i];
        return name;
    }
};

template <typename T> static constexpr typename name_of<T>::text name = name_of<T>::cut();

template <typename T> using bare = std::remove_cv_t<std::remove_reference_t<T>>;

template <typename T, typename = void> struct is_smart : std::false_type {};
template <typename T>
struct is_smart<T, std::void_t<typename T::element_type, decltype(std::declval<const T &>().get())>>
    : std::is_pointer<decltype(std::declval<const T &>().get())> {};

/* Its elements lie in one block, of capacity() elements. */
template <typename T, typename = void> struct is_contiguous : std::false_type {};
template <typename T>
struct is_contiguous<T, std::void_t<decltype(std::declval<const T &>().data()),
                                    decltype(std::declval<const T &>().capacity())>>
    : std::true_type {};

/* It says how many elements it has. */
template <typename T, typename = void> struct is_container : std::false_type {};
template <typename T>
struct is_container<
    T, std::void_t<typename T::value_type, decltype(size_t(std::declval<const T &>().size()))>>
    : std::true_type {};

template <typename T> static constexpr bool is_signed_number() {
    if constexpr (std::is_enum<T>::value)
        return std::is_signed<std::underlying_type_t<T>>::value;
    return std::is_signed<T>::value;
}

template <typename T> static constexpr unsigned kind() {
    return std::is_array<T>::value            ? MEMSCOPE_KIND_ARRAY
           : std::is_pointer<T>::value        ? MEMSCOPE_KIND_POINTER
           : std::is_floating_point<T>::value ? MEMSCOPE_KIND_FLOATING
           : std::is_integral<T>::value || std::is_enum<T>::value
               ? (is_signed_number<T>() ? MEMSCOPE_KIND_SIGNED : MEMSCOPE_KIND_UNSIGNED)
           : is_smart<T>::value                                ? MEMSCOPE_KIND_SMART
           : is_contiguous<T>::value || is_container<T>::value ? MEMSCOPE_KIND_CONTAINER
                                                               : MEMSCOPE_KIND_STRUCT;
}

/* How many own what a smart pointer points to; 0 when it does not say. */
template <typename T, typename = void> struct MEMSCOPE_HIDDEN_ owners {
    __attribute__((always_inline)) static uint64_t of(const T &) {
        return 0;
    }
};
template <typename T>
struct MEMSCOPE_HIDDEN_ owners<T, std::void_t<decltype(std::declval<const T &>().use_count())>> {
    __attribute__((always_inline)) static uint64_t of(const T &variable) {
        return static_cast<uint64_t>(variable.use_count());
    }
};

MEMSCOPE_INLINE_ bool lies_within(const void *address, const void *object, size_t size) {
    return reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(object) < size;
}

/* A container that keeps its elements in a block is tracked as that block; one that has none, and a string
 * short enough to lie in the object, as itself. */
template <typename T> MEMSCOPE_INLINE_ struct memscope_seen_ see_container(const T &variable) {
    struct memscope_seen_ seen = {std::addressof(variable), nullptr, sizeof variable, 0};
    if constexpr (is_container<T>::value)
        seen.number = static_cast<uint64_t>(variable.size());
    if constexpr (is_contiguous<T>::value) {
        const void *elements = variable.data();
        if (elements && variable.capacity() > 0 &&
            !lies_within(elements, std::addressof(variable), sizeof variable)) {
            seen.address = seen.old = elements;
            seen.size = 0;
        }
    }
    return seen;
}

template <typename T> MEMSCOPE_INLINE_ struct memscope_seen_ see(const T &variable) {
    if constexpr (kind<bare<T>>() == MEMSCOPE_KIND_SMART) {
        struct memscope_seen_ seen = memscope_see_pointer_(variable.get());
        seen.number = owners<bare<T>>::of(variable);
        return seen;
    } else if constexpr (kind<bare<T>>() == MEMSCOPE_KIND_CONTAINER) {
        return see_container(variable);
    } else {
        return memscope_see_(std::addressof(variable), sizeof(T), kind<bare<T>>());
    }
}
} // namespace detail
} // namespace memscope

#define MEMSCOPE_BARE_(x) ::memscope::detail::bare<decltype(x)>
#define MEMSCOPE_KIND_OF_(x) ::memscope::detail::kind<MEMSCOPE_BARE_(x)>()
#define MEMSCOPE_TYPE_OF_(x) ::memscope::detail::name<MEMSCOPE_BARE_(x)>.bytes
#define MEMSCOPE_SEE_(x) ::memscope::detail::see(x)

#endif
