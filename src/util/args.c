#include "util/args.h"

#include <stdio.h>
#include <string.h>

/* ---- nearest match ----------------------------------------------------------------------- */

#define WORD_MAX 63

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment, with the three rows it looks at: row i holds the distances between the
 * first i letters of `a` and every prefix of `b`. */
size_t ms_edit_distance(const char *a, const char *b) {
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size > WORD_MAX || b_size > WORD_MAX)
        return a_size > b_size ? a_size : b_size;
    size_t rows[3][WORD_MAX + 1];
    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            row[j] = least(above[j], row[j - 1]) + 1;
            row[j] = least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

/* The beginning of a word is as near as one wrong letter: people type --debug. */
size_t ms_misspelling(const char *word, const char *meant) {
    size_t size = strlen(word);
    size_t distance = ms_edit_distance(word, meant);
    if (distance > 1 && size >= 2 && strncmp(meant, word, size) == 0)
        return 1;
    return distance <= (size > 5 ? size / 3 : 1) && distance < size ? distance : SIZE_MAX;
}

typedef struct nearest {
    const char *word; /* looked for */
    size_t distance;
    char flag[WORD_MAX + 1]; /* "": none is near */
} nearest;

static void consider(nearest *best, const char *prefix, const char *flag) {
    char candidate[sizeof best->flag];
    snprintf(candidate, sizeof candidate, "%s%s", prefix, flag);
    size_t distance = ms_misspelling(best->word, candidate);
    if (distance < best->distance) {
        best->distance = distance;
        memcpy(best->flag, candidate, sizeof candidate);
    }
}

static nearest nearest_flag(const char *word, unsigned where) {
    nearest best = {.word = word, .distance = SIZE_MAX};
    consider(&best, "", "help");
    for (size_t i = 0; i < ms_option_count; i++) {
        const ms_option_info *option = &ms_option_infos[i];
        if (!(option->where & where) || !*option->flag)
            continue;
        consider(&best, "", option->flag);
        if (option->type == MS_OPTION_BOOL)
            consider(&best, "no-", option->flag);
    }
    return best;
}

/* ---- parsing ----------------------------------------------------------------------------- */

struct parser {
    char **at; /* next word */
    unsigned where;
    ms_options *options;
    bool help;
    ms_error *error;
};

static const ms_option_info *find_flag(const char *flag, size_t size, unsigned where) {
    for (size_t i = 0; i < ms_option_count; i++) {
        const ms_option_info *option = &ms_option_infos[i];
        if (option->where & where && size && strlen(option->flag) == size &&
            memcmp(option->flag, flag, size) == 0)
            return option;
    }
    return NULL;
}

static const ms_option_info *find_letter(char letter, unsigned where) {
    for (size_t i = 0; i < ms_option_count; i++) {
        const ms_option_info *option = &ms_option_infos[i];
        if (option->where & where && letter && ms_option_letter(option) == letter)
            return option;
    }
    return NULL;
}

const char *ms_option_expected(const ms_option_info *option) {
    switch (option->type) {
    case MS_OPTION_BOOL: return "yes or no";
    case MS_OPTION_SIZE: return "a number of bytes, such as 64K, 16M or 1G";
    case MS_OPTION_U64: return "a number";
    case MS_OPTION_RATE: return "a number of bytes, or precise, balanced or light";
    case MS_OPTION_DURATION: return "a time, such as 90s, 5m or 1h";
    case MS_OPTION_TEXT: return "a text that is not empty";
    case MS_OPTION_CHOICE: return option->metavar;
    }
    return "";
}

static ms_err set(struct parser *parser, const ms_option_info *option, const char *value) {
    if (ms_option_set(parser->options, option, value))
        return MS_ERR_OK;
    return ms_fail(parser->error, MS_ERR_USAGE, "--%s takes %s, not '%s'", option->flag,
                   ms_option_expected(option), value);
}

/* Sets `option` from the next word. */
static ms_err set_from_next(struct parser *parser, const ms_option_info *option) {
    const char *value = *parser->at;
    if (!value || strcmp(value, "--") == 0)
        return ms_fail(parser->error, MS_ERR_USAGE, "--%s needs a value: %s", option->flag,
                       option->metavar);
    parser->at++;
    return set(parser, option, value);
}

static ms_err unknown(struct parser *parser, const char *word, size_t size) {
    char name[WORD_MAX + 1];
    snprintf(name, sizeof name, "%.*s", (int)(size < WORD_MAX ? size : WORD_MAX), word);
    nearest best = nearest_flag(name, parser->where);
    if (*best.flag)
        return ms_fail(parser->error, MS_ERR_USAGE, "unknown option '--%s'; did you mean '--%s'?",
                       name, best.flag);
    return ms_fail(parser->error, MS_ERR_USAGE, "unknown option '--%s'; --help lists them", name);
}

/* `word` is what follows the dashes. */
static ms_err parse_long(struct parser *parser, const char *word) {
    size_t size = strcspn(word, "=");
    const char *value = word[size] ? word + size + 1 : NULL;
    if (strcmp(word, "help") == 0) {
        parser->help = true;
        return MS_ERR_OK;
    }
    const ms_option_info *option = find_flag(word, size, parser->where);
    if (option && value)
        return set(parser, option, value);
    if (option && option->type != MS_OPTION_BOOL)
        return set_from_next(parser, option);
    if (option)
        return set(parser, option, "1");
    if (!value && strncmp(word, "no-", 3) == 0) {
        option = find_flag(word + 3, size - 3, parser->where);
        if (option && option->type == MS_OPTION_BOOL)
            return set(parser, option, "0");
    }
    return unknown(parser, word, size);
}

/* `letters` is what follows the dash: flags without values, then perhaps one with its value. */
static ms_err parse_short(struct parser *parser, const char *letters) {
    for (; *letters; letters++) {
        if (*letters == 'h') {
            parser->help = true;
            return MS_ERR_OK;
        }
        const ms_option_info *option = find_letter(*letters, parser->where);
        if (!option)
            return ms_fail(parser->error, MS_ERR_USAGE, "unknown option '-%c'; --help lists them",
                           *letters);
        if (option->type != MS_OPTION_BOOL)
            return letters[1] ? set(parser, option, letters + 1) : set_from_next(parser, option);
        ms_err code = set(parser, option, "1");
        if (code)
            return code;
    }
    return MS_ERR_OK;
}

ms_err ms_args_parse(int argc, char **argv, unsigned where, bool stop_at_operand,
                     ms_options *options, ms_args *args, ms_error *error) {
    struct parser parser = {.at = argv, .where = where, .options = options, .error = error};
    char **end = argv + argc;
    char **operands = argv;
    while (parser.at < end && !parser.help) {
        char *word = *parser.at;
        bool is_flag = word[0] == '-' && word[1];
        if (!is_flag && stop_at_operand)
            break;
        parser.at++;
        if (!is_flag) {
            *operands++ = word;
            continue;
        }
        if (strcmp(word, "--") == 0)
            break;
        ms_err code =
            word[1] == '-' ? parse_long(&parser, word + 2) : parse_short(&parser, word + 1);
        if (code)
            return code;
    }
    while (parser.at < end)
        *operands++ = *parser.at++;
    *operands = NULL;
    *args = (ms_args){.argc = (int)(operands - argv), .argv = argv, .help = parser.help};
    return MS_ERR_OK;
}
