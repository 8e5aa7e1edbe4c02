/* Orders of members that need fewer bytes: what is promised is what a compiler then makes of them. */
#include "symbol/reorder.h"

#include "fixture.h"

enum { STRUCTURES = 300, MEMBERS = 12 };

static const char *const types[] = {
    "char %s",
    "short %s",
    "int %s",
    "long %s",
    "void *%s",
    "double %s",
    "char %s[3]",
    "short %s[5]",
    "_Bool %s",
    "long double %s",
    "struct inner %s",
    "struct inner %s[2]",
    "int %s:3",
    "unsigned %s:17",
    "unsigned char %s:5",
    "unsigned long %s:40",
    "int (*%s)(void)",
    "_Complex float %s",
    "__int128 %s",
    "struct odd %s",
};

static const char inner[] = "struct inner { char c; int i; };\n"
                            "struct __attribute__((packed)) odd { char c; short s; };\n";

static unsigned random_below(unsigned limit) {
    static uint64_t state = 42;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % limit;
}

static void put_member(FILE *out, unsigned type, unsigned number) {
    char name[16];
    snprintf(name, sizeof name, "m%u", number);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    fprintf(out, types[type], name);
#pragma GCC diagnostic pop
    fputs("; ", out);
}

typedef struct structure {
    unsigned types[MEMBERS], count;
} structure;

static structure all[STRUCTURES];

static void make_structures(void) {
    FILE *out = fopen("before.c", "w");
    fputs(inner, out);
    for (unsigned i = 0; i < STRUCTURES; i++) {
        structure *s = &all[i];
        s->count = 2 + random_below(MEMBERS - 2);
        fprintf(out, "struct s%u { ", i);
        for (unsigned j = 0; j < s->count; j++) {
            s->types[j] = random_below(sizeof types / sizeof *types);
            put_member(out, s->types[j], j);
        }
        fprintf(out, "} g%u;\n", i);
    }
    fclose(out);
}

static uint64_t improved; /* structures */

static bool put_reordered(void *context, const ms_datatype *type) {
    FILE *out = context;
    unsigned number;
    ms_reordering better;
    if (sscanf(type->name, "struct s%u", &number) != 1 || !ms_reorder(type->layout, &better)) {
        return true;
    }
    const structure *s = &all[number];
    assert_true(better.size < type->size);
    fprintf(out, "struct s%u { ", number);
    for (unsigned i = 0; i < s->count; i++) {
        put_member(out, s->types[better.order[i]], better.order[i]);
    }
    fprintf(out, "};\n_Static_assert(sizeof(struct s%u) == %d, \"promised\");\n", number,
            (int)better.size);
    for (unsigned i = 0; i < s->count; i++) {
        if (!type->layout->members[better.order[i]].bit_size) {
            fprintf(out, "_Static_assert(__builtin_offsetof(struct s%u, m%u) == %d, \"there\");\n",
                    number, better.order[i], (int)(better.bits[i] / 8));
        }
    }
    ms_reordering_deinit(&better);
    improved++;
    return true;
}

static void compilers_make_of_an_order_what_was_promised(void **state) {
    (void)state;
    make_structures();
    for (unsigned i = 0; i < 2; i++) {
        const char *compiler = i ? "clang" : "gcc";
        FILE *out = fopen("after.c", "w");
        fputs(inner, out);
        ms_symbols *symbols = ms_symbols_new(NULL);
        improved = 0;
        run("%s -w -g -shared -fPIC -o before.so before.c", compiler);
        ms_symbols_each_type(symbols, add_file(symbols, "before.so"), put_reordered, out);
        ms_symbols_free(symbols);
        fclose(out);
        print_message("%s: %d of %d need fewer bytes\n", compiler, (int)improved, STRUCTURES);
        assert_true(improved > STRUCTURES / 3);
        run("%s -c -o after.o after.c", compiler);
    }
}

/* ---- by hand ---------------------------------------------------------------------------- */

static ms_layout layout_of(ms_layout_member *members, size_t count, uint64_t size) {
    return (ms_layout){
        .size = size, .alignment = 8, .members = members, .count = count, .padding_bytes = 1};
}

static void members_that_need_no_hole_keep_their_order(void **state) {
    (void)state;
    ms_layout_member m[] = {{.offset = 0, .size = 1, .alignment = 1},
                            {.offset = 8, .size = 8, .alignment = 8},
                            {.offset = 16, .size = 4, .alignment = 4},
                            {.offset = 24, .size = 8, .alignment = 8},
                            {.offset = 32, .size = 1, .alignment = 1}};
    ms_layout layout = layout_of(m, 5, 40);
    ms_reordering better;
    assert_true(ms_reorder(&layout, &better));
    assert_int_equal(better.size, 24);
    const uint32_t order[] = {1, 3, 2, 0, 4};
    assert_memory_equal(better.order, order, sizeof order);
    assert_int_equal(better.bits[4], 8 * 21);
    ms_reordering_deinit(&better);
}

static void what_the_compiler_places_stays_in_front(void **state) {
    (void)state;
    ms_layout_member m[] = {{.offset = 0, .size = 16, .alignment = 8, .is_base = 1, .is_fixed = 1},
                            {.offset = 12, .size = 1, .alignment = 1},
                            {.offset = 16, .size = 8, .alignment = 8},
                            {.offset = 24, .size = 2, .alignment = 2}};
    ms_layout layout = layout_of(m, 4, 32);
    ms_reordering better;
    assert_true(ms_reorder(&layout, &better));
    assert_int_equal(better.order[0], 0);
    assert_int_equal(better.size, 24);
    ms_reordering_deinit(&better);
}

static void an_array_without_an_end_stays_last(void **state) {
    (void)state;
    ms_layout_member m[] = {{.offset = 0, .size = 1, .alignment = 1},
                            {.offset = 8, .size = 8, .alignment = 8},
                            {.offset = 16, .size = 1, .alignment = 1},
                            {.offset = 20, .size = 4, .alignment = 4},
                            {.offset = 24, .size = 0, .alignment = 1, .is_flexible = 1}};
    ms_layout layout = layout_of(m, 5, 24);
    ms_reordering better;
    assert_true(ms_reorder(&layout, &better));
    assert_int_equal(better.size, 16);
    assert_int_equal(better.order[4], 4);
    ms_reordering_deinit(&better);
}

static void a_layout_the_rules_do_not_explain_is_left_alone(void **state) {
    (void)state;
    ms_layout_member m[] = {{.offset = 0, .size = 1, .alignment = 1},
                            {.offset = 9, .size = 8, .alignment = 8},
                            {.offset = 24, .size = 1, .alignment = 1}};
    ms_layout layout = layout_of(m, 3, 32);
    ms_reordering better;
    assert_false(ms_reorder(&layout, &better));
    m[1].offset = 8;
    m[2].offset = 16;
    layout.size = 24;
    layout.is_union = true;
    assert_false(ms_reorder(&layout, &better));
    layout.is_union = false;
    layout.padding_bytes = MS_NO_SIZE;
    assert_false(ms_reorder(&layout, &better));
    layout.padding_bytes = 14;
    assert_true(ms_reorder(&layout, &better));
    ms_reordering_deinit(&better);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compilers_make_of_an_order_what_was_promised),
        cmocka_unit_test(members_that_need_no_hole_keep_their_order),
        cmocka_unit_test(what_the_compiler_places_stays_in_front),
        cmocka_unit_test(an_array_without_an_end_stays_last),
        cmocka_unit_test(a_layout_the_rules_do_not_explain_is_left_alone),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
