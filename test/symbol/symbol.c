#include "symbol/symbol.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "fixture.h"

/* One inlined chain, known line by line. */
static const char chain_source[] =
    "#include <stdlib.h>\n"
    "void *kept;\n"
    "static inline __attribute__((always_inline)) void *inner(size_t n) { return malloc(n); }\n"
    "static inline __attribute__((always_inline)) void *middle(size_t n) {\n"
    "    return inner(n + 1);\n"
    "}\n"
    "__attribute__((noinline)) void outer(size_t n) {\n"
    "    kept = middle(n);\n"
    "}\n"
    "#ifndef SHARED\n"
    "int main(int argc, char **argv) { outer((size_t)argc); return kept == argv; }\n"
    "#endif\n";

static int make_chain(void **state) {
    if (enter_directory(state) != 0) {
        return -1;
    }
    write_text("chain.c", chain_source);
    run("gcc -g -O1 chain.c -o chain");
    return 0;
}

static void check_location(const ms_location *location, const char *function, uint32_t line,
                           bool inlined) {
    assert_string_equal(location->function, function);
    assert_int_equal(location->line, line);
    assert_int_equal(location->inlined, inlined);
    assert_non_null(location->file);
    assert_string_equal(strrchr(location->file, '/'), "/chain.c");
    assert_int_equal(access(location->file, R_OK), 0);
}

static void check_chain(const char *file) {
    ms_symbols *symbols = ms_symbols_new(NULL);
    ms_location locations[8];
    size_t module = add_file(symbols, file);
    assert_int_equal(ms_symbols_at(symbols, module, first_call(file, "outer"), locations, 8), 3);
    check_location(&locations[0], "inner", 3, true);
    check_location(&locations[1], "middle", 5, true);
    check_location(&locations[2], "outer", 8, false);
    ms_symbols_free(symbols);
}

static void inlined_calls_come_innermost_first_with_their_own_lines(void **state) {
    (void)state;
    static const char *const builds[] = {
        "gcc -O1 -gdwarf-4",
        "gcc -O2 -gdwarf-5 -no-pie",
        "gcc -O1 -gdwarf-5 -gz",
        "gcc -O1 -gdwarf-5 -DSHARED -shared -fPIC",
        "gcc -O1 -gdwarf-4 -gsplit-dwarf",
        "gcc -O1 -gdwarf-5 -gsplit-dwarf",
        "gcc -O1 -g -flto",
        "gcc -O1 -g -ffunction-sections -Wl,--gc-sections",
    };
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        run("rm -f *.dwo && %s chain.c -o built", builds[i]);
        check_chain("built");
    }
}

static void clang_gives_the_same_chain(void **state) {
    (void)state;
    need_program("clang");
    static const char *const builds[] = {"-gdwarf-4", "-gdwarf-5", "-gdwarf-5 -gsplit-dwarf"};
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        run("rm -f *.dwo && clang -O1 %s chain.c -o built", builds[i]);
        check_chain("built");
    }
}

static void the_bias_is_taken_off(void **state) {
    (void)state;
    char path[FIXTURE_PATH];
    assert_non_null(realpath("chain", path));
    ms_symbols *symbols = ms_symbols_new(NULL);
    uint64_t call = first_call("chain", "outer"), bias = 0x7f0000000000;
    size_t here = ms_symbols_add(symbols, path, NULL, 0, bias);
    size_t there = ms_symbols_add(symbols, path, NULL, 0, bias + 0x1000000);
    assert_int_equal(here, 0);
    assert_int_equal(there, 1);
    assert_string_equal(function_at(symbols, here, bias + call), "outer");
    assert_string_equal(function_at(symbols, there, bias + 0x1000000 + call), "outer");
    assert_string_equal(function_at(symbols, there, bias + call), "");
    ms_symbols_free(symbols);
}

