/* text_notes.h - the part of the text report that the program itself has told. Inside the text exporter
 * only. */
#ifndef MS_EXPORT_TEXT_NOTES_H
#define MS_EXPORT_TEXT_NOTES_H

#include "export/text_page.h"

/* Variables and their lives, scopes, tasks, tags, containers, counted objects, boundaries, passports, findings and
 * misuse, at most `top` of each (0: all); nothing at all where the program has said nothing. */
void ms_text_notes(ms_page *page, size_t top);

#endif
