#include "capture/note.h"

#include <string.h>

#include "capture/no_malloc.h"

enum { HEAD_WORDS = 5 };

_Static_assert(HEAD_WORDS + MS_SITE_TEXTS * (MS_SITE_TEXT_MAX + 1) / 8 < MS_RING_EVENT_WORDS,
               "the longest SITE fits");

static size_t text_size(const char *text) {
    size_t size = text ? strlen(text) : 0;
    return size < MS_SITE_TEXT_MAX ? size : MS_SITE_TEXT_MAX;
}

/* Copied straight into the ring: the caller may be on a small stack. */
uint32_t ms_record_site(ms_thread *thread, unsigned line, unsigned kind,
                        const char *const texts[MS_SITE_TEXTS]) {
    size_t sizes[MS_SITE_TEXTS], size = 0;
    for (unsigned i = 0; i < MS_SITE_TEXTS; i++)
        size += (sizes[i] = text_size(texts[i])) + 1;
    size_t words = HEAD_WORDS + (size + 7) / 8;
    uint64_t *at = ms_reserve(thread, words);
    if (!at)
        return 0;
    uint32_t site = 1 + atomic_fetch_add_explicit(&g_ms.sites, 1, memory_order_relaxed);
    at[1] = site;
    at[2] = line;
    at[3] = kind;
    at[4] = size;
    char *to = (char *)(at + HEAD_WORDS); /* all 0 already */
    for (unsigned i = 0; i < MS_SITE_TEXTS; i++) {
        memcpy(to, texts[i] ? texts[i] : "", sizes[i]);
        to += sizes[i] + 1;
    }
    ms_commit(at, ms_word(MS_EVENT_SITE, 0, words));
    return site;
}

void ms_record_locals_gone(ms_thread *thread, uint64_t cfa) {
    uint64_t gone;
    while ((gone = ms_locals_take(&thread->locals, cfa))) {
        uint64_t *at = ms_reserve(thread, MS_NOTE_WORDS);
        if (at)
            ms_note_write(at, MS_NOTE_OUT_OF_SCOPE, 0, 0, (const void *)gone, NULL, 0, 0);
    }
}
