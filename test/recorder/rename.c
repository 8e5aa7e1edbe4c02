#include "recorder/rename.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "trace/format.h"
#include "trace/recall.h"

enum { ADDRESSES = 40, THREADS = 4, TICKS = 3000, PER_TICK = 30 };

static uint64_t random_u64(uint64_t *state) {
    *state += MS_HASH_K;
    return ms_hash_u64(*state ^ *state >> 31);
}

static uint64_t address_of(const uint64_t *words) {
    return words[0] & MS_WORD_VALUE_MASK;
}

/* Renames one event. */
static void rename_one(ms_renamer *r, uint32_t thread, uint64_t time_us, uint64_t *words,
                       size_t count) {
    uint64_t out[4];
    assert_int_equal(ms_renamer_words(r, thread, time_us, words, count, out), count);
    memcpy(words, out, count * sizeof *words);
}

static uint64_t name_of(ms_renamer *r, uint32_t thread, uint64_t time_us, ms_event_kind kind,
                        uint64_t address) {
    uint64_t words[2] = {ms_word(kind, MS_FAMILY_MALLOC, address), UINT64_C(17) << 32 | 24};
    rename_one(r, thread, time_us, words, kind == MS_EVENT_ALLOC ? 2 : 1);
    assert_int_equal(words[0] >> MS_WORD_VALUE_BITS, (unsigned)kind << 8 | MS_FAMILY_MALLOC);
    if (kind == MS_EVENT_ALLOC)
        assert_int_equal(words[1], UINT64_C(17) << 32 | 24);
    return address_of(words);
}

static uint64_t born(ms_renamer *r, uint32_t thread, uint64_t time_us, uint64_t address) {
    return name_of(r, thread, time_us, MS_EVENT_ALLOC, address);
}

static uint64_t died(ms_renamer *r, uint32_t thread, uint64_t time_us, uint64_t address) {
    return name_of(r, thread, time_us, MS_EVENT_FREE, address);
}

/* ---- one thread ------------------------------------------------------------------------------- */

static void blocks_are_named_in_the_order_of_their_births(void **state) {
    (void)state;
    ms_renamer *r = ms_renamer_new();
    ms_renamer_alone(r, true);
    uint64_t first = born(r, 1, 0, 0x1000);
    assert_int_equal(born(r, 1, 0, 0x7f0000001230), first + MS_NAME_STEP);
    assert_int_equal(died(r, 1, 0, 0x1000), first);
    assert_int_equal(born(r, 1, 0, 0x1000), first + 2 * MS_NAME_STEP);
    assert_int_equal(died(r, 1, 0, 0x7f0000001230), first + MS_NAME_STEP);
    assert_int_equal(ms_renamer_name(r, 0x1000), first + 2 * MS_NAME_STEP);
    assert_int_equal(died(r, 1, 0, 0x1000), first + 2 * MS_NAME_STEP);
    assert_int_equal(ms_renamer_name(r, 0x1000), 0x1000);
    assert_int_equal(ms_renamer_name(r, 0), 0);
    ms_renamer_free(r);
}

/* A reader must see that a death was not recorded, and that a birth was not. */
static void what_was_lost_stays_visible(void **state) {
    (void)state;
    ms_renamer *r = ms_renamer_new();
    ms_renamer_alone(r, true);
    uint64_t first = born(r, 1, 0, 0x1000);
    assert_int_equal(born(r, 1, 0, 0x1000), first);
    assert_int_equal(died(r, 1, 0, 0x1000), first);
    uint64_t unborn = died(r, 1, 0, 0x2000);
    assert_int_not_equal(died(r, 1, 0, 0x2000), unborn);
    assert_int_equal(born(r, 1, 0, 0x2000), first + MS_NAME_STEP);
    ms_renamer_free(r);
}

static void a_block_that_moves_keeps_its_name(void **state) {
    (void)state;
    ms_renamer *r = ms_renamer_new();
    ms_renamer_alone(r, true);
    uint64_t name = born(r, 1, 0, 0x1000);
    const uint64_t ways[][2] = {{0x1000, 0x2000}, {0x2000, 0x2000}};
    for (size_t i = 0; i < 2; i++) {
        uint64_t words[4] = {ms_word(MS_EVENT_REALLOC, MS_FAMILY_REALLOC, ways[i][1]),
                             UINT64_C(18) << 32, ways[i][0], 100};
        rename_one(r, 1, 0, words, 4);
        assert_true(address_of(words) == name && words[2] == name && words[3] == 100);
    }
    assert_int_not_equal(born(r, 1, 0, 0x1000), name);
    assert_int_equal(died(r, 1, 0, 0x2000), name);
    uint64_t unknown[4] = {ms_word(MS_EVENT_REALLOC, MS_FAMILY_REALLOC, 0x4000), UINT64_C(18) << 32,
                           0x3000, 100};
    rename_one(r, 1, 0, unknown, 4);
    assert_int_equal(died(r, 1, 0, 0x4000), address_of(unknown));
    ms_renamer_free(r);
}

