#include "symbol/c_library.h"

#include <stddef.h>
#include <string.h>

/* With a version behind it, checking its arguments, or not. */
static bool is_one_of(const char *name, const char *const *names, size_t count) {
    name += strncmp(name, "__", 2) == 0 ? 2 : 0;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(names[i]);
        if (strncmp(name, names[i], length) == 0 && (name[length] == '\0' || name[length] == '@' ||
                                                     strncmp(name + length, "_chk", 4) == 0)) {
            return true;
        }
    }
    return false;
}

bool ms_c_returns_first(const char *name) {
    static const char *const names[] = {"memset", "memcpy",  "memmove", "strcpy",
                                        "strcat", "strncpy", "strncat", "wmemset"};
    return is_one_of(name, names, sizeof names / sizeof *names);
}

bool ms_c_copies(const char *name) {
    static const char *const names[] = {"memcpy", "memmove", "mempcpy"};
    return is_one_of(name, names, sizeof names / sizeof *names);
}

bool ms_c_frees_first(const char *name) {
    static const char *const names[] = {"free", "cfree", "realloc", "reallocarray"};
    return is_one_of(name, names, sizeof names / sizeof *names);
}
