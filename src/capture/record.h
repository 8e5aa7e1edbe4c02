/* record.h - events into the thread's chunk. Called between ms_enter() and ms_leave(). */
#ifndef MS_CAPTURE_RECORD_H
#define MS_CAPTURE_RECORD_H

#include "capture/state.h"
#include "trace/event.h"

/* Room for `words` words when the chunk has none; NULL: lost, and counted. */
uint64_t *ms_reserve_slow(ms_thread *thread, size_t words);

static inline uint64_t *ms_reserve(ms_thread *thread, size_t words) {
    uint64_t *at = thread->cursor;
    if (ms_unlikely((uintptr_t)at + words * sizeof *at > (uintptr_t)thread->end))
        return ms_reserve_slow(thread, words);
    thread->cursor = at + words;
    return at;
}

/* The first word makes the event visible to whoever reads the ring: it goes last. */
static inline void ms_commit(uint64_t *at, uint64_t first_word) {
    __atomic_store_n(at, first_word, __ATOMIC_RELEASE);
}

/* An event that is one word, its value. */
void ms_record_word(ms_thread *thread, unsigned kind, uint64_t value);

/* The rare cases of the next one: no room, or a size that takes a word of its own. */
void ms_record_alloc_slow(ms_thread *thread, unsigned family, const void *address, size_t size,
                          uint32_t stack);

static inline void ms_record_alloc(ms_thread *thread, unsigned family, const void *address,
                                   size_t size, uint32_t stack) {
    uint64_t *at = thread->cursor;
    if (ms_unlikely((uintptr_t)(at + 2) > (uintptr_t)thread->end || size >= MS_SIZE_WIDE)) {
        ms_record_alloc_slow(thread, family, address, size, stack);
        return;
    }
    thread->cursor = at + 2;
    at[1] = (uint64_t)stack << 32 | size;
    ms_commit(at, ms_word(MS_EVENT_ALLOC, family, (uint64_t)address));
}

static inline void ms_record_free(ms_thread *thread, unsigned family, const void *address) {
    uint64_t *at = ms_reserve(thread, 1);
    if (ms_likely(at))
        ms_commit(at, ms_word(MS_EVENT_FREE, family, (uint64_t)address));
}

/* One event, so that no reader ever sees both blocks live, or neither. */
void ms_record_realloc(ms_thread *thread, const void *old, const void *address, size_t size,
                       uint32_t stack);
bool ms_record_stack(ms_thread *thread, uint32_t id, uint64_t pc,
                     uint32_t parent); /* false: lost */
void ms_record_map(ms_thread *thread, unsigned family, const void *address, size_t size,
                   uint32_t flags, uint32_t stack);
void ms_record_unmap(ms_thread *thread, unsigned family, const void *address, size_t size);
void ms_record_remap(ms_thread *thread, const void *old, size_t old_size, const void *address,
                     size_t size, uint32_t stack);

/* THREAD when the thread's name is new or has changed. */
void ms_record_thread_name(ms_thread *thread, bool always);
void ms_record_thread_end(ms_thread *thread);

/* An event with text: `numbers` words, then the text. False: no room. */
bool ms_record_text(ms_thread *thread, unsigned kind, const uint64_t *numbers, size_t count,
                    const char *text, size_t size);

#endif
