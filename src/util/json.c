#include "util/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/utf8.h"

#define INDENT 2

ms_json ms_json_to(ms_sink *sink) {
    return (ms_json){.sink = sink};
}

static bool on_one_line(const ms_json *json) {
    return json->line && json->depth >= json->line;
}

static void new_line(ms_json *json) {
    ms_sink_printf(json->sink, "\n%*s", (int)(json->depth * INDENT), "");
}

/* What stands between the previous token and the next key or value. */
static void separate(ms_json *json) {
    if (json->after_key) {
        json->after_key = false;
        return;
    }
    if (json->follows)
        ms_sink_write(json->sink, ",", 1);
    if (json->depth && !on_one_line(json))
        new_line(json);
    else if (json->follows)
        ms_sink_write(json->sink, " ", 1);
}

static void open_container(ms_json *json, const char *bracket, bool line) {
    separate(json);
    ms_sink_write(json->sink, bracket, 1);
    json->depth++;
    if (line && !json->line)
        json->line = json->depth;
    json->follows = false;
}

static void close_container(ms_json *json, const char *bracket) {
    bool line = on_one_line(json);
    if (json->line == json->depth)
        json->line = 0;
    json->depth--;
    if (json->follows && !line)
        new_line(json);
    ms_sink_write(json->sink, bracket, 1);
    json->follows = true;
    if (!json->depth)
        ms_sink_write(json->sink, "\n", 1);
}

void ms_json_object(ms_json *json) {
    open_container(json, "{", false);
}

void ms_json_object_line(ms_json *json) {
    open_container(json, "{", true);
}

void ms_json_end_object(ms_json *json) {
    close_container(json, "}");
}

void ms_json_array(ms_json *json) {
    open_container(json, "[", false);
}

void ms_json_array_line(ms_json *json) {
    open_container(json, "[", true);
}

void ms_json_end_array(ms_json *json) {
    close_container(json, "]");
}

static void write_escaped(ms_sink *sink, ms_utf8 character, const char *bytes) {
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    uint32_t code = character.code;
    if (!character.valid)
        ms_sink_text(sink, "\xef\xbf\xbd"); /* U+FFFD */
    else if (code < sizeof letters && letters[code])
        ms_sink_printf(sink, "\\%c", letters[code]);
    else if (ms_utf8_is_control(code)) /* also what would disturb a terminal that shows the file */
        ms_sink_printf(sink, "\\u%04" PRIx32, code);
    else
        ms_sink_write(sink, bytes, character.size);
}

static void write_string(ms_sink *sink, const char *text) {
    ms_sink_write(sink, "\"", 1);
    while (*text) {
        size_t plain = 0;
        while (text[plain] >= ' ' && text[plain] < 0x7f && text[plain] != '"' &&
               text[plain] != '\\')
            plain++;
        ms_sink_write(sink, text, plain);
        text += plain;
        ms_utf8 character = ms_utf8_at(text);
        if (character.size)
            write_escaped(sink, character, text);
        text += character.size;
    }
    ms_sink_write(sink, "\"", 1);
}

void ms_json_key(ms_json *json, const char *key) {
    separate(json);
    write_string(json->sink, key);
    ms_sink_write(json->sink, ": ", 2);
    json->after_key = true;
}

void ms_json_text(ms_json *json, const char *text) {
    if (!text) {
        ms_json_null(json);
        return;
    }
    separate(json);
    write_string(json->sink, text);
    json->follows = true;
}

static void write_token(ms_json *json, const char *token) {
    separate(json);
    ms_sink_text(json->sink, token);
    json->follows = true;
}

void ms_json_u64(ms_json *json, uint64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    write_token(json, digits);
}

void ms_json_i64(ms_json *json, int64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, value);
    write_token(json, digits);
}

/* The decimal point of the locale, however many bytes it has, becomes a dot. */
static void delocalise(char *number) {
    size_t before = strspn(number, "+-0123456789");
    size_t point = strcspn(number + before, "+-0123456789eE");
    if (!point)
        return;
    number[before] = '.';
    memmove(number + before + 1, number + before + point, strlen(number + before + point) + 1);
}

void ms_json_f64(ms_json *json, double value) {
    if (!isfinite(value)) {
        ms_json_null(json);
        return;
    }
    char digits[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (!(strtod(digits, NULL) < value) && !(strtod(digits, NULL) > value))
            break;
    }
    delocalise(digits);
    write_token(json, digits);
}

void ms_json_bool(ms_json *json, bool value) {
    write_token(json, value ? "true" : "false");
}

void ms_json_null(ms_json *json) {
    write_token(json, "null");
}
