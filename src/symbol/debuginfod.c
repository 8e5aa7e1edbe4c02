#include "symbol/debuginfod.h"

#include <dlfcn.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

#include <elfutils/debuginfod.h>

typedef int ms_find(debuginfod_client *client, const unsigned char *build_id, int size,
                    char **path);

/* Loaded here and not linked: it brings libcurl and all that into a process which, as a rule, must
 * stay off the network. Never unloaded, since libcurl does not take that well. */
int ms_debuginfod_fetch(ms_build_id build_id, bool debug_file) {
    void *library = dlopen(DEBUGINFOD_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library || build_id.size > INT_MAX) {
        return -1;
    }
    __typeof__(&debuginfod_begin) begin = dlsym(library, "debuginfod_begin");
    __typeof__(&debuginfod_end) end = dlsym(library, "debuginfod_end");
    ms_find *find =
        dlsym(library, debug_file ? "debuginfod_find_debuginfo" : "debuginfod_find_executable");
    debuginfod_client *client = begin && end && find ? begin() : NULL;
    int fd = -1;
    if (client) {
        fd = find(client, build_id.bytes, (int)build_id.size, NULL);
        end(client);
    }
    dlclose(library);
    return fd >= 0 ? fd : -1;
}
