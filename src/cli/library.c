#include "cli/cli.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Cuts the last component off `path`. */
static void to_parent(char *path) {
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = 0;
}

bool ms_cli_library(char *path, size_t capacity) {
    char binary[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", binary, sizeof binary - 1);
    if (size < 0) {
        snprintf(path, capacity, "libmemscope.so (/proc is not readable)");
        return false;
    }
    binary[size] = 0;
    to_parent(binary);
    to_parent(binary);
    int written = snprintf(path, capacity, "%s/lib/libmemscope.so", binary);
    return written > 0 && (size_t)written < capacity && access(path, R_OK) == 0;
}
