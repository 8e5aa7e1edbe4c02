#include "export/text_page.h"

#include <inttypes.h>
#include <string.h>

#include "util/human.h"

#define WIDTH_USUAL 80
#define WIDTH_LEAST 60 /* narrower terminals wrap by themselves */

bool ms_page_open(ms_page *page, const ms_model *model, ms_sink *sink,
                  const ms_export_options *options) {
    size_t width = options->width ? options->width : WIDTH_USUAL;
    const char *evidence = model->summary.evidence;
    *page = (ms_page){.model = model,
                      .options = options,
                      .sink = sink,
                      .arena = ms_arena_new(),
                      .width = width < WIDTH_LEAST ? WIDTH_LEAST : width,
                      .estimated = evidence && strcmp(evidence, "estimated") == 0};
    return page->arena;
}

void ms_page_close(ms_page *page) {
    ms_arena_free(page->arena);
}

void ms_page_put(ms_page *page, ms_style style, const char *text) {
    static const char *const codes[] = {"", "\x1b[1m", "\x1b[2m", "\x1b[1;33m"};
    bool coloured = page->options->color && style != MS_PLAIN;
    if (coloured)
        ms_sink_text(page->sink, codes[style]);
    ms_sink_text(page->sink, text);
    if (coloured)
        ms_sink_text(page->sink, "\x1b[0m");
}

/* Bytes of `text` that fit in `columns`, ending between words where there is one that fits. */
static size_t line_bytes(const char *text, size_t columns) {
    const char *cut = NULL, *p = text;
    for (size_t used = 0; *p && used <= columns; p++) {
        if (*p == ' ')
            cut = p;
        used += (*p & 0xc0) != 0x80;
        if (used > columns)
            return (size_t)((cut ? cut : p) - text);
    }
    return (size_t)(p - text);
}

void ms_page_wrap(ms_page *page, ms_style style, size_t indent, const char *text) {
    size_t columns = page->width > indent + 10 ? page->width - indent : 10;
    for (;;) {
        size_t size = line_bytes(text, columns);
        ms_page_put(page, style, ms_arena_text(page->arena, text, size));
        ms_sink_text(page->sink, "\n");
        text += size;
        while (*text == ' ')
            text++;
        if (!*text)
            return;
        ms_sink_printf(page->sink, "%*s", (int)indent, "");
    }
}

void ms_page_right(ms_page *page, ms_style style, size_t columns, const char *text) {
    size_t taken = ms_human_columns(text);
    if (taken < columns)
        ms_sink_printf(page->sink, "%*s", (int)(columns - taken), "");
    ms_page_put(page, style, text);
}

void ms_page_title(ms_page *page, const char *title, const char *remark) {
    ms_page_put(page, MS_BOLD, title);
    ms_sink_text(page->sink, ": ");
    ms_page_wrap(page, MS_PLAIN, strlen(title) + 2, remark);
}

void ms_page_row(ms_page *page, const char *value, const char *name, const char *remark) {
    ms_page_right(page, MS_PLAIN, MS_PAGE_VALUE, value);
    ms_sink_text(page->sink, "  ");
    ms_page_put(page, MS_BOLD, name);
    ms_sink_text(page->sink, "  ");
    ms_page_wrap(page, MS_PLAIN, MS_PAGE_VALUE + 2 + ms_human_columns(name) + 2, remark);
}

void ms_page_rest(ms_page *page, size_t more) {
    if (more)
        ms_sink_printf(page->sink, "%*s  and %s more\n", MS_PAGE_VALUE, "",
                       ms_human_count(more).text);
    ms_sink_text(page->sink, "\n");
}

const char *ms_page_name(ms_page *page, const char *name, size_t columns) {
    return ms_human_safe(page->arena, name, columns, MS_CUT_END);
}

const char *ms_page_function(ms_page *page, const ms_frame *frame, size_t columns) {
    if (!frame)
        return "(no stack was taken)";
    if (frame->function)
        return ms_page_name(page, frame->function, columns);
    const char *module = frame->module ? frame->module : "(unknown code)";
    if (frame->address == MS_UNKNOWN)
        return ms_page_name(page, module, columns);
    const char *place = ms_arena_printf(page->arena, "%s+0x%" PRIx64, module, frame->address);
    return ms_human_safe(page->arena, place, columns, MS_CUT_START);
}

const char *ms_page_location(ms_page *page, const ms_frame *frame, bool base, size_t columns) {
    if (!frame || !frame->file)
        return NULL;
    const char *slash = base ? strrchr(frame->file, '/') : NULL;
    const char *file = slash ? slash + 1 : frame->file;
    if (frame->line == MS_UNKNOWN)
        return ms_human_safe(page->arena, file, columns, MS_CUT_START);
    const char *location = ms_arena_printf(page->arena, "%s:%" PRIu64, file, frame->line);
    return ms_human_safe(page->arena, location, columns, MS_CUT_START);
}

const char *ms_page_plural_within(ms_page *page, uint64_t count, uint64_t error, const char *noun) {
    return ms_arena_printf(page->arena, "%s %s%s", ms_human_count_within(count, error).text, noun,
                           count == 1 && error == MS_UNKNOWN ? "" : "s");
}

const char *ms_page_plural(ms_page *page, uint64_t count, const char *noun) {
    return ms_page_plural_within(page, count, MS_UNKNOWN, noun);
}
