/* filtered.c - allows itself few system calls, as sandboxes do, and is killed by any other. Then it
 * allocates: 400000 blocks of 40 bytes in its main thread, the same in a thread from before.
 *
 * With "kill" other calls kill, with "refuse" they fail with EPERM. Usage: filtered kill|refuse */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "victim.h"

enum { BLOCKS = 400000 };

static sem_t start;

/* What a C program with threads that computes, allocates and prints needs from the kernel; and prctl,
 * by which our side asks a thread that ends for its name. */
static const unsigned allowed[] = {
    SYS_read, SYS_write,        SYS_exit,           SYS_exit_group,
    SYS_mmap, SYS_munmap,       SYS_mremap,         SYS_mprotect,
    SYS_brk,  SYS_madvise,      SYS_futex,          SYS_clock_gettime,
    SYS_rseq, SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_prctl};

static void forbid(unsigned otherwise) {
    enum { COUNT = sizeof allowed / sizeof *allowed };
    struct sock_filter program[COUNT + 3] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    for (unsigned i = 0; i < COUNT; i++)
        program[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i],
                                                      (unsigned char)(COUNT - i), 0);
    program[1 + COUNT] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, otherwise);
    program[2 + COUNT] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {.len = COUNT + 3, .filter = program};
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    EXPECT(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0);
}

static void *work(void *unused) {
    for (int i = 0; i < BLOCKS; i++)
        free(take(40));
    return unused;
}

static void *waits(void *unused) {
    free(take(1)); /* it has allocated before */
    sem_wait(&start);
    return work(unused);
}

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    pthread_t thread;
    EXPECT(sem_init(&start, 0, 0) == 0 && pthread_create(&thread, NULL, waits, NULL) == 0);
    free(take(1));
    usleep(20000);
    unsigned refuse = SECCOMP_RET_ERRNO | EPERM;
    forbid(strcmp(argv[1], "kill") == 0 ? SECCOMP_RET_KILL_PROCESS : refuse);
    sem_post(&start);
    work(NULL);
    pthread_join(thread, NULL);
    say("filtered done\n");
    return 0;
}
