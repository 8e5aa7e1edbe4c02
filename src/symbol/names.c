#include "symbol/names.h"

#include <search.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libiberty/demangle.h>

#include "util/arena.h"

/* Longer symbols stay as they are: libiberty recurses, and its own depth limit would already give
 * up on symbols over 1024 bytes, which templates do reach. 4096 takes about 2 MB of stack. */
#define MS_MANGLED_MAX 4096u

/* A few hundred bytes of substitutions can stand for gigabytes of text. */
#define MS_DEMANGLED_MAX 65536u

typedef struct ms_name {
    const char *symbol;
    const char *text;
} ms_name;

struct ms_names {
    ms_arena *arena;
    void *demangled; /* tree of ms_name by symbol; tsearch(3) */
    void *joined;    /* tree of texts */
    char *scratch;   /* MS_DEMANGLED_MAX bytes */
};

ms_names *ms_names_new(void) {
    ms_names *names = calloc(1, sizeof *names);
    if (names) {
        names->arena = ms_arena_new();
        names->scratch = malloc(MS_DEMANGLED_MAX);
        if (!names->arena || !names->scratch) {
            ms_names_free(names);
            names = NULL;
        }
    }
    return names;
}

static void keep(void *entry) {
    (void)entry; /* it dies with the arena */
}

void ms_names_free(ms_names *names) {
    if (names) {
        tdestroy(names->demangled, keep);
        tdestroy(names->joined, keep);
        free(names->scratch);
        ms_arena_free(names->arena);
        free(names);
    }
}

typedef struct ms_output {
    char *text;
    size_t length;
    jmp_buf full;
} ms_output;

/* Leaving by longjmp is the only way to stop the demangler, which otherwise works on until the
 * whole text was offered. Its C++ half keeps everything on the stack; its Rust half can lose a
 * small buffer, and only on a name made to overflow. */
static void collect(const char *part, size_t size, void *context) {
    ms_output *output = context;
    if (size > MS_DEMANGLED_MAX - output->length) {
        longjmp(output->full, 1);
    }
    memcpy(output->text + output->length, part, size);
    output->length += size;
}

/* Rust first: its legacy names are well-formed C++ names, only uglier when read as such. */
static size_t demangle_into(char *text, const char *symbol) {
    const int options = DMGL_PARAMS | DMGL_ANSI;
    ms_output output = {.text = text};
    if (setjmp(output.full)) {
        return 0;
    }
    if (rust_demangle_callback(symbol, options, collect, &output)) {
        return output.length;
    }
    output.length = 0;
    bool done =
        cplus_demangle_v3_callback(symbol, options | DMGL_NO_RECURSE_LIMIT, collect, &output);
    return done ? output.length : 0;
}

static bool looks_mangled(const char *symbol) {
    return strncmp(symbol, "_Z", 2) == 0 || strncmp(symbol, "_R", 2) == 0 ||
           strncmp(symbol, "_GLOBAL_", 8) == 0;
}

static const char *readable(ms_names *names, const char *symbol) {
    size_t length = strcspn(symbol, "@"); /* name@VERSION, name@@DEFAULT_VERSION */
    const char *plain = length ? ms_arena_text(names->arena, symbol, length) : symbol;
    if (length && length <= MS_MANGLED_MAX && looks_mangled(plain)) {
        size_t size = demangle_into(names->scratch, plain);
        return size ? ms_arena_text(names->arena, names->scratch, size) : plain;
    }
    return plain;
}

static int compare_names(const void *left, const void *right) {
    const ms_name *a = left, *b = right;
    return strcmp(a->symbol, b->symbol);
}

const char *ms_names_demangle(ms_names *names, const char *symbol) {
    ms_name wanted = {.symbol = symbol};
    ms_name **found = tfind(&wanted, &names->demangled, compare_names);
    if (found) {
        return (*found)->text;
    }
    ms_name *name = ms_arena_alloc(names->arena, sizeof *name);
    name->symbol = ms_arena_text(names->arena, symbol, strlen(symbol));
    name->text = readable(names, name->symbol);
    tsearch(name, &names->demangled,
            compare_names); /* without memory: worked out again next time */
    return name->text;
}

static int compare_texts(const void *left, const void *right) {
    return strcmp(left, right);
}

const char *ms_names_join(ms_names *names, const char *left, const char *middle,
                          const char *right) {
    int length = snprintf(names->scratch, MS_DEMANGLED_MAX, "%s%s%s", left, middle, right);
    if (length < 0 || (size_t)length >= MS_DEMANGLED_MAX) {
        return right; /* a damaged file */
    }
    char **found = tfind(names->scratch, &names->joined, compare_texts);
    if (found) {
        return *found;
    }
    char *text = ms_arena_text(names->arena, names->scratch, (size_t)length);
    tsearch(text, &names->joined, compare_texts);
    return text;
}

const char *ms_names_part(ms_names *names, const char *text, size_t length) {
    return ms_names_join(names, ms_arena_text(names->arena, text, length), "", "");
}

static bool starts_with_directory(const char *file, const char *directory) {
    size_t length = strlen(directory);
    return strncmp(file, directory, length) == 0 && file[length] == '/';
}

/* libdw puts the directory before a plain file name, not before a relative path; and it calls a
 * file that has no name "???". */
const char *ms_names_path(ms_names *names, const char *directory, const char *file) {
    if (!file || strcmp(file, "???") == 0) {
        return NULL;
    }
    if (*file == '/' || !directory || !*directory || starts_with_directory(file, directory)) {
        return file;
    }
    return ms_names_join(names, directory, "/", file);
}
