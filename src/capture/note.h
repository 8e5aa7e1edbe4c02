/* note.h - what the program says about its memory, into the ring. Called between ms_enter() and
 * ms_leave(), after ms_tick(). */
#ifndef MS_CAPTURE_NOTE_H
#define MS_CAPTURE_NOTE_H

#include "capture/record.h"

enum { MS_SITE_TEXTS = 4, MS_SITE_TEXT_MAX = 1000 };

/* A place in the program that speaks: writes a SITE event and returns its number. The texts are name, type,
 * file and function; NULL for one that is not known, and what is longer than MS_SITE_TEXT_MAX is cut. 0 when
 * the event is lost: then the place may be told again. */
uint32_t ms_record_site(ms_thread *thread, unsigned line, unsigned kind,
                        const char *const texts[MS_SITE_TEXTS]);

/* Says of the thread's locals that are gone that they are: see locals.h. */
void ms_record_locals_gone(ms_thread *thread, uint64_t cfa);

static inline void ms_record_gone(ms_thread *thread, uint64_t cfa) {
    if (ms_unlikely(ms_locals_gone(&thread->locals, cfa)))
        ms_record_locals_gone(thread, cfa);
}

enum { MS_NOTE_WORDS = 5 };

static inline void ms_note_write(uint64_t *at, unsigned what, uint32_t site, uint32_t stack,
                                 const void *address, const void *old, uint64_t size,
                                 uint64_t number) {
    at[4] = number;
    at[3] = size;
    at[2] = (uint64_t)old;
    at[1] = (uint64_t)stack << 32 | site;
    ms_commit(at, ms_word(MS_EVENT_NOTE, what, (uint64_t)address));
}

#endif
