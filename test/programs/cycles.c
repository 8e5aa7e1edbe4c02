/* cycles.c - loads and unloads the libraries it is given in turn, 200 times, and has each make
 * blocks of 100 + its number bytes, 5 a turn, at one depth after the other: the same addresses hold
 * frames of another shape each time. Usage: cycles LIBRARY... */
#include <dlfcn.h>

#include "victim.h"

typedef void *make(size_t size, int depth);

int main(int argc, char **argv) {
    EXPECT(argc > 1);
    for (int turn = 0; turn < 200; turn++) {
        int number = 1 + turn % (argc - 1);
        void *library = dlopen(argv[number], RTLD_NOW | RTLD_LOCAL);
        EXPECT(library != NULL);
        make *cycle_make = NULL;
        *(void **)&cycle_make = dlsym(library, "cycle_make");
        EXPECT(cycle_make != NULL);
        for (int i = 0; i < 5; i++)
            free(cycle_make(100 + (size_t)number, i));
        EXPECT(dlclose(library) == 0);
    }
    say("cycles done\n");
    return 0;
}
