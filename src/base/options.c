#include "base/options.h"

/* ---- tables ------------------------------------------------------------------------------ */

static const ms_options defaults = {
#define MS_OPTION(field, flag, type, value, where, metavar, doc) .field = value,
#include "base/options.def"
};

enum {
#define MS_OPTION(field, flag, type, value, where, metavar, doc) INDEX_##field,
#include "base/options.def"
    OPTION_COUNT
};

const ms_option_info ms_option_infos[] = {
#define MS_OPTION(field, flag, type, value, where, metavar, doc)                                   \
    {#field, flag, MS_OPTION_##type, where, offsetof(ms_options, field), metavar, doc},
#include "base/options.def"
};

const size_t ms_option_count = OPTION_COUNT;

const ms_option_switch ms_option_switches[] = {
#define MS_SWITCH(variable, field, value, doc) {#variable, &ms_option_infos[INDEX_##field], doc},
#include "base/options.def"
};

const size_t ms_option_switch_count = sizeof ms_option_switches / sizeof *ms_option_switches;

char ms_option_letter(const ms_option_info *option) {
    static const char letters[OPTION_COUNT] = {
#define MS_SHORT(letter, field) [INDEX_##field] = letter,
#include "base/options.def"
    };
    return letters[option - ms_option_infos];
}

ms_options ms_options_default(void) {
    return defaults;
}

static void *member(ms_options *options, const ms_option_info *option) {
    return (char *)options + option->offset;
}

static const void *const_member(const ms_options *options, const ms_option_info *option) {
    return (const char *)options + option->offset;
}

/* ---- text to value ----------------------------------------------------------------------- */

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool equal_ignoring_case(const char *a, const char *b) {
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return lower(*a) == lower(*b);
}

static bool parse_bool(const char *text, bool *value) {
    static const char words[][6] = {"0", "1", "no", "yes", "off", "on", "false", "true"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (equal_ignoring_case(text, words[i])) {
            *value = i % 2 == 1;
            return true;
        }
    }
    return false;
}

/* Digits at `*text`, which moves behind them. */
static bool parse_digits(const char **text, uint64_t *value) {
    const char *at = *text;
    uint64_t number = 0;
    while (*at >= '0' && *at <= '9') {
        if (__builtin_mul_overflow(number, 10u, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
            return false;
        at++;
    }
    bool any = at != *text;
    *text = at;
    *value = number;
    return any;
}

static bool parse_u64(const char *text, uint64_t *value) {
    uint64_t number;
    if (!parse_digits(&text, &number) || *text)
        return false;
    *value = number;
    return true;
}

static bool parse_size(const char *text, uint64_t *value) {
    uint64_t number;
    if (!parse_digits(&text, &number))
        return false;
    unsigned shift = 0;
    switch (upper(*text)) {
    case 'K': shift = 10; break;
    case 'M': shift = 20; break;
    case 'G': shift = 30; break;
    case 0: break;
    default: return false;
    }
    if ((shift && text[1]) || number > UINT64_MAX >> shift)
        return false;
    *value = number << shift;
    return true;
}

static const struct rate {
    const char *name;
    uint64_t bytes;
} rates[] = {
#define MS_RATE(name, bytes) {#name, bytes},
#include "base/strategies.def"
};

static bool parse_rate(const char *text, uint64_t *value) {
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        if (equal_ignoring_case(text, rates[i].name)) {
            *value = rates[i].bytes;
            return true;
        }
    }
    return parse_size(text, value);
}

/* The units of a DURATION, the largest first, in milliseconds. */
static const struct unit {
    const char *name;
    uint64_t ms;
} durations[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

static bool parse_duration(const char *text, uint64_t *value) {
    uint64_t number;
    if (!parse_digits(&text, &number))
        return false;
    if (!*text)
        text = "s";
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
        if (equal_ignoring_case(text, durations[i].name))
            return !__builtin_mul_overflow(number, durations[i].ms, value);
    }
    return false;
}

/* Is `text` one of `choices`, which reads a|b|c? */
static bool is_choice(const char *text, const char *choices) {
    while (*choices) {
        const char *at = text;
        while (*at && *at == *choices && *choices != '|')
            at++, choices++;
        if (!*at && (!*choices || *choices == '|'))
            return at != text;
        while (*choices && *choices++ != '|')
            ;
    }
    return false;
}

bool ms_option_set(ms_options *options, const ms_option_info *option, const char *text) {
    void *value = member(options, option);
    switch (option->type) {
    case MS_OPTION_BOOL: return parse_bool(text, value);
    case MS_OPTION_SIZE: return parse_size(text, value);
    case MS_OPTION_U64: return parse_u64(text, value);
    case MS_OPTION_RATE: return parse_rate(text, value);
    case MS_OPTION_DURATION: return parse_duration(text, value);
    case MS_OPTION_TEXT:
    case MS_OPTION_CHOICE:
        if (!*text || (option->type == MS_OPTION_CHOICE && !is_choice(text, option->metavar)))
            return false;
        *(const char **)value = text;
        return true;
    }
    return false;
}

/* ---- value to text ----------------------------------------------------------------------- */

/* Text that grows to a limit; what does not fit is cut. */
typedef struct writer {
    char *text;
    size_t size;
    size_t capacity;
} writer;

static void put_char(writer *out, char c) {
    if (out->size + 1 < out->capacity)
        out->text[out->size++] = c;
}

static void put_text(writer *out, const char *text) {
    while (*text)
        put_char(out, *text++);
}

static void put_u64(writer *out, uint64_t value) {
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (count)
        put_char(out, digits[--count]);
}

/* The largest unit that says it exactly. */
static void put_size(writer *out, uint64_t value) {
    static const char units[] = "KMG";
    size_t unit = 0;
    while (value && value % 1024 == 0 && unit < sizeof units - 1) {
        value /= 1024;
        unit++;
    }
    put_u64(out, value);
    if (unit)
        put_char(out, units[unit - 1]);
}

static void put_duration(writer *out, uint64_t ms) {
    size_t unit = 0;
    while (ms % durations[unit].ms != 0)
        unit++;
    put_u64(out, ms / durations[unit].ms);
    put_text(out, durations[unit].name);
}

static void put_value(writer *out, const ms_options *options, const ms_option_info *option) {
    const void *value = const_member(options, option);
    switch (option->type) {
    case MS_OPTION_BOOL: put_char(out, *(const bool *)value ? '1' : '0'); break;
    case MS_OPTION_RATE:
    case MS_OPTION_SIZE: put_size(out, *(const uint64_t *)value); break;
    case MS_OPTION_DURATION: put_duration(out, *(const uint64_t *)value); break;
    case MS_OPTION_U64: put_u64(out, *(const uint64_t *)value); break;
    case MS_OPTION_TEXT:
    case MS_OPTION_CHOICE:
        if (*(const char *const *)value)
            put_text(out, *(const char *const *)value);
        break;
    }
}

static size_t terminate(writer *out) {
    out->text[out->size] = 0;
    return out->size;
}

size_t ms_option_format(const ms_options *options, const ms_option_info *option, char *text,
                        size_t capacity) {
    writer out = {text, 0, capacity};
    put_value(&out, options, option);
    return terminate(&out);
}

size_t ms_option_variable(const ms_option_info *option, char *text, size_t capacity) {
    writer out = {text, 0, capacity};
    put_text(&out, "MEMSCOPE_");
    for (const char *c = option->name; *c; c++)
        put_char(&out, upper(*c));
    return terminate(&out);
}

static bool same_text(const char *a, const char *b) {
    if (!a || !b)
        return a == b;
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static bool is_default(const ms_options *options, const ms_option_info *option) {
    const void *value = const_member(options, option);
    const void *preset = const_member(&defaults, option);
    switch (option->type) {
    case MS_OPTION_BOOL: return *(const bool *)value == *(const bool *)preset;
    case MS_OPTION_SIZE:
    case MS_OPTION_RATE:
    case MS_OPTION_DURATION:
    case MS_OPTION_U64: return *(const uint64_t *)value == *(const uint64_t *)preset;
    case MS_OPTION_TEXT:
    case MS_OPTION_CHOICE:
        return same_text(*(const char *const *)value, *(const char *const *)preset);
    }
    return true;
}

size_t ms_options_next_changed(const ms_options *options, unsigned where, size_t *cursor,
                               char *text, size_t capacity) {
    while (*cursor < ms_option_count) {
        const ms_option_info *option = &ms_option_infos[(*cursor)++];
        if (!(option->where & where) || is_default(options, option))
            continue;
        writer out = {text, 0, capacity};
        put_text(&out, option->name);
        put_char(&out, '=');
        put_value(&out, options, option);
        return terminate(&out);
    }
    return 0;
}

/* ---- environment ------------------------------------------------------------------------- */

/* The value of `name` in the environment, or NULL when it is not there or empty. */
static const char *lookup(char *const *environment, const char *name) {
    for (; *environment; environment++) {
        const char *at = *environment;
        const char *expected = name;
        while (*expected && *at == *expected)
            at++, expected++;
        if (!*expected && *at == '=')
            return at[1] ? at + 1 : NULL;
    }
    return NULL;
}

static bool switched(char *const *environment, const char *name) {
    const char *text = lookup(environment, name);
    bool value;
    return text && (!parse_bool(text, &value) || value);
}

static void take_switches(ms_options *options, char *const *environment, unsigned where) {
#define MS_SWITCH(variable, field, value, doc)                                                     \
    if (ms_option_infos[INDEX_##field].where & where && switched(environment, #variable))          \
        options->field = value;
#include "base/options.def"
}

static const ms_strategy strategies[] = {
#define MS_STRATEGY(name, sample, budget, tasks) {#name, sample, budget, tasks},
#include "base/strategies.def"
};

static const ms_strategy *strategy_named(const char *name) {
    for (size_t i = 0; i < sizeof strategies / sizeof *strategies; i++) {
        if (same_text(name, strategies[i].name))
            return &strategies[i];
    }
    return strategies;
}

ms_strategy ms_options_strategy(const ms_options *options) {
    ms_strategy strategy = *strategy_named(options->strategy);
    if (options->budget && !strategy.budget_percent) /* that is what keeping to a budget is */
        strategy = *strategy_named("unified");
    if (options->sample != MS_RATE_UNSET)
        strategy.sample_bytes = options->sample;
    if (options->budget)
        strategy.budget_percent = options->budget;
    return strategy;
}

static void report(ms_option_problems *problems, const ms_option_info *option, const char *value) {
    if (problems && problems->count < MS_OPTION_PROBLEMS_MAX)
        problems->items[problems->count++] = (ms_option_problem){option, value};
}

void ms_options_from_environment(ms_options *options, char *const *environment, unsigned where,
                                 ms_option_problems *problems) {
    if (problems)
        problems->count = 0;
    if (!environment)
        return;
    take_switches(options, environment, where);
    for (size_t i = 0; i < ms_option_count; i++) {
        const ms_option_info *option = &ms_option_infos[i];
        if (!(option->where & where) || option->where & MS_FLAG_ONLY)
            continue;
        char variable[64];
        ms_option_variable(option, variable, sizeof variable);
        const char *text = lookup(environment, variable);
        if (text && !ms_option_set(options, option, text))
            report(problems, option, text);
    }
}
