/* json.h - writes JSON to a sink as it comes, without ever holding it. The caller opens and ends
 * containers in order; commas, line breaks and escapes are done here. One thread per writer.
 *
 * An ordinary container puts each member on a line of its own, indented; one that is opened with
 * _line stays on one line with everything in it. So a report is read and diffed record by record. */
#ifndef MS_UTIL_JSON_H
#define MS_UTIL_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "util/sink.h"

typedef struct ms_json {
    ms_sink *sink;  /* borrowed; carries the errors */
    unsigned depth; /* open containers */
    unsigned line;  /* depth of the outermost container that is on one line; 0: none */
    bool follows;   /* the next member needs a comma before it */
    bool after_key; /* the next value belongs to the key just written */
} ms_json;

ms_json ms_json_to(ms_sink *sink);

void ms_json_object(ms_json *json);
void ms_json_object_line(ms_json *json);
void ms_json_end_object(ms_json *json);
void ms_json_array(ms_json *json);
void ms_json_array_line(ms_json *json);
void ms_json_end_array(ms_json *json);

/* The name of the next value, inside an object. */
void ms_json_key(ms_json *json, const char *key);

/* NULL becomes null; bytes that are no UTF-8 become U+FFFD. */
void ms_json_text(ms_json *json, const char *text);

void ms_json_u64(ms_json *json, uint64_t value);
void ms_json_i64(ms_json *json, int64_t value);

/* The shortest decimal that reads back as `value`; null for infinities and NaN. */
void ms_json_f64(ms_json *json, double value);

void ms_json_bool(ms_json *json, bool value);
void ms_json_null(ms_json *json);

#endif
