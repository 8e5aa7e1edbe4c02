/* texts.h - the words that --help and the man pages share: from options.def and verbs.def. */
#ifndef MS_CLI_TEXTS_H
#define MS_CLI_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"

#define MS_SUMMARY                                                                                 \
    "Shows where the memory of a program goes: records every allocation of an unchanged program "  \
    "with its full call stack, and reports what was live at the peak, what was never released, "   \
    "and who allocates most."

typedef struct ms_exit {
    const char *verb;
    const char *status;
    const char *doc;
} ms_exit;

typedef struct ms_example {
    const char *verb;
    const char *command;
    const char *doc;
} ms_example;

extern const ms_exit ms_exits[];
extern const size_t ms_exit_count;
extern const ms_example ms_examples[];
extern const size_t ms_example_count;

/* Can the option be given to `verb` as a flag? */
bool ms_option_is_flag_of(const ms_option_info *option, const ms_verb *verb);

/* "-o, --output FILE", "--[no-]follow". Cut to `capacity`, terminated. */
void ms_option_term(const ms_option_info *option, char *text, size_t capacity);

/* What the option does, and its default. Likewise. */
void ms_option_text(const ms_option_info *option, char *text, size_t capacity);

#endif
