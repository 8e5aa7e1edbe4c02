#include "load/ringfile.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load/pace.h"
#include "load/reader.h"
#include "trace/ring.h"
#include "trace/standing.h"
#include "util/memory.h"

/* A chunk that holds something. */
typedef struct held {
    uint32_t thread;
    uint32_t index; /* in the file */
    uint64_t sequence;
    uint64_t start_us;
} held;

/* A thread: its chunks are items first .. first + count - 1. */
typedef struct owner {
    uint32_t thread;
    uint64_t start_us;
    size_t first, count;
} owner;

struct ms_ringfile {
    int fd;
    ms_ring_header *header;
    held *chunks; /* by thread and sequence */
    size_t chunk_count, chunk_capacity;
    owner *owners; /* by start */
    size_t owner_count, owner_capacity;
    size_t fed; /* owners that are in the merge already */
    uint64_t done;
};

/* The words of one thread, while they are read. */
typedef struct cursor {
    ms_ringfile *ring;
    size_t next, left;               /* chunks */
    size_t at, end;                  /* words of the present one */
    size_t drained;                  /* words of it that are in a recorder's trace already */
    uint64_t counts[MS_COUNT_COUNT]; /* handed out so far */
    uint32_t thread, tid;
    uint64_t time_us;
    ms_pace pace; /* in words */
    uint8_t bytes[MS_RING_CHUNK_SIZE] __attribute__((aligned(8)));
} cursor;

/* ---- the index -------------------------------------------------------------------------- */

static uint64_t offset_of(uint32_t index) {
    return MS_RING_HEADER_SIZE + (uint64_t)index * MS_RING_CHUNK_SIZE;
}

static bool may_hold(const ms_ringfile *ring, uint32_t index) {
    if (ring->header->lone)
        return true;
    return index < MS_RING_MAX_CHUNKS && ring->header->chunk_state[index] != MS_CHUNK_FREE;
}

static void index_chunk(ms_ringfile *ring, uint32_t index) {
    ms_ring_chunk chunk;
    if (!may_hold(ring, index) ||
        ms_trace_file_read(ring->fd, &chunk, sizeof chunk, offset_of(index)) < sizeof chunk)
        return;
    if (chunk.thread == 0 || chunk.drained > MS_RING_CHUNK_WORDS)
        return;
    ring->chunks = ms_memory_grow(ring->chunks, ring->chunk_count + 1, &ring->chunk_capacity,
                                  sizeof *ring->chunks);
    ring->chunks[ring->chunk_count++] = (held){chunk.thread, index, chunk.sequence, chunk.start_us};
}

