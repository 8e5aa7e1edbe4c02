#include "track/note.h"

#include "capture/clock.h"
#include "capture/stack.h"
#include "capture/unwind.h"
#include "track/place.h"

/* The headers for programs are installed alone, so they list these codes once more. */
#define MS_NOTE(NAME, code, text, doc)                                                             \
    _Static_assert((int)MEMSCOPE_NOTE_##NAME == code, "notes.def says otherwise: " #NAME);
#include "trace/notes.def"
#define MS_PLACE(NAME, code, text, doc)                                                            \
    _Static_assert((int)MEMSCOPE_KIND_##NAME == code, "places.def says otherwise: " #NAME);
#include "trace/places.def"

#define CFA ((uint64_t)__builtin_dwarf_cfa()) /* where the frame of the caller begins */

/* The thread's record when there is something to write: to be left with ms_leave(). */
static ms_thread *enter(void) {
    ms_thread *thread = ms_is_off() ? NULL : ms_enter();
    if (!thread || ms_tick(thread))
        return thread;
    ms_leave(thread);
    return NULL;
}

static void record(ms_thread *thread, struct memscope_place *place, uint32_t stack, unsigned what,
                   const void *address, const void *old, size_t size, uint64_t number) {
    if (!address && what == MS_NOTE_TRACK) {
        what = MS_NOTE_MISUSE;
        number = MS_MISUSE_NULL_TRACKED;
    }
    uint32_t site = ms_place_number(thread, place); /* first: it may need room, too */
    uint64_t *at = ms_reserve(thread, MS_NOTE_WORDS);
    if (at)
        ms_note_write(at, what, site, stack, address, old, size, number);
}

/* What is tracked by its value: a pointer is told with what it points to. */
static bool is_of_value(unsigned what, const void *old) {
    return what <= MS_NOTE_UNTRACK && !old;
}

/* Before a word is recorded that may be about locals. */
static void look_at_locals(ms_thread *thread, uint64_t cfa, unsigned what, const void *address,
                           const void *old) {
    ms_record_gone(thread, cfa);
    if (!is_of_value(what, old))
        return;
    if (what == MS_NOTE_UNTRACK) {
        ms_locals_untrack(&thread->locals, (uint64_t)address);
        return;
    }
    uint64_t high = ms_stack_high(thread, cfa);
    ms_locals_track(&thread->locals, (uint64_t)address, cfa, thread->low, high);
}

/* The frequent words of which a report shows where they were said; of the rare ones the headers take the
 * stack. */
static bool is_of_variable(unsigned what) {
    return what == MS_NOTE_TRACK || what == MS_NOTE_UNTRACK || what == MS_NOTE_BORROW ||
           what == MS_NOTE_RETURN;
}

/* Jumped to, not called, so that its frame is where that of ms_note() was. */
static __attribute__((noinline)) void note_slowly(struct memscope_place *place, unsigned what,
                                                  const void *address, const void *old, size_t size,
                                                  uint64_t number) {
    ms_thread *thread = enter();
    if (!thread)
        return;
    look_at_locals(thread, CFA, what, address, old);
    uint32_t stack = MS_ROOT_NONE;
    if (g_ms.word_stacks && is_of_variable(what))
        stack = ms_stack_of(thread, __builtin_frame_address(0));
    record(thread, place, stack, what, address, old, size, number);
    ms_leave(thread);
}

/* Nothing to look up, to tell or to make room for, and no stack to take. While recording is off no tick is
 * equal to the thread's. */
static inline bool is_plain(const ms_thread *thread, uint64_t id, unsigned what,
                            const void *address, const void *old) {
    return id >> 32 == g_ms.plain_generation && (address || what != MS_NOTE_TRACK) &&
           !is_of_value(what, old) && !ms_locals_gone(&thread->locals, CFA) &&
           __atomic_load_n(ms_switch, __ATOMIC_RELAXED) == thread->tick &&
           (uintptr_t)(thread->cursor + MS_NOTE_WORDS) <= (uintptr_t)thread->end;
}

/* The common case calls nobody, so that it has no registers to save. */
void ms_note(struct memscope_place *place, unsigned what, const void *address, const void *old,
             size_t size, uint64_t number) {
    ms_thread *thread = ms_likely(ms_self->state == MS_THREAD_READY) ? ms_enter() : NULL;
    if (ms_likely(thread && place)) {
        uint64_t id = ms_place_id(place);
        if (ms_likely(is_plain(thread, id, what, address, old))) {
            uint64_t *at = thread->cursor;
            thread->cursor = at + MS_NOTE_WORDS;
            ms_note_write(at, what, (uint32_t)id, MS_ROOT_NONE, address, old, size, number);
            ms_leave(thread);
            return;
        }
    }
    if (thread)
        ms_leave(thread);
    note_slowly(place, what, address, old, size, number);
}

void ms_note_stack_of(const uint64_t *frame, struct memscope_place *place, unsigned what,
                      const void *address, const void *old, size_t size, uint64_t number) {
    ms_thread *thread = enter();
    if (!thread)
        return;
    ms_record_gone(thread,
                   (uint64_t)frame + 16); /* behind the frame's pointer and return address */
    uint32_t stack = ms_stack_of(thread, frame);
    record(thread, place, stack, what, address, old, size, number);
    ms_leave(thread);
}

void ms_note_stack(struct memscope_place *place, unsigned what, const void *address,
                   const void *old, size_t size, uint64_t number) {
    ms_note_stack_of(__builtin_frame_address(0), place, what, address, old, size, number);
}

/* A type and its fields stand together, so that whoever reads them knows whose fields they are. */
void ms_note_type(struct memscope_place *type, size_t size, uint64_t count_offset,
                  struct memscope_field *fields, size_t field_count) {
    ms_thread *thread = !type || ms_place_is_told(type) ? NULL : enter();
    if (!thread)
        return;
    record(thread, type, MS_ROOT_NONE, MS_NOTE_TYPE, NULL, NULL, size, count_offset);
    for (struct memscope_field *field = fields; field < fields + field_count; field++)
        record(thread, &field->place, MS_ROOT_NONE, MS_NOTE_FIELD, NULL, NULL, field->size,
               field->offset);
    ms_leave(thread);
}
