/* human.h - numbers and names as people read them. Results are values: use them within the
 * expression, as in ms_sink_text(sink, ms_human_bytes(n).text). Pure, but for ms_human_safe. */
#ifndef MS_UTIL_HUMAN_H
#define MS_UTIL_HUMAN_H

#include <stddef.h>
#include <stdint.h>

typedef struct ms_arena ms_arena; /* util/arena.h */

typedef struct ms_human {
    char text[64];
} ms_human;

/* "17 B", "28.4 MiB". */
ms_human ms_human_bytes(uint64_t bytes);

/* "1,234,567". */
ms_human ms_human_count(uint64_t count);

/* "12.3 MiB ± 0.4", the error in the same unit, and rounded up so that it is never too small;
 * UINT64_MAX: "12.3 MiB". And "1,234 ± 56". */
ms_human ms_human_bytes_within(uint64_t bytes, uint64_t error);
ms_human ms_human_count_within(uint64_t count, uint64_t error);

/* "340 us", "1.2 s", "5 min 07 s", "3 h 20 min", "2 d 04 h". */
ms_human ms_human_duration(uint64_t duration_ns);

/* `part` of `whole`: "43.2 %"; "<0.1 %" and ">99.9 %" where rounding would say nothing or all; "-"
 * of nothing. */
ms_human ms_human_share(uint64_t part, uint64_t whole);

/* Which end of a text that is too long gives way to "...". */
typedef enum ms_cut { MS_CUT_END, MS_CUT_START } ms_cut;

/* `text` so that a terminal shows it and does nothing else: control characters and invalid UTF-8
 * become visible escapes (\n, \x1b, \u202e). Longer than `columns` (0: no limit) it is cut, never
 * inside a character or an escape. NULL, what is not known, is "-". Owned by `arena`. A character counts as
 * one column. */
const char *ms_human_safe(ms_arena *arena, const char *text, size_t columns, ms_cut cut);

/* Columns of a text that came from ms_human_safe. */
size_t ms_human_columns(const char *safe);

#endif
