#include "capture/record.h"

#include <string.h>

#include "capture/os.h"
#include "capture/ring.h"
#include "capture/no_malloc.h"

uint64_t *ms_reserve_slow(ms_thread *thread, size_t words) {
    if (!ms_ring_refill(thread)) {
        bool no_space = thread->ring->lone || thread->ring->chunks == 0;
        ms_lose(no_space ? MS_LOSS_NO_SPACE : MS_LOSS_RECORDER_GONE, 1);
        return NULL;
    }
    uint64_t *at = thread->cursor;
    thread->cursor = at + words;
    return at;
}

void ms_record_alloc_slow(ms_thread *thread, unsigned family, const void *address, size_t size,
                          uint32_t stack) {
    size_t wide = size >= MS_SIZE_WIDE;
    uint64_t *at = ms_reserve(thread, 2 + wide);
    if (!at)
        return;
    if (wide)
        at[2] = size;
    at[1] = (uint64_t)stack << 32 | (wide ? MS_SIZE_WIDE : size);
    ms_commit(at, ms_word(MS_EVENT_ALLOC, family, (uint64_t)address));
}

void ms_record_word(ms_thread *thread, unsigned kind, uint64_t value) {
    uint64_t *at = ms_reserve(thread, 1);
    if (at)
        ms_commit(at, ms_word(kind, 0, value));
}

void ms_record_realloc(ms_thread *thread, const void *old, const void *address, size_t size,
                       uint32_t stack) {
    uint64_t *at = ms_reserve(thread, 4);
    if (!at)
        return;
    at[3] = size;
    at[2] = (uint64_t)old;
    at[1] = (uint64_t)stack << 32;
    ms_commit(at, ms_word(MS_EVENT_REALLOC, MS_FAMILY_REALLOC, (uint64_t)address));
}

bool ms_record_stack(ms_thread *thread, uint32_t id, uint64_t pc, uint32_t parent) {
    uint64_t *at = ms_reserve(thread, 3);
    if (!at)
        return false;
    at[2] = parent;
    at[1] = pc;
    ms_commit(at, ms_word(MS_EVENT_STACK, 0, id));
    return true;
}

void ms_record_map(ms_thread *thread, unsigned family, const void *address, size_t size,
                   uint32_t flags, uint32_t stack) {
    uint64_t *at = ms_reserve(thread, 3);
    if (!at)
        return;
    at[2] = size;
    at[1] = (uint64_t)stack << 32 | flags;
    ms_commit(at, ms_word(MS_EVENT_MAP, family, (uint64_t)address));
}

void ms_record_unmap(ms_thread *thread, unsigned family, const void *address, size_t size) {
    uint64_t *at = ms_reserve(thread, 2);
    if (!at)
        return;
    at[1] = size;
    ms_commit(at, ms_word(MS_EVENT_UNMAP, family, (uint64_t)address));
}

void ms_record_remap(ms_thread *thread, const void *old, size_t old_size, const void *address,
                     size_t size, uint32_t stack) {
    uint64_t *at = ms_reserve(thread, 5);
    if (!at)
        return;
    at[4] = old_size;
    at[3] = size;
    at[2] = (uint64_t)old;
    at[1] = (uint64_t)stack << 32;
    ms_commit(at, ms_word(MS_EVENT_REMAP, MS_FAMILY_MMAP, (uint64_t)address));
}

bool ms_record_text(ms_thread *thread, unsigned kind, const uint64_t *numbers, size_t count,
                    const char *text, size_t size) {
    size_t words = 1 + count + 1 + (size + 7) / 8;
    uint64_t *at = words <= MS_RING_EVENT_WORDS ? ms_reserve(thread, words) : NULL;
    if (!at)
        return false;
    memcpy(at + 1, numbers, count * sizeof *numbers);
    at[1 + count] = size;
    memcpy(at + 2 + count, text, size); /* the words behind are 0 already */
    ms_commit(at, ms_word(kind, 0, words));
    return true;
}

void ms_record_thread_name(ms_thread *thread, bool always) {
    char name[16];
    if (!thread->tid)
        return; /* the shared lane was named once and stands for many threads */
    ms_os_thread_name(name);
    if (!always && memcmp(name, thread->name, sizeof name) == 0)
        return;
    memcpy(thread->name, name, sizeof name);
    uint64_t tid = thread->tid;
    ms_record_text(thread, MS_EVENT_THREAD, &tid, 1, name, strlen(name));
}

void ms_record_thread_end(ms_thread *thread) {
    ms_record_word(thread, MS_EVENT_THREAD_END, thread->tid);
}
