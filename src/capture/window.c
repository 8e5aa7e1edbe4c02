/* No descriptor is kept: programs count, close and reuse descriptors. The file is as long as the window that
 * is mapped of it, without blocks; chunks get their blocks group by group, in advance and with an answer, for
 * a store into a hole of a full file system would raise SIGBUS. */
#include "capture/window.h"

#include "capture/os.h"
#include "capture/no_malloc.h"

/* A window of a lone ring, and the first one: address space and a file's length, not memory. */
#define LONE_WINDOW_CHUNKS 4096u
#define LONE_FIRST_CHUNKS 64u

/* The window of a ring whose blocks all have to be allocated at once. */
#define SMALL_WINDOW_CHUNKS 256u

/* Earlier windows of the lone ring, in which threads may still have a chunk. Of a ring with more of them,
 * 32 GiB, the last ones stay mapped. */
#define EARLIER_MAX 512

typedef struct span {
    char *start;
    size_t size;
} span;

static span *earlier; /* EARLIER_MAX of them, once there is one */
static uint32_t earlier_count;

static uint64_t chunk_offset(uint32_t index) {
    return MS_RING_HEADER_SIZE + (uint64_t)index * MS_RING_CHUNK_SIZE;
}

static size_t window_size(void) {
    return (size_t)g_ms.window_chunks * MS_RING_CHUNK_SIZE;
}

/* How many chunks of a window of `chunks` the limits of this process leave: whole groups. */
static uint32_t chunks_allowed(uint32_t chunks) {
    uint64_t room = ms_os_room();
    uint64_t fit = room < MS_RING_HEADER_SIZE ? 0 : (room - MS_RING_HEADER_SIZE);
    fit /= MS_RING_CHUNK_SIZE;
    return (uint32_t)(fit < chunks ? fit - fit % MS_RING_GROUP : chunks);
}

/* Maps the `chunks` chunks from `first` on. */
static bool open_window(int fd, uint32_t first, uint32_t chunks) {
    size_t size = (size_t)chunks * MS_RING_CHUNK_SIZE;
    if (chunks == 0 || ms_os_set_size(fd, chunk_offset(first + chunks)) < 0)
        return false;
    char *window = ms_os_map(fd, chunk_offset(first), size);
    if (!window)
        return false;
    g_ms.window = window;
    g_ms.window_first = first;
    g_ms.window_chunks = chunks;
    return true;
}

ms_ring_header *ms_window_open(int fd, bool lone) {
    uint32_t chunks = chunks_allowed(lone ? LONE_FIRST_CHUNKS : MS_RING_MAX_CHUNKS);
    if (!ms_os_can_populate()) { /* all blocks at once, then, and no more than are likely used */
        chunks = chunks_allowed(SMALL_WINDOW_CHUNKS);
        if (ms_os_allocate(fd, 0, chunk_offset(chunks)) < 0)
            return NULL;
    }
    if (!ms_os_identity(fd, g_ms.identity) || !open_window(fd, 0, chunks))
        return NULL;
    ms_ring_header *ring = ms_os_map(fd, 0, MS_RING_HEADER_SIZE);
    if (ring && ms_os_populate(ring, MS_RING_HEADER_SIZE))
        return ring;
    ms_os_memory_free(ring, MS_RING_HEADER_SIZE);
    ms_os_memory_free(g_ms.window, window_size());
    g_ms.window = NULL;
    return NULL;
}

static int reopen(void) {
    uint64_t identity[2];
    int fd = ms_os_open_write(g_ms.path);
    if (fd < 0 || !ms_os_identity(fd, identity))
        return -1;
    if (identity[0] == g_ms.identity[0] && identity[1] == g_ms.identity[1])
        return fd;
    ms_os_close(fd); /* another file has taken the name */
    return -1;
}

static void keep_window(span window) {
    if (!earlier)
        earlier = ms_os_memory(EARLIER_MAX * sizeof *earlier, false);
    if (earlier && earlier_count < EARLIER_MAX)
        earlier[earlier_count++] = window;
}

/* Threads still write into their chunks of the old window, so it stays mapped; sealed chunks give their
 * pages back one by one. */
bool ms_window_next(void) {
    int fd = reopen();
    if (fd < 0)
        return false;
    span before = {g_ms.window, window_size()};
    uint32_t first = g_ms.window_first + g_ms.window_chunks;
    uint32_t chunks =
        chunks_allowed(ms_os_can_populate() ? LONE_WINDOW_CHUNKS : SMALL_WINDOW_CHUNKS);
    bool opened =
        (ms_os_can_populate() ||
         ms_os_allocate(fd, chunk_offset(first), (uint64_t)chunks * MS_RING_CHUNK_SIZE) >= 0) &&
        open_window(fd, first, chunks);
    ms_os_close(fd);
    if (opened)
        keep_window(before);
    return opened;
}

void ms_window_detach(bool removed) {
    int fd = reopen();
    if (fd >= 0) {
        ms_os_set_size(fd, chunk_offset(g_ms.lone_next));
        ms_os_close(fd);
    }
    if (fd >= 0 && removed)
        ms_os_unlink(g_ms.path);
    ms_os_detach(g_ms.ring, MS_RING_HEADER_SIZE, sizeof *g_ms.ring);
    ms_os_detach(g_ms.window, window_size(), 0);
    while (earlier_count > 0) {
        span window = earlier[--earlier_count];
        ms_os_detach(window.start, window.size, 0);
    }
}

void ms_window_abandon(void) {
    ms_os_memory_free(g_ms.window, window_size());
    ms_os_memory_free(g_ms.ring, MS_RING_HEADER_SIZE);
    g_ms.ring = NULL;
    g_ms.window = NULL;
    earlier_count = 0;
}
