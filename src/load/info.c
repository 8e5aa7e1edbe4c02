#include "load/info.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/varint.h"
#include "util/memory.h"

/* Far more than any command line; a broken trace may repeat pairs without end. */
#define MAX_KEPT ((size_t)16 << 20)

/* One side of a pair. */
typedef struct text {
    const char *bytes;
    size_t size;
} text;

void ms_info_init(ms_info *info, ms_arena *arena) {
    *info = (ms_info){.arena = arena, .parent = MS_UNKNOWN};
}

void ms_info_deinit(ms_info *info) {
    free(info->arguments.items);
    free(info->options.items);
}

static bool is(text key, const char *name) {
    return key.size == strlen(name) && memcmp(key.bytes, name, key.size) == 0;
}

static const char *keep(ms_info *info, text value) {
    return ms_arena_text(info->arena, value.bytes, value.size);
}

static void append(ms_info *info, ms_info_list *list, text value) {
    list->items = ms_memory_grow(list->items, list->count + 1, &list->capacity, sizeof(char *));
    list->items[list->count++] = keep(info, value);
}

static uint64_t number(text value) {
    char digits[24] = "";
    memcpy(digits, value.bytes, value.size < sizeof digits ? value.size : sizeof digits - 1);
    return strtoull(digits, NULL, 10);
}

/* name=count */
static void read_lost(ms_info *info, text value) {
    static const char *const names[MS_LOSS_COUNT] = {
#define MS_LOSS(NAME, code, name, doc) [code] = name,
#include "trace/losses.def"
    };
    const char *equals = memchr(value.bytes, '=', value.size);
    if (!equals)
        return;
    text name = {value.bytes, (size_t)(equals - value.bytes)};
    text count = {equals + 1, value.size - name.size - 1};
    for (size_t i = 0; i < MS_LOSS_COUNT; i++)
        if (is(name, names[i]))
            info->lost[i] = number(count);
}

static void take(ms_info *info, text key, text value) {
    if (is(key, MS_INFO_EXECUTABLE))
        info->executable = keep(info, value);
    else if (is(key, MS_INFO_DIRECTORY))
        info->directory = keep(info, value);
    else if (is(key, MS_INFO_HOST))
        info->host = keep(info, value);
    else if (is(key, MS_INFO_STRATEGY))
        info->strategy = keep(info, value);
    else if (is(key, MS_INFO_RING))
        info->ring = keep(info, value);
    else if (is(key, MS_INFO_END))
        info->end = keep(info, value);
    else if (is(key, MS_INFO_ARGUMENT))
        append(info, &info->arguments, value);
    else if (is(key, MS_INFO_OPTION)) {
        append(info, &info->options, value);
        info->compact |= is(value, "compact=1");
    } else if (is(key, MS_INFO_PARENT))
        info->parent = number(value);
    else if (is(key, MS_INFO_FORKED))
        info->forked = number(value) != 0;
    else if (is(key, MS_INFO_COMPLETE))
        info->complete = number(value) != 0;
    else if (is(key, MS_INFO_HELD))
        info->held_ms = number(value);
    else if (is(key, MS_INFO_LOST))
        read_lost(info, value);
}

static bool read_text(const uint8_t **at, const uint8_t *end, text *out) {
    uint64_t size;
    if (!ms_varint_get(at, end, &size) || size > (uint64_t)(end - *at))
        return false;
    *out = (text){(const char *)*at, (size_t)size};
    *at += size;
    return true;
}

void ms_info_read(ms_info *info, const uint8_t *payload, size_t size) {
    const uint8_t *end = payload + size;
    bool arguments = false, options = false;
    text key, value;
    while (payload < end && read_text(&payload, end, &key) && read_text(&payload, end, &value)) {
        if (is(key, MS_INFO_ARGUMENT) && !arguments)
            info->arguments.count = 0, arguments = true;
        if (is(key, MS_INFO_OPTION) && !options)
            info->options.count = 0, options = true;
        info->kept += value.size + 2 * sizeof(char *);
        if (info->kept <= MAX_KEPT)
            take(info, key, value);
    }
}

/* ---- into the model --------------------------------------------------------------------- */

const char *ms_info_date(ms_arena *arena, uint64_t unix_ns) {
    time_t seconds = (time_t)(unix_ns / 1000000000u);
    struct tm utc;
    char date[64];
    if (!gmtime_r(&seconds, &utc) || strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc) == 0)
        return NULL;
    return ms_arena_printf(arena, "%s.%03uZ", date, (unsigned)(unix_ns / 1000000u % 1000u));
}

static ms_texts texts(const ms_info *info, const ms_info_list *list) {
    ms_texts out = {ms_arena_alloc(info->arena, list->count * sizeof(char *)), list->count};
    if (list->count)
        memcpy(out.items, list->items, list->count * sizeof(char *));
    return out;
}

/* "exit N", "signal N", or one word of its own. */
static void read_end(const char *end, ms_program *program) {
    static const char *const words[] = {"exec", "gone", "detached"};
    program->end = "unknown";
    program->exit_status = program->exit_signal = MS_UNKNOWN;
    if (!end)
        return;
    if (strncmp(end, "exit ", 5) == 0) {
        program->end = "exited";
        program->exit_status = strtoull(end + 5, NULL, 10);
    } else if (strncmp(end, "signal ", 7) == 0) {
        program->end = "killed";
        program->exit_signal = strtoull(end + 7, NULL, 10);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(end, words[i]) == 0)
            program->end = words[i];
}

void ms_info_finish(const ms_info *info, ms_model *model) {
    ms_program *program = &model->program;
    program->executable = info->executable;
    program->argv = texts(info, &info->arguments);
    program->directory = info->directory;
    program->host = info->host;
    program->parent_pid = info->parent;
    program->forked = info->forked;
    read_end(info->end, program);
    model->capture.held_ns = info->held_ms * 1000000;
    model->capture.strategy = info->strategy;
    model->capture.addresses = !info->compact;
    model->capture.options = texts(info, &info->options);
}
