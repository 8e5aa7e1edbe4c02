/* loops.c - loads two plugins, which nobody else sees into, and runs them twice, loaded anew: one that brings
 * libuv along, and one with functions of its own by names of other libraries. */
#include <dlfcn.h>

#include "victim.h"

static void *open_beside(const char *program, const char *name) {
    char path[4096];
    const char *slash = strrchr(program, '/');
    EXPECT(slash && snprintf(path, sizeof path, "%.*s/%s", (int)(slash - program), program, name) <
                        (int)sizeof path);
    void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    EXPECT(plugin != NULL);
    return plugin;
}

int main(int argc, char **argv) {
    EXPECT(argc == 1);
    for (int round = 0; round < 2; round++) {
        void *own = open_beside(argv[0], "lib_own_loop.so");
        void *uv = open_beside(argv[0], "lib_uv_plugin.so");
        double (*own_loop)(void) = (double (*)(void))dlsym(own, "own_loop");
        int (*run_plugin)(void) = (int (*)(void))dlsym(uv, "run_plugin");
        double sum = own_loop();
        EXPECT(sum == 0.5 + 1 + 2.25 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 100 + 45);
        EXPECT(run_plugin() == 0);
        EXPECT(dlclose(own) == 0);
    }
    say("loops done\n");
    return 0;
}
