/* What the lists of adapted functions say, held to the headers of the libraries and to the libraries: that
 * this file compiles is half of the test. */
#define GLIB_DISABLE_DEPRECATION_WARNINGS /* programs may be older */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_compat.h>
#include <event2/dns.h>
#include <event2/dns_compat.h>
#include <event2/event.h>
#include <event2/event_compat.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <pthread.h>
#include <uv.h>

#include "adapt/context.h"
#include "adapt/event.h"
#include "adapt/gio.h"
#include "adapt/gobject.h"
#include "adapt/thread.h"
#include "adapt/uv.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* In parentheses, as some are macros, too. */
#define MS_ENTRY(library, type, name, parameters) type(name) parameters;
#define MS_NEEDED(library, type, name, parameters) type(name) parameters;
#include "adapt/entries.def"

#define SAME(ours, our_member, theirs, their_member)                                               \
    _Static_assert(offsetof(ours, our_member) == offsetof(theirs, their_member), #theirs)
SAME(ms_c_closure, marshal, GClosure, marshal);
SAME(ms_c_closure, callback, GCClosure, callback);
SAME(ms_uv_process_options, exit_callback, uv_process_options_t, exit_cb);
SAME(ms_uv_process_options, gid, uv_process_options_t, gid);
_Static_assert(sizeof(ms_uv_process_options) == sizeof(uv_process_options_t), "all of it");

enum {
#define MS_LIBRARY(NAME, sonames, calls_itself, missing) LIBRARY_##NAME,
#include "adapt/libraries.def"
    LIBRARY_COUNT
};

static const char *const sonames[LIBRARY_COUNT] = {
#define MS_LIBRARY(NAME, sonames, calls_itself, missing) [LIBRARY_##NAME] = sonames,
#include "adapt/libraries.def"
};

static void *open_library(unsigned library) {
    char name[64] = {0};
    size_t size = strcspn(sonames[library], " ");
    assert_true(size < sizeof name);
    memcpy(name, sonames[library], size);
    void *handle = dlopen(size ? name : NULL, RTLD_LAZY | RTLD_LOCAL);
    if (!handle)
        fail_msg("%s", dlerror());
    return handle;
}

static void test_every_library_has_its_functions(void **state) {
    (void)state;
    static const struct {
        const char *name;
        unsigned library;
    } entries[] = {
#define MS_ENTRY(library, type, name, parameters) {#name, LIBRARY_##library},
#define MS_NEEDED(library, type, name, parameters) {#name, LIBRARY_##library},
#include "adapt/entries.def"
    };
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        void *handle = open_library(entries[i].library);
        if (!dlsym(handle, entries[i].name))
            fail_msg("%s", dlerror());
        dlclose(handle);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_library_has_its_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
