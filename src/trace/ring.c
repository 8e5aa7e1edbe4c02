#include "trace/ring.h"

#include <stdbool.h>

#include "trace/format.h"

/* Words of a MODULE, a THREAD and a SITE before their text. */
enum { MODULE_HEAD = 6, THREAD_HEAD = 3, SITE_HEAD = 5 };

static ms_event blank(const ms_event *event) {
    return (ms_event){.thread = event->thread, .tid = event->tid, .time_us = event->time_us};
}

static size_t unknown(ms_event *event) {
    *event = blank(event);
    return 1;
}

/* Takes the text behind `head` words of an event of `length`. Its size is read once: the words lie in
 * memory that the traced process may still write to. */
static bool take_text(const uint64_t *words, uint64_t length, size_t head, ms_text *text) {
    if (length < head || length > MS_RING_EVENT_WORDS)
        return false;
    uint64_t size = __atomic_load_n(&words[head - 1], __ATOMIC_RELAXED);
    if (size > (length - head) * sizeof *words)
        return false;
    *text = (ms_text){(const uint8_t *)(words + head), (uint32_t)size};
    return true;
}

static size_t module(const uint64_t *words, size_t count, uint64_t length, ms_event *event) {
    if (length < MODULE_HEAD || length > MS_RING_EVENT_WORDS)
        return unknown(event);
    if (length > count)
        return 0;
    if (!take_text(words, length, MODULE_HEAD, &event->text))
        return unknown(event);
    event->address = words[1];
    event->old = words[2];
    event->size = words[3];
    event->number = words[4];
    return (size_t)length;
}

static size_t thread(const uint64_t *words, size_t count, uint64_t length, ms_event *event) {
    if (length < THREAD_HEAD || length > MS_RING_EVENT_WORDS)
        return unknown(event);
    if (length > count)
        return 0;
    if (!take_text(words, length, THREAD_HEAD, &event->text))
        return unknown(event);
    event->number = words[1];
    return (size_t)length;
}

static size_t site(const uint64_t *words, size_t count, uint64_t length, ms_event *event) {
    if (length < SITE_HEAD || length > MS_RING_EVENT_WORDS)
        return unknown(event);
    if (length > count)
        return 0;
    if (!take_text(words, length, SITE_HEAD, &event->text))
        return unknown(event);
    event->site = words[1];
    event->size = words[2];
    event->number = words[3];
    return (size_t)length;
}

static size_t alloc(const uint64_t *words, size_t count, ms_event *event) {
    if (count < 2)
        return 0;
    event->stack = words[1] >> 32;
    event->size = words[1] & MS_SIZE_WIDE;
    if (event->size != MS_SIZE_WIDE)
        return 2;
    if (count < 3)
        return 0;
    event->size = words[2];
    return 3;
}

/* The events of a fixed length: everything but ALLOC and those with text. */
static size_t fixed(const uint64_t *words, size_t count, uint64_t value, ms_event *event) {
    static const uint8_t lengths[MS_EVENT_KINDS] = {
        [MS_EVENT_TIME] = 1,       [MS_EVENT_FREE] = 1,  [MS_EVENT_REALLOC] = 4,
        [MS_EVENT_STACK] = 3,      [MS_EVENT_MAP] = 3,   [MS_EVENT_UNMAP] = 2,
        [MS_EVENT_THREAD_END] = 1, [MS_EVENT_LOSS] = 1,  [MS_EVENT_REMAP] = 5,
        [MS_EVENT_RATE] = 1,       [MS_EVENT_TASK] = 1,  [MS_EVENT_GAP] = 1,
        [MS_EVENT_NOTE] = 5,       [MS_EVENT_FREER] = 1, [MS_EVENT_FREER_STACK] = 2,
    };
    size_t length = lengths[event->kind];
    if (length == 0)
        return unknown(event);
    if (length > count)
        return 0;
    switch (event->kind) {
    case MS_EVENT_TIME: event->time_us = value; break;
    case MS_EVENT_REALLOC:
        event->stack = words[1] >> 32;
        event->old = words[2];
        event->size = words[3];
        break;
    case MS_EVENT_STACK:
        event->stack = value;
        event->pc = words[1];
        event->parent = words[2];
        break;
    case MS_EVENT_FREER: event->pc = value; break;
    case MS_EVENT_FREER_STACK:
        event->pc = value;
        event->stack = words[1];
        break;
    case MS_EVENT_THREAD_END:
    case MS_EVENT_LOSS:
    case MS_EVENT_RATE:
    case MS_EVENT_TASK:
    case MS_EVENT_GAP: event->number = value; break;
    case MS_EVENT_MAP:
        event->stack = words[1] >> 32;
        event->number = words[1] & UINT32_MAX;
        event->size = words[2];
        break;
    case MS_EVENT_NOTE:
        event->stack = words[1] >> 32;
        event->site = words[1] & UINT32_MAX;
        event->old = words[2];
        event->size = words[3];
        event->number = words[4];
        break;
    case MS_EVENT_UNMAP: event->size = words[1]; break;
    case MS_EVENT_REMAP:
        event->stack = words[1] >> 32;
        event->old = words[2];
        event->size = words[3];
        event->number = words[4];
        break;
    default: /* a FREE is its address and family */ break;
    }
    return length;
}

size_t ms_ring_event(const uint64_t *words, size_t count, ms_event *event) {
    *event = blank(event);
    if (count == 0 || words[0] == 0)
        return 0;
    unsigned kind = (unsigned)(words[0] >> 56);
    uint64_t value = words[0] & MS_WORD_VALUE_MASK;
    if (kind >= MS_EVENT_KINDS || ms_event_is_short(kind))
        return unknown(event);

    unsigned columns = ms_event_columns(kind);
    event->kind = (ms_event_kind)kind;
    if (columns & 1u << MS_COLUMN_family)
        event->family = (uint8_t)(words[0] >> MS_WORD_VALUE_BITS);
    if (columns & 1u << MS_COLUMN_address)
        event->address = value;
    switch (event->kind) {
    case MS_EVENT_ALLOC: return alloc(words, count, event);
    case MS_EVENT_MODULE: return module(words, count, value, event);
    case MS_EVENT_THREAD: return thread(words, count, value, event);
    case MS_EVENT_SITE: return site(words, count, value, event);
    default: return fixed(words, count, value, event);
    }
}
