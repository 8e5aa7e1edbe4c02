/* text_passports.h - what became of blocks that were handed over a boundary. Inside the text exporter only. */
#ifndef MS_EXPORT_TEXT_PASSPORTS_H
#define MS_EXPORT_TEXT_PASSPORTS_H

#include "export/text_page.h"

/* How many there are in each state, and one passport of each side and state with its stamps, at most `top`
 * (0: all), what is open first; nothing where there are none. */
void ms_text_passports(ms_page *page, size_t top);

#endif
