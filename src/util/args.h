/* args.h - command line flags into ms_options. No output, no exit: the caller says what went
 * wrong. */
#ifndef MS_UTIL_ARGS_H
#define MS_UTIL_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/options.h"
#include "util/error.h"

typedef struct ms_args {
    int argc;    /* operands */
    char **argv; /* then NULL; points into the argv that was parsed */
    bool help;   /* -h or --help was given; later words were not looked at */
} ms_args;

/* Parses `argv`, `argc` words and then NULL, for a verb that takes the options of `where`:
 *
 *   --flag VALUE   --flag=VALUE   -o VALUE   -oVALUE   --flag   --no-flag   -h   --help
 *
 * "--" ends the options; with `stop_at_operand` so does the first operand. Otherwise operands may
 * stand anywhere, and are moved to the front of `argv`, in order. A flag given twice: the last
 * counts. Values are borrowed from `argv`.
 *
 * MS_ERR_USAGE, with `error` naming the word and the nearest flag there is, when a flag is unknown,
 * lacks its value or has a wrong one. */
MS_MUST_CHECK ms_err ms_args_parse(int argc, char **argv, unsigned where, bool stop_at_operand,
                                   ms_options *options, ms_args *args, ms_error *error);

/* What values an option takes, for messages: "a number", "auto|always|never". */
const char *ms_option_expected(const ms_option_info *option);

/* How many letters must be inserted, removed, changed, or swapped with their neighbour to make `b`
 * of `a`; words longer than 63 bytes count as wholly different. */
size_t ms_edit_distance(const char *a, const char *b);

/* How far `word` is from `meant`, when it may be a misspelling or the beginning of it; otherwise
 * SIZE_MAX. 0: it is the same word. */
size_t ms_misspelling(const char *word, const char *meant);

#endif
