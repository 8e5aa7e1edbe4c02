/* os.h - all that the capture side asks of the operating system, by raw system calls: no errno, no
 * cancellation points, no locks, usable in signal handlers and after fork. Results are the kernel's:
 * negative numbers are -errno. */
#ifndef MS_CAPTURE_OS_H
#define MS_CAPTURE_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Private zeroed memory; NULL when there is none. With `wipe`, a forked child finds zeros in it. */
void *ms_os_memory(size_t size, bool wipe);
void ms_os_memory_free(void *memory, size_t size);

/* A shared mapping of [offset, offset + size) of the file; NULL on failure. */
void *ms_os_map(int fd, uint64_t offset, size_t size);

/* Tells the kernel that this process will hardly look at a shared mapping again. */
void ms_os_forget(void *memory, size_t size);

/* Private memory, whole pages: zeros again, and no pages taken. */
void ms_os_clear(void *memory, size_t size);

/* A shared mapping becomes private memory at the same address: its first `kept` bytes as they are, then
 * zeros. Whoever still writes there does so in vain, and unharmed. False: it stays what it was. */
bool ms_os_detach(void *memory, size_t size, size_t kept);

/* Creates `path`, which must not exist, 0600. */
int ms_os_create(const char *path);
int ms_os_open_read(const char *path);
int ms_os_open_write(const char *path);
void ms_os_close(int fd);
long ms_os_read(int fd, void *buffer, size_t size);
long ms_os_pread(int fd, void *buffer, size_t size, uint64_t offset);
int ms_os_rename(const char *from, const char *to);
int ms_os_unlink(const char *path);

/* Sets the file's length; no blocks are allocated. Fails when the limit on file sizes is lower: trying
 * would raise SIGXFSZ. */
int ms_os_set_size(int fd, uint64_t size);

/* Gives the pages of a shared mapping memory and, in the file, blocks, so that storing to them cannot
 * fail. False when the file system is full. Does nothing where the kernel cannot (before Linux 5.14);
 * blocks must then be allocated by descriptor. */
bool ms_os_populate(void *memory, size_t size);
bool ms_os_can_populate(void);
int ms_os_allocate(int fd, uint64_t offset, uint64_t size);

/* How large a file may be, and how much of it mapped without taking more than a small part of a limited
 * address space; UINT64_MAX without limits. */
uint64_t ms_os_room(void);

/* Does somebody who lives hold a lock on the directory? */
bool ms_os_is_locked(const char *directory);

/* Device and inode of an open file; false when `fd` is closed. */
bool ms_os_identity(int fd, uint64_t identity[2]);

/* The target of a symbolic link, terminated; its length, or negative. */
long ms_os_readlink(const char *path, char *buffer, size_t size);
long ms_os_directory(char *buffer, size_t size);

uint32_t ms_os_pid(void);
uint32_t ms_os_parent(void);
uint32_t ms_os_tid(void);

/* The calling thread's name: 16 bytes, terminated. */
void ms_os_thread_name(char name[16]);

uint64_t ms_os_monotonic_ns(void);
uint64_t ms_os_coarse_ns(void);     /* the same clock, as of the kernel's latest tick; cheap */
uint64_t ms_os_thread_cpu_ns(void); /* of the calling thread; a system call */
uint64_t ms_os_realtime_ns(void);
void ms_os_sleep_us(unsigned microseconds); /* or less */

/* Sleeps until another process wakes those who wait at `word`, at most so long; not at all when it is not
 * `seen` any more. */
void ms_os_wait_us(uint32_t *word, uint32_t seen, unsigned microseconds);

void ms_os_random(void *buffer, size_t size);

/* The readable mapping that holds `address`: sets [*low, *high), empty when there is none, and returns
 * true; false when it cannot be told. The main thread's stack is given with the room it may still
 * grow into. */
bool ms_os_mapping_of(uint64_t address, uint64_t *low, uint64_t *high);

#endif
