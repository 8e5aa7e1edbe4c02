/* overflow.c - crashes, and has a handler that allocates on a stack of its own of 16 KiB, as crash
 * reporters do. WAYs: deep (the stack overflows), wild (the stack pointer points nowhere), guard (it
 * points into a page without access), jump (a call of an address without code). The handler ends the
 * program with status 5. Usage: overflow WAY [thread] */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include "victim.h"

static const char *way;
static char *guard;

static void on_crash(int number) {
    (void)number;
    for (int i = 0; i < 10; i++)
        free(take(64));
    say("crash reported\n");
    _exit(5);
}

__attribute__((noinline)) static int dive(volatile char *outer) {
    volatile char room[3000];
    room[0] = *outer;
    KEEP(outer);
    return dive(room) + room[0];
}

static void crash_at(void *stack) {
    __asm__ volatile("mov %0, %%rsp\n\tpush %%rax" : : "r"(stack) : "memory");
}

static void *crash(void *unused) {
    stack_t own = {
        .ss_sp = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
        .ss_size = 16384};
    EXPECT(own.ss_sp != MAP_FAILED && sigaltstack(&own, NULL) == 0);
    char first = 0;
    if (strcmp(way, "deep") == 0)
        dive(&first);
    else if (strcmp(way, "wild") == 0)
        crash_at((void *)0x123456789000);
    else if (strcmp(way, "guard") == 0)
        crash_at(guard + 8192);
    else
        ((void (*)(void))(void *)guard)();
    return unused;
}

int main(int argc, char **argv) {
    EXPECT(argc >= 2);
    way = argv[1];
    guard = mmap(NULL, 16384, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(guard != MAP_FAILED);
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
    EXPECT(sigaction(SIGSEGV, &action, NULL) == 0 && sigaction(SIGBUS, &action, NULL) == 0);
    pthread_t thread;
    if (argc > 2 && pthread_create(&thread, NULL, crash, NULL) == 0)
        pthread_join(thread, NULL);
    crash(NULL);
    return 1;
}
