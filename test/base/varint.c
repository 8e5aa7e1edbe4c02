#include "base/varint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Numbers around every power of two, so that every length and every bit is there. */
static void each_number(void (*check)(uint64_t)) {
    for (unsigned bit = 0; bit < 64; bit++)
        for (uint64_t by = 0; by < 5; by++) {
            check((UINT64_C(1) << bit) - by);
            check((UINT64_C(1) << bit) + by);
            check((UINT64_C(0x123456789abcdef) << bit) ^ by);
        }
}

static void assert_comes_back(uint64_t v) {
    uint8_t bytes[MS_VARINT_MAX];
    const uint8_t *end = ms_varint_put(bytes, v), *at = bytes;
    uint64_t value = 0;
    assert_true(ms_varint_get(&at, end, &value));
    assert_true(value == v && at == end);
    for (const uint8_t *cut = bytes; cut < end; cut++) {
        at = bytes;
        assert_false(ms_varint_get(&at, cut, &value));
        assert_ptr_equal(at, bytes);
    }
    assert_int_equal(ms_unzigzag(ms_zigzag((int64_t)v)), (int64_t)v);
}

static void assert_fast_is_the_same(uint64_t v) {
    uint8_t slow[MS_VARINT_MAX], fast[MS_VARINT_MAX + 1];
    memset(fast, 0xee, sizeof fast);
    size_t size = (size_t)(ms_varint_put(slow, v) - slow);
    assert_int_equal(ms_varint_put_fast(fast, v) - fast, size);
    assert_memory_equal(fast, slow, size);
    assert_int_equal(fast[MS_VARINT_MAX], 0xee);
}

static void numbers_come_back(void **state) {
    (void)state;
    each_number(assert_comes_back);
}

static void the_fast_way_writes_the_same(void **state) {
    (void)state;
    each_number(assert_fast_is_the_same);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_back),
        cmocka_unit_test(the_fast_way_writes_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
