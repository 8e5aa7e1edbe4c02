#include "recorder/ring_view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool check_header(const ms_ring_header *header) {
    return memcmp(header->magic, MS_TRACE_MAGIC, sizeof header->magic) == 0 &&
           header->version == MS_TRACE_VERSION && header->form == MS_FORM_RING;
}

bool ms_ring_view_open(ms_ring_view *view, const char *path) {
    *view = (ms_ring_view){.fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
    if (view->fd < 0)
        return false;
    struct stat status;
    if (fstat(view->fd, &status) == 0 && status.st_size >= (off_t)MS_RING_HEADER_SIZE) {
        void *header =
            mmap(NULL, MS_RING_HEADER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, view->fd, 0);
        view->header = header == MAP_FAILED ? NULL : header;
    }
    if (view->header && check_header(view->header))
        return true;
    ms_ring_view_close(view);
    errno = EINVAL;
    return false;
}

void ms_ring_view_close(ms_ring_view *view) {
    if (view->chunks)
        munmap(view->chunks, (size_t)view->chunk_count * MS_RING_CHUNK_SIZE);
    if (view->header)
        munmap(view->header, MS_RING_HEADER_SIZE);
    if (view->fd >= 0)
        close(view->fd);
    free(view->pieces);
    *view = (ms_ring_view){.fd = -1};
}

/* The ring has grown: maps all of it, and never more than the file is long. */
static void map_chunks(ms_ring_view *view) {
    uint32_t count = __atomic_load_n(&view->header->chunks, __ATOMIC_ACQUIRE);
    struct stat status;
    if (count > MS_RING_MAX_CHUNKS)
        count = MS_RING_MAX_CHUNKS;
    if (count <= view->chunk_count || fstat(view->fd, &status) != 0)
        return;
    uint64_t in_file = ((uint64_t)status.st_size - MS_RING_HEADER_SIZE) / MS_RING_CHUNK_SIZE;
    if (count > in_file)
        count = (uint32_t)in_file;
    size_t size = (size_t)count * MS_RING_CHUNK_SIZE;
    void *chunks =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, view->fd, MS_RING_HEADER_SIZE);
    if (chunks == MAP_FAILED)
        return; /* what is mapped goes on being drained */
    if (view->chunks)
        munmap(view->chunks, (size_t)view->chunk_count * MS_RING_CHUNK_SIZE);
    view->chunks = chunks;
    view->chunk_count = count;
}

static ms_ring_chunk *chunk_at(const ms_ring_view *view, uint32_t index) {
    return (ms_ring_chunk *)(view->chunks + (size_t)index * MS_RING_CHUNK_SIZE / 8);
}

static int by_thread_and_sequence(const void *left, const void *right) {
    const ms_ring_piece *a = left, *b = right;
    if (a->thread != b->thread)
        return a->thread < b->thread ? -1 : 1;
    return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

bool ms_ring_view_collect(ms_ring_view *view) {
    map_chunks(view);
    view->piece_count = 0;
    ms_ring_piece *pieces = realloc(view->pieces, (view->chunk_count + 1) * sizeof *pieces);
    if (!pieces)
        return false;
    view->pieces = pieces;
    for (uint32_t i = 0; i < view->chunk_count; i++) {
        uint32_t state = __atomic_load_n(&view->header->chunk_state[i], __ATOMIC_ACQUIRE);
        const ms_ring_chunk *chunk = chunk_at(view, i);
        uint32_t thread = __atomic_load_n(&chunk->thread, __ATOMIC_ACQUIRE);
        if (state == MS_CHUNK_FREE || thread == 0 || chunk->drained > MS_RING_CHUNK_WORDS)
            continue;
        pieces[view->piece_count++] = (ms_ring_piece){.chunk = i,
                                                      .thread = thread,
                                                      .tid = chunk->tid,
                                                      .sequence = chunk->sequence,
                                                      .sealed = state == MS_CHUNK_SEALED,
                                                      .first = chunk->drained,
                                                      .end = chunk->drained};
    }
    qsort(pieces, view->piece_count, sizeof *pieces, by_thread_and_sequence);
    return true;
}

const uint64_t *ms_ring_view_words(const ms_ring_view *view, const ms_ring_piece *piece) {
    return (const uint64_t *)(chunk_at(view, piece->chunk) + 1);
}

void ms_ring_view_counts(const ms_ring_view *view, const ms_ring_piece *piece,
                         uint64_t counts[MS_COUNT_COUNT]) {
    const ms_ring_chunk *chunk = chunk_at(view, piece->chunk);
    for (unsigned i = 0; i < MS_COUNT_COUNT; i++)
        counts[i] = __atomic_load_n(&chunk->counts[i], __ATOMIC_RELAXED);
}

/* So many chunks can be taken again: wakes as many of those who wait for one. */
static void announce(ms_ring_header *header, uint32_t freed) {
    __atomic_fetch_add(&header->free_chunks, freed, __ATOMIC_RELEASE);
    __atomic_fetch_add(&header->beats, 1, __ATOMIC_RELEASE);
    if (__atomic_load_n(&header->waiting, __ATOMIC_RELAXED))
        syscall(SYS_futex, &header->beats, FUTEX_WAKE, freed, NULL, NULL, 0);
}

void ms_ring_view_release(ms_ring_view *view) {
    uint32_t freed = 0;
    for (size_t i = 0; i < view->piece_count; i++) {
        const ms_ring_piece *piece = &view->pieces[i];
        ms_ring_chunk *chunk = chunk_at(view, piece->chunk);
        if (!piece->sealed || !piece->whole) {
            chunk->drained = piece->end;
            continue;
        }
        chunk->thread = 0;
        memset(chunk + 1, 0, MS_RING_CHUNK_SIZE - sizeof *chunk); /* 0: not yet written */
        __atomic_store_n(&view->header->chunk_state[piece->chunk], MS_CHUNK_FREE, __ATOMIC_RELEASE);
        freed++;
    }
    if (freed)
        announce(view->header, freed);
    view->piece_count = 0;
}
