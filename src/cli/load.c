#include "cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/analyze.h"
#include "load/json.h"
#include "load/load.h"
#include "util/progress.h"

/* ---- Ctrl-C ------------------------------------------------------------------------------ */

/* Set by the handler, which can be handed nothing: a signal has no context of ours. */
static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number) {
    (void)signal_number;
    stop_requested = 1;
}

/* The first Ctrl-C asks; a second one, should the first not be heard, ends memscope as ever. */
static void catch_interrupt(struct sigaction *previous) {
    struct sigaction action = {.sa_handler = request_stop, .sa_flags = (int)SA_RESETHAND};
    stop_requested = 0;
    sigaction(SIGINT, NULL, previous);
    if (previous->sa_handler != SIG_IGN)
        sigaction(SIGINT, &action, NULL);
}

/* ---- loading ----------------------------------------------------------------------------- */

/* The list `text`, cut at its colons. */
typedef struct path_list {
    char *text;
    const char **items;
    size_t count;
} path_list;

static bool split_paths(const char *text, path_list *list) {
    *list = (path_list){0};
    if (!text)
        return true;
    size_t most = 1;
    for (const char *c = text; *c; c++)
        most += *c == ':';
    list->text = strdup(text);
    list->items = calloc(most, sizeof *list->items);
    if (!list->text || !list->items)
        return false;
    char *rest = list->text;
    for (char *item; (item = strsep(&rest, ":"));)
        if (*item)
            list->items[list->count++] = item;
    return true;
}

static void free_paths(path_list *list) {
    free(list->items);
    free(list->text);
}

static ms_model *load_trace(const char *path, const ms_load_options *options, ms_error *warning,
                            ms_error *error) {
    struct sigaction previous;
    catch_interrupt(&previous);
    ms_model *model = ms_load(path, options, warning, error);
    sigaction(SIGINT, &previous, NULL);
    return model;
}

static ms_model *load(const char *path, const ms_options *options, bool rows,
                      const path_list *debug_dirs, ms_error *warning, ms_error *error) {
    ms_progress progress;
    ms_progress_init(&progress, STDERR_FILENO, options->progress, "reading", &stop_requested);
    ms_load_options load_options = {
        .symbols =
            {
                .debug_dirs = debug_dirs->items,
                .debug_dir_count = debug_dirs->count,
                .sysroot = options->sysroot,
                .debuginfod = options->debuginfod,
                .inlines = options->inlines,
            },
        .no_lift = !options->lift,
        .no_cache = !options->cache,
        .rows = rows,
        .so_far = options->so_far,
        .progress = ms_progress_update,
        .context = &progress,
    };
    bool json = ms_json_is_report(path);
    ms_model *model = json ? ms_load_json(path, &load_options, warning, error)
                           : load_trace(path, &load_options, warning, error);
    ms_progress_deinit(&progress);
    if (model && !json) /* the findings of a report are in it */
        ms_analyze(model);
    return model;
}

ms_model *ms_cli_load(const char *path, const ms_options *options, bool rows, bool *interrupted,
                      ms_error *error) {
    ms_error warning = {0};
    ms_model *model = NULL;
    path_list debug_dirs;
    if (split_paths(options->debug_dir, &debug_dirs))
        model = load(path, options, rows, &debug_dirs, &warning, error);
    else
        ms_fail(error, MS_ERR_NOMEM, "no memory to read %s", path);
    free_paths(&debug_dirs);

    bool stopped = model && stop_requested;
    if (stopped)
        ms_say("interrupted: this covers only what was read of %s until then", path);
    else if (model && *warning.message)
        ms_say("%s", warning.message);
    if (interrupted)
        *interrupted = stopped;
    return model;
}
