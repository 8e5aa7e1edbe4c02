/* text_lives.h - what became of tracked variables, step by step. Inside the text exporter only. */
#ifndef MS_EXPORT_TEXT_LIVES_H
#define MS_EXPORT_TEXT_LIVES_H

#include "export/text_page.h"

/* One variable of each place that tracks some, at most `top` (0: all): what is wrong first, then what
 * stays, then that most has happened to; nothing where nothing has happened to any. */
void ms_text_lives(ms_page *page, size_t top);

#endif
