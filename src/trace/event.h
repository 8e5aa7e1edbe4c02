/* event.h - one event in memory, as readers hand it out and the recorder packs it. */
#ifndef MS_TRACE_EVENT_H
#define MS_TRACE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

/* Borrowed bytes of a name. */
typedef struct ms_text {
    const uint8_t *bytes;
    uint32_t size;
} ms_text;

enum {
#define MS_COLUMN(name, type, codec, doc) MS_COLUMN_##name,
#include "trace/events.def"
    MS_COLUMN_COUNT
};

typedef enum ms_event_kind {
    MS_EVENT_NONE = 0,
#define MS_EVENT(NAME, code, columns, doc) MS_EVENT_##NAME = code,
#include "trace/events.def"
    MS_EVENT_KINDS
} ms_event_kind;

/* Only the columns of its kind are set; the rest is 0. `time_us` is set for every
 * kind: the thread's latest TIME. `text` is borrowed from the reader's buffer until
 * the next read. */
typedef struct ms_event {
    ms_event_kind kind;
    uint32_t thread; /* serial, from 1 */
    uint32_t tid;    /* the kernel's */
#define MS_COLUMN(name, type, codec, doc) type name;
#include "trace/events.def"
} ms_event;

/* The columns an event of `kind` carries, as bits 1 << MS_COLUMN_x; 0 for an unknown kind. */
static inline unsigned ms_event_columns(unsigned kind) {
    static const uint16_t columns[MS_EVENT_KINDS] = {
#define MS_EVENT(NAME, code, columns, doc) [code] = columns,
#include "trace/events.def"
    };
    return kind < MS_EVENT_KINDS ? columns[kind] : 0;
}

/* Is it a short form of another event, which only stored streams have? */
static inline bool ms_event_is_short(unsigned kind) {
    return (kind >= MS_EVENT_BORN && kind <= MS_EVENT_GREW) ||
           (kind >= MS_EVENT_BORN_SECOND && kind <= MS_EVENT_MOVED_TO);
}

/* What a short form carries besides when its `pair` is new. */
#define MS_PAIR_COLUMNS (1u << MS_COLUMN_size | 1u << MS_COLUMN_stack | 1u << MS_COLUMN_family)

#endif
