/* golden.h - output compared with a file of the tree. With MEMSCOPE_UPDATE_GOLDEN set the
 * file is written instead: read the difference before committing it. Tests run in the source
 * directory. */
#ifndef MS_TEST_GOLDEN_H
#define MS_TEST_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline char *golden_read(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *bytes = calloc(1, (size_t)size + 1);
    if (bytes && fread(bytes, 1, (size_t)size, file) != (size_t)size)
        *bytes = 0;
    fclose(file);
    return bytes;
}

static inline void check_golden(const char *path, const char *text) {
    if (getenv("MEMSCOPE_UPDATE_GOLDEN")) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fputs(text, file);
        assert_int_equal(fclose(file), 0);
        return;
    }
    char *expected = golden_read(path);
    if (!expected)
        fail_msg("%s is missing; MEMSCOPE_UPDATE_GOLDEN=1 makes it", path);
    if (strcmp(expected, text))
        print_message("%s: expected\n%s\n--- got\n%s\n", path, expected, text);
    assert_string_equal(expected, text);
    free(expected);
}

#endif
