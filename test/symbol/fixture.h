/* fixture.h - what the tests of names share: a directory of their own, compilers, and lookups. */
#ifndef MS_TEST_SYMBOL_FIXTURE_H
#define MS_TEST_SYMBOL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "symbol/symbol.h"

#define FIXTURE_PATH 4096

/* Runs a shell command, which must succeed. */
__attribute__((format(printf, 1, 2))) static inline void run(const char *format, ...) {
    char command[2 * FIXTURE_PATH];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    assert_in_range(length, 1, (int)sizeof command - 1);
    if (system(command) != 0) {
        fail_msg("this failed: %s", command);
    }
}

/* Makes an empty directory and works there; `*state` is its absolute path. */
static inline int enter_directory(void **state) {
    char *directory = strdup("/tmp/memscope-symbol-XXXXXX");
    *state = directory;
    return directory && mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static inline int leave_directory(void **state) {
    char *directory = *state;
    int moved = chdir("/");
    run("chmod -R u+rwX '%s' && rm -rf '%s'", directory, directory);
    free(directory);
    return moved;
}

static inline void write_text(const char *name, const char *text) {
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Skips the test when the machine has no such program. */
static inline void need_program(const char *name) {
    char command[256];
    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", name);
    if (system(command) != 0) {
        print_message("no %s on this machine\n", name);
        skip();
    }
}

/* The hexadecimal numbers a shell command prints, one a line; at most `max`. */
__attribute__((format(printf, 3, 4))) static inline size_t
read_addresses(uint64_t *addresses, size_t max, const char *format, ...) {
    char command[2 * FIXTURE_PATH], line[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    size_t count = 0;
    while (fgets(line, sizeof line, output)) {
        char *end;
        uint64_t address = strtoull(line, &end, 16);
        if (end != line && count < max) {
            addresses[count++] = address;
        }
    }
    assert_int_equal(pclose(output), 0);
    return count;
}

/* The address of a function of a file that has its symbols. */
static inline uint64_t address_of(const char *file, const char *function) {
    uint64_t address = 0;
    size_t found = read_addresses(&address, 1, "nm '%s' | grep -i ' t %s$'", file, function);
    assert_int_equal(found, 1);
    return address;
}

/* The first call instruction in a function. */
static inline uint64_t first_call(const char *file, const char *function) {
    uint64_t address = 0;
    size_t found = read_addresses(&address, 1,
                                  "objdump -d --no-show-raw-insn --disassemble='%s' '%s' |"
                                  " grep -w 'call\\|bl'",
                                  function, file);
    assert_int_equal(found, 1);
    return address;
}

/* A module at bias 0, without a recorded build id; `name` is below the working directory, or
 * absolute. */
static inline size_t add_file(ms_symbols *symbols, const char *name) {
    char directory[FIXTURE_PATH], path[2 * FIXTURE_PATH];
    assert_non_null(getcwd(directory, sizeof directory));
    snprintf(path, sizeof path, *name == '/' ? "%.0s%s" : "%s/%s", directory, name);
    return ms_symbols_add(symbols, path, NULL, 0, 0);
}

/* The real function at `address`; "" when it has no name. */
static inline const char *function_at(ms_symbols *symbols, size_t module, uint64_t address) {
    ms_location locations[64];
    size_t count = ms_symbols_at(symbols, module, address, locations, 64);
    const char *name = count ? locations[count - 1].function : NULL;
    return name ? name : "";
}

/* The build id of a file; returns its size in bytes. */
static inline size_t read_build_id(const char *file, uint8_t *bytes, size_t max) {
    char command[FIXTURE_PATH], hex[2 * 64 + 2] = "";
    snprintf(command, sizeof command, "readelf -n '%s' | sed -n 's/.*Build ID: *//p'", file);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    assert_non_null(fgets(hex, sizeof hex, output));
    pclose(output);
    size_t size = 0;
    unsigned value;
    while (size < max && sscanf(hex + 2 * size, "%2x", &value) == 1) {
        bytes[size++] = (uint8_t)value;
    }
    return size;
}

#endif
