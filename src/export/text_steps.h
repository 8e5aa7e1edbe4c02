/* text_steps.h - lives, step by step: when, what and where, a line each. Inside the text exporter only. */
#ifndef MS_EXPORT_TEXT_STEPS_H
#define MS_EXPORT_TEXT_STEPS_H

#include <stdbool.h>

#include "export/text_page.h"

typedef struct ms_step {
    uint64_t time_ns, thread_id;
    const char *what;  /* safe */
    const char *where; /* likewise; NULL: not known */
} ms_step;

/* Steps were shown whose stack nobody took: of words, of releases. */
typedef struct ms_untold {
    bool words, frees;
} ms_untold;

/* "make, a.c:5, from main": of a stack by its index; of a site by its id,
 * as who is to blame; of one frame. NULL: not known. */
const char *ms_step_at_stack(ms_page *page, uint32_t stack);
const char *ms_step_at_site(ms_page *page, uint64_t site);
const char *ms_step_at(ms_page *page, const ms_frame *frame);

/* All of a short life, begin and end of a long one. `unlisted`: steps that the report has not, behind those it
 * has, but before the last one where that is the end. */
void ms_steps_put(ms_page *page, const ms_step *steps, size_t count, uint64_t unlisted,
                  bool is_ended);

/* Ends a list of lives: how many are not shown, and with which options all steps have a stack. */
void ms_steps_end(ms_page *page, size_t more, ms_untold untold);

#endif
