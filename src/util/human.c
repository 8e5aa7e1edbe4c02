#include "util/human.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "util/arena.h"
#include "util/utf8.h"

/* ---- numbers ---------------------------------------------------------------------------- */

/* The unit to tell so many bytes in; `*size`: its own. */
static const char *byte_unit(uint64_t bytes, double *size) {
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    *size = 1;
    if (bytes < 1024)
        return "B";
    *size = 1024;
    size_t unit = 0;
    while ((double)bytes / *size >= 1023.95 && unit + 1 < sizeof units / sizeof *units) {
        *size *= 1024; /* else "1024.0" */
        unit++;
    }
    return units[unit];
}

ms_human ms_human_bytes(uint64_t bytes) {
    ms_human out;
    double size;
    const char *unit = byte_unit(bytes, &size);
    snprintf(out.text, sizeof out.text, "%.*f %s", bytes < 1024 ? 0 : 1, (double)bytes / size,
             unit);
    return out;
}

ms_human ms_human_bytes_within(uint64_t bytes, uint64_t error) {
    ms_human out = ms_human_bytes(bytes);
    size_t length = strlen(out.text);
    double size;
    byte_unit(bytes, &size);
    double steps = size > 1 ? 10 : 1; /* shown of the unit */
    if (error != UINT64_MAX)
        snprintf(out.text + length, sizeof out.text - length, " ± %.*f", size > 1,
                 ceil((double)error / size * steps) / steps);
    return out;
}

/* Writes a number with commas and returns its end, a 0. */
static char *put_count(char *end, uint64_t count) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            *end++ = ',';
        *end++ = digits[i];
    }
    *end = 0;
    return end;
}

ms_human ms_human_count(uint64_t count) {
    ms_human out;
    put_count(out.text, count);
    return out;
}

ms_human ms_human_count_within(uint64_t count, uint64_t error) {
    ms_human out;
    char *end = put_count(out.text, count);
    if (error != UINT64_MAX)
        put_count(stpcpy(end, " ± "), error);
    return out;
}

/* Above a minute two whole units say more than a fraction of one. */
static ms_human long_duration(uint64_t seconds) {
    static const struct {
        uint64_t seconds, smaller;
        const char *name, *smaller_name;
    } units[] = {{86400, 3600, "d", "h"}, {3600, 60, "h", "min"}, {60, 1, "min", "s"}};
    size_t u = seconds >= 86400 ? 0 : seconds >= 3600 ? 1 : 2;
    ms_human out;
    snprintf(out.text, sizeof out.text, "%" PRIu64 " %s %02" PRIu64 " %s",
             seconds / units[u].seconds, units[u].name,
             seconds % units[u].seconds / units[u].smaller, units[u].smaller_name);
    return out;
}

ms_human ms_human_duration(uint64_t duration_ns) {
    static const char *const units[] = {"ns", "us", "ms", "s"};
    if (duration_ns >= UINT64_C(59950000000))
        return long_duration(duration_ns / 1000000000 + (duration_ns % 1000000000 >= 500000000));
    double value = (double)duration_ns;
    size_t unit = 0;
    while (value >= 999.5 && unit < 3) {
        value /= 1000;
        unit++;
    }
    bool whole = unit == 0 || value >= 99.95;
    ms_human out;
    snprintf(out.text, sizeof out.text, "%.*f %s", whole ? 0 : 1, value, units[unit]);
    return out;
}

ms_human ms_human_share(uint64_t part, uint64_t whole) {
    ms_human out;
    double percent = whole ? 100.0 * (double)part / (double)whole : 0;
    if (!whole)
        strcpy(out.text, "-");
    else if (part && percent < 0.1)
        strcpy(out.text, "<0.1 %");
    else if (part < whole && percent > 99.9)
        strcpy(out.text, ">99.9 %");
    else
        snprintf(out.text, sizeof out.text, part == whole ? "%.0f %%" : "%.1f %%", percent);
    return out;
}

/* ---- names ------------------------------------------------------------------------------ */

#define ESCAPE_MAX 8 /* "\u202e" and its terminator */

/* Writes one character, escaped if need be, at `out`, which has ESCAPE_MAX bytes; returns the end.
 * The backslash is escaped, too, so that the outcome can be taken apart again. */
static char *put_safe(char *out, ms_utf8 character, const char *bytes) {
    static const char letters[] = {['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r', ['\\'] = '\\'};
    uint32_t code = character.code;
    if (character.valid && code < sizeof letters && letters[code])
        return out + snprintf(out, ESCAPE_MAX, "\\%c", letters[code]);
    if (!character.valid || (code < 0x100 && ms_utf8_is_control(code)))
        return out + snprintf(out, ESCAPE_MAX, "\\x%02x", code & 0xff);
    if (ms_utf8_is_control(code))
        return out + snprintf(out, ESCAPE_MAX, "\\u%04x", code & 0xffff);
    memcpy(out, bytes, character.size);
    return out + character.size;
}

/* Bytes of the first character or escape of a safe text; 0 at its end. */
static size_t unit_size(const char *safe) {
    if (*safe != '\\')
        return ms_utf8_at(safe).size;
    return safe[1] == 'x' ? 4 : safe[1] == 'u' ? 6 : 2;
}

static size_t unit_columns(const char *safe) {
    return *safe == '\\' ? unit_size(safe) : 1;
}

size_t ms_human_columns(const char *safe) {
    size_t columns = 0;
    for (; *safe; safe += unit_size(safe))
        columns += unit_columns(safe);
    return columns;
}

static const char *cut_end(ms_arena *arena, const char *safe, size_t columns) {
    const char *end = safe;
    for (size_t left = columns; *end && unit_columns(end) <= left; end += unit_size(end))
        left -= unit_columns(end);
    return ms_arena_printf(arena, "%.*s...", (int)(end - safe), safe);
}

static const char *cut_start(ms_arena *arena, const char *safe, size_t columns) {
    for (size_t all = ms_human_columns(safe); all > columns; safe += unit_size(safe))
        all -= unit_columns(safe);
    return ms_arena_printf(arena, "...%s", safe);
}

const char *ms_human_safe(ms_arena *arena, const char *text, size_t columns, ms_cut cut) {
    char scratch[ESCAPE_MAX];
    size_t size = 1;
    if (!text)
        return "-";
    for (const char *p = text; *p; p += ms_utf8_at(p).size)
        size += (size_t)(put_safe(scratch, ms_utf8_at(p), p) - scratch);
    char *safe = ms_arena_alloc(arena, size + ESCAPE_MAX);
    char *end = safe;
    for (const char *p = text; *p; p += ms_utf8_at(p).size)
        end = put_safe(end, ms_utf8_at(p), p);
    *end = 0;
    if (!columns || ms_human_columns(safe) <= columns)
        return safe;
    size_t kept = columns > 3 ? columns - 3 : 0;
    return cut == MS_CUT_END ? cut_end(arena, safe, kept) : cut_start(arena, safe, kept);
}
