#include "load/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load/json_walk.h"
#include "load/reader.h"
#include "util/arena.h"
#include "util/memory.h"

/* What the parser is given at a time. It keeps a text until it has seen its end, and with each piece looks
 * at all of it again. */
#define PIECE ((size_t)1 << 20)
#define TOKEN_MAX ((size_t)16 << 20)

typedef struct reading {
    const char *path;
    const ms_load_options *options; /* may be NULL */
    int fd;
    uint64_t size;
    ms_json_walk walk;
} reading;

/* ---- the form --------------------------------------------------------------------------- */

static bool begins_as_json(const char *bytes, size_t size) {
    size_t blank = 0;
    while (blank < size && strchr(" \t\r\n", bytes[blank]))
        blank++;
    return blank < size && (bytes[blank] == '{' || bytes[blank] == '[');
}

static bool is_called_json(const char *path) {
    size_t length = strlen(path);
    return length > 5 && strcmp(path + length - 5, ".json") == 0;
}

bool ms_json_is_report(const char *path) {
    char bytes[256];
    uint64_t size;
    int fd = ms_trace_file_open(path, &size, NULL);
    if (fd < 0)
        return false;
    size_t got = ms_trace_file_read(fd, bytes, sizeof bytes, 0);
    close(fd);
    size_t magic = strlen(MS_TRACE_MAGIC);
    bool trace = got >= magic && memcmp(bytes, MS_TRACE_MAGIC, magic) == 0;
    return begins_as_json(bytes, got) || (is_called_json(path) && !trace);
}

/* ---- the parser ------------------------------------------------------------------------- */

/* Why it has stopped: a callback has said so, or this is no JSON. */
static bool explain(reading *r) {
    ms_json_walk *w = &r->walk;
    if (w->error->code != MS_ERR_OK)
        return false;
    uint64_t offset = ms_json_walk_offset(w);
    unsigned char *cause = yajl_get_error(w->parser, 0, NULL, 0);
    int length = cause ? (int)strcspn((char *)cause, "\n") : 0;
    ms_fail(w->error, MS_ERR_INPUT, "%s: is no JSON before byte %" PRIu64 " (%.*s); " MS_JSON_AGAIN,
            r->path, offset, length, cause ? (char *)cause : "");
    w->error->offset = offset;
    if (cause)
        yajl_free_error(w->parser, cause);
    return false;
}

static bool cut(reading *r) {
    ms_json_walk *w = &r->walk;
    if (w->error->code == MS_ERR_OK)
        ms_fail(w->error, MS_ERR_INPUT,
                "%s: is cut: it ends at byte %" PRIu64 " within its report; " MS_JSON_AGAIN,
                r->path, w->before);
    w->error->offset = w->before;
    return false;
}

static bool told(reading *r) {
    const ms_load_options *o = r->options;
    if (!o || !o->progress || o->progress(o->context, r->walk.before, r->size))
        return true;
    ms_fail(r->walk.error, MS_ERR_INPUT, "%s: reading was stopped", r->path);
    return false;
}

static bool feed(reading *r, uint8_t *piece) {
    ms_json_walk *w = &r->walk;
    size_t got, quiet = 0;
    while ((got = ms_trace_file_read(r->fd, piece, PIECE, w->before))) {
        uint64_t tokens = w->tokens;
        if (yajl_parse(w->parser, piece, got) != yajl_status_ok)
            return explain(r);
        w->before += got;
        quiet = w->tokens == tokens ? quiet + got : 0;
        if (quiet > TOKEN_MAX) {
            ms_fail(w->error, MS_ERR_INPUT,
                    "%s: has a text of more than %zu MiB, before byte %" PRIu64 "; " MS_JSON_AGAIN,
                    r->path, TOKEN_MAX >> 20, w->before);
            return false;
        }
        if (!told(r))
            return false;
    }
    return yajl_complete_parse(w->parser) == yajl_status_ok || cut(r);
}