static int compare(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static int by_sequence(const void *a, const void *b) {
    const held *x = a, *y = b;
    if (x->thread != y->thread)
        return compare(x->thread, y->thread);
    if (x->sequence != y->sequence)
        return compare(x->sequence, y->sequence);
    return compare(x->index, y->index);
}

static int by_start(const void *a, const void *b) {
    const owner *x = a, *y = b;
    return x->start_us != y->start_us ? compare(x->start_us, y->start_us)
                                      : compare(x->thread, y->thread);
}

static void index_owners(ms_ringfile *ring) {
    for (size_t i = 0; i < ring->chunk_count; i++) {
        const held *chunk = &ring->chunks[i];
        if (ring->owner_count && ring->owners[ring->owner_count - 1].thread == chunk->thread) {
            ring->owners[ring->owner_count - 1].count++;
            continue;
        }
        ring->owners = ms_memory_grow(ring->owners, ring->owner_count + 1, &ring->owner_capacity,
                                      sizeof *ring->owners);
        ring->owners[ring->owner_count++] = (owner){chunk->thread, chunk->start_us, i, 1};
    }
}

/* How many chunks there are is taken from the file: a ring that was cut has fewer than it says, one
 * whose process died while growing has more. */
static void index_file(ms_ringfile *ring, uint64_t size) {
    uint64_t count = (size - MS_RING_HEADER_SIZE) / MS_RING_CHUNK_SIZE;
    if (size > offset_of((uint32_t)count) + sizeof(ms_ring_chunk))
        count++; /* the last chunk is cut: what is there of it counts */
    for (uint64_t i = 0; i < count && i < UINT32_MAX; i++)
        index_chunk(ring, (uint32_t)i);
    if (ring->chunk_count)
        qsort(ring->chunks, ring->chunk_count, sizeof *ring->chunks, by_sequence);
    index_owners(ring);
    if (ring->owner_count)
        qsort(ring->owners, ring->owner_count, sizeof *ring->owners, by_start);
}

ms_ringfile *ms_ringfile_open(int fd, uint64_t size) {
    ms_ringfile *ring = ms_memory_zeroed(1, sizeof *ring);
    ring->fd = fd;
    ring->header = ms_memory_zeroed(1, sizeof *ring->header);
    if (size < MS_RING_HEADER_SIZE ||
        ms_trace_file_read(fd, ring->header, sizeof *ring->header, 0) < sizeof *ring->header) {
        ms_ringfile_close(ring);
        return NULL;
    }
    if (ring->header->info_size > MS_RING_INFO_SIZE)
        ring->header->info_size = MS_RING_INFO_SIZE;
    index_file(ring, size);
    return ring;
}

void ms_ringfile_close(ms_ringfile *ring) {
    if (!ring)
        return;
    close(ring->fd);
    free(ring->header);
    free(ring->chunks);
    free(ring->owners);
    free(ring);
}

const ms_ring_header *ms_ringfile_header(const ms_ringfile *ring) {
    return ring->header;
}

uint64_t ms_ringfile_lost(const ms_ringfile *ring, unsigned cause) {
    return cause < MS_LOSS_COUNT ? ring->header->lost[cause] : 0;
}

/* Is the pid in the header one of ours? The ring says in which namespace it was given. */
static bool same_pid_namespace(const ms_ring_header *header) {
    char space[64];
    ssize_t length = readlink("/proc/self/ns/pid", space, sizeof space);
    uint32_t size = header->info_size < MS_RING_INFO_SIZE ? header->info_size : 0;
    return length > 0 && memmem(header->info, size, space, (size_t)length) != NULL;
}

bool ms_ringfile_is_ended(const ms_ringfile *ring) {
    return ring->header->lone && ring->header->ended_us != 0;
}

bool ms_ringfile_is_over(const ms_ringfile *ring) {
    if (ms_ringfile_is_ended(ring))
        return true;
    pid_t pid = (pid_t)ring->header->pid;
    return pid > 0 && same_pid_namespace(ring->header) && kill(pid, 0) != 0 && errno == ESRCH;
}

/* ---- words ------------------------------------------------------------------------------ */

static const uint64_t *words_of(const cursor *c) {
    return (const uint64_t *)(const void *)(c->bytes + sizeof(ms_ring_chunk));
}

static bool is_time(uint64_t word) {
    return word >> MS_WORD_VALUE_BITS == (uint64_t)MS_EVENT_TIME << 8;
}

/* Sets the pace for the words up to the next TIME, or the end of the chunk. Another word may look like a
 * TIME, which does no harm: it is only an estimate. */
static void set_pace(cursor *c) {
    const uint64_t *words = words_of(c);
    size_t at = c->at;
    while (at < c->end && words[at] != 0 && !is_time(words[at]))
        at++;
    ms_pace_begin(&c->pace, c->time_us, at - c->at + 1);
}

/* Opens the next chunk. */
static bool next_chunk(cursor *c) {
    while (c->left > 0) {
        const held *h = &c->ring->chunks[c->next++];
        c->left--;
        size_t got =
            ms_trace_file_read(c->ring->fd, c->bytes, sizeof c->bytes, offset_of(h->index));
        c->ring->done += MS_RING_CHUNK_SIZE;
        if (got <= sizeof(ms_ring_chunk))
            continue;
        ms_ring_chunk head;
        memcpy(&head, c->bytes, sizeof head);
        c->tid = head.tid;
        c->at = 0;
        c->drained = c->ring->header->lone ? 0 : head.drained;
        c->end = (got - sizeof head) / sizeof(uint64_t);
        if (head.start_us > c->time_us)
            c->time_us = head.start_us;
        set_pace(c);
        return true;
    }
    return false;
}

/* The next word of the present chunk that may begin an event. In a thread's last chunk a 0 is the end of
 * what it wrote; in others it is what an event left that was never completed. */
static bool find_word(cursor *c) {
    const uint64_t *words = words_of(c);
    while (c->at < c->end && words[c->at] == 0 && c->left > 0)
        c->at++;
    return c->at < c->end && words[c->at] != 0;
}

/* Of drained words, only what a thread says of the words to come. */
static bool is_wanted(const cursor *c, size_t at, ms_event_kind kind) {
    if (kind == MS_EVENT_NONE)
        return false;
    return at >= c->drained || ms_event_stands(kind);
}

/* The events of the present chunk, as far as they are not read. */
static size_t read_words(cursor *c, ms_event *events, ms_when *when, size_t max) {
    size_t count = 0;
    while (count < max && find_word(c)) {
        size_t at = c->at;
        ms_event *event = &events[count];
        *event = (ms_event){.thread = c->thread, .tid = c->tid, .time_us = c->time_us};
        size_t taken = ms_ring_event(words_of(c) + at, c->end - at, event);
        if (taken == 0) { /* it would end behind the chunk: nothing more in it */
            c->at = c->end;
            break;
        }
        c->at += taken;
        if (event->time_us > c->time_us) {
            c->time_us = event->time_us;
            set_pace(c);
        }
        when[count] = ms_pace_next(&c->pace);
        c->pace.done += taken - 1;
        count += is_wanted(c, at, event->kind);
    }
    return count;
}

/* What the present chunk counts, as COUNT events, as far as that is new. */
static size_t read_counts(cursor *c, ms_event *events, ms_when *when, size_t max) {
    ms_ring_chunk head;
    size_t count = 0;
    memcpy(&head, c->bytes, sizeof head);
    for (unsigned i = 0; i < MS_COUNT_COUNT && count < max; i++) {
        if (head.counts[i] <= c->counts[i])
            continue;
        c->counts[i] = head.counts[i];
        events[count] = (ms_event){.kind = MS_EVENT_COUNT,
                                   .thread = c->thread,
                                   .tid = c->tid,
                                   .time_us = c->time_us,
                                   .family = (uint8_t)i,
                                   .number = head.counts[i]};
        when[count++] = ms_pace_next(&c->pace);
    }
    return count;
}

/* Stops at the end of a chunk, so that texts stay good. */
static size_t read_events(void *self, ms_event *events, ms_when *when, size_t max) {
    cursor *c = self;
    size_t count;
    do {
        count = read_words(c, events, when, max);
        if (count == 0)
            count = read_counts(c, events, when, max);
        if (count)
            return count;
    } while (next_chunk(c));
    return 0;
}

static void close_cursor(void *self) {
    free(self);
}

/* ---- feeding ---------------------------------------------------------------------------- */

static void add_owner(ms_ringfile *ring, ms_merge *merge, const owner *o) {
    cursor *c = ms_memory_zeroed(1, sizeof *c);
    c->ring = ring;
    c->next = o->first;
    c->left = o->count;
    c->thread = o->thread;
    ms_merge_add(merge, o->thread, (ms_source){c, read_events, close_cursor, false});
}

uint64_t ms_ringfile_due(const ms_ringfile *ring) {
    return ring->fed < ring->owner_count ? ring->owners[ring->fed].start_us : UINT64_MAX;
}

void ms_ringfile_feed(ms_ringfile *ring, ms_merge *merge, uint64_t until_us) {
    if (ms_ringfile_due(ring) > until_us)
        until_us = ms_ringfile_due(ring);
    while (ring->fed < ring->owner_count && ms_ringfile_due(ring) <= until_us)
        add_owner(ring, merge, &ring->owners[ring->fed++]);
}

uint64_t ms_ringfile_done(const ms_ringfile *ring) {
    return ring->done;
}

uint64_t ms_ringfile_total(const ms_ringfile *ring) {
    return (uint64_t)ring->chunk_count * MS_RING_CHUNK_SIZE;
}
