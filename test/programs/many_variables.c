/* many_variables.c - a million live tracked variables, one after the other. Says how much larger the process
 * got meanwhile, in bytes: all of its resident memory, whatever holds it. */
#include <memscope.h>

#include "victim.h"

enum { COUNT = 1000000 };

static int values[COUNT];

static long resident(void) {
    char line[128];
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    EXPECT(file && fgets(line, sizeof line, file) && sscanf(line, "%*d %ld", &pages) == 1);
    fclose(file);
    return pages * 4096;
}

int main(void) {
    for (int i = 0; i < COUNT; i++)
        values[i] = i;
    MEMSCOPE_TRACK(values[0]);
    long before = resident();
    for (int i = 1; i < COUNT; i++)
        MEMSCOPE_TRACK(values[i]);
    say("%ld\n", resident() - before);
    return 0;
}
