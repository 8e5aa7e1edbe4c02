#include "capture/ring.h"

#include <errno.h>
#include <string.h>

#include "base/varint.h"
#include "capture/boot.h"
#include "capture/clock.h"
#include "capture/os.h"
#include "capture/record.h"
#include "capture/window.h"
#include "capture/no_malloc.h"

/* How long threads wait, in all, for a recorder that does not move. */
#define STALL_US 1000000
#define STALL_STEP_US 50000

/* How often to try the lock that growing takes; each time is a tenth of a second. */
#define GROW_TRIES 10

/* While there are none, one event in this many looks for a chunk again. */
#define STALL_RETRY 1024

/* ---- growing --------------------------------------------------------------------------------- */

/* Adds a group of chunks to those the ring has; under grow_lock. */
static bool add_group(void) {
    ms_ring_header *ring = g_ms.ring;
    uint32_t chunks = ring->chunks;
    if (chunks == g_ms.window_first + g_ms.window_chunks && !(ring->lone && ms_window_next()))
        return false;
    if (!ms_os_populate(ms_window_chunk(chunks), (size_t)MS_RING_GROUP * MS_RING_CHUNK_SIZE))
        return false;
    __atomic_store_n(&ring->chunks, chunks + MS_RING_GROUP, __ATOMIC_RELEASE);
    __atomic_fetch_add(&ring->free_chunks, MS_RING_GROUP, __ATOMIC_RELEASE);
    return true;
}

/* How many chunks a ring with a recorder may have: enough for every thread to own one while others
 * drain. */
static uint32_t chunk_limit(void) {
    uint32_t wanted = 2 * __atomic_load_n(&g_ms.ring->threads, __ATOMIC_RELAXED) + 64;
    uint32_t limit = g_ms.ring->max_chunks;
    if (wanted > limit)
        limit = wanted;
    return limit < g_ms.window_chunks ? limit : g_ms.window_chunks;
}

typedef enum growth { GREW, BUSY, AT_LIMIT } growth;

/* Adds a group, unless another thread was faster. BUSY: one is at it, or is held up, below us perhaps. */
static growth grow(uint32_t seen) {
    if (!ms_lock(&g_ms.grow_lock))
        return __atomic_load_n(&g_ms.ring->chunks, __ATOMIC_RELAXED) == seen ? BUSY : GREW;
    uint32_t chunks = g_ms.ring->chunks;
    bool grown = chunks != seen || (chunks + MS_RING_GROUP <= chunk_limit() && add_group());
    ms_unlock(&g_ms.grow_lock);
    return grown ? GREW : AT_LIMIT;
}

/* ---- taking chunks -------------------------------------------------------------------------- */

/* A chunk is readable by itself: it begins with what is so in its thread. */
static void begin(ms_thread *thread, uint64_t now_us) {
    if (now_us > thread->time_us && now_us <= MS_WORD_VALUE_MASK) {
        thread->time_us = now_us;
        ms_commit(thread->cursor++, ms_word(MS_EVENT_TIME, 0, now_us));
    }
    if (thread->rate)
        ms_commit(thread->cursor++, ms_word(MS_EVENT_RATE, 0, thread->rate));
    if (thread->task)
        ms_commit(thread->cursor++, ms_word(MS_EVENT_TASK, 0, thread->task));
    thread->freer_bytes = 0; /* the next release says it again */
    thread->free_stack = MS_ROOT_NONE;
}

static void own(ms_thread *thread, ms_ring_chunk *chunk, uint32_t index) {
    uint64_t now_us = ms_clock_now_us(g_ms.ring);
    chunk->tid = thread->tid;
    chunk->sequence = thread->chunks++;
    chunk->start_us = now_us;
    chunk->drained = 0;
    memcpy(chunk->counts, thread->counts, sizeof chunk->counts);
    thread->counts = chunk->counts;
    __atomic_store_n(&chunk->thread, thread->serial, __ATOMIC_RELEASE);
    thread->chunk = index;
    thread->cursor = (uint64_t *)(chunk + 1);
    thread->end = thread->cursor + MS_RING_CHUNK_WORDS;
    begin(thread, now_us);
}

