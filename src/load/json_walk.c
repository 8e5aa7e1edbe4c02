#include "load/json_walk.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/memory.h"

#define UNKNOWN SIZE_MAX     /* the field of a key that this version does not know */
#define SCHEMA ms_part_count /* the "field" of the report that says its version */

#define SKIPPED_MAX 1000       /* containers in each other */
#define FRAMES_MAX 65536u      /* of one stack; the loader keeps fewer */
#define SPARSE 16u             /* bytes of records to a byte of text, at most */
#define SPARSE_FREE (1u << 20) /* so many in any case */

/* Every record, and the report itself, has room in ms_json_level.seen. */
#define MS_RECORD(name, doc) _Static_assert(0
#define MS_FIELD(record, name, kind, unit, doc) +1
#define MS_NEST(record, name, other, doc) +1
#define MS_MANY(record, name, other, doc) +1
#define MS_END(record) <= MS_JSON_FIELDS, #record);
#include "model/records.def"
#define MS_ONE(key, record, doc) +1
#define MS_LIST(key, record, doc) +1
_Static_assert(1
#include "model/records.def"
                   <= MS_JSON_FIELDS,
               "parts");

uint64_t ms_json_walk_offset(const ms_json_walk *w) {
    return w->before + yajl_get_bytes_consumed(w->parser);
}

static ms_json_level *top(ms_json_walk *w) {
    return &w->levels[w->depth - 1];
}

static bool is_list(const ms_json_level *l) {
    return l->kind > MS_JSON_RECORD;
}

static bool was_seen(const ms_json_level *l, size_t field) {
    return l->seen[field / 64] >> field % 64 & 1;
}

/* ---- errors ----------------------------------------------------------------------------- */

static const char *field_name(const ms_json_level *l, size_t field) {
    if (l->kind == MS_JSON_RECORD)
        return l->info->fields[field].name;
    return field == SCHEMA ? "schema" : ms_parts[field].key;
}

/* "sites[3].stack[0].line" */
static void write_path(const ms_json_walk *w, char *out, size_t room) {
    size_t used = 0;
    snprintf(out, room, "the report");
    for (size_t i = 0; i < w->depth && used < room; i++) {
        const ms_json_level *l = &w->levels[i];
        if (is_list(l))
            used += (size_t)snprintf(out + used, room - used, "[%zu]", l->count);
        else if (l->field != UNKNOWN)
            used += (size_t)snprintf(out + used, room - used, "%s%s", i ? "." : "",
                                     field_name(l, l->field));
    }
}

