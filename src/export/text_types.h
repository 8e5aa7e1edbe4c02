/* text_types.h - the parts of the text report that are about types and names of blocks. Inside the text exporter only. */
#ifndef MS_EXPORT_TEXT_TYPES_H
#define MS_EXPORT_TEXT_TYPES_H

#include "export/text_page.h"

/* The `top` types (0: all) that had most bytes at the peak; nothing when no type is known. */
void ms_text_types(ms_page *page, size_t top);

/* The `top` variables (0: all) that kept most bytes at the peak, by the names that sites have; nothing when only the
 * program has named any: those stand elsewhere. */
void ms_text_keepers(ms_page *page, size_t top);

#endif
