#include "capture/ring.h"

#include <string.h>

#include "base/varint.h"
#include "capture/boot.h"
#include "capture/os.h"
#include "capture/record.h"
#include "capture/no_malloc.h"

/* How long threads wait, in all, for a recorder that does not move. */
#define STALL_US 1000000
#define STALL_STEP_US 100

/* While stalled, one event in this many looks for a free chunk again. */
#define STALL_RETRY 64

static ms_ring_chunk *chunk_at(uint32_t index) {
    char *group = g_ms.groups[index / MS_RING_GROUP];
    return (ms_ring_chunk *)(group + (size_t)(index % MS_RING_GROUP) * MS_RING_CHUNK_SIZE);
}

static uint64_t chunk_offset(uint32_t index) {
    return MS_RING_HEADER_SIZE + (uint64_t)index * MS_RING_CHUNK_SIZE;
}

/* ---- growing -------------------------------------------------------------------------------- */

/* Our descriptor, unless the program closed it or took its number for a file of its own; then the
 * file is opened anew by its path. */
static int ring_descriptor(void) {
    uint64_t identity[2];
    if (ms_os_identity(g_ms.fd, identity) && identity[0] == g_ms.identity[0] &&
        identity[1] == g_ms.identity[1])
        return g_ms.fd;
    int fd = ms_os_open_write(g_ms.path);
    if (fd < 0)
        return -1;
    if (!ms_os_identity(fd, identity) || identity[0] != g_ms.identity[0] ||
        identity[1] != g_ms.identity[1]) {
        ms_os_close(fd);
        return -1;
    }
    g_ms.fd = fd;
    return fd;
}

/* Blocks are allocated before they are mapped: a store into a hole of a full file system would
 * raise SIGBUS in the program. */
static char *map_chunks(uint32_t first, uint32_t count) {
    int fd = ring_descriptor();
    size_t size = (size_t)count * MS_RING_CHUNK_SIZE;
    if (fd < 0 || ms_os_allocate(fd, chunk_offset(first), size) < 0)
        return NULL;
    return ms_os_map(fd, chunk_offset(first), size);
}

/* How many chunks the ring may have: room for every thread to own one while others drain. */
static uint32_t chunk_limit(void) {
    uint32_t wanted = 2 * __atomic_load_n(&g_ms.ring->threads, __ATOMIC_RELAXED) + 64;
    uint32_t limit = g_ms.ring->max_chunks;
    if (wanted > limit)
        limit = wanted;
    return limit < MS_RING_MAX_CHUNKS ? limit : MS_RING_MAX_CHUNKS;
}

/* Adds a group of free chunks. False: at the limit, no space, or the lock is held below us. */
static bool grow(uint32_t seen) {
    if (!ms_lock(&g_ms.grow_lock))
        return false;
    ms_ring_header *ring = g_ms.ring;
    uint32_t chunks = ring->chunks;
    bool grown = chunks != seen; /* another thread was faster */
    if (!grown && chunks + MS_RING_GROUP <= chunk_limit()) {
        char *group = map_chunks(chunks, MS_RING_GROUP);
        if (group) {
            g_ms.groups[chunks / MS_RING_GROUP] = group;
            __atomic_store_n(&ring->chunks, chunks + MS_RING_GROUP, __ATOMIC_RELEASE);
            grown = true;
        }
    }
    ms_unlock(&g_ms.grow_lock);
    return grown;
}

/* ---- taking chunks -------------------------------------------------------------------------- */

static void own(ms_thread *thread, ms_ring_chunk *chunk, uint32_t index) {
    uint64_t now_us = (ms_os_monotonic_ns() - g_ms.ring->start_monotonic_ns) / 1000;
    chunk->tid = thread->tid;
    chunk->sequence = thread->chunks++;
    chunk->start_us = now_us;
    chunk->drained = 0;
    __atomic_store_n(&chunk->thread, thread->serial, __ATOMIC_RELEASE);
    thread->chunk = index;
    thread->cursor = (uint64_t *)(chunk + 1);
    thread->end = thread->cursor + MS_RING_CHUNK_WORDS;
    if (now_us > thread->time_us) { /* every chunk starts with a true clock, ticking or not */
        thread->time_us = now_us;
        ms_commit(thread->cursor++, ms_word(MS_EVENT_TIME, 0, now_us));
    }
}

