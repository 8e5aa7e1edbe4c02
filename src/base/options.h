/* options.h - the options of memscope: one struct, one table of descriptors, one way to set them,
 * all expanded from options.def.
 *
 * Pure: no heap, no locks, no globals that change, no locale, no libc beyond what a compiler emits
 * for copies. The traced process calls this from inside somebody's first malloc. */
#ifndef MS_BASE_OPTIONS_H
#define MS_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who takes an option: bits of `where` in options.def. */
enum {
    MS_FOR_RUN = 1u << 0,
    MS_FOR_REPORT = 1u << 1,
    MS_FOR_SCHEMA = 1u << 2,
    MS_FOR_DOCTOR = 1u << 3,
    MS_FOR_HELP = 1u << 4,
    MS_FOR_ATTACH = 1u << 5,
    MS_FOR_CAPTURE = 1u << 16, /* the traced process reads it from its environment */
    MS_FLAG_ONLY = 1u << 17    /* makes sense for one call only: no environment variable */
};

#define MS_OPTION_TYPE_BOOL bool
#define MS_OPTION_TYPE_SIZE uint64_t
#define MS_OPTION_TYPE_U64 uint64_t
#define MS_OPTION_TYPE_RATE uint64_t
#define MS_OPTION_TYPE_DURATION uint64_t
#define MS_OPTION_TYPE_TEXT const char *
#define MS_OPTION_TYPE_CHOICE const char *

/* A RATE nobody has set: the strategy's. */
#define MS_RATE_UNSET UINT64_MAX

/* Texts are borrowed from where they came from: argv, the environment, or constants. Whoever lets
 * the program run on (which may overwrite its environment) copies what it still needs. */
typedef struct ms_options {
#define MS_OPTION(field, flag, type, value, where, metavar, doc) MS_OPTION_TYPE_##type field;
#include "base/options.def"
} ms_options;

typedef enum ms_option_type {
    MS_OPTION_BOOL,
    MS_OPTION_SIZE,
    MS_OPTION_U64,
    MS_OPTION_RATE,
    MS_OPTION_DURATION,
    MS_OPTION_TEXT,
    MS_OPTION_CHOICE
} ms_option_type;

typedef struct ms_option_info {
    const char *name; /* the member of ms_options */
    const char *flag; /* without dashes; "": none */
    ms_option_type type;
    unsigned where;      /* MS_FOR_* bits */
    size_t offset;       /* in ms_options */
    const char *metavar; /* of a CHOICE: the choices, a|b|c; of a BOOL: "" */
    const char *doc;
} ms_option_info;

/* The option's short flag; 0: none. */
char ms_option_letter(const ms_option_info *option);

/* An environment variable of older habits that sets an option. */
typedef struct ms_option_switch {
    const char *variable;
    const ms_option_info *option;
    const char *doc;
} ms_option_switch;

extern const ms_option_info ms_option_infos[];
extern const size_t ms_option_count;
extern const ms_option_switch ms_option_switches[];
extern const size_t ms_option_switch_count;

/* What a strategy means, where no option says otherwise: strategies.def. */
typedef struct ms_strategy {
    const char *name;
    uint64_t sample_bytes;   /* 0: every allocation */
    uint64_t budget_percent; /* 0: none to keep */
    bool tasks;
} ms_strategy;

/* The strategy of `options`, with what they change of it: --sample, and --budget, which means unified. */
ms_strategy ms_options_strategy(const ms_options *options);

/* Every option at its default. */
ms_options ms_options_default(void);

/* Gives `option` the value `text` spells. `text` must outlive `options` when the option is a TEXT
 * or a CHOICE. False, and nothing changed, when it spells no value of the option's type: a number
 * that does not fit 64 bits, an unknown choice, an empty text. */
bool ms_option_set(ms_options *options, const ms_option_info *option, const char *text);

/* Writes the option's value as text that ms_option_set() takes back (a text that is NULL: nothing),
 * cut to `capacity` - 1 bytes and terminated; `capacity` > 0. Returns the length written. */
size_t ms_option_format(const ms_options *options, const ms_option_info *option, char *text,
                        size_t capacity);

/* Writes the name of the option's environment variable, likewise. */
size_t ms_option_variable(const ms_option_info *option, char *text, size_t capacity);

/* A variable whose value is none for its option. Borrowed from the environment. */
typedef struct ms_option_problem {
    const ms_option_info *option;
    const char *value;
} ms_option_problem;

#define MS_OPTION_PROBLEMS_MAX 8

typedef struct ms_option_problems {
    size_t count; /* of `items`; later ones are not kept */
    ms_option_problem items[MS_OPTION_PROBLEMS_MAX];
} ms_option_problems;

/* Takes the options of `where` (any of its bits) from the environment; `environment` is NULL or
 * ends with NULL. An option's own variable beats a switch; a variable that is empty counts as not
 * set. A bad value changes nothing and is added to `problems` (may be NULL), which is
 * cleared first. */
void ms_options_from_environment(ms_options *options, char *const *environment, unsigned where,
                                 ms_option_problems *problems);

/* Walks the options of `where` that are not at their default: writes "name=value" for the next one
 * into `text` (cut to `capacity`, terminated) and returns its length; 0 at the end. Start with
 * `*cursor` 0. */
size_t ms_options_next_changed(const ms_options *options, unsigned where, size_t *cursor,
                               char *text, size_t capacity);

#endif