/* Returns 0, which stops the parser. */
__attribute__((format(printf, 2, 3))) static int refuse(ms_json_walk *w, const char *format, ...) {
    char path[160], cause[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(cause, sizeof cause, format, arguments);
    va_end(arguments);
    write_path(w, path, sizeof path);
    uint64_t offset = ms_json_walk_offset(w);
    ms_fail(w->error, MS_ERR_INPUT, "%s: %s, before byte %" PRIu64 ", %s; " MS_JSON_AGAIN, w->path,
            path, offset, cause);
    w->error->offset = offset;
    return 0;
}

static void note(ms_json_other *other, const char *record, const char *name, size_t size) {
    if (other->count++)
        return;
    snprintf(other->first, sizeof other->first, "%s%s%.*s", record, *record ? "." : "",
             (int)(size < 60 ? size : 60), name);
}

/* ---- what may come next ----------------------------------------------------------------- */

typedef struct slot {
    ms_field_kind kind;
    void *place;                  /* NULL: a new item of a list */
    const ms_record_info *nested; /* of objects, and those in a list */
} slot;

static slot slot_of_part(ms_json_walk *w, size_t part) {
    if (part == SCHEMA)
        return (slot){MS_U64, &w->schema, NULL};
    const ms_part_info *info = &ms_parts[part];
    return (slot){info->list ? MS_NESTED_LIST : MS_NESTED, (char *)w->model + info->offset,
                  info->record};
}

/* Of the value that follows. There is a level, and its key, if it takes such, is known. */
static slot next_slot(ms_json_walk *w) {
    const ms_json_level *l = top(w);
    if (l->kind == MS_JSON_REPORT)
        return slot_of_part(w, l->field);
    if (l->kind == MS_JSON_TEXTS)
        return (slot){MS_TEXT, NULL, NULL};
    if (l->kind != MS_JSON_RECORD)
        return (slot){MS_NESTED, NULL, l->info};
    const ms_field_info *field = &l->info->fields[l->field];
    return (slot){field->kind, l->place + field->offset, field->nested};
}

static int wrong(ms_json_walk *w, ms_field_kind kind, const char *found) {
    static const char *const wanted[] = {
        [MS_U64] = "a whole number from 0 to 18446744073709551615",
        [MS_I64] = "a whole number from -9223372036854775808 to 9223372036854775807",
        [MS_F64] = "a number or null",
        [MS_BOOL] = "true or false",
        [MS_TEXT] = "a text or null",
        [MS_OPT_U64] = "a whole number from 0 to 18446744073709551615, or null",
        [MS_TEXTS] = "a list of texts",
        [MS_STACK] = "a list of frames or null",
        [MS_NESTED] = "an object",
        [MS_NESTED_LIST] = "a list of objects",
    };
    return refuse(w, "is %s, not %s", found, wanted[kind]);
}

/* False: it is passed over. Sets `*s` otherwise. */
static bool is_wanted(ms_json_walk *w, slot *s) {
    w->tokens++;
    if (w->skipped || (w->depth && top(w)->field == UNKNOWN))
        return false;
    *s = w->depth ? next_slot(w) : (slot){MS_NESTED, NULL, NULL};
    return true;
}

/* Room for one more item, which is not counted yet. */
static void *new_item(ms_json_walk *w, size_t size) {
    ms_json_level *l = top(w);
    l->items = ms_memory_grow(l->items, (l->count + 1) * size, &l->capacity, 1);
    w->built += size;
    return l->items + l->count * size;
}

/* ---- values ----------------------------------------------------------------------------- */

static int put_text(ms_json_walk *w, slot s, const char *text) {
    memcpy(s.place ? s.place : new_item(w, sizeof text), &text, sizeof text);
    if (!s.place)
        top(w)->count++;
    return 1;
}

static int take_null(void *self) {
    slot s;
    if (!is_wanted(self, &s))
        return 1;
    switch (s.kind) {
    case MS_TEXT: return s.place ? put_text(self, s, NULL) : refuse(self, "is null, not a text");
    case MS_OPT_U64: *(uint64_t *)s.place = MS_UNKNOWN; return 1;
    case MS_STACK: *(uint32_t *)s.place = MS_NO_STACK; return 1;
    case MS_F64: *(double *)s.place = (double)NAN; return 1;
    default: return wrong(self, s.kind, "null");
    }
}

static int take_boolean(void *self, int value) {
    slot s;
    if (!is_wanted(self, &s))
        return 1;
    if (s.kind != MS_BOOL)
        return wrong(self, s.kind, value ? "true" : "false");
    *(bool *)s.place = value != 0;
    return 1;
}

static bool read_u64(const char *digits, uint64_t *value) {
    *value = 0;
    for (; *digits; digits++)
        if (*digits < '0' || *digits > '9' || __builtin_mul_overflow(*value, 10u, value) ||
            __builtin_add_overflow(*value, (uint64_t)(*digits - '0'), value))
            return false;
    return true;
}

static bool read_i64(const char *digits, int64_t *value) {
    bool negative = *digits == '-';
    uint64_t size;
    if (!read_u64(digits + negative, &size) || size > (uint64_t)INT64_MAX + negative)
        return false;
    *value = (int64_t)(negative ? 0 - size : size);
    return true;
}

/* The decimal point is a dot here, whatever it is in the locale of the process. */
static bool read_f64(const char *digits, double *value) {
    locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (!c)
        return false;
    *value = strtod_l(digits, NULL, c);
    freelocale(c);
    return isfinite(*value);
}

static bool read_number(slot s, const char *digits) {
    switch (s.kind) {
    case MS_U64:
    case MS_OPT_U64: return read_u64(digits, s.place);
    case MS_I64: return read_i64(digits, s.place);
    case MS_F64: return read_f64(digits, s.place);
    default: return false;
    }
}

static int take_number(void *self, const char *digits, size_t size) {
    ms_json_walk *w = self;
    char text[40]; /* memscope writes 24 characters at most */
    slot s;
    if (!is_wanted(w, &s))
        return 1;
    snprintf(text, sizeof text, "%.*s", (int)(size < sizeof text ? size : sizeof text), digits);
    if (size >= sizeof text || !read_number(s, text))
        return wrong(w, s.kind, text);
    if (s.place == &w->schema && w->schema != MS_SCHEMA_VERSION)
        return refuse(w, "is %s, and this memscope reads %d: use the one that wrote it", text,
                      MS_SCHEMA_VERSION);
    return 1;
}

static int take_text(void *self, const unsigned char *bytes, size_t size) {
    ms_json_walk *w = self;
    slot s;
    if (!is_wanted(w, &s))
        return 1;
    if (s.kind != MS_TEXT)
        return wrong(w, s.kind, "a text");
    if (memchr(bytes, 0, size))
        return refuse(w, "has a zero character, which no text of a report has");
    return put_text(w, s, ms_json_kept_text(&w->kept, (const char *)bytes, size));
}

/* ---- levels ----------------------------------------------------------------------------- */

static int push(ms_json_walk *w, ms_json_level_kind kind, const ms_record_info *info, void *place) {
    if (w->depth == MS_JSON_LEVELS)
        return refuse(w, "is nested too deeply");
    ms_json_level *l = &w->levels[w->depth++];
    *l = (ms_json_level){.kind = kind,
                         .info = info,
                         .place = place,
                         .field = kind > MS_JSON_RECORD ? 0 : UNKNOWN,
                         .items = l->items,
                         .capacity = l->capacity};
    return 1;
}

static int skip(ms_json_walk *w) {
    return ++w->skipped <= SKIPPED_MAX ? 1 : refuse(w, "is nested too deeply");
}

static int open_object(void *self) {
    ms_json_walk *w = self;
    slot s;
    if (!is_wanted(w, &s))
        return skip(w);
    if (s.kind != MS_NESTED)
        return wrong(w, s.kind, "an object");
    if (!w->depth)
        return push(w, MS_JSON_REPORT, NULL, NULL);
    void *place = s.place ? s.place : new_item(w, s.nested->size);
    if (w->built > SPARSE_FREE + SPARSE * ms_json_walk_offset(w))
        return refuse(w, "and the records before it say next to nothing: this is no report");
    ms_record_clear(place, s.nested);
    return push(w, MS_JSON_RECORD, s.nested, place);
}

/* The field of that name. They come in their order, so that behind the last one is looked at first. */
static size_t find_field(const ms_json_level *l, const char *name, size_t size) {
    size_t count = l->kind == MS_JSON_RECORD ? l->info->field_count : ms_part_count + 1;
    size_t start = l->field == UNKNOWN ? 0 : l->field + 1;
    for (size_t i = 0; i < count; i++) {
        size_t field = (start + i) % count;
        const char *known = field_name(l, field);
        if (strncmp(known, name, size) == 0 && !known[size])
            return field;
    }
    return UNKNOWN;
}

static int take_key(void *self, const unsigned char *bytes, size_t size) {
    ms_json_walk *w = self;
    ms_json_level *l = top(w);
    const char *name = (const char *)bytes;
    w->tokens++;
    if (w->skipped)
        return 1;
    l->field = memchr(name, 0, size) ? UNKNOWN : find_field(l, name, size);
    if (l->field == UNKNOWN) {
        note(&w->unknown, l->info ? l->info->name : "", name, size);
        return 1;
    }
    if (was_seen(l, l->field))
        return refuse(w, "is there twice");
    l->seen[l->field / 64] |= 1ull << l->field % 64;
    return 1;
}

static void note_missing(ms_json_walk *w, const ms_json_level *l) {
    size_t count = l->kind == MS_JSON_RECORD ? l->info->field_count : ms_part_count;
    for (size_t i = 0; i < count; i++)
        if (!was_seen(l, i))
            note(&w->missing, l->info ? l->info->name : "", field_name(l, i), SIZE_MAX);
}

/* What every version has written. */
static int check_report(ms_json_walk *w) {
    ms_json_level *l = top(w);
    l->field = UNKNOWN;
    if (w->schema == MS_UNKNOWN)
        return refuse(w, "says no \"schema\", as those of memscope do");
    for (size_t i = 0; i < ms_part_count; i++)
        if (!ms_parts[i].list && !was_seen(l, i))
            return refuse(w, "has no \"%s\"", ms_parts[i].key);
    return 1;
}

static int close_object(void *self) {
    ms_json_walk *w = self;
    w->tokens++;
    if (w->skipped) {
        w->skipped--;
        return 1;
    }
    if (w->depth == 1 && !check_report(w))
        return 0;
    note_missing(w, top(w));
    w->depth--;
    if (w->depth && is_list(top(w)))
        top(w)->count++;
    return 1;
}

static int open_array(void *self) {
    ms_json_walk *w = self;
    slot s;
    if (!is_wanted(w, &s))
        return skip(w);
    switch (s.kind) {
    case MS_NESTED_LIST: return push(w, MS_JSON_LIST, s.nested, s.place);
    case MS_TEXTS: return push(w, MS_JSON_TEXTS, NULL, s.place);
    case MS_STACK: return push(w, MS_JSON_STACK, &ms_record_frame, s.place);
    default: return wrong(w, s.kind, "a list");
    }
}

/* Every list in a model and in a record has this shape, whatever its items are. */
static void end_list(const ms_json_walk *w, const ms_json_level *l, size_t item_size) {
    struct {
        void *items;
        size_t count;
    } list = {NULL, l->count};
    if (l->count) {
        list.items = ms_arena_alloc(w->model->arena, l->count * item_size);
        memcpy(list.items, l->items, l->count * item_size);
    }
    memcpy(l->place, &list, sizeof list);
}

static int close_array(void *self) {
    ms_json_walk *w = self;
    w->tokens++;
    if (w->skipped) {
        w->skipped--;
        return 1;
    }
    ms_json_level *l = top(w);
    if (l->kind == MS_JSON_STACK && l->count > FRAMES_MAX)
        return refuse(w, "is a stack of more than %u frames", FRAMES_MAX);
    if (l->kind == MS_JSON_STACK)
        *(uint32_t *)(void *)l->place =
            ms_json_kept_stack(&w->kept, (const ms_frame *)(void *)l->items, (uint32_t)l->count);
    else
        end_list(w, l, l->kind == MS_JSON_TEXTS ? sizeof(char *) : l->info->size);
    w->depth--;
    return 1;
}

const yajl_callbacks ms_json_walk_callbacks = {
    .yajl_null = take_null,
    .yajl_boolean = take_boolean,
    .yajl_number = take_number,
    .yajl_string = take_text,
    .yajl_start_map = open_object,
    .yajl_map_key = take_key,
    .yajl_end_map = close_object,
    .yajl_start_array = open_array,
    .yajl_end_array = close_array,
};

/* ---- life ------------------------------------------------------------------------------- */

void ms_json_walk_init(ms_json_walk *w, const char *path, ms_model *model, ms_error *error) {
    *w = (ms_json_walk){.path = path, .model = model, .error = error, .schema = MS_UNKNOWN};
    ms_json_kept_init(&w->kept, model->arena);
}

void ms_json_walk_deinit(ms_json_walk *w) {
    for (size_t i = 0; i < MS_JSON_LEVELS; i++)
        free(w->levels[i].items);
    ms_json_kept_deinit(&w->kept);
}