static bool take_free(ms_thread *thread) {
    ms_ring_header *ring = g_ms.ring;
    uint32_t chunks = __atomic_load_n(&ring->chunks, __ATOMIC_ACQUIRE);
    uint32_t first = atomic_fetch_add_explicit(&g_ms.hint, 1, memory_order_relaxed);
    for (uint32_t i = 0; i < chunks; i++) {
        uint32_t index = (first + i) % chunks;
        uint32_t state = MS_CHUNK_FREE;
        if (__atomic_load_n(&ring->chunk_state[index], __ATOMIC_RELAXED) == MS_CHUNK_FREE &&
            __atomic_compare_exchange_n(&ring->chunk_state[index], &state, MS_CHUNK_OWNED, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            own(thread, chunk_at(index), index);
            return true;
        }
    }
    return false;
}

static bool take_or_grow(ms_thread *thread) {
    while (!take_free(thread)) {
        if (!grow(__atomic_load_n(&g_ms.ring->chunks, __ATOMIC_ACQUIRE)))
            return false;
    }
    return true;
}

/* Back-pressure: the recorder frees chunks as it drains them. It has a second to show life. */
static bool wait_for_recorder(ms_thread *thread) {
    if (g_ms.ring->chunks == 0)
        return false; /* no space for a single one: nothing to wait for */
    uint32_t stalled = atomic_load_explicit(&g_ms.stalled, memory_order_relaxed);
    if (stalled) {
        atomic_fetch_add_explicit(&g_ms.stalled, 1, memory_order_relaxed);
        if (stalled % STALL_RETRY || !take_free(thread))
            return false;
        atomic_store_explicit(&g_ms.stalled, 0, memory_order_relaxed);
        return true;
    }
    uint64_t tick = __atomic_load_n(&g_ms.ring->tick_us, __ATOMIC_RELAXED);
    for (unsigned waited_us = 0; waited_us < STALL_US; waited_us += STALL_STEP_US) {
        ms_os_sleep_us(STALL_STEP_US);
        if (take_free(thread))
            return true;
        uint64_t now = __atomic_load_n(&g_ms.ring->tick_us, __ATOMIC_RELAXED);
        if (now == MS_TICK_OFF)
            return false;
        if (now != tick && waited_us < STALL_US / 2) /* alive, only slow */
            tick = now;
    }
    atomic_store_explicit(&g_ms.stalled, 1, memory_order_relaxed);
    return false;
}

/* A lone ring only grows; sealed chunks stay behind in the file. */
static bool take_lone(ms_thread *thread) {
    if (!ms_lock(&g_ms.grow_lock))
        return false;
    ms_ring_header *ring = g_ms.ring;
    if (!g_ms.lone_group || g_ms.lone_used == MS_LONE_GROUP) {
        char *group = map_chunks(ring->chunks, MS_LONE_GROUP);
        if (!group) {
            ms_unlock(&g_ms.grow_lock);
            return false;
        }
        g_ms.lone_group = group;
        g_ms.lone_used = 0;
        __atomic_store_n(&ring->chunks, ring->chunks + MS_LONE_GROUP, __ATOMIC_RELEASE);
    }
    uint32_t index = ring->chunks - MS_LONE_GROUP + g_ms.lone_used;
    char *chunk = g_ms.lone_group + (size_t)g_ms.lone_used++ * MS_RING_CHUNK_SIZE;
    ms_unlock(&g_ms.grow_lock);
    own(thread, (ms_ring_chunk *)chunk, index);
    return true;
}

void ms_ring_seal(ms_thread *thread) {
    if (!thread->end)
        return;
    ms_ring_header *ring = g_ms.ring;
    if (ring->lone)
        ms_os_forget(thread->end - MS_RING_CHUNK_WORDS - sizeof(ms_ring_chunk) / 8,
                     MS_RING_CHUNK_SIZE);
    else
        __atomic_store_n(&ring->chunk_state[thread->chunk], MS_CHUNK_SEALED, __ATOMIC_RELEASE);
    __atomic_fetch_add(&ring->sealed, 1, __ATOMIC_RELAXED);
    thread->cursor = thread->end = NULL;
}

bool ms_ring_refill(ms_thread *thread) {
    ms_ring_seal(thread);
    bool taken = g_ms.ring->lone ? take_lone(thread)
                                 : take_or_grow(thread) || wait_for_recorder(thread);
    if (taken && thread->chunks > 1)
        ms_record_thread_name(thread, false);
    return taken;
}

/* ---- the file ------------------------------------------------------------------------------- */

/* An INFO pair; what does not fit is left out. */
static void info(ms_ring_header *ring, const char *key, const char *value, size_t size) {
    size_t key_size = strlen(key);
    if (ring->info_size + key_size + size + 2 * MS_VARINT_MAX > MS_RING_INFO_SIZE)
        return;
    uint8_t *at = ring->info + ring->info_size;
    at = ms_varint_put(at, key_size);
    memcpy(at, key, key_size);
    at = ms_varint_put(at + key_size, size);
    memcpy(at, value, size);
    ring->info_size = (uint32_t)(at + size - ring->info);
}

#define COMMAND_LINE_MAX 16384

static void info_command_line(ms_ring_header *ring) {
    char *line = ms_os_memory(COMMAND_LINE_MAX, false); /* the stack may be a coroutine's */
    int fd = ms_os_open_read("/proc/self/cmdline");
    long size = fd < 0 || !line ? 0 : ms_os_read(fd, line, COMMAND_LINE_MAX - 1);
    if (fd >= 0)
        ms_os_close(fd);
    for (long at = 0; at < size; at += (long)strlen(line + at) + 1)
        info(ring, MS_INFO_ARGUMENT, line + at, strlen(line + at));
    ms_os_memory_free(line, COMMAND_LINE_MAX);
}

static void describe(ms_ring_header *ring) {
    char text[MS_PATH_SIZE];
    if (ms_os_readlink("/proc/self/exe", text, sizeof text) > 0)
        info(ring, MS_INFO_EXECUTABLE, text, strlen(text));
    if (ms_os_directory(text, sizeof text) > 0)
        info(ring, MS_INFO_DIRECTORY, text, strlen(text));
    ms_options options = ms_boot_options();
    size_t cursor = 0;
    while (ms_options_next_changed(&options, MS_FOR_CAPTURE, &cursor, text, sizeof text) > 0)
        info(ring, MS_INFO_OPTION, text, strlen(text));
    info(ring, MS_INFO_STRATEGY, options.strategy, strlen(options.strategy));
    info_command_line(ring);
}

static void fill_header(ms_ring_header *ring, bool lone, bool forked) {
    ring->version = MS_TRACE_VERSION;
    ring->form = MS_FORM_RING;
    ring->lone = lone;
    ms_os_random(ring->session, sizeof ring->session);
    ring->start_realtime_ns = ms_os_realtime_ns();
    ring->start_monotonic_ns = ms_os_monotonic_ns();
    ring->pid = ms_os_pid();
    ring->parent_pid = ms_os_parent();
    ring->forked = forked;
    ring->max_chunks = 1024;
    ring->stacks = MS_ROOT_COUNT;
    describe(ring);
    /* last: until then the file is no trace */
    memcpy(ring->magic, MS_TRACE_MAGIC, sizeof ring->magic);
}

bool ms_ring_create(bool forked) {
    bool lone = !g_ms.ring_directory[0];
    char final_path[MS_PATH_SIZE];
    int fd = ms_boot_open_ring(forked, g_ms.path, final_path);
    if (fd < 0)
        return false;
    ms_ring_header *ring = NULL;
    if (ms_os_allocate(fd, 0, MS_RING_HEADER_SIZE) >= 0 && ms_os_identity(fd, g_ms.identity))
        ring = ms_os_map(fd, 0, MS_RING_HEADER_SIZE);
    if (!ring) {
        ms_os_unlink(g_ms.path);
        ms_os_close(fd);
        return false;
    }
    fill_header(ring, lone, forked);
    g_ms.fd = fd;
    g_ms.ring = ring;
    if (final_path[0]) { /* the recorder looks for the final name */
        ms_os_rename(g_ms.path, final_path);
        memcpy(g_ms.path, final_path, sizeof final_path);
    }
    return true;
}

void ms_ring_abandon(void) {
    if (!g_ms.ring)
        return;
    uint32_t groups = g_ms.ring->lone ? 0 : MS_RING_GROUPS;
    for (uint32_t i = 0; i < groups && g_ms.groups[i]; i++) {
        ms_os_memory_free(g_ms.groups[i], (size_t)MS_RING_GROUP * MS_RING_CHUNK_SIZE);
        g_ms.groups[i] = NULL;
    }
    ms_os_memory_free(g_ms.ring, MS_RING_HEADER_SIZE);
    uint64_t identity[2];
    if (ms_os_identity(g_ms.fd, identity) && identity[0] == g_ms.identity[0] &&
        identity[1] == g_ms.identity[1])
        ms_os_close(g_ms.fd);
    g_ms.ring = NULL;
    g_ms.lone_group = NULL;
    g_ms.lone_used = 0;
    atomic_store(&g_ms.stalled, 0);
    atomic_store(&g_ms.hint, 0);
}
