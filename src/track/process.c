#include "track/process.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "capture/boot.h"
#include "capture/start.h"

/* The headers for programs are installed alone, so they list the strategies once more, and in this order. */
static const char *const strategies[] = {
#define MS_STRATEGY(name, sample, budget, tasks) #name,
#include "base/strategies.def"
};

enum { STRATEGIES = sizeof strategies / sizeof *strategies };

enum {
#define MS_STRATEGY(name, sample, budget, tasks) STRATEGY_##name,
#include "base/strategies.def"
};
_Static_assert((int)MEMSCOPE_CORE == STRATEGY_core && (int)MEMSCOPE_LOCKFREE == STRATEGY_lockfree &&
                   (int)MEMSCOPE_ASYNC == STRATEGY_async &&
                   (int)MEMSCOPE_UNIFIED == STRATEGY_unified && STRATEGIES == 4,
               "strategies.def says otherwise");
_Static_assert(MEMSCOPE_AS_STRATEGY == MS_RATE_UNSET, "one word for what nobody has set");

/* Of the struct in the first version that had one. */
enum { FIRST_SIZE = offsetof(struct memscope_config, output) + sizeof(const char *) };

static unsigned number_of(const char *strategy) {
    unsigned number = 0;
    while (number < STRATEGIES - 1 && strcmp(strategies[number], strategy) != 0)
        number++;
    return number;
}

unsigned ms_process_strategy(const ms_options *options) {
    return number_of(ms_options_strategy(options).name);
}

static struct memscope_config defaults(void) {
    ms_options options = ms_boot_options();
    return (struct memscope_config){
        .size = sizeof(struct memscope_config),
        .strategy = number_of(options.strategy),
        .stacks = options.stacks,
        .mappings = options.mappings,
        .budget_percent = (unsigned)options.budget,
        .sample_bytes = options.sample,
        .output = options.output,
        .free_stacks = options.free_stacks,
        .word_stacks = options.word_stacks,
    };
}

/* A program built with a header older than we are knows less than we do; one built with a newer one, more. */
static void copy_known(struct memscope_config *to, const struct memscope_config *from,
                       size_t size) {
    memcpy(to, from, size < sizeof *to ? size : sizeof *to);
}

void ms_process_config(struct memscope_config *config, size_t size) {
    struct memscope_config all = defaults();
    all.size = size;
    memcpy(config, &all, size < sizeof all ? size : sizeof all);
}

static ms_options options_of(const struct memscope_config *config) {
    ms_options options = ms_boot_options();
    options.strategy = strategies[config->strategy];
    options.stacks = config->stacks;
    options.mappings = config->mappings;
    options.budget = config->budget_percent;
    options.sample = config->sample_bytes;
    options.output = config->output;
    options.free_stacks = config->free_stacks;
    options.word_stacks = config->word_stacks;
    return options;
}

static int result(int code) {
    if (code >= 0)
        return code;
    errno = -code;
    return -1;
}

int ms_process_start(const struct memscope_config *config) {
    struct memscope_config all = defaults();
    if (config && config->size < FIRST_SIZE)
        return result(-EINVAL); /* nobody has filled it in */
    if (config)
        copy_known(&all, config, config->size);
    if (all.strategy >= STRATEGIES || all.budget_percent > 100)
        return result(-EINVAL);
    ms_options options = options_of(&all);
    return result(ms_start(&options));
}

int ms_process_stop(void) {
    return result(ms_stop());
}
