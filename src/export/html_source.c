#include "export/html_source.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/human.h"
#include "util/map.h"
#include "util/memory.h"

#define AROUND 5u                    /* lines before and after the one a frame stands on */
#define FILE_MOST ((size_t)8 << 20)  /* bytes of a file that is read */
#define TOTAL_MOST ((size_t)4 << 20) /* bytes of all lines */
#define FILES_MOST 4096u             /* that are opened */
#define COLUMNS_MOST 160u            /* of a line */
#define TAB 8u

/* A line that a frame stands on. */
typedef struct place {
    uint32_t file, line;
    uint64_t built_ns; /* when it was compiled, at the latest; since 1970 */
} place;

/* ---- what may be read ------------------------------------------------------------------- */

/* A trace may name any file of this machine. What does not look like source stays where it is. */
static bool is_source_name(const char *path) {
    static const char *const endings[] = {
        "c",   "h",   "cc",  "hh",  "cpp", "hpp", "cxx", "hxx",  "c++",   "h++", "C",  "H",   "tcc",
        "ipp", "inl", "inc", "def", "y",   "l",   "rs",  "go",   "d",     "m",   "mm", "S",   "s",
        "asm", "f",   "f90", "F90", "zig", "nim", "pyx", "vala", "swift", "hs",  "ml", "adb", "cu",
    };
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    if (*path != '/' || !dot || dot < slash)
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcmp(dot + 1, endings[i]) == 0)
            return true;
    return false;
}

static uint64_t changed_ns(const struct stat *status) {
    if (status->st_mtim.tv_sec < 0)
        return 0;
    return (uint64_t)status->st_mtim.tv_sec * 1000000000u + (uint64_t)status->st_mtim.tv_nsec;
}

static const char *below(ms_arena *arena, const char *root, const char *path) {
    return root ? ms_arena_printf(arena, "%s/%s", root, path) : path;
}

/* When the code of the module called `name` was made, at the latest: before it ran, and before the file it
 * is in was written. */
static uint64_t built_by(const ms_model *model, ms_arena *arena, const char *root,
                         const char *name) {
    uint64_t built = model->program.start_unix_ns;
    for (size_t i = 0; name && i < model->modules.count; i++) {
        const ms_module *module = &model->modules.items[i];
        struct stat status;
        if (module->module && module->path && strcmp(module->module, name) == 0 &&
            stat(below(arena, root, module->path), &status) == 0 && changed_ns(&status) < built)
            built = changed_ns(&status);
    }
    return built;
}

/* The bytes of a file of text, terminated, to be freed; else NULL and why. A FIFO must not stop us, nor a
 * device be touched. */
static char *read_text(const char *path, struct stat *status, size_t *size, const char **state) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    *state = "not found";
    if (fd < 0)
        return NULL;
    char *text = NULL;
    *size = 0;
    if (fstat(fd, status) == 0 && S_ISREG(status->st_mode)) {
        *state = "too large";
        if ((uint64_t)status->st_size <= FILE_MOST)
            text = ms_memory_zeroed((size_t)status->st_size + 1, 1);
    }
    for (ssize_t got = 1; text && *size < (size_t)status->st_size && got > 0;
         *size += (size_t)got) {
        got = read(fd, text + *size, (size_t)status->st_size - *size);
        got = got < 0 ? 0 : got;
    }
    close(fd);
    if (text && memchr(text, 0, *size)) {
        *state = "not text";
        free(text);
        return NULL;
    }
    return text;
}

/* ---- lines ------------------------------------------------------------------------------ */

/* With spaces instead of tabs, and all else visible that is not: marks that reorder text make code look
 * like other code. */
static const char *shown_line(ms_arena *arena, const char *line, size_t length) {
    char wide[1024];
    size_t size = 0;
    for (size_t i = 0; i < length && size + TAB < sizeof wide; i++) {
        if (line[i] == '\t')
            do
                wide[size++] = ' ';
            while (size % TAB);
        else
            wide[size++] = line[i];
    }
    while (size && (wide[size - 1] == ' ' || wide[size - 1] == '\r'))
        size--;
    wide[size] = 0;
    return ms_human_safe(arena, wide, COLUMNS_MOST, MS_CUT_END);
}

static void add_line(ms_html_source *s, uint32_t file, uint32_t number, const char *text) {
    s->lines = ms_memory_grow(s->lines, s->line_count + 1, &s->line_capacity, sizeof *s->lines);
    s->lines[s->line_count++] = (ms_html_source_line){file, number, text};
    s->bytes += strlen(text) + 1;
}