static void without_inlines_the_function_is_at_the_line_of_its_call(void **state) {
    (void)state;
    ms_symbols *symbols = ms_symbols_new(&(ms_symbols_options){.inlines = false});
    ms_location locations[8];
    size_t module = add_file(symbols, "chain");
    uint64_t call = first_call("chain", "outer");
    assert_int_equal(ms_symbols_at(symbols, module, call, locations, 8), 1);
    check_location(&locations[0], "outer", 8, false);
    ms_symbols_free(symbols);
}

static void no_more_than_asked_for_is_written(void **state) {
    (void)state;
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, "chain");
    uint64_t call = first_call("chain", "outer");
    ms_location locations[3];
    memset(locations, 0x5a, sizeof locations);
    assert_int_equal(ms_symbols_at(symbols, module, call, locations, 0), 0);
    assert_int_equal(ms_symbols_at(symbols, module, call, locations, 2), 2);
    check_location(&locations[1], "middle", 5, true);
    assert_int_equal(locations[2].line, 0x5a5a5a5a);
    ms_symbols_free(symbols);
}

static void a_module_that_was_not_added_has_nothing(void **state) {
    (void)state;
    ms_symbols *symbols = ms_symbols_new(NULL);
    ms_location location;
    assert_int_equal(ms_symbols_at(symbols, 0, 1, &location, 1), 0);
    assert_int_equal(ms_symbols_at(symbols, SIZE_MAX, 1, &location, 1), 0);
    assert_int_equal(ms_symbols_source_of(symbols, 7), MS_SYMBOLS_NOT_FOUND);
    ms_symbols_free(symbols);
    ms_symbols_free(NULL);
}

static void addresses_outside_the_code_have_nothing(void **state) {
    (void)state;
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, "chain");
    static const uint64_t addresses[] = {0, 1, 0x40, 0x10000000, UINT64_MAX - 1, UINT64_MAX};
    ms_location location;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        assert_int_equal(ms_symbols_at(symbols, module, addresses[i], &location, 1), 0);
    }
    ms_symbols_free(symbols);
}

static void what_names_come_from_is_told(void **state) {
    (void)state;
    run("gcc -O1 -shared -fPIC -DSHARED chain.c -o names.so && strip -o exports.so names.so");
    run("gcc -O1 -s chain.c -o bare");
    ms_symbols *symbols = ms_symbols_new(NULL);
    assert_int_equal(ms_symbols_source_of(symbols, add_file(symbols, "chain")), MS_SYMBOLS_DWARF);
    size_t module = add_file(symbols, "names.so");
    assert_int_equal(ms_symbols_source_of(symbols, module), MS_SYMBOLS_SYMTAB);
    module = add_file(symbols, "exports.so");
    assert_int_equal(ms_symbols_source_of(symbols, module), MS_SYMBOLS_DYNSYM);
    ms_location location;
    assert_int_equal(ms_symbols_at(symbols, module, address_of("names.so", "outer"), &location, 1),
                     1);
    assert_string_equal(location.function, "outer");
    assert_null(location.file);
    assert_int_equal(location.line, 0);
    assert_int_equal(ms_symbols_source_of(symbols, add_file(symbols, "bare")), MS_SYMBOLS_NONE);
    ms_symbols_free(symbols);
}

static void options_are_copied(void **state) {
    (void)state;
    char *root = strdup(*state);
    char path[] = "/chain";
    ms_symbols *symbols = ms_symbols_new(&(ms_symbols_options){.sysroot = root});
    size_t module = ms_symbols_add(symbols, path, NULL, 0, 0);
    memset(root, 'x', strlen(root));
    memset(path, 'x', strlen(path));
    free(root);
    assert_string_equal(function_at(symbols, module, address_of("chain", "main")), "main");
    ms_symbols_free(symbols);
}

static char *read_file(const char *name, size_t *size) {
    struct stat status;
    assert_int_equal(stat(name, &status), 0);
    char *bytes = malloc((size_t)status.st_size);
    FILE *file = fopen(name, "rb");
    assert_non_null(bytes);
    assert_non_null(file);
    *size = fread(bytes, 1, (size_t)status.st_size, file);
    assert_int_equal(*size, status.st_size);
    fclose(file);
    return bytes;
}

