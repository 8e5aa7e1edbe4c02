#include "cli/cli.h"

#include <string.h>

#include "cli/texts.h"

#define WIDTH 80
#define OPTION_COLUMN 26

/* ---- layout ------------------------------------------------------------------------------ */

/* Prints `text` from `column` on, indenting each further line to `indent`; \n ends a paragraph. */
static void wrap(FILE *out, const char *text, size_t column, size_t indent) {
    while (*text) {
        size_t size = strcspn(text, " \n");
        if (column > indent && column + size + 1 > WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", (int)size, text);
        column += size;
        text += size;
        if (*text == '\n') {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        }
        text += *text != 0;
    }
    fputc('\n', out);
}

/* A term in the left column and its explanation beside it, or below when the term is long. */
static void entry(FILE *out, const char *term, const char *text) {
    int size = fprintf(out, "  %s", term);
    if (size < OPTION_COLUMN - 1)
        fprintf(out, "%*s", OPTION_COLUMN - size, "");
    else
        fprintf(out, "\n%*s", OPTION_COLUMN, "");
    wrap(out, text, OPTION_COLUMN, OPTION_COLUMN);
}

/* ---- help -------------------------------------------------------------------------------- */

static void print_options(FILE *out, const ms_verb *verb) {
    fputs("\nOptions:\n", out);
    for (size_t i = 0; i < ms_option_count; i++) {
        if (!ms_option_is_flag_of(&ms_option_infos[i], verb))
            continue;
        char term[160], text[320];
        ms_option_term(&ms_option_infos[i], term, sizeof term);
        ms_option_text(&ms_option_infos[i], text, sizeof text);
        entry(out, term, text);
    }
    entry(out, "-h, --help", "show this help");
}

static void print_examples(FILE *out, const ms_verb *verb) {
    fputs("\nExamples:\n", out);
    for (size_t i = 0; i < ms_example_count; i++)
        if (strcmp(ms_examples[i].verb, verb->name) == 0)
            fprintf(out, "  %s\n      %s\n", ms_examples[i].command, ms_examples[i].doc);
}

static void print_verb(FILE *out, const ms_verb *verb) {
    fprintf(out, "Usage: memscope %s [OPTION...]%s%s\n\n", verb->name, *verb->operands ? " " : "",
            verb->operands);
    wrap(out, verb->description, 0, 0);
    print_options(out, verb);
    fputs("\nExit status:\n", out);
    for (size_t i = 0; i < ms_exit_count; i++)
        if (strcmp(ms_exits[i].verb, verb->name) == 0)
            entry(out, ms_exits[i].status, ms_exits[i].doc);
    print_examples(out, verb);
    if (verb->where & MS_FOR_RUN || verb->where & MS_FOR_REPORT)
        fputs("\nOptions may also stand in the environment: --top 5 is MEMSCOPE_TOP=5.\n", out);
}

static void print_all(FILE *out) {
    fputs("Usage: memscope VERB [OPTION...] ...\n\n", out);
    wrap(out, MS_SUMMARY, 0, 0);
    fputs("\nVerbs:\n", out);
    for (size_t i = 0; i < ms_verb_count; i++)
        entry(out, ms_verbs[i].name, ms_verbs[i].summary);
    print_examples(out, ms_verb_find("run"));
    fputs("\nmemscope VERB --help explains a verb; memscope --version prints the version.\n", out);
}

void ms_help_print(FILE *out, const ms_verb *verb) {
    if (verb)
        print_verb(out, verb);
    else
        print_all(out);
}

/* ---- the verb ---------------------------------------------------------------------------- */

static void print_verbs(FILE *out) {
    for (size_t i = 0; i < ms_verb_count; i++)
        fprintf(out, "%s\n", ms_verbs[i].name);
}

int ms_cmd_help(const ms_options *options, int argc, char **argv) {
    const ms_verb *verb = argc > 0 ? ms_verb_find(argv[0]) : NULL;
    if (argc > 1 || (argc == 1 && !verb)) {
        ms_say("help: there is no verb '%s'; memscope help --verbs lists them", argv[argc - 1]);
        return ms_err_exit_status(MS_ERR_USAGE);
    }
    if (options->verbs)
        print_verbs(stdout);
    else if (options->man)
        ms_man_print(stdout, verb);
    else
        ms_help_print(stdout, verb);
    return ms_finish_stdout(0);
}