/* Adds the lines of `text` that are around places; false when it ends before the last of them. */
static bool add_lines(ms_html_source *s, const char *text, const place *places, size_t count) {
    size_t next = 0; /* the first place that is not well above */
    uint32_t number = 1;
    for (const char *line = text; *line && next < count; number++) {
        const char *end = strchrnul(line, '\n');
        while (next < count && places[next].line + AROUND < number)
            next++;
        if (next < count && number + AROUND >= places[next].line)
            add_line(s, places->file, number, shown_line(s->arena, line, (size_t)(end - line)));
        line = *end ? end + 1 : end;
    }
    return number > places[count - 1].line;
}

static const char *add_file(ms_html_source *s, const char *path, const place *places,
                            size_t count) {
    struct stat status;
    const char *state;
    size_t size, lines = s->line_count, bytes = s->bytes;
    char *text = read_text(path, &status, &size, &state);
    if (!text)
        return state;
    state = "shown";
    for (size_t i = 0; i < count; i++)
        if (changed_ns(&status) > places[i].built_ns)
            state = "changed since";
    if (strcmp(state, "shown") == 0 && !add_lines(s, text, places, count))
        state = "changed since"; /* it is shorter than it was */
    if (strcmp(state, "shown") != 0) {
        s->line_count = lines;
        s->bytes = bytes;
    }
    free(text);
    return state;
}

/* ---- all of them ------------------------------------------------------------------------ */

/* Places under way to be read. */
typedef struct wanted {
    place *items;
    size_t count, capacity;
    ms_map files; /* number of a path -> index of the file + 1 */
    ms_map built; /* number of a module's name -> index in the times + 1 */
    uint64_t *times;
    size_t time_count, time_capacity;
} wanted;

static uint32_t file_of(ms_html_source *s, wanted *w, ms_html_names *names, const char *path) {
    uint32_t *file = ms_map_at(&w->files, ms_html_text(names, path), NULL);
    if (!*file) {
        s->files = ms_memory_grow(s->files, s->file_count + 1, &s->file_capacity, sizeof *s->files);
        s->files[s->file_count++] = (ms_html_source_file){.path = path};
        *file = (uint32_t)s->file_count;
    }
    return *file - 1;
}

static uint64_t time_of(wanted *w, ms_html_names *names, const ms_model *model, ms_arena *arena,
                        const char *root, const char *module) {
    uint32_t *time = ms_map_at(&w->built, ms_html_text(names, module), NULL);
    if (!*time) {
        w->times = ms_memory_grow(w->times, w->time_count + 1, &w->time_capacity, sizeof *w->times);
        w->times[w->time_count++] = built_by(model, arena, root, module);
        *time = (uint32_t)w->time_count;
    }
    return w->times[*time - 1];
}

static void collect(ms_html_source *s, wanted *w, ms_html_names *names, const ms_model *model,
                    const char *root) {
    for (size_t i = 0; i < names->frame_count; i++) {
        const ms_frame *frame = &names->frames[i];
        if (!frame->file || frame->line == 0 || frame->line >= UINT32_MAX - AROUND)
            continue; /* MS_UNKNOWN is among these */
        w->items = ms_memory_grow(w->items, w->count + 1, &w->capacity, sizeof *w->items);
        w->items[w->count++] = (place){
            .file = file_of(s, w, names, frame->file),
            .line = (uint32_t)frame->line,
            .built_ns = time_of(w, names, model, s->arena, root, frame->module),
        };
    }
}

static int by_file_and_line(const void *a, const void *b) {
    const place *p = a, *q = b;
    if (p->file != q->file)
        return p->file < q->file ? -1 : 1;
    return (p->line > q->line) - (p->line < q->line);
}

static void read_all(ms_html_source *s, const wanted *w, const char *root) {
    size_t opened = 0;
    for (size_t i = 0, count; i < w->count; i += count) {
        const place *places = &w->items[i];
        ms_html_source_file *file = &s->files[places->file];
        for (count = 1; i + count < w->count && places[count].file == places->file;)
            count++;
        if (!is_source_name(file->path))
            file->state = "no name of source";
        else if (s->bytes > TOTAL_MOST || opened++ >= FILES_MOST)
            file->state = "no more room";
        else
            file->state = add_file(s, below(s->arena, root, file->path), places, count);
    }
}

void ms_html_source_init(ms_html_source *s, const ms_model *model, ms_html_names *names,
                         const char *root) {
    *s = (ms_html_source){.arena = ms_arena_new()};
    wanted w = {0};
    if (!s->arena)
        return;
    ms_map_init(&w.files, s->arena);
    ms_map_init(&w.built, s->arena);
    collect(s, &w, names, model, root);
    if (w.count)
        qsort(w.items, w.count, sizeof *w.items, by_file_and_line);
    read_all(s, &w, root);
    free(w.items);
    free(w.times);
}

void ms_html_source_deinit(ms_html_source *s) {
    free(s->files);
    free(s->lines);
    ms_arena_free(s->arena);
}
