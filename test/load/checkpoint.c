#include "load/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "load/checkpoint_rows.h"
#include "through_checkpoint.h"
#include "words.h"

/* A replay that has read the first table of a checkpoint. */
typedef struct reading {
    ms_replay r;
    checkpointed c;
} reading;

static bool take_columns(reading *x, unsigned table, size_t columns, const void *rows,
                         size_t count) {
    ms_kept_bytes payload = {.size = 0};
    ms_kept_table of = ms_checkpoint_tables[table];
    of.cell_count = columns;
    ms_kept_put(&payload, &of, rows, count);
    bool taken = ms_checkpoint_read(&x->c.checkpoint, payload.bytes, payload.size);
    free(payload.bytes);
    return taken;
}

static bool take(reading *x, unsigned table, const void *rows, size_t count) {
    return take_columns(x, table, ms_checkpoint_tables[table].cell_count, rows, count);
}

#define TAKE(x, table, ...) take(x, MS_KEPT_##table, &(row_##table)__VA_ARGS__, 1)
#define MS_KEPT_TABLE(name, code, row, doc) typedef row row_##name;
#include "load/checkpoint.def"

static void begin_reading(reading *x) {
    ms_replay_init(&x->r);
    begin_checkpoint(&x->c, &x->r);
    ms_replay totals = {
        .now_us = 1000, .timeline.interval_us = 1, .series = {.interval_us = 10, .moments = 3}};
    assert_true(take(x, MS_KEPT_totals, &totals, 1));
    assert_true(TAKE(x, file, {.keep = 1, .words = true}));
    assert_true(TAKE(x, places, {.id = 7}));
    assert_true(TAKE(x, threads, {.count = {.serial = 1}}));
    assert_true(TAKE(x, tasks, {.id = 3}));
    assert_true(TAKE(x, scopes, {.place = 1}));
}

static void end_reading(reading *x) {
    ms_replay_finish(&x->r);
    end_checkpoint(&x->c);
    ms_replay_deinit(&x->r);
}

/* ---- what is refused -------------------------------------------------------------------- */

static void a_row_that_names_what_is_not_there_is_refused(void **state) {
    (void)state;
    reading x;
    begin_reading(&x);
    const uint32_t no_site = MS_NO_SITE;
    assert_true(TAKE(&x, variables,
                     {.address = P, .place = 1, .task = 1, .scope = 1, .block_site = no_site}));
    assert_false(TAKE(&x, variables, {.address = P, .place = 2, .block_site = no_site}));
    assert_false(TAKE(&x, variables, {.address = P, .task = 2, .block_site = no_site}));
    assert_false(TAKE(&x, variables, {.address = P, .scope = 2, .block_site = no_site}));
    assert_false(TAKE(&x, variables, {.address = P, .thread = 1, .block_site = no_site}));
    assert_false(TAKE(&x, variables, {.address = P, .block_site = 0})); /* there is none */
    assert_false(TAKE(&x, variables, {.born_us = MS_TIME_MAX_US + 1, .block_site = no_site}));
    assert_false(TAKE(&x, variables, {.end = 3, .block_site = no_site}));
    assert_false(TAKE(&x, changes, {.variable = 1, .change.site = no_site}));
    assert_false(TAKE(&x, changes, {.change = {.kind = MS_CHANGE_FREED, .site = no_site}}));
    assert_false(TAKE(&x, heirs, {.owner = 1, .heir = 2}));
    assert_false(TAKE(&x, heirs, {.owner = 0, .heir = 1}));
    assert_true(TAKE(&x, references, {.address = P, .variable = 1}));
    assert_false(TAKE(&x, references, {.address = P, .variable = 2}));
    assert_false(TAKE(&x, references, {.address = P, .count = INT64_MAX}));
    assert_false(TAKE(&x, holders, {.reference = 1}));
    assert_true(TAKE(&x, passports, {.address = P}));
    assert_false(TAKE(&x, passports, {.custody = MS_CUSTODY_KINDS}));
    assert_false(TAKE(&x, passports, {.freer = 1}));
    assert_true(TAKE(&x, over, {.address = P}));
    assert_false(TAKE(&x, over, {.address = P, .passport = 1}));
    assert_true(TAKE(&x, ended, {.address = P})); /* as older ones have it */
    assert_true(TAKE(&x, ended, {.address = P, .variable = 1}));
    assert_true(TAKE(&x, ended, {.address = P, .variable = 1})); /* no circle to be lost in */
    assert_false(TAKE(&x, ended, {.address = P, .variable = 2}));
    assert_false(TAKE(&x, acts, {.owner = 1}));
    assert_false(TAKE(&x, acts, {.owner = 1, .passport = true}));
    assert_false(TAKE(&x, fields, {.type = 0}));
    assert_false(TAKE(&x, describing, {.thread = 0, .type = 1}));
    assert_false(TAKE(&x, declared, {.place = 0}));
    assert_false(TAKE(&x, misuses, {.kind = MS_MISUSE_COUNT}));
    assert_false(TAKE(&x, snapshots, {.place = 2}));
    end_reading(&x);
}

