/* text_types.h - the part of the text report that is about types. Inside the text exporter only. */
#ifndef MS_EXPORT_TEXT_TYPES_H
#define MS_EXPORT_TEXT_TYPES_H

#include "export/text_page.h"

/* The `top` types (0: all) that had most bytes at the peak; nothing when no type is known. */
void ms_text_types(ms_page *page, size_t top);

#endif