/* A free chunk is promised by count before it is looked for, so that nobody looks in vain. */
static bool promised(ms_ring_header *ring) {
    uint32_t count = __atomic_load_n(&ring->free_chunks, __ATOMIC_RELAXED);
    while (count > 0 && !__atomic_compare_exchange_n(&ring->free_chunks, &count, count - 1, true,
                                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
    }
    return count > 0;
}

static bool take_free(ms_thread *thread) {
    ms_ring_header *ring = g_ms.ring;
    if (!promised(ring))
        return false;
    uint32_t chunks = __atomic_load_n(&ring->chunks, __ATOMIC_ACQUIRE);
    uint32_t first = atomic_fetch_add_explicit(&g_ms.hint, 1, memory_order_relaxed);
    for (uint32_t i = 0; i < 2 * chunks; i++) { /* twice: others take and free meanwhile */
        uint32_t index = (first + i) % chunks;
        uint32_t state = MS_CHUNK_FREE;
        if (__atomic_load_n(&ring->chunk_state[index], __ATOMIC_RELAXED) == MS_CHUNK_FREE &&
            __atomic_compare_exchange_n(&ring->chunk_state[index], &state, MS_CHUNK_OWNED, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            atomic_store_explicit(&g_ms.hint, index + 1, memory_order_relaxed);
            own(thread, ms_window_chunk(index), index);
            return true;
        }
    }
    /* Somebody was faster, and the one that was left for us is where we have been, or in a group that is new:
     * the promise is for whoever comes next. If it were forgotten, threads would wait for that chunk for ever. */
    __atomic_fetch_add(&ring->free_chunks, 1, __ATOMIC_RELEASE);
    return false;
}

/* While chunks are not to be had, only some of the lost events look again. */
static bool worth_a_look(void) {
    uint32_t lost = atomic_load_explicit(&g_ms.stalled, memory_order_relaxed);
    if (lost)
        atomic_fetch_add_explicit(&g_ms.stalled, 1, memory_order_relaxed);
    return lost % STALL_RETRY == 0;
}

/* Can a drain free a chunk? Not when running threads own them all. */
static bool any_to_drain(void) {
    ms_ring_header *ring = g_ms.ring;
    uint32_t chunks = __atomic_load_n(&ring->chunks, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < chunks; i++) {
        if (__atomic_load_n(&ring->chunk_state[i], __ATOMIC_RELAXED) != MS_CHUNK_OWNED)
            return true;
    }
    return false;
}

/* Back-pressure: the recorder frees chunks as it drains them, and wakes those who wait. It has a second to
 * show life. */
static bool wait_for_recorder(ms_thread *thread) {
    ms_ring_header *ring = g_ms.ring;
    uint32_t seen = __atomic_load_n(&ring->beats, __ATOMIC_ACQUIRE);
    if (atomic_load_explicit(&g_ms.stalled, memory_order_relaxed))
        return false;
    bool taken = false;
    __atomic_fetch_add(&ring->waiting, 1, __ATOMIC_RELAXED);
    for (unsigned still_us = 0; still_us < STALL_US && any_to_drain();) {
        ms_os_wait_us(&ring->beats, seen, STALL_STEP_US);
        if ((taken = take_free(thread)) ||
            __atomic_load_n(&ring->tick_us, __ATOMIC_RELAXED) == MS_TICK_OFF)
            break;
        uint32_t beats = __atomic_load_n(&ring->beats, __ATOMIC_ACQUIRE);
        still_us = beats == seen ? still_us + STALL_STEP_US : 0; /* alive, only slow */
        seen = beats;
    }
    __atomic_fetch_sub(&ring->waiting, 1, __ATOMIC_RELAXED);
    return taken;
}

static bool take_from_ring(ms_thread *thread) {
    for (unsigned busy = 0; busy < GROW_TRIES;) {
        if (take_free(thread))
            return true;
        growth grown = grow(__atomic_load_n(&g_ms.ring->chunks, __ATOMIC_ACQUIRE));
        if (grown == AT_LIMIT)
            return wait_for_recorder(thread);
        busy = grown == BUSY ? busy + 1 : 0;
    }
    return false;
}

/* A lone ring only grows; sealed chunks stay behind in the file. It may have come to its end meanwhile, and
 * another one be there. */
static bool take_lone(ms_thread *thread) {
    if (!ms_lock(&g_ms.grow_lock))
        return false;
    bool ours = thread->ring == g_ms.ring && atomic_load(&g_ms.on);
    bool have = ours && (g_ms.lone_next < g_ms.ring->chunks || add_group());
    if (have) {
        uint32_t index = g_ms.lone_next++;
        own(thread, ms_window_chunk(index), index);
    }
    ms_unlock(&g_ms.grow_lock);
    return have;
}

void ms_ring_seal(ms_thread *thread) {
    if (!thread->end)
        return;
    ms_ring_header *ring = thread->ring;
    memcpy(thread->spare_counts, thread->counts, sizeof thread->spare_counts);
    thread->counts = thread->spare_counts; /* until there is another chunk */
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
    if (!worth_a_look())
        return false;
    bool taken = thread->ring->lone ? take_lone(thread) : take_from_ring(thread);
    uint32_t lost = atomic_load_explicit(&g_ms.stalled, memory_order_relaxed);
    if (taken != (lost == 0))
        atomic_store_explicit(&g_ms.stalled, taken ? 0 : 1, memory_order_relaxed);
    if (taken && thread->chunks > 1 && g_ms.ring->lone) /* a recorder looks by itself */
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
    if (ms_os_readlink("/proc/self/ns/pid", text, sizeof text) > 0)
        info(ring, MS_INFO_PID_NAMESPACE, text, strlen(text));
    size_t cursor = 0;
    while (ring->lone && /* else the recorder knows them */
           ms_options_next_changed(&g_ms.options, MS_FOR_CAPTURE, &cursor, text, sizeof text) > 0)
        info(ring, MS_INFO_OPTION, text, strlen(text));
    const char *strategy = ms_options_strategy(&g_ms.options).name;
    info(ring, MS_INFO_STRATEGY, strategy, strlen(strategy));
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
    ring->max_chunks = g_ms.window_chunks < 1024 ? g_ms.window_chunks : 1024;
    ring->stacks = MS_ROOT_COUNT;
    ring->off_since_us = g_ms.starts_off ? 0 : MS_NOT_OFF;
    ring->tick_us = g_ms.starts_off ? MS_TICK_OFF : 0;
    describe(ring);
    /* last: until then the file is no trace */
    memcpy(ring->magic, MS_TRACE_MAGIC, sizeof ring->magic);
}

int ms_ring_create(bool forked) {
    bool lone = !g_ms.ring_directory[0];
    char final_path[MS_PATH_SIZE];
    int fd = ms_boot_open_ring(forked, g_ms.path, final_path);
    if (fd < 0)
        return fd;
    ms_ring_header *ring = ms_window_open(fd, lone);
    ms_os_close(fd);
    if (!ring) {
        ms_os_unlink(g_ms.path);
        return -ENOSPC; /* mostly; or no room in the address space */
    }
    g_ms.lone_next = 0;
    atomic_store(&g_ms.stalled, 0);
    g_ms.ring = ring;
    g_ms.generation++;
    g_ms.plain_generation = g_ms.word_stacks ? UINT32_MAX : g_ms.generation;
    fill_header(ring, lone, forked);
    if (final_path[0]) { /* the recorder looks for the final name */
        ms_os_rename(g_ms.path, final_path);
        memcpy(g_ms.path, final_path, sizeof final_path);
    }
    return 0;
}

void ms_ring_abandon(void) {
    if (g_ms.ring)
        ms_window_abandon();
    atomic_store(&g_ms.hint, 0);
}
