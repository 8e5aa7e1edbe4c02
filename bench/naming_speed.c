/* naming_speed.c - how long it takes to tell what keeps the blocks of each site of a trace, and of what type they are:
 * with nothing known of the program's code, and from what the first time has kept. In CPU time, so that others on the
 * machine do not matter. bench/naming_speed TRACE */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "load/load.h"
#include "model/model.h"
#include "symbol/naming.h"

enum { FRAMES = 32 };

typedef struct site_time {
    double seconds;
    size_t site;
} site_time;

typedef struct naming_run {
    const ms_model *model;
    ms_symbols *symbols;
    ms_naming *naming;
    site_time *times;
    size_t count, named, typed;
} naming_run;

static void check(bool done, const char *what) {
    if (done)
        return;
    fprintf(stderr, "naming_speed: %s failed\n", what);
    exit(1);
}

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Modules of the model are modules of the symbols, in the same order. */
static size_t module_of(const ms_model *model, const ms_frame *frame) {
    for (size_t i = 0; i < model->modules.count; i++)
        if (frame->module && strcmp(model->modules.items[i].module, frame->module) == 0)
            return i;
    return SIZE_MAX;
}

static void ask(naming_run *r, size_t index) {
    const ms_site *site = &r->model->sites.items[index];
    const ms_stack *stack = ms_model_stack(r->model, site->stack);
    ms_return calls[FRAMES];
    size_t count = 0;
    for (size_t i = 0; stack && i < stack->count && count < FRAMES; i++)
        calls[count++] = (ms_return){.module = module_of(r->model, &stack->frames[i]),
                                     .address = stack->frames[i].address};
    double before = cpu_seconds();
    ms_naming_answer answer =
        ms_naming_ask(r->naming, &(ms_naming_site){.calls = calls,
                                                   .count = count,
                                                   .min_size = site->min_size,
                                                   .max_size = site->max_size});
    r->times[r->count++] = (site_time){cpu_seconds() - before, index};
    r->named += answer.variable != NULL;
    r->typed += answer.type != NULL;
}

static int by_time(const void *a, const void *b) {
    double x = ((const site_time *)a)->seconds, y = ((const site_time *)b)->seconds;
    return (x > y) - (x < y);
}

static void tell(naming_run *r, const char *what, double seconds) {
    const site_time *t = r->times;
    qsort(r->times, r->count, sizeof *r->times, by_time);
    printf("%s: %zu sites, %zu with a name, %zu with a type, in %.2f s; each in ms: median %.3f, "
           "95 %% within %.2f, slowest %.1f (site %zu)\n",
           what, r->count, r->named, r->typed, seconds, 1e3 * t[r->count / 2].seconds,
           1e3 * t[r->count * 95 / 100].seconds, 1e3 * t[r->count - 1].seconds,
           t[r->count - 1].site);
}

static void name_all(const ms_model *model, const char *what) {
    naming_run r = {.model = model, .symbols = ms_symbols_new(NULL)};
    r.naming = r.symbols ? ms_naming_new(r.symbols, true) : NULL;
    r.times = calloc(model->sites.count + 1, sizeof *r.times);
    check(r.naming && r.times && model->sites.count, "beginning");
    double before = cpu_seconds();
    for (size_t i = 0; i < model->modules.count; i++)
        check(ms_symbols_add(r.symbols, model->modules.items[i].path, NULL, 0, 0) == i, "a module");
    for (size_t i = 0; i < model->sites.count; i++)
        ask(&r, i);
    ms_naming_free(r.naming); /* keeps what it has found out */
    tell(&r, what, cpu_seconds() - before);
    ms_symbols_free(r.symbols);
    free(r.times);
}

static int forget(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status, (void)kind, (void)where;
    return remove(path);
}

int main(int argc, char **argv) {
    char cache[] = "/tmp/naming-speed-XXXXXX";
    ms_error warning = {0}, error = {0};
    ms_model *model =
        argc == 2 ? ms_load(argv[1], &(ms_load_options){.no_symbols = true}, &warning, &error)
                  : NULL;
    check(model != NULL, "loading");
    check(mkdtemp(cache) && setenv("XDG_CACHE_HOME", cache, 1) == 0, "making a directory");
    name_all(model, "cold");
    name_all(model, "kept");
    nftw(cache, forget, 8, FTW_DEPTH | FTW_PHYS);
    ms_model_free(model);
    return 0;
}