static bool parse(reading *r) {
    r->walk.parser = yajl_alloc(&ms_json_walk_callbacks, NULL, &r->walk);
    if (!r->walk.parser) {
        ms_fail(r->walk.error, MS_ERR_NOMEM, "%s: no memory to read it", r->path);
        return false;
    }
    uint8_t *piece = ms_memory_zeroed(1, PIECE);
    bool whole = feed(r, piece);
    free(piece);
    yajl_free(r->walk.parser);
    return whole;
}

/* ---- the model -------------------------------------------------------------------------- */

/* Other records, and the formats, call sites and variables by where they stand. */
static bool is_numbered(reading *r) {
    const ms_model *m = r->walk.model;
    const char *table = NULL;
    for (size_t i = 0; i < m->sites.count && !table; i++)
        table = m->sites.items[i].id == i + 1 ? NULL : "sites";
    for (size_t i = 0; i < m->variables.count && !table; i++)
        table = m->variables.items[i].id == i + 1 ? NULL : "variables";
    if (table)
        ms_fail(
            r->walk.error, MS_ERR_INPUT,
            "%s: its %s do not have the numbers 1, 2, 3 ... as others call them: some were taken "
            "out, or moved; " MS_JSON_AGAIN,
            r->path, table);
    return !table;
}

static void unlift(ms_model *model) {
    for (size_t i = 0; i < model->stacks.count; i++) {
        ms_stack *stack = &model->stacks.items[i];
        for (uint32_t f = 0; f < stack->count; f++)
            ((ms_frame *)stack->frames)[f].wrapper = false;
        stack->depth_lifted = 0;
    }
}

/* Numbers have no way to be unknown, so this is said aloud. */
static void warn(const reading *r, ms_error *warning) {
    const ms_json_other *unknown = &r->walk.unknown, *missing = &r->walk.missing;
    if (!warning)
        return;
    *warning = (ms_error){.code = MS_ERR_OK};
    if (missing->count)
        ms_fail(
            warning, MS_ERR_INPUT,
            "%s: was written by another version of memscope: %zu values that this one shows are "
            "not in it, %s first; they are shown as not known, or 0",
            r->path, missing->count, missing->first);
    else if (unknown->count)
        ms_fail(warning, MS_ERR_INPUT,
                "%s: was written by another version of memscope: %zu values in it are not known to "
                "this one, %s first; they are left out",
                r->path, unknown->count, unknown->first);
}

static bool fill(reading *r, ms_error *warning) {
    if (!parse(r))
        return false;
    ms_json_kept_finish(&r->walk.kept, r->walk.model);
    if (!is_numbered(r))
        return false;
    if (r->options && r->options->no_lift)
        unlift(r->walk.model);
    const ms_json_other *missing = &r->walk.missing;
    r->walk.model->lacking = missing->count;
    r->walk.model->first_lacking = ms_arena_printf(r->walk.model->arena, "%s", missing->first);
    warn(r, warning);
    return true;
}

static ms_model *load(reading *r, ms_error *warning, ms_error *error) {
    ms_model *model = ms_model_new();
    if (!model) {
        ms_fail(error, MS_ERR_NOMEM, "%s: no memory to read it", r->path);
        return NULL;
    }
    ms_json_walk_init(&r->walk, r->path, model, error);
    bool whole = fill(r, warning);
    ms_json_walk_deinit(&r->walk);
    if (whole)
        return model;
    ms_model_free(model);
    return NULL;
}

ms_model *ms_load_json(const char *path, const ms_load_options *options, ms_error *warning,
                       ms_error *error) {
    ms_error unread;
    reading r = {.path = path, .options = options};
    error = error ? error : &unread;
    *error = (ms_error){.code = MS_ERR_OK};
    r.fd = ms_trace_file_open(path, &r.size, error);
    if (r.fd < 0)
        return NULL;
    ms_model *model = load(&r, warning, error);
    close(r.fd);
    return model;
}
