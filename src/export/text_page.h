/* text_page.h - what the text report is written with: styles, columns, names that fit. Inside the
 * text exporter only. */
#ifndef MS_EXPORT_TEXT_PAGE_H
#define MS_EXPORT_TEXT_PAGE_H

#include "export/export.h"
#include "util/arena.h"

typedef enum ms_style { MS_PLAIN, MS_BOLD, MS_DIM, MS_LOUD } ms_style;

typedef struct ms_page {
    const ms_model *model;
    const ms_export_options *options;
    ms_sink *sink;
    ms_arena *arena; /* for texts under way; lives as long as the page */
    size_t width;
    bool estimated; /* values have a +-, and need more room */
} ms_page;

/* False without memory. A page that was opened is to be closed; the sink stays open. */
bool ms_page_open(ms_page *page, const ms_model *model, ms_sink *sink,
                  const ms_export_options *options);
void ms_page_close(ms_page *page);

/* `text` as it is; the caller has made it safe. */
void ms_page_put(ms_page *page, ms_style style, const char *text);

/* `text` in lines of the page's width, from column `indent` on, where the line under way already
 * stands; ends the line. */
void ms_page_wrap(ms_page *page, ms_style style, size_t indent, const char *text);

/* `text` at the right end of `columns`. */
void ms_page_right(ms_page *page, ms_style style, size_t columns, const char *text);

/* Columns of the values that rows begin with. */
#define MS_PAGE_VALUE 11

/* "Title: remark", "    1.2 KiB  name  remark", and "and 3 more" with an empty line behind a list. `name` is
 * safe already. */
void ms_page_title(ms_page *page, const char *title, const char *remark);
void ms_page_row(ms_page *page, const char *value, const char *name, const char *remark);
void ms_page_rest(ms_page *page, size_t more);

/* A name from the trace, safe and at most `columns` wide (0: any width). */
const char *ms_page_name(ms_page *page, const char *name, size_t columns);

/* The function, or "module+0x1234" where there is no name; NULL: "(no stack was taken)". */
const char *ms_page_function(ms_page *page, const ms_frame *frame, size_t columns);

/* "dir/file.c:120", cut at its start; `base`: "file.c:120". NULL without a file. */
const char *ms_page_location(ms_page *page, const ms_frame *frame, bool base, size_t columns);

/* "1 block", "1,234 blocks"; with an error that is not MS_UNKNOWN "1,234 ± 56 blocks". */
const char *ms_page_plural(ms_page *page, uint64_t count, const char *noun);
const char *ms_page_plural_within(ms_page *page, uint64_t count, uint64_t error, const char *noun);

#endif