static void write_file(const char *name, const char *bytes, size_t size) {
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Asks for names all over a file; whatever it answers, it must answer. */
static void look_around(const char *name) {
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, name);
    ms_location locations[16];
    for (uint64_t address = 0x1000; address < 0x1300; address += 5) {
        size_t count = ms_symbols_at(symbols, module, address, locations, 16);
        assert_true(count <= 16);
        for (size_t i = 0; i < count; i++) {
            size_t length = locations[i].function ? strlen(locations[i].function) : 0;
            length += locations[i].file ? strlen(locations[i].file) : 0;
            assert_true(length < 1u << 20);
        }
    }
    ms_symbols_free(symbols);
}

static void a_file_cut_anywhere_is_survived(void **state) {
    (void)state;
    size_t size;
    char *bytes = read_file("chain", &size);
    alarm(200);
    for (size_t cut = 0; cut < size; cut += cut < 4096 ? 16 : 61) {
        write_file("cut", bytes, cut);
        look_around("cut");
    }
    alarm(0);
    free(bytes);
}

static void a_file_with_changed_bytes_is_survived(void **state) {
    (void)state;
    size_t size;
    char *bytes = read_file("chain", &size);
    srand(7);
    alarm(200);
    for (int round = 0; round < 1500; round++) {
        char *damaged = malloc(size);
        memcpy(damaged, bytes, size);
        for (int change = 0; change < 1 + round % 30; change++) {
            damaged[(size_t)rand() % size] = (char)rand();
        }
        write_file("damaged", damaged, size);
        look_around("damaged");
        free(damaged);
    }
    alarm(0);
    free(bytes);
}

static void a_real_library_answers_fast(void **state) {
    (void)state;
    run("ldconfig -p | sed -n 's/.*libc.so.6 (libc6,.*=> //p' | head -1 | tr -d '\\n' > path");
    char path[FIXTURE_PATH] = "";
    FILE *file = fopen("path", "r");
    assert_non_null(file);
    assert_non_null(fgets(path, sizeof path, file));
    fclose(file);
    static uint64_t addresses[10000];
    size_t count = read_addresses(addresses, 10000,
                                  "objdump -d --no-show-raw-insn '%s' | grep -w 'call\\|bl'", path);
    assert_true(count > 5000);
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, path), named = 0;
    clock_t start = clock();
    for (size_t i = 0; i < count; i++) {
        named += *function_at(symbols, module, addresses[i]) != '\0';
    }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    assert_true(named > count / 20);
    assert_true(seconds < 10); /* 0.1 s on a machine of 2020; a sanitizer's build is slower */
    ms_symbols_free(symbols);
}

static void demangling_is_at_hand(void **state) {
    (void)state;
    ms_symbols *symbols = ms_symbols_new(NULL);
    assert_string_equal(ms_symbols_demangle(symbols, "_Znwm"), "operator new(unsigned long)");
    assert_string_equal(ms_symbols_demangle(symbols, "malloc"), "malloc");
    ms_symbols_free(symbols);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inlined_calls_come_innermost_first_with_their_own_lines),
        cmocka_unit_test(clang_gives_the_same_chain),
        cmocka_unit_test(the_bias_is_taken_off),
        cmocka_unit_test(without_inlines_the_function_is_at_the_line_of_its_call),
        cmocka_unit_test(no_more_than_asked_for_is_written),
        cmocka_unit_test(a_module_that_was_not_added_has_nothing),
        cmocka_unit_test(addresses_outside_the_code_have_nothing),
        cmocka_unit_test(what_names_come_from_is_told),
        cmocka_unit_test(options_are_copied),
        cmocka_unit_test(a_file_cut_anywhere_is_survived),
        cmocka_unit_test(a_file_with_changed_bytes_is_survived),
        cmocka_unit_test(a_real_library_answers_fast),
        cmocka_unit_test(demangling_is_at_hand),
    };
    return cmocka_run_group_tests(tests, make_chain, leave_directory);
}
