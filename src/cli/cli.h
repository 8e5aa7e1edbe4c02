/* cli.h - what the verbs of the command line share. One process, one thread, one verb. */
#ifndef MS_CLI_CLI_H
#define MS_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/options.h"
#include "export/export.h"
#include "model/model.h"
#include "util/error.h"

/* ---- verbs ------------------------------------------------------------------------------- */

/* int ms_cmd_<verb>(options, argc, argv): does the verb and returns memscope's exit status.
 *   options  parsed and complete: defaults < environment < flags
 *   argv     the operands, `argc` of them, then NULL; neither memscope nor the verb is among them.
 *            Of `run`: the program and its arguments, a "--" in front already taken off. */
#define MS_VERB(name, where, stops, operands, summary, description)                                \
    int ms_cmd_##name(const ms_options *options, int argc, char **argv);
#include "cli/verbs.def"

typedef struct ms_verb {
    const char *name;
    unsigned where; /* MS_FOR_*: the options it takes */
    bool stops_at_operand;
    const char *operands;
    const char *summary;
    const char *description;
    int (*function)(const ms_options *options, int argc, char **argv);
} ms_verb;

extern const ms_verb ms_verbs[];
extern const size_t ms_verb_count;

/* The verb of that name, or NULL. */
const ms_verb *ms_verb_find(const char *name);

/* ---- help -------------------------------------------------------------------------------- */

/* Prints the help of `verb`, or of memscope when it is NULL. */
void ms_help_print(FILE *out, const ms_verb *verb);

/* Prints the man page of `verb`, or memscope(1), as roff. */
void ms_man_print(FILE *out, const ms_verb *verb);

/* ---- messages ---------------------------------------------------------------------------- */

/* One line on stderr: "memscope: ...". Control characters are escaped: file names come from
 * anywhere. */
void ms_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says the error and returns the exit status it stands for. */
int ms_say_error(const ms_error *error);

/* Flushes stdout, and says so when what was printed could not be written; the exit status. */
int ms_finish_stdout(int status);

/* ---- traces ------------------------------------------------------------------------------ */

/* Loads the trace at `path` as `options` ask (debug_dir, sysroot, debuginfod, inlines, lift,
 * progress), with single blocks if `rows`, with a progress bar, and says a warning when the trace is
 * cut. Ctrl-C stops the
 * reading, not memscope: the model then holds what was read, and `*interrupted` (may be NULL) is
 * set. NULL with `error` set when nothing can be read. */
ms_model *ms_cli_load(const char *path, const ms_options *options, bool rows, bool *interrupted,
                      ms_error *error);

/* Should text on stdout or stderr (`fd` 1 or 2) have colours? --color, then NO_COLOR and TERM, then
 * whether it is a terminal. */
bool ms_cli_color(const ms_options *options, int fd);

/* What exporters are told, as `options` ask, for output that goes to `fd` (-1: to a file that is no
 * terminal) about the trace at `trace` (borrowed). */
ms_export_options ms_cli_export_options(const ms_options *options, int fd, const char *trace);

/* ---- the library ------------------------------------------------------------------------- */

/* Writes the path of the libmemscope.so that belongs to this memscope: ../lib beside the directory
 * of the running binary, wherever it lies. False, with `path` the place looked at, when there is no
 * readable file there. */
bool ms_cli_library(char *path, size_t capacity);

#endif
