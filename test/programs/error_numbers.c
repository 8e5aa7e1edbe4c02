/* error_numbers.c - no allocation function touches errno when it succeeds, and each says ENOMEM
 * (or EINVAL) when it does not; posix_memalign returns its error. Also for the first event of a
 * thread and of a forked child, where a recorder has its own work to do. */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "victim.h"

static volatile size_t huge = PTRDIFF_MAX / 2;

enum { UNTOUCHED = 4321 };

/* Volatile: gcc believes that posix_memalign leaves errno alone and would drop stores before it. */
#define ERROR_NUMBER (*(volatile int *)&errno)

/* Runs `call`, expects `result` and errno to be as before. */
#define QUIET(call, result)                                                                        \
    do {                                                                                           \
        ERROR_NUMBER = UNTOUCHED;                                                                  \
        EXPECT((call)result);                                                                      \
        EXPECT(ERROR_NUMBER == UNTOUCHED);                                                         \
    } while (0)

/* Runs `call`, expects NULL and `error`. */
#define FAILS(call, error)                                                                         \
    do {                                                                                           \
        ERROR_NUMBER = UNTOUCHED;                                                                  \
        void *none = (call);                                                                       \
        KEEP(none);                                                                                \
        EXPECT(none == NULL);                                                                      \
        EXPECT(ERROR_NUMBER == (error));                                                           \
    } while (0)

static void *succeed(void *argument) {
    void *block = NULL, *other = NULL;
    QUIET(block = malloc(100), != NULL);
    QUIET(block = realloc(block, 100000), != NULL);
    QUIET(block = reallocarray(block, 10, 10), != NULL);
    QUIET(malloc_usable_size(block), >= 100);
    ERROR_NUMBER = UNTOUCHED;
    free(block);
    free(NULL);
    EXPECT(ERROR_NUMBER == UNTOUCHED);
    QUIET(block = calloc(1000, 1000), != NULL); /* mapped by itself: freeing it calls the kernel */
    ERROR_NUMBER = UNTOUCHED;
    free(block);
    EXPECT(ERROR_NUMBER == UNTOUCHED);
    QUIET(block = aligned_alloc(64, 64), != NULL);
    free(block);
    QUIET(block = memalign(64, 64), != NULL);
    free(block);
    QUIET(block = valloc(64), != NULL);
    free(block);
    QUIET(block = pvalloc(64), != NULL);
    free(block);
    QUIET(posix_memalign(&block, 64, 64), == 0);
    free(block);
    EXPECT(posix_memalign(&other, 3, 64) == EINVAL);
    EXPECT(posix_memalign(&other, 64, huge) == ENOMEM); /* libc itself may set errno, too */
    QUIET(block = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), != MAP_FAILED);
    QUIET(munmap(block, 4096), == 0);
    return argument;
}

static void fail(void) {
    void *block = take(10);
    FAILS(malloc(huge), ENOMEM);
    FAILS(calloc(huge, 8), ENOMEM);
    FAILS(realloc(block, huge), ENOMEM);
    FAILS(reallocarray(NULL, huge, 8), ENOMEM);
    FAILS(memalign(64, huge), ENOMEM);
    FAILS(aligned_alloc(64, huge), ENOMEM);
    FAILS(valloc(huge), ENOMEM);
    FAILS(pvalloc(huge), ENOMEM);
    ERROR_NUMBER = UNTOUCHED;
    EXPECT(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    EXPECT(ERROR_NUMBER == EINVAL);
}

int main(void) {
    succeed(NULL);
    fail();
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, succeed, NULL) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        succeed(NULL);
        fail();
        _exit(0);
    }
    int status = 0;
    EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
    say("errno kept\n");
    return 0;
}