static void what_hangs_on_an_address_hangs_there_once(void **state) {
    (void)state;
    reading x;
    begin_reading(&x);
    assert_true(TAKE(&x, variables, {.address = P, .block_site = MS_NO_SITE}));
    assert_true(TAKE(&x, tags, {.place = 1, .tag.blocks = 1}));
    assert_false(TAKE(&x, tags, {.place = 1, .tag.blocks = 1}));
    assert_true(TAKE(&x, tracked, {.place = 1, .here.variables = 1}));
    assert_false(TAKE(&x, tracked, {.place = 1, .here.variables = 1}));
    assert_false(TAKE(&x, alive, {.row = 0})); /* nothing is there */
    assert_false(TAKE(&x, anchors, {.address = 0}));
    assert_false(TAKE(&x, anchors, {.address = P, .block = P - 8}));
    assert_false(TAKE(&x, anchors, {.address = P, .reference = 1}));
    assert_false(TAKE(&x, anchors, {.address = P, .passport = 1}));
    assert_false(TAKE(&x, anchors, {.address = P, .container = 1}));
    assert_true(TAKE(&x, anchors, {.address = P}));
    assert_false(TAKE(&x, anchors, {.address = P}));
    assert_false(TAKE(&x, anchors, {.address = P - 8, .block = P})); /* before its start */
    assert_true(TAKE(&x, anchors, {.address = P + 8, .block = P}));
    assert_true(TAKE(&x, alive, {.row = 0}));
    assert_false(TAKE(&x, alive, {.row = 0}));
    assert_false(TAKE(&x, alive, {.row = 1}));
    assert_true(TAKE(&x, declared, {.place = 1}));
    assert_false(TAKE(&x, declared, {.place = 1}));
    assert_true(TAKE(&x, misuses, {.kind = 1}));
    assert_false(TAKE(&x, misuses, {.kind = 1}));
    end_reading(&x);
}

static void levels_are_of_sites_and_moments_that_are_there(void **state) {
    (void)state;
    reading x;
    begin_reading(&x);
    assert_false(TAKE(&x, levels, {.moment = 1}));
    assert_false(TAKE(&x, changed, {.row = 0}));
    assert_true(TAKE(&x, sites, {.node = MS_NODE_UNKNOWN}));
    assert_true(TAKE(&x, levels, {.moment = 1}));
    assert_false(TAKE(&x, levels, {.moment = 1, .site = 1}));
    assert_false(TAKE(&x, levels, {.moment = 0}));
    assert_false(TAKE(&x, levels, {.moment = 3}));
    assert_true(TAKE(&x, changed, {.row = 0}));
    assert_false(TAKE(&x, changed, {.row = 1}));
    end_reading(&x);
}

static void lists_have_an_end(void **state) {
    (void)state;
    reading x;
    begin_reading(&x);
    assert_true(TAKE(&x, variables, {.address = P, .block_site = MS_NO_SITE}));
    assert_true(TAKE(&x, references, {.address = P}));
    assert_true(TAKE(&x, declared, {.place = 1}));
    for (unsigned i = 0; i < MS_CHANGES_EACH; i++)
        assert_true(TAKE(&x, changes, {.change.site = MS_NO_SITE}));
    assert_false(TAKE(&x, changes, {.change.site = MS_NO_SITE}));
    for (unsigned i = 0; i < MS_ACTS_EACH; i++)
        assert_true(TAKE(&x, acts, {.owner = 0}));
    assert_false(TAKE(&x, acts, {.owner = 0}));
    for (unsigned i = 0; i < MS_HOLDERS_EACH; i++)
        assert_true(TAKE(&x, holders, {.reference = 0, .holder.stack = i}));
    assert_false(TAKE(&x, holders, {.reference = 0, .holder.stack = 999}));
    for (unsigned i = 0; i < MS_FIELDS_EACH; i++)
        assert_true(TAKE(&x, fields, {.type = 0}));
    assert_false(TAKE(&x, fields, {.type = 0}));
    for (unsigned i = 0; i < MS_SNAPSHOTS_MAX; i++)
        assert_true(TAKE(&x, snapshots, {.place = 1}));
    assert_false(TAKE(&x, snapshots, {.place = 1}));
    end_reading(&x);
}

