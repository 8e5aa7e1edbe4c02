/* plugin.c - loads and unloads lib_plugin.so 50 times; every time it has the plugin make 10
 * blocks of 444 bytes. The addresses of the plugin's code are likely to be the same every time,
 * or to belong to something else in between. */
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>

#include "victim.h"

typedef void *make(size_t size);

int main(void) {
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 32);
    EXPECT(size > 0);
    path[size] = '\0';
    strcpy(strrchr(path, '/'), "/lib_plugin.so");
    for (int cycle = 0; cycle < 50; cycle++) {
        void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        EXPECT(plugin != NULL);
        make *plugin_make = NULL;
        *(void **)&plugin_make = dlsym(plugin, "plugin_make");
        EXPECT(plugin_make != NULL);
        void *blocks[10];
        for (int i = 0; i < 10; i++)
            blocks[i] = plugin_make(444);
        for (int i = 0; i < 10; i++)
            free(blocks[i]);
        EXPECT(dlclose(plugin) == 0);
    }
    say("plugins done\n");
    return 0;
}
