#include "recorder/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ms_name_numbered(char *path, size_t size, const char *output, pid_t pid, unsigned number) {
    const char *slash = strrchr(output, '/');
    const char *name = slash ? slash + 1 : output;
    const char *dot = strrchr(name, '.');
    const char *ending = dot && dot != name ? dot : name + strlen(name);
    char suffix[32] = "";
    if (number)
        snprintf(suffix, sizeof suffix, ".%u", number);
    snprintf(path, size, "%.*s.%d%s%s", (int)(ending - output), output, (int)pid, suffix, ending);
}

void ms_name_default(char *path, size_t size, const char *program, pid_t pid) {
    const char *slash = strrchr(program, '/');
    snprintf(path, size, "memscope.%s.%d.memscope", slash ? slash + 1 : program, (int)pid);
}

int ms_ring_directory_create(char *path, size_t size) {
    const char *temporary = getenv("TMPDIR");
    const char *const places[] = {"/dev/shm", temporary && *temporary ? temporary : "/tmp", "/tmp"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, size, "%s/memscope-XXXXXX", places[i]);
        if (mkdtemp(path))
            return 0;
    }
    return errno;
}
