/* lib_plugin.c - loaded and unloaded by plugin.c; allocates in its constructor and plugin_make. */
#include <stdlib.h>

static void *kept;

__attribute__((constructor)) static void load(void) {
    kept = malloc(333);
}

__attribute__((destructor)) static void unload(void) {
    free(kept);
}

void *plugin_make(size_t size);
void *plugin_make(size_t size) {
    void *block = malloc(size);
    __asm__ volatile("" : "+r"(block));
    return block;
}
