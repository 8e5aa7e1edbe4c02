/* victim.h - what the test programs share. Nothing here allocates, so that a program's head comment
 * can give its counts. */
#ifndef MS_TEST_VICTIM_H
#define MS_TEST_VICTIM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The compiler must believe that the value is used: it may not drop the allocation behind it. */
#define KEEP(value) __asm__ volatile("" : "+r"(value) : : "memory")

/* printf to stdout without stdio's buffer, which would be an allocation. */
__attribute__((format(printf, 1, 2), unused)) static void say(const char *format, ...) {
    char line[512];
    va_list list;
    va_start(list, format);
    int size = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (size > 0 && write(STDOUT_FILENO, line, (size_t)size) != size)
        _exit(99);
}

/* A failed expectation ends the program with status 99 and the line that failed. */
#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            say("%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                          \
            _exit(99);                                                                             \
        }                                                                                          \
    } while (0)

/* Allocates, never fails. */
__attribute__((unused, always_inline)) static inline void *take(size_t size) {
    void *block = malloc(size);
    KEEP(block);
    if (block == NULL)
        _exit(98);
    return block;
}

#endif
