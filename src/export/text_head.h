/* text_head.h - the upper part of the text report: what ran, the totals, and what the reader must
 * know before believing them. Inside the text exporter only. */
#ifndef MS_EXPORT_TEXT_HEAD_H
#define MS_EXPORT_TEXT_HEAD_H

#include "export/text_page.h"

void ms_text_head(ms_page *page);
void ms_text_totals(ms_page *page);

/* Those of model/warnings.h: nothing at all when nothing is wrong. */
void ms_text_warnings(ms_page *page);

#endif
