/* memscope/type.h - types, where there is no debug information to tell of them. */
#ifndef MEMSCOPE_TYPE_H
#define MEMSCOPE_TYPE_H

#include "memscope/value.h"

MEMSCOPE_INLINE_ void memscope_describe_(struct memscope_place *type, size_t size,
                                         uint64_t count_offset, struct memscope_field *fields,
                                         size_t field_count) {
    const struct memscope_calls *calls = memscope_calls_();
    if (__builtin_expect(calls != NULL, 0))
        calls->describe(type, size, count_offset, fields, field_count);
}

/* MEMSCOPE_STRUCT(struct point, x, y); says what fields a type has, up to 32. A statement: to be reached
 * before or after variables of the type are tracked, as often as it likes; it is recorded once. */
#ifdef MEMSCOPE_DISABLE
#define MEMSCOPE_STRUCT(T, ...) ((void)sizeof(T))
#else
#define MEMSCOPE_STRUCT(T, ...)                                                                    \
    do {                                                                                           \
        MEMSCOPE_FIELDS_(T, __VA_ARGS__);                                                          \
        MEMSCOPE_SAY_(#T, #T, MEMSCOPE_KIND_STRUCT,                                                \
                      memscope_describe_(memscope_here, sizeof(T), MEMSCOPE_NOT_TOLD,              \
                                         memscope_fields,                                          \
                                         0 MEMSCOPE_EACH_(MEMSCOPE_ONE_MORE_, T, __VA_ARGS__)));   \
    } while (0)
#endif
#define MEMSCOPE_ONE_MORE_(T, field) +1
#define MEMSCOPE_FIELD_(T, field)                                                                  \
    {{#field, MEMSCOPE_TYPE_OF_(MEMSCOPE_MEMBER_(T, field)), __FILE__, MEMSCOPE_FUNCTION_,         \
      __LINE__, MEMSCOPE_KIND_OF_(MEMSCOPE_MEMBER_(T, field)), 0},                                 \
     offsetof(T, field),                                                                           \
     sizeof(MEMSCOPE_MEMBER_(T, field))},

/* Declares `memscope_fields`; as for MEMSCOPE_PLACE_. */
#ifdef __cplusplus
namespace memscope {
namespace detail {
template <typename Tag> struct MEMSCOPE_HIDDEN_ fields_at { static typename Tag::list list; };
template <typename Tag> typename Tag::list fields_at<Tag>::list = Tag::fields();
} // namespace detail
} // namespace memscope
#define MEMSCOPE_MEMBER_(T, field) ::std::declval<T &>().field
#define MEMSCOPE_FUNCTION_ memscope_function
#define MEMSCOPE_FIELDS_(T, ...)                                                                   \
    constexpr const char *memscope_function = __func__;                                            \
    struct memscope_fields_tag {                                                                   \
        struct list {                                                                              \
            memscope_field items[0 MEMSCOPE_EACH_(MEMSCOPE_ONE_MORE_, T, __VA_ARGS__)];            \
        };                                                                                         \
        static constexpr list fields() {                                                           \
            return {{MEMSCOPE_EACH_(MEMSCOPE_FIELD_, T, __VA_ARGS__)}};                            \
        }                                                                                          \
    };                                                                                             \
    memscope_field *const memscope_fields =                                                        \
        ::memscope::detail::fields_at<memscope_fields_tag>::list.items
#else
#define MEMSCOPE_MEMBER_(T, field) ((T *)0)->field
#define MEMSCOPE_FUNCTION_ __func__
#define MEMSCOPE_FIELDS_(T, ...)                                                                   \
    static struct memscope_field memscope_fields[] = {                                             \
        MEMSCOPE_EACH_(MEMSCOPE_FIELD_, T, __VA_ARGS__)}
#endif

/* Objects of the type of that name, as variables of it have it ("struct node", or "node"), keep the count of
 * their references so many bytes from their start. For what has no C declaration at hand; to be said once,
 * for each time is recorded. The name need not be constant. */
MEMSCOPE_INLINE_ void memscope_type(const char *name, size_t refcount_offset) {
    struct memscope_place place = {name, name, NULL, NULL, 0, MEMSCOPE_KIND_STRUCT, 0};
    memscope_describe_(&place, SIZE_MAX, refcount_offset, NULL, 0);
}

/* The same of a type that is declared: objects of type T keep that count in this member. Recorded once. */
#define MEMSCOPE_TYPE(T, count)                                                                    \
    MEMSCOPE_SAY_(#T, #T, MEMSCOPE_KIND_STRUCT,                                                    \
                  memscope_describe_(memscope_here, sizeof(T), offsetof(T, count), NULL, 0))

/* of(T, x) for each x. */
#define MEMSCOPE_EACH_(of, T, ...)                                                                 \
    MEMSCOPE_PASTE_(MEMSCOPE_EACH_, MEMSCOPE_COUNT_(__VA_ARGS__))(of, T, __VA_ARGS__)
#define MEMSCOPE_COUNT_(...)                                                                       \
    MEMSCOPE_33RD_(__VA_ARGS__, 32_, 31_, 30_, 29_, 28_, 27_, 26_, 25_, 24_, 23_, 22_, 21_, 20_,   \
                   19_, 18_, 17_, 16_, 15_, 14_, 13_, 12_, 11_, 10_, 9_, 8_, 7_, 6_, 5_, 4_, 3_,   \
                   2_, 1_, 0_)
#define MEMSCOPE_33RD_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, \
                       a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32,  \
                       n, ...)                                                                     \
    n
#define MEMSCOPE_EACH_1_(of, T, x) of(T, x)
#define MEMSCOPE_EACH_2_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_1_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_3_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_2_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_4_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_3_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_5_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_4_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_6_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_5_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_7_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_6_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_8_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_7_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_9_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_8_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_10_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_9_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_11_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_10_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_12_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_11_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_13_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_12_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_14_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_13_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_15_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_14_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_16_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_15_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_17_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_16_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_18_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_17_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_19_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_18_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_20_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_19_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_21_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_20_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_22_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_21_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_23_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_22_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_24_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_23_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_25_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_24_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_26_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_25_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_27_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_26_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_28_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_27_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_29_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_28_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_30_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_29_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_31_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_30_(of, T, __VA_ARGS__)
#define MEMSCOPE_EACH_32_(of, T, x, ...) of(T, x) MEMSCOPE_EACH_31_(of, T, __VA_ARGS__)

#endif
