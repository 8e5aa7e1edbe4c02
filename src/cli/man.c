/* man.c - man pages as roff, from the same lists as --help. */
#include <ctype.h>
#include <string.h>

#include "cli/texts.h"

/* ---- roff -------------------------------------------------------------------------------- */

/* Text that roff shows as it stands: a dash stays a dash, and no line becomes a request. */
static void put(FILE *out, const char *text) {
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\n')
            fputs("\n.PP\n", out);
        else
            fputc(*text, out);
    }
}

static void put_bold(FILE *out, const char *text) {
    fputs("\\fB", out);
    put(out, text);
    fputs("\\fR", out);
}

static void section(FILE *out, const char *title) {
    fprintf(out, ".SH %s\n", title);
}

static void line(FILE *out, const char *text) {
    put(out, text);
    fputc('\n', out);
}

/* A tagged paragraph. */
static void entry(FILE *out, const char *term, const char *text) {
    fputs(".TP\n", out);
    put_bold(out, term);
    fputc('\n', out);
    line(out, text);
}

static void title(FILE *out, const ms_verb *verb) {
    fputs(".TH MEMSCOPE", out);
    if (verb) {
        fputs("\\-", out);
        for (const char *c = verb->name; *c; c++)
            fputc(toupper((unsigned char)*c), out);
    }
    fputs(" 1 \"\" \"memscope " MS_VERSION "\" \"User Commands\"\n", out);
}

/* ---- sections ---------------------------------------------------------------------------- */

static void name_and_synopsis(FILE *out, const ms_verb *verb) {
    section(out, "NAME");
    fprintf(out, "memscope%s%s \\- ", verb ? "\\-" : "", verb ? verb->name : "");
    line(out, verb ? verb->summary : "show where the memory of a program goes");
    section(out, "SYNOPSIS");
    put_bold(out, "memscope");
    if (verb) {
        fputc(' ', out);
        put_bold(out, verb->name);
        fputs(" [\\fIOPTION\\fR...] ", out);
        line(out, verb->operands);
    } else {
        fputs(" \\fIVERB\\fR [\\fIOPTION\\fR...] ...\n", out);
    }
}

static void option_entries(FILE *out, const ms_verb *verb) {
    section(out, "OPTIONS");
    for (size_t i = 0; i < ms_option_count; i++) {
        if (!ms_option_is_flag_of(&ms_option_infos[i], verb))
            continue;
        char term[160], text[320];
        ms_option_term(&ms_option_infos[i], term, sizeof term);
        ms_option_text(&ms_option_infos[i], text, sizeof text);
        entry(out, term, text);
    }
    entry(out, "-h, --help", "show the help of this verb");
}

/* Everything that verbs with the options of `where` read from the environment. */
static void environment(FILE *out, unsigned where) {
    section(out, "ENVIRONMENT");
    line(out, "A flag beats its variable; a variable that is empty counts as not set.");
    for (size_t i = 0; i < ms_option_count; i++) {
        const ms_option_info *option = &ms_option_infos[i];
        if (!(option->where & where) || option->where & MS_FLAG_ONLY)
            continue;
        char variable[64], text[320];
        ms_option_variable(option, variable, sizeof variable);
        snprintf(text, sizeof text, "the same as --%s", option->flag);
        entry(out, variable, *option->flag ? text : option->doc);
    }
    for (size_t i = 0; i < ms_option_switch_count; i++)
        if (ms_option_switches[i].option->where & where)
            entry(out, ms_option_switches[i].variable, ms_option_switches[i].doc);
    if (where & (MS_FOR_RUN | MS_FOR_REPORT))
        entry(out, "NO_COLOR", "set and not empty: no colours unless --color always");
}

static void exit_statuses(FILE *out, const char *verb) {
    section(out, "EXIT STATUS");
    for (size_t i = 0; i < ms_exit_count; i++)
        if (strcmp(ms_exits[i].verb, verb) == 0)
            entry(out, ms_exits[i].status, ms_exits[i].doc);
}

static void examples(FILE *out, const ms_verb *verb) {
    section(out, "EXAMPLES");
    for (size_t i = 0; i < ms_example_count; i++)
        if (!verb || strcmp(ms_examples[i].verb, verb->name) == 0)
            entry(out, ms_examples[i].command, ms_examples[i].doc);
}

static void verb_entries(FILE *out) {
    section(out, "VERBS");
    for (size_t i = 0; i < ms_verb_count; i++)
        entry(out, ms_verbs[i].name, ms_verbs[i].summary);
}

static void see_also(FILE *out, const ms_verb *verb) {
    section(out, "SEE ALSO");
    if (verb)
        fputs(".BR memscope (1)", out);
    for (size_t i = 0; i < ms_verb_count; i++) {
        if (&ms_verbs[i] == verb)
            continue;
        bool first = !verb && i == 0;
        fprintf(out, "%s.BR memscope\\-%s (1)", first ? "" : ",\n", ms_verbs[i].name);
    }
    fputc('\n', out);
}

void ms_man_print(FILE *out, const ms_verb *verb) {
    title(out, verb);
    name_and_synopsis(out, verb);
    section(out, "DESCRIPTION");
    line(out, verb ? verb->description : MS_SUMMARY);
    if (verb) {
        option_entries(out, verb);
    } else {
        verb_entries(out);
        section(out, "OPTIONS");
        entry(out, "-h, --help", "show help");
        entry(out, "--version", "print the version");
    }
    environment(out, verb ? verb->where : ~0u);
    exit_statuses(out, verb ? verb->name : "memscope");
    examples(out, verb);
    see_also(out, verb);
}
