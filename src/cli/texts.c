#include "cli/texts.h"

#include <stdio.h>

const ms_exit ms_exits[] = {
#define MS_EXIT(name, status, doc) {#name, status, doc},
#include "cli/verbs.def"
};

const size_t ms_exit_count = sizeof ms_exits / sizeof *ms_exits;

const ms_example ms_examples[] = {
#define MS_EXAMPLE(name, command, doc) {#name, command, doc},
#include "cli/verbs.def"
};

const size_t ms_example_count = sizeof ms_examples / sizeof *ms_examples;

bool ms_option_is_flag_of(const ms_option_info *option, const ms_verb *verb) {
    return *option->flag && option->where & verb->where;
}

static bool is_on_by_default(const ms_option_info *option) {
    ms_options defaults = ms_options_default();
    char value[8];
    ms_option_format(&defaults, option, value, sizeof value);
    return option->type == MS_OPTION_BOOL && *value == '1';
}

void ms_option_term(const ms_option_info *option, char *text, size_t capacity) {
    char letter = ms_option_letter(option);
    char shorter[] = {'-', letter, ',', ' ', 0};
    snprintf(text, capacity, "%s--%s%s%s%s", letter ? shorter : "",
             is_on_by_default(option) ? "[no-]" : "", option->flag, *option->metavar ? " " : "",
             option->metavar);
}

void ms_option_text(const ms_option_info *option, char *text, size_t capacity) {
    ms_options defaults = ms_options_default();
    char value[64];
    ms_option_format(&defaults, option, value, sizeof value);
    if (option->type == MS_OPTION_BOOL)
        snprintf(text, capacity, "%s%s", option->doc, *value == '1' ? " (default)" : "");
    else if (*value)
        snprintf(text, capacity, "%s (default: %s)", option->doc, value);
    else
        snprintf(text, capacity, "%s", option->doc);
}
