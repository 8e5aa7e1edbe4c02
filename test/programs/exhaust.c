/* exhaust.c - allocates blocks of 1 MiB until there is no memory (it is meant to run below a
 * limit of its address space), expects ENOMEM, frees everything and then is able to allocate
 * again. It prints nothing that depends on how far it came.
 *
 * Counts: frees = allocations; live_bytes 0. */
#include <errno.h>

#include "victim.h"

int main(void) {
    enum { MIB = 1 << 20, MOST = 4096 };
    static void *blocks[MOST];
    int count = 0;
    errno = 0;
    while (count < MOST && (blocks[count] = malloc(MIB)) != NULL)
        count++;
    EXPECT(count < MOST && count > 0 && errno == ENOMEM);
    for (int i = 0; i < count; i++)
        free(blocks[i]);
    for (int i = 0; i < 1000; i++)
        blocks[i] = take((size_t)i);
    for (int i = 0; i < 1000; i++)
        free(blocks[i]);
    say("memory came to an end and back\n");
    return 0;
}
