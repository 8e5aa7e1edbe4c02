#include "capture/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "capture/arch.h"
#include "capture/no_malloc.h"

/* The calls are those the C library itself makes, and every architecture has: filters of system calls
 * let them pass. */
#define CALL(name, a, b, c, d, e, f)                                                               \
    ms_syscall6(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static void *map_or_null(long result) {
    return result < 0 && result > -4096 ? NULL : (void *)result;
}

void *ms_os_memory(size_t size, bool wipe) {
    void *memory = map_or_null(CALL(mmap, 0, size, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (memory && wipe && CALL(madvise, memory, size, MADV_WIPEONFORK, 0, 0, 0) < 0) {
        ms_os_memory_free(memory, size);
        return NULL;
    }
    return memory;
}

void ms_os_memory_free(void *memory, size_t size) {
    if (memory)
        CALL(munmap, memory, size, 0, 0, 0, 0);
}

void *ms_os_map(int fd, uint64_t offset, size_t size) {
    return map_or_null(CALL(mmap, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset));
}

void ms_os_forget(void *memory, size_t size) {
    CALL(madvise, memory, size, MADV_DONTNEED, 0, 0, 0);
}

void ms_os_clear(void *memory, size_t size) {
    if (CALL(madvise, memory, size, MADV_DONTNEED, 0, 0, 0) < 0) /* its pages are locked */
        memset(memory, 0, size);
}

bool ms_os_detach(void *memory, size_t size, size_t kept) {
    void *copy = ms_os_memory(size, false);
    if (!copy)
        return false;
    memcpy(copy, memory, kept);
    if (map_or_null(CALL(mremap, copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, memory, 0)))
        return true;
    ms_os_memory_free(copy, size);
    return false;
}

int ms_os_create(const char *path) {
    return (int)CALL(openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                     0600, 0, 0);
}

int ms_os_open_read(const char *path) {
    return (int)CALL(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
}

int ms_os_open_write(const char *path) {
    return (int)CALL(openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0, 0, 0);
}

void ms_os_close(int fd) {
    CALL(close, fd, 0, 0, 0, 0, 0);
}

long ms_os_read(int fd, void *buffer, size_t size) {
    return CALL(read, fd, buffer, size, 0, 0, 0);
}

long ms_os_pread(int fd, void *buffer, size_t size, uint64_t offset) {
    return CALL(pread64, fd, buffer, size, offset, 0, 0);
}

int ms_os_rename(const char *from, const char *to) {
    return (int)CALL(renameat, AT_FDCWD, from, AT_FDCWD, to, 0, 0);
}

int ms_os_unlink(const char *path) {
    return (int)CALL(unlinkat, AT_FDCWD, path, 0, 0, 0, 0);
}

static uint64_t limit_of(int resource) {
    struct rlimit limit = {0};
    CALL(prlimit64, 0, resource, 0, &limit, 0, 0);
    return limit.rlim_cur; /* RLIM_INFINITY is UINT64_MAX */
}

int ms_os_set_size(int fd, uint64_t size) {
    if (size > limit_of(RLIMIT_FSIZE))
        return -27; /* EFBIG */
    return (int)CALL(ftruncate, fd, size, 0, 0, 0, 0);
}

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

bool ms_os_can_populate(void) {
    return CALL(madvise, 0, 0, MADV_POPULATE_WRITE, 0, 0, 0) >= 0;
}

bool ms_os_populate(void *memory, size_t size) {
    return CALL(madvise, memory, size, MADV_POPULATE_WRITE, 0, 0, 0) >= 0 || !ms_os_can_populate();
}

int ms_os_allocate(int fd, uint64_t offset, uint64_t size) {
    if (offset + size > limit_of(RLIMIT_FSIZE))
        return -27; /* EFBIG */
    return (int)CALL(fallocate, fd, 0, offset, size, 0, 0);
}

uint64_t ms_os_room(void) {
    uint64_t space = limit_of(RLIMIT_AS), file = limit_of(RLIMIT_FSIZE);
    uint64_t part = space == RLIM_INFINITY ? space : space / 16;
    return file < part ? file : part;
}

bool ms_os_is_locked(const char *directory) {
    int fd = (int)CALL(open, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0, 0, 0);
    if (fd < 0)
        return false;
    bool locked = CALL(flock, fd, LOCK_SH | LOCK_NB, 0, 0, 0, 0) == -EWOULDBLOCK;
    ms_os_close(fd);
    return locked;
}

bool ms_os_identity(int fd, uint64_t identity[2]) {
    struct stat status;
    if (fd < 0 || CALL(newfstatat, fd, "", &status, AT_EMPTY_PATH, 0, 0) < 0)
        return false;
    identity[0] = status.st_dev;
    identity[1] = status.st_ino;
    return true;
}

long ms_os_readlink(const char *path, char *buffer, size_t size) {
    long length = CALL(readlinkat, AT_FDCWD, path, buffer, size - 1, 0, 0);
    buffer[length < 0 ? 0 : length] = 0;
    return length;
}

long ms_os_directory(char *buffer, size_t size) {
    long length = CALL(getcwd, buffer, size, 0, 0, 0, 0);
    if (length <= 0)
        buffer[0] = 0;
    return length;
}

uint32_t ms_os_pid(void) {
    return (uint32_t)CALL(getpid, 0, 0, 0, 0, 0, 0);
}

uint32_t ms_os_parent(void) {
    return (uint32_t)CALL(getppid, 0, 0, 0, 0, 0, 0);
}

uint32_t ms_os_tid(void) {
    return (uint32_t)CALL(gettid, 0, 0, 0, 0, 0, 0);
}

void ms_os_thread_name(char name[16]) {
    memset(name, 0, 16);
    CALL(prctl, PR_GET_NAME, name, 0, 0, 0, 0);
    name[15] = 0;
}

static uint64_t clock_ns(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now); /* the vDSO: no system call, no errno for these clocks */
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t ms_os_monotonic_ns(void) {
    return clock_ns(CLOCK_MONOTONIC);
}

uint64_t ms_os_coarse_ns(void) {
    return clock_ns(CLOCK_MONOTONIC_COARSE);
}

uint64_t ms_os_thread_cpu_ns(void) {
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t ms_os_realtime_ns(void) {
    return clock_ns(CLOCK_REALTIME);
}

/* By futex, on a word that nobody wakes: a program that filters its system calls and has threads
 * allows this one, of nanosleep and sched_yield nobody can be sure. */
void ms_os_wait_us(uint32_t *word, uint32_t seen, unsigned microseconds) {
    struct timespec limit = {.tv_sec = microseconds / 1000000,
                             .tv_nsec = (long)(microseconds % 1000000) * 1000};
    ms_syscall6(SYS_futex, (long)word, FUTEX_WAIT, seen, (long)&limit, 0, 0);
}

void ms_os_sleep_us(unsigned microseconds) {
    uint32_t word = 0;
    struct timespec time = {.tv_sec = microseconds / 1000000,
                            .tv_nsec = (long)(microseconds % 1000000) * 1000};
    CALL(futex, &word, FUTEX_WAIT_PRIVATE, 0, &time, 0, 0);
}

void ms_os_random(void *buffer, size_t size) {
    if (CALL(getrandom, buffer, size, GRND_NONBLOCK, 0, 0, 0) == (long)size)
        return;
    uint64_t seed[2] = {ms_os_monotonic_ns(), ms_os_realtime_ns() ^ ms_os_tid()};
    memcpy(buffer, seed, size < sizeof seed ? size : sizeof seed);
}

/* ---- which mapping holds an address ------------------------------------------------------- */

/* PROCMAP_QUERY (Linux 6.11): one lookup instead of a parse of the whole file, which matters with
 * thousands of mappings. From the kernel's uapi linux/fs.h, which Debian 12 does not have yet. */
struct procmap_query {
    uint64_t size, query_flags, query_addr;
    uint64_t vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
    uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
    uint64_t vma_name_addr, build_id_addr;
};
#define PROCMAP_QUERY_IOCTL 0xc0686611u /* _IOWR('f', 17, struct procmap_query) */
#define PROCMAP_READABLE 1u             /* in vma_flags */

typedef struct mapping {
    uint64_t low, high; /* both 0: none */
    bool readable, is_stack;
} mapping;

static bool query_mapping(int fd, uint64_t address, mapping *out) {
    char name[16] = {0};
    struct procmap_query query = {.size = sizeof query,
                                  .query_addr = address,
                                  .vma_name_size = sizeof name,
                                  .vma_name_addr = (uint64_t)name};
    long result = CALL(ioctl, fd, PROCMAP_QUERY_IOCTL, &query, 0, 0, 0);
    if (result == -36) { /* ENAMETOOLONG: a file mapping, so not the stack */
        query.vma_name_size = 0;
        query.vma_name_addr = 0;
        result = CALL(ioctl, fd, PROCMAP_QUERY_IOCTL, &query, 0, 0, 0);
        name[0] = 0;
    }
    if (result == -2) /* ENOENT: there is none */
        return true;
    if (result < 0)
        return false;
    *out = (mapping){.low = query.vma_start,
                     .high = query.vma_end,
                     .readable = query.vma_flags & PROCMAP_READABLE,
                     .is_stack = memcmp(name, "[stack]", 8) == 0};
    return true;
}

/* A reader of /proc/self/maps, a buffer at a time: START-END perms offset dev inode  name\n */
typedef struct maps_reader {
    int fd;
    long at, end;
    char buffer[1024];
} maps_reader;

static int maps_byte(maps_reader *reader) {
    if (reader->at == reader->end) {
        reader->end = ms_os_read(reader->fd, reader->buffer, sizeof reader->buffer);
        reader->at = 0;
        if (reader->end <= 0) {
            reader->end = 0;
            return -1;
        }
    }
    return (unsigned char)reader->buffer[reader->at++];
}

/* A hexadecimal number and the byte behind it, which is dropped. */
static bool maps_number(maps_reader *reader, uint64_t *number) {
    *number = 0;
    for (int digits = 0;; digits++) {
        int byte = maps_byte(reader);
        if (byte >= '0' && byte <= '9')
            *number = *number << 4 | (uint64_t)(byte - '0');
        else if (byte >= 'a' && byte <= 'f')
            *number = *number << 4 | (uint64_t)(byte - 'a' + 10);
        else
            return digits > 0 && byte >= 0;
    }
}

static bool parse_mapping(int fd, uint64_t address, mapping *out) {
    maps_reader reader = {.fd = fd};
    mapping at = {0};
    while (maps_number(&reader, &at.low) && maps_number(&reader, &at.high)) {
        int byte = maps_byte(&reader);
        at.readable = byte == 'r';
        at.is_stack = false;
        while ((byte = maps_byte(&reader)) >= 0 && byte != '\n')
            at.is_stack |= byte == '['; /* [heap], [vdso] and such hold no stack pointer */
        if (address >= at.low && address < at.high) {
            *out = at;
            return true;
        }
    }
    return at.high != 0; /* some mapping could be read */
}

/* The main thread's stack grows down on its own, so its lower end moves. */
static uint64_t growth_limit(uint64_t high) {
    uint64_t room = limit_of(RLIMIT_STACK);
    if (room > UINT64_C(1) << 30)
        room = UINT64_C(1) << 30;
    return high > room ? high - room : 0;
}

bool ms_os_mapping_of(uint64_t address, uint64_t *low, uint64_t *high) {
    int fd = ms_os_open_read("/proc/self/maps");
    if (fd < 0)
        return false;
    mapping found = {0};
    bool told = query_mapping(fd, address, &found) || parse_mapping(fd, address, &found);
    ms_os_close(fd);
    if (found.is_stack) {
        uint64_t limit = growth_limit(found.high);
        if (limit < found.low)
            found.low = limit;
    }
    *low = found.low;
    *high = found.readable ? found.high : found.low;
    return told;
}
