/* pack_speed.c - what a recorder's packing costs, and how large its trace is: packs a ring as a recorder
 * does, some chunks at a time; without one, the words of an allocator as simple as most are.
 * bench/pack_speed [RING OF A LONE PRELOAD [CHUNKS]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "trace/format.h"
#include "trace/pack.h"
#include "trace/ring.h"

/* A chunk of the ring, as it lies in the file. */
typedef struct chunk {
    ms_ring_chunk head;
    uint64_t words[MS_RING_CHUNK_WORDS];
} chunk;

typedef struct result {
    uint64_t events, payload, stored;
    double pack_s, seal_s;
} result;

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_thread(const void *left, const void *right) {
    const ms_ring_chunk *a = &(*(chunk *const *)left)->head, *b = &(*(chunk *const *)right)->head;
    if (a->thread != b->thread)
        return a->thread < b->thread ? -1 : 1;
    return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

/* Packs the words of a chunk, as a recorder does. */
static void pack_chunk(const chunk *c, ms_packer *packer, uint64_t *time_us) {
    for (size_t at = 0, taken; at < MS_RING_CHUNK_WORDS; at += taken ? taken : 1) {
        size_t left = MS_RING_CHUNK_WORDS - at;
        ms_event event = {.thread = c->head.thread, .tid = c->head.tid, .time_us = *time_us};
        ms_moves ignored = {0};
        taken = ms_packer_add_words(packer, &event, c->words + at, left, &ignored);
        if (taken > 0)
            continue;
        taken = ms_ring_event(c->words + at, left, &event);
        if (taken == 0 || event.kind == MS_EVENT_NONE)
            continue;
        *time_us = event.time_us;
        if (!ms_packer_add(packer, &event))
            exit(1);
    }
}

static void pack_chunks(chunk **chunks, size_t count, ms_packer *packer) {
    uint64_t time_us = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || chunks[i]->head.thread != chunks[i - 1]->head.thread)
            time_us = chunks[i]->head.start_us;
        pack_chunk(chunks[i], packer, &time_us);
    }
}

/* One drain. */
static void drain(chunk **chunks, size_t count, ms_packer *packer, result *r) {
    const uint8_t *payload, *sealed;
    size_t size, sealed_size;
    uint64_t first_us, last_us;
    qsort(chunks, count, sizeof *chunks, by_thread);
    double start = cpu_seconds();
    pack_chunks(chunks, count, packer);
    r->events += ms_packer_events(packer);
    if (!ms_packer_finish(packer, &payload, &size, &first_us, &last_us))
        return;
    double packed = cpu_seconds();
    if (!ms_packer_seal(packer, MS_KIND_EVENTS, payload, size, first_us, last_us, &sealed,
                        &sealed_size))
        exit(1);
    r->pack_s += packed - start;
    r->seal_s += cpu_seconds() - packed;
    r->payload += size;
    r->stored += sealed_size;
}

static chunk *read_ring(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        return NULL;
    size_t size = (size_t)ftell(file);
    if (size < MS_RING_HEADER_SIZE)
        return NULL;
    *count = (size - MS_RING_HEADER_SIZE) / sizeof(chunk);
    chunk *chunks = malloc(*count * sizeof *chunks + 1);
    fseek(file, MS_RING_HEADER_SIZE, SEEK_SET);
    if (chunks && fread(chunks, sizeof *chunks, *count, file) != *count)
        return NULL;
    fclose(file);
    return chunks;
}

/* ---- words by hand ------------------------------------------------------------------------ */

enum { MADE_CHUNKS = 4096, LIVE = 4096, CLASSES = 16, FREED_MAX = 1024 };

/* What was freed last in a size class comes first. */
typedef struct allocator {
    uint64_t next;
    uint64_t freed[CLASSES][FREED_MAX];
    size_t freed_count[CLASSES];
} allocator;

static uint64_t take(allocator *a, unsigned class) {
    if (a->freed_count[class])
        return a->freed[class][--a->freed_count[class]];
    a->next += 16 * (class + 2);
    return a->next;
}

static void give(allocator *a, unsigned class, uint64_t address) {
    if (a->freed_count[class] < FREED_MAX)
        a->freed[class][a->freed_count[class]++] = address;
}

/* Each birth takes the place of a block chosen at random, which dies. */
static chunk *make_ring(size_t *count) {
    static allocator a = {.next = 0x555555559000};
    static struct {
        uint64_t address;
        unsigned class;
    } live[LIVE];
    chunk *chunks = calloc(MADE_CHUNKS, sizeof *chunks);
    uint64_t random = 1;
    for (size_t i = 0; chunks && i < MADE_CHUNKS; i++) {
        chunks[i].head = (ms_ring_chunk){.thread = 1, .tid = 1, .sequence = i, .start_us = i};
        for (size_t at = 0; at + 3 <= MS_RING_CHUNK_WORDS;) {
            random = ms_hash_u64(random + i) + 1;
            unsigned class = random % CLASSES, place = (unsigned)(random >> 32) % LIVE;
            uint64_t size = 24 + 16 * class, stack = 16 + class * (random >> 60);
            if (live[place].address) {
                chunks[i].words[at++] =
                    ms_word(MS_EVENT_FREE, MS_FAMILY_MALLOC, live[place].address);
                give(&a, live[place].class, live[place].address);
            }
            live[place].address = take(&a, class);
            live[place].class = class;
            chunks[i].words[at++] = ms_word(MS_EVENT_ALLOC, MS_FAMILY_MALLOC, live[place].address);
            chunks[i].words[at++] = stack << 32 | size;
        }
    }
    *count = MADE_CHUNKS;
    return chunks;
}

/* ---- the result -------------------------------------------------------------------------- */

static void print(const result *r) {
    double events = (double)(r->events ? r->events : 1);
    printf("%.2f M events: %.3f MB, %.3f MB compressed, %.2f bytes/event\n",
           (double)r->events / 1e6, (double)r->payload / 1e6, (double)r->stored / 1e6,
           (double)r->stored / events);
    printf("ns/event: packing %.1f, compression and checksum %.1f\n", r->pack_s * 1e9 / events,
           r->seal_s * 1e9 / events);
}

int main(int argc, char **argv) {
    size_t count = 0, at_once = argc > 2 ? strtoul(argv[2], NULL, 0) : 128;
    chunk *chunks = argc > 1 ? read_ring(argv[1], &count) : make_ring(&count);
    chunk **turn = calloc(at_once + 1, sizeof *turn);
    ms_packer *packer = ms_packer_new();
    if (!chunks || !turn || !packer || at_once == 0) {
        fprintf(stderr, "usage: pack_speed [RING [CHUNKS]]\n");
        return 2;
    }
    result r = {0};
    size_t held = 0;
    for (size_t i = 0; i < count; i++) {
        if (chunks[i].head.thread)
            turn[held++] = &chunks[i];
        if (held == at_once || (i + 1 == count && held)) {
            drain(turn, held, packer, &r);
            held = 0;
        }
    }
    print(&r);
    ms_packer_free(packer);
    free(turn);
    free(chunks);
    return 0;
}
