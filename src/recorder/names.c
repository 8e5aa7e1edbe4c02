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

size_t ms_ring_places(const char *places[MS_RING_PLACES]) {
    const char *temporary = getenv("TMPDIR");
    size_t count = 0;
    places[count++] = "/dev/shm";
    if (temporary && *temporary && strcmp(temporary, "/tmp") != 0)
        places[count++] = temporary;
    places[count++] = "/tmp";
    return count;
}

#define DIRECTORY_STEM "memscope-"

bool ms_is_ring_directory(const char *name) {
    return strncmp(name, DIRECTORY_STEM, strlen(DIRECTORY_STEM)) == 0 &&
           strlen(name) == strlen(DIRECTORY_STEM "XXXXXX");
}

int ms_ring_directory_create(char *path, size_t size) {
    const char *places[MS_RING_PLACES];
    size_t count = ms_ring_places(places);
    for (size_t i = 0; i < count; i++) {
        snprintf(path, size, "%s/" DIRECTORY_STEM "XXXXXX", places[i]);
        if (mkdtemp(path))
            return 0;
    }
    return errno;
}
