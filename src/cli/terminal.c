#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool ms_cli_color(const ms_options *options, int fd) {
    if (strcmp(options->color, "auto") != 0)
        return strcmp(options->color, "always") == 0;
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(fd) && !(no_color && *no_color) && terminal && strcmp(terminal, "dumb") != 0;
}

/* 0: not known. */
static size_t columns_of(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

ms_export_options ms_cli_export_options(const ms_options *options, int fd, const char *trace) {
    ms_export_options export = ms_export_defaults();
    export.color = ms_cli_color(options, fd);
    export.lift = options->lift;
    export.top = options->top;
    export.width = columns_of(fd);
    export.trace = trace;
    export.embed_source = options->embed_source;
    export.sysroot = options->sysroot;
    ms_cost cost = ms_cost_named(options->cost);
    if (cost != MS_COST_COUNT)
        export.cost = cost;
    return export;
}