static void other_events_end_a_run(void **state) {
    (void)state;
    const uint64_t words[] = {ms_word(MS_EVENT_STACK, 0, 16),
                              0x401000,
                              1,
                              ms_word(MS_EVENT_FREE, MS_FAMILY_MALLOC, 0x1000),
                              ms_word(MS_EVENT_TIME, 0, 5),
                              ms_word(MS_EVENT_ALLOC, MS_FAMILY_MALLOC, 0x1000)};
    uint64_t out[6];
    ms_renamer *r = ms_renamer_new();
    assert_int_equal(ms_renamer_words(r, 1, 0, words, 6, out), 4);
    assert_memory_equal(out, words, 3 * sizeof *words); /* stacks are as they are */
    assert_int_equal(ms_renamer_words(r, 1, 0, words + 4, 2, out), 0);
    assert_int_equal(ms_renamer_words(r, 1, 0, words + 5, 1, out), 0); /* cut */
    ms_renamer_free(r);
}

/* ---- several threads ---------------------------------------------------------------------------- */

typedef struct step {
    uint32_t thread;
    ms_event_kind kind;
    uint64_t address;
} step;

/* What happens in a tick, in true order: births and deaths alternate at each address. */
static size_t play(step *steps, bool *live, uint64_t *seed) {
    for (size_t i = 0; i < PER_TICK; i++) {
        size_t which = random_u64(seed) % ADDRESSES;
        steps[i] = (step){.thread = 1 + (uint32_t)(random_u64(seed) % THREADS),
                          .kind = live[which] ? MS_EVENT_FREE : MS_EVENT_ALLOC,
                          .address = 0x1000 + 16 * which};
        live[which] = !live[which];
    }
    return PER_TICK;
}

/* Whatever order the threads of a tick are read in, at its end each live address has a name of its own
 * under which one more block was born than died, and no name has a debt. */
static void names_balance_whatever_the_order_of_threads(void **state) {
    (void)state;
    enum { NAMES = TICKS * PER_TICK + 2 };
    int8_t *births = calloc(NAMES, 1), *debts = calloc(NAMES, 1);
    bool live[ADDRESSES] = {false};
    step steps[PER_TICK];
    uint64_t seed = 7, high = UINT64_C(1) << MS_WORD_VALUE_BITS;
    ms_renamer *r = ms_renamer_new();
    size_t open = 0, unborn = 0;
    for (uint64_t tick = 1; tick <= TICKS; tick++) {
        size_t count = play(steps, live, &seed), touched = 0;
        size_t turn = random_u64(&seed) % THREADS, alive = 0;
        int8_t *seen[PER_TICK];
        for (uint32_t i = 0; i < THREADS; i++)
            for (size_t s = 0; s < count; s++) {
                if (steps[s].thread != 1 + (i + turn) % THREADS)
                    continue;
                uint64_t name =
                    name_of(r, steps[s].thread, tick * 1000, steps[s].kind, steps[s].address);
                bool is_unborn = name > high - MS_NAMES_FROM / 2;
                int8_t *balance = is_unborn ? &debts[(high - name) / MS_NAME_STEP]
                                            : &births[(name - MS_NAMES_FROM) / MS_NAME_STEP];
                unborn += is_unborn;
                open -= *balance == 1;
                *balance = (int8_t)(*balance + (steps[s].kind == MS_EVENT_ALLOC ? 1 : -1));
                open += *balance == 1;
                seen[touched++] = balance;
            }
        for (size_t i = 0; i < touched; i++)
            assert_in_range(*seen[i], 0, 1);
        for (size_t i = 0; i < ADDRESSES; i++)
            alive += live[i];
        assert_int_equal(open, alive);
        ms_renamer_settle(r, tick * 1000 + 1);
    }
    assert_true(unborn > 0); /* some deaths were read before their births */
    ms_renamer_free(r);
    free(births);
    free(debts);
}

/* Of a block born before recording began only the death is known; it must not take a later birth's place. */
static void an_unknown_death_is_not_owed_for_ever(void **state) {
    (void)state;
    ms_renamer *r = ms_renamer_new();
    uint64_t unborn = died(r, 1, 1000, 0x1000);
    ms_renamer_settle(r, 2000);
    uint64_t name = born(r, 2, 2000, 0x1000);
    assert_int_not_equal(name, unborn);
    assert_int_equal(died(r, 1, 3000, 0x1000), name);
    ms_renamer_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_named_in_the_order_of_their_births),
        cmocka_unit_test(what_was_lost_stays_visible),
        cmocka_unit_test(a_block_that_moves_keeps_its_name),
        cmocka_unit_test(other_events_end_a_run),
        cmocka_unit_test(names_balance_whatever_the_order_of_threads),
        cmocka_unit_test(an_unknown_death_is_not_owed_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