/* ---- older versions --------------------------------------------------------------------- */

enum { OLD_TOTALS = 56, OLD_FILE = 6 }; /* columns, when words were not kept */

static void an_older_checkpoint_says_from_when_on_words_are_known(void **state) {
    (void)state;
    reading x = {.r = {0}};
    ms_replay_init(&x.r);
    begin_checkpoint(&x.c, &x.r);
    ms_replay totals = {.now_us = 1000, .timeline.interval_us = 1, .notes.count = 5};
    ms_kept_file file = {.keep = 1, .words = true};
    assert_true(take_columns(&x, MS_KEPT_totals, OLD_TOTALS, &totals, 1));
    assert_true(take_columns(&x, MS_KEPT_file, OLD_FILE, &file, 1));
    assert_int_equal(x.r.notes.from_us, 1000);
    say(&x.r, MS_NOTE_UNTRACK, 2000, 0, (ms_event){.address = P}); /* it may have been tracked */
    assert_int_equal(x.r.notes.misuses.count, 0);
    go_through_checkpoint(&x.r);
    assert_int_equal(x.r.notes.from_us, 1000);
    end_reading(&x);
}

static void a_checkpoint_of_a_program_that_says_nothing_lacks_nothing(void **state) {
    (void)state;
    reading x = {.r = {0}};
    ms_replay_init(&x.r);
    begin_checkpoint(&x.c, &x.r);
    ms_replay totals = {.now_us = 1000, .timeline.interval_us = 1};
    ms_kept_file file = {.keep = 1};
    assert_true(take_columns(&x, MS_KEPT_totals, OLD_TOTALS, &totals, 1));
    assert_true(take_columns(&x, MS_KEPT_file, OLD_FILE, &file, 1));
    assert_int_equal(x.r.notes.from_us, 0);
    end_reading(&x);
}

static void an_older_checkpoint_knows_no_levels_and_none_are_made_up(void **state) {
    (void)state;
    reading x = {.r = {0}};
    ms_replay_init(&x.r);
    begin_checkpoint(&x.c, &x.r);
    ms_replay totals = {.now_us = 1000, .timeline.interval_us = 1};
    assert_true(take_columns(&x, MS_KEPT_totals, OLD_TOTALS, &totals, 1));
    ms_event event = make_alloc(1, 5000, P, 100, 0);
    ms_replay_event(&x.r, &event, UINT64_MAX);
    ms_replay_finish(&x.r);
    assert_int_equal(x.r.sites.count, 1);
    assert_int_equal(x.r.series.interval_us, 0);
    assert_int_equal(x.r.series.count, 0);
    end_checkpoint(&x.c);
    ms_replay_deinit(&x.r);
}

/* ---- deep scopes ------------------------------------------------------------------------ */

static void scopes_too_deep_to_be_told_apart_are_left_one_by_one(void **state) {
    (void)state;
    ms_replay r;
    start(&r);
    for (unsigned i = 0; i < MS_SCOPES_DEPTH + 10; i++)
        say(&r, MS_NOTE_SCOPE_ENTER, 100, OUTER, (ms_event){.address = 0});
    go_through_checkpoint(&r);
    for (unsigned i = 0; i < MS_SCOPES_DEPTH + 10; i++)
        say(&r, MS_NOTE_SCOPE_LEAVE, 200, OUTER, (ms_event){.address = 0});
    assert_int_equal(r.notes.misuses.count, 0);
    say(&r, MS_NOTE_SCOPE_LEAVE, 300, OUTER, (ms_event){.address = 0});
    assert_int_equal(r.notes.misuses.count, 1);
    end(&r, finish(&r));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_that_names_what_is_not_there_is_refused),
        cmocka_unit_test(what_hangs_on_an_address_hangs_there_once),
        cmocka_unit_test(levels_are_of_sites_and_moments_that_are_there),
        cmocka_unit_test(lists_have_an_end),
        cmocka_unit_test(an_older_checkpoint_says_from_when_on_words_are_known),
        cmocka_unit_test(a_checkpoint_of_a_program_that_says_nothing_lacks_nothing),
        cmocka_unit_test(an_older_checkpoint_knows_no_levels_and_none_are_made_up),
        cmocka_unit_test(scopes_too_deep_to_be_told_apart_are_left_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
