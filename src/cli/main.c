/* memscope - the command line: finds the verb, completes the options, calls. */
#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

#include "util/args.h"

const ms_verb ms_verbs[] = {
#define MS_VERB(name, where, stops, operands, summary, description)                                \
    {#name, where, stops, operands, summary, description, ms_cmd_##name},
#include "cli/verbs.def"
};

const size_t ms_verb_count = sizeof ms_verbs / sizeof *ms_verbs;

const ms_verb *ms_verb_find(const char *name) {
    for (size_t i = 0; i < ms_verb_count; i++)
        if (strcmp(ms_verbs[i].name, name) == 0)
            return &ms_verbs[i];
    return NULL;
}

static const char *nearest_verb(const char *word) {
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < ms_verb_count; i++) {
        size_t distance = ms_misspelling(word, ms_verbs[i].name);
        if (distance < best_distance) {
            best_distance = distance;
            best = ms_verbs[i].name;
        }
    }
    return best;
}

static int unknown_verb(const char *word) {
    const char *nearest = nearest_verb(word);
    if (nearest)
        ms_say("there is no verb '%s'; did you mean '%s'?", word, nearest);
    else if (*word == '-')
        ms_say("unknown option '%s'; a verb comes first: memscope --help lists them", word);
    else
        ms_say("there is no verb '%s'; memscope --help lists them", word);
    return ms_err_exit_status(MS_ERR_USAGE);
}

static void say_bad_environment(const ms_option_problems *problems) {
    for (size_t i = 0; i < problems->count; i++) {
        const ms_option_info *option = problems->items[i].option;
        char variable[64];
        ms_option_variable(option, variable, sizeof variable);
        ms_say("ignored %s=%s: it takes %s", variable, problems->items[i].value,
               ms_option_expected(option));
    }
}

static int run_verb(const ms_verb *verb, int argc, char **argv) {
    ms_options options = ms_options_default();
    ms_option_problems problems;
    ms_options_from_environment(&options, environ, verb->where, &problems);
    say_bad_environment(&problems);

    ms_args args;
    ms_error error;
    if (ms_args_parse(argc, argv, verb->where, verb->stops_at_operand, &options, &args, &error)) {
        ms_say("%s: %s", verb->name, error.message);
        return ms_err_exit_status(error.code);
    }
    if (args.help) {
        ms_help_print(stdout, verb);
        return ms_finish_stdout(0);
    }
    return verb->function(&options, args.argc, args.argv);
}

/* The verb behind memscope's other names, memscope-VERB, or NULL. */
static const char *verb_of_alias(const char *program) {
    const char *slash = strrchr(program, '/');
    const char *name = slash ? slash + 1 : program;
    static const char prefix[] = "memscope-";
    return strncmp(name, prefix, sizeof prefix - 1) == 0 ? name + sizeof prefix - 1 : NULL;
}

static int version(void) {
    puts("memscope " MS_VERSION);
    return ms_finish_stdout(0);
}

static int dispatch(int argc, char **argv) {
    const char *word = *argv;
    if (!word) {
        ms_help_print(stderr, NULL);
        return ms_err_exit_status(MS_ERR_USAGE);
    }
    if (strcmp(word, "--version") == 0)
        return version();
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        ms_help_print(stdout, NULL);
        return ms_finish_stdout(0);
    }
    const ms_verb *verb = ms_verb_find(word);
    return verb ? run_verb(verb, argc - 1, argv + 1) : unknown_verb(word);
}

/* Under the name memscope-VERB. */
static int dispatch_alias(const char *name, int argc, char **argv) {
    if (argc == 1 && strcmp(*argv, "--version") == 0)
        return version();
    const ms_verb *verb = ms_verb_find(name);
    if (verb)
        return run_verb(verb, argc, argv);
    ms_say("this version has no verb '%s'; memscope --help lists what it has", name);
    return ms_err_exit_status(MS_ERR_USAGE);
}

int main(int argc, char **argv) {
    if (argc < 1)
        return ms_err_exit_status(MS_ERR_USAGE);
    const char *alias = verb_of_alias(argv[0]);
    return alias ? dispatch_alias(alias, argc - 1, argv + 1) : dispatch(argc - 1, argv + 1);
}
