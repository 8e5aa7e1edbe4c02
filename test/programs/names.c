/* names.c - gives what it tracks names that would do harm where they are taken for markup, and allocates
 * as much as it is told: COUNT blocks, of which every tenth stays.
 *
 * Usage: names COUNT */
#include <memscope.h>

#include <sys/prctl.h>

#include "victim.h"

/* Names are constant texts where they are said. */
#define NAMES(NAME)                                                                                \
    NAME("</script><script>window.owned = 1</script>")                                             \
    NAME("<img src=x onerror=\"window.owned = 1\">")                                               \
    NAME("\xe2\x80\xae gnp.exe")            /* reads from right to left */                         \
    NAME("\" onmouseover=\"window.owned=1") /* ends an attribute */                                \
    NAME("caf\xe9 \xff\xfe")                /* no UTF-8 */                                         \
    NAME("--><!-- ${window.owned = 1} {{7*7}}")                                                    \
    NAME("a\nb\tc\x1b[31m")

static void say_names(void) {
#define NAME(name)                                                                                 \
    {                                                                                              \
        void *block = take(100);                                                                   \
        MEMSCOPE_TRACK_AS(block, name, name);                                                      \
        MEMSCOPE_SCOPE(name);                                                                      \
        MEMSCOPE_TASK(name);                                                                       \
        memscope_snapshot(name);                                                                   \
        free(take(10));                                                                            \
    }
    NAMES(NAME)
#undef NAME
}

static void *keep(int i) {
    return take((size_t)16 + (size_t)(i % 7) * 100);
}

int main(int argc, char **argv) {
    EXPECT(argc > 1);
    prctl(PR_SET_NAME, "<b>&amp;</b>");
    say_names();
    for (int i = 0; i < atoi(argv[1]); i++) {
        void *block = keep(i);
        if (i % 10)
            free(block);
    }
    return 0;
}
