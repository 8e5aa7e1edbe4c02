#include "model/phrase.h"

#include <inttypes.h>
#include <string.h>

#include "util/arena.h"

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* Arguments may be megabytes, and many. */
const char *ms_phrase_command(const ms_program *program, ms_arena *arena, size_t most) {
    const char *name = program->argv.count && program->argv.items[0] ? program->argv.items[0]
                                                                     : program->executable;
    const char *line = name ? base_name(name) : "(unknown program)";
    for (size_t i = 1; i < program->argv.count && strlen(line) < most; i++)
        line = ms_arena_printf(arena, "%s %.*s", line, (int)most,
                               program->argv.items[i] ? program->argv.items[i] : "");
    return line;
}

const char *ms_phrase_end(const ms_program *program, ms_arena *arena) {
    if (program->exit_status != MS_UNKNOWN)
        return ms_arena_printf(arena, "exited with status %" PRIu64, program->exit_status);
    if (program->exit_signal == MS_UNKNOWN)
        return ms_arena_printf(arena, "end: %s", program->end ? program->end : "unknown");
    const char *name = program->exit_signal < 65 ? sigabbrev_np((int)program->exit_signal) : NULL;
    return ms_arena_printf(arena, "killed by signal %" PRIu64 "%s%s", program->exit_signal,
                           name ? ", SIG" : "", name ? name : "");
}

const char *ms_phrase_frame(const ms_frame *frame, ms_arena *arena) {
    if (!frame)
        return "allocations without a stack";
    if (frame->function)
        return frame->function;
    const char *module = frame->module ? frame->module : "unknown";
    if (frame->address == MS_UNKNOWN)
        return module;
    return ms_arena_printf(arena, "%s+0x%" PRIx64, module, frame->address);
}

const char *ms_phrase_place(const ms_frame *frame, ms_arena *arena) {
    if (!frame || !frame->file)
        return NULL;
    if (frame->line == MS_UNKNOWN)
        return frame->file;
    return ms_arena_printf(arena, "%s:%" PRIu64, frame->file, frame->line);
}
