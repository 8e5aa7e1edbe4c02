#include "load/frames.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "model/phrase.h"
#include "symbol/datatype.h"
#include "symbol/naming.h"
#include "util/arena.h"
#include "util/map.h"
#include "util/memory.h"

/* 512 MiB of frames at most with all of each stack, then a little of each that follows. */
#define FULL_FRAMES ((size_t)8 << 20)
#define KEPT_FRAMES 16u
#define MAX_LOCATIONS 64u /* inlined calls at one pc */

/* A module as the trace has it. */
typedef struct origin {
    uint32_t record;  /* index + 1 in `modules`; 0: not on a stack so far */
    const char *path; /* NULL: nobody asked for it so far */
    const uint8_t *id;
    size_t id_size;
    size_t symbols; /* handle */
    bool hook;      /* libmemscope.so itself */
} origin;

/* The frames of one pc in one module; those with the same pc are chained. */
typedef struct place {
    uint32_t module;
    uint32_t next; /* index + 1 */
    uint32_t record;
    uint32_t count;
    ms_frame *frames;
} place;

/* The stack of a word, which the program may say over and over. */
typedef struct word_stack {
    uint32_t stack, module;
} word_stack;

struct ms_frames {
    const ms_nodes *nodes;
    ms_model *model;
    ms_symbols *symbols; /* NULL: addresses only */
    ms_naming *naming;   /* NULL: no names of variables */
    ms_arena *arena;     /* scratch */
    ms_map texts;        /* hash -> index + 1 in `interned` */
    const char **interned;
    size_t interned_count, interned_capacity;
    origin *origins; /* by module of the nodes */
    ms_module *modules;
    size_t module_count, module_capacity;
    ms_map place_of; /* pc -> index + 1 */
    place *places;
    size_t place_count, place_capacity;
    ms_stack *stacks;
    size_t stack_count, stack_capacity;
    ms_map word_of; /* node -> index + 1 */
    word_stack *words;
    size_t word_count, word_capacity;
    ms_frame *line; /* the stack being made */
    size_t line_capacity;
    size_t total; /* frames so far */
};

ms_frames *ms_frames_new(const ms_nodes *nodes, const ms_load_options *options, ms_model *model) {
    ms_frames *f = ms_memory_zeroed(1, sizeof *f);
    f->nodes = nodes;
    f->model = model;
    f->arena = ms_arena_new();
    if (!f->arena) {
        free(f);
        return NULL;
    }
    if (!options || !options->no_symbols)
        f->symbols = ms_symbols_new(options ? &options->symbols : NULL);
    if (f->symbols)
        f->naming = ms_naming_new(f->symbols, !options || !options->no_cache);
    f->origins = ms_memory_zeroed(nodes->module_count, sizeof *f->origins);
    ms_map_init(&f->texts, f->arena);
    ms_map_init(&f->place_of, f->arena);
    ms_map_init(&f->word_of, f->arena);
    return f;
}

void ms_frames_free(ms_frames *f) {
    if (!f)
        return;
    ms_naming_free(f->naming);
    ms_symbols_free(f->symbols);
    ms_arena_free(f->arena);
    free(f->interned);
    free(f->origins);
    free(f->modules);
    free(f->places);
    free(f->stacks);
    free(f->words);
    free(f->line);
    free(f);
}

/* The model's one copy of a text. (Two texts of one hash would each get a copy.) */
static const char *text(ms_frames *f, const char *bytes) {
    if (!bytes)
        return NULL;
    size_t length = strlen(bytes);
    uint32_t *slot = ms_map_at(&f->texts, XXH64(bytes, length, 0), NULL);
    if (*slot && strcmp(f->interned[*slot - 1], bytes) == 0)
        return f->interned[*slot - 1];
    f->interned =
        ms_memory_grow(f->interned, f->interned_count + 1, &f->interned_capacity, sizeof(char *));
    f->interned[f->interned_count++] = ms_arena_text(f->model->arena, bytes, length);
    *slot = (uint32_t)f->interned_count;
    return f->interned[f->interned_count - 1];
}

/* ---- modules ---------------------------------------------------------------------------- */

static const char *hex(ms_arena *arena, const uint8_t *bytes, size_t size) {
    static const char digits[] = "0123456789abcdef";
    if (size == 0)
        return NULL;
    char *out = ms_arena_alloc(arena, 2 * size + 1);
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    return out;
}

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* An object that was unloaded and loaded again at the same place is one module. */
static uint32_t find_record(const ms_frames *f, const ms_module *module) {
    for (size_t i = 0; i < f->module_count; i++) {
        const ms_module *m = &f->modules[i];
        if (m->bias == module->bias && m->start == module->start &&
            same_text(m->path, module->path) && same_text(m->build_id, module->build_id))
            return (uint32_t)i + 1;
    }
    return 0;
}

static void add_record(ms_frames *f, ms_module module) {
    f->modules =
        ms_memory_grow(f->modules, f->module_count + 1, &f->module_capacity, sizeof *f->modules);
    module.id = f->module_count + 1;
    f->modules[f->module_count++] = module;
}

static origin *name_module(ms_frames *f, uint32_t index) {
    origin *o = &f->origins[index];
    if (o->path)
        return o;
    const ms_loaded *loaded = &f->nodes->modules[index];
    size_t id_size = loaded->text_size ? loaded->text[0] : 0;
    if (1 + id_size > loaded->text_size)
        id_size = 0;
    size_t head = loaded->text_size ? 1 + id_size : 0;
    o->id = loaded->text + 1;
    o->id_size = id_size;
    o->path = ms_arena_text(f->arena, (const char *)loaded->text + head, loaded->text_size - head);
    o->hook = strncmp(file_name(o->path), "libmemscope.so", 14) == 0;
    if (f->symbols)
        o->symbols = ms_symbols_add(f->symbols, o->path, o->id, id_size, loaded->bias);
    return o;
}

/* The module's record, made when its first frame comes. */
static origin *open_module(ms_frames *f, uint32_t index) {
    origin *o = name_module(f, index);
    if (o->record)
        return o;
    const ms_loaded *loaded = &f->nodes->modules[index];
    ms_module module = {.module = text(f, file_name(o->path)),
                        .path = text(f, o->path),
                        .build_id = hex(f->model->arena, o->id, o->id_size),
                        .bias = loaded->bias,
                        .start = loaded->start,
                        .bytes = loaded->bytes,
                        .allocations_error = MS_UNKNOWN,
                        .bytes_allocated_error = MS_UNKNOWN,
                        .live_bytes_error = MS_UNKNOWN,
                        .peak_bytes_error = MS_UNKNOWN};
    o->record = find_record(f, &module);
    if (!o->record) {
        add_record(f, module);
        o->record = (uint32_t)f->module_count;
    }
    return o;
}

static bool of_distribution(const char *path) {
    return strncmp(path, "/usr/", 5) == 0 || strncmp(path, "/lib", 4) == 0 ||
           strncmp(path, "/bin/", 5) == 0 || strncmp(path, "/sbin/", 6) == 0;
}

static void describe_symbols(ms_module *module, ms_symbols_source source) {
    static const char *const names[] = {[MS_SYMBOLS_NOT_FOUND] = "not found",
                                        [MS_SYMBOLS_NONE] = "none",
                                        [MS_SYMBOLS_DYNSYM] = "dynsym",
                                        [MS_SYMBOLS_SYMTAB] = "symtab",
                                        [MS_SYMBOLS_DWARF] = "dwarf"};
    module->symbols = names[source];
    if (source == MS_SYMBOLS_DWARF || module->path[0] == '[')
        return;
    if (source == MS_SYMBOLS_NOT_FOUND)
        module->advice = "there is no such file here, or another build of it: name its place with "
                         "--sysroot or --debug-dir";
    else if (of_distribution(module->path))
        module->advice = "install its -dbgsym package, or use --debuginfod";
    else
        module->advice = "build it with -g for files and lines";
}

uint32_t ms_frames_modules(const ms_frames *f) {
    return (uint32_t)f->nodes->module_count;
}

size_t ms_frames_symbols(ms_frames *f, uint32_t index, ms_symbols **symbols) {
    const origin *o = name_module(f, index);
    *symbols = f->symbols;
    bool worth = o->record || index == 0 || !of_distribution(o->path);
    return f->symbols && worth && !o->hook ? o->symbols : SIZE_MAX;
}

/* ---- places ----------------------------------------------------------------------------- */

static void name_place(ms_frames *f, place *p, uint64_t pc) {
    ms_location locations[MAX_LOCATIONS];
    const origin *o = p->record ? &f->origins[p->module] : NULL;
    const ms_module *module = p->record ? &f->modules[p->record - 1] : NULL;
    size_t known = module && f->symbols
                       ? ms_symbols_at(f->symbols, o->symbols, pc - 1, locations, MAX_LOCATIONS)
                       : 0;
    if (known == 0)
        locations[0] = (ms_location){.function = NULL};
    p->count = known ? (uint32_t)known : 1;
    p->frames = ms_arena_alloc(f->arena, p->count * sizeof *p->frames);
    for (size_t i = 0; i < p->count; i++)
        p->frames[i] = (ms_frame){.function = text(f, locations[i].function),
                                  .file = text(f, locations[i].file),
                                  .line = locations[i].line ? locations[i].line : MS_UNKNOWN,
                                  .module = module ? module->module : NULL,
                                  .inlined = locations[i].inlined,
                                  .address = module ? pc - module->bias : pc};
}

/* The frames of a node's pc. A module whose definition came late is looked for once more. */
static const place *place_of(ms_frames *f, const ms_node *node) {
    uint32_t module = node->module;
    if (module == MS_NO_MODULE)
        module = ms_nodes_module(f->nodes, node->pc, UINT32_MAX);
    uint32_t *head = ms_map_at(&f->place_of, node->pc, NULL);
    for (uint32_t i = *head; i; i = f->places[i - 1].next)
        if (f->places[i - 1].module == module)
            return &f->places[i - 1];

    f->places =
        ms_memory_grow(f->places, f->place_count + 1, &f->place_capacity, sizeof *f->places);
    place *p = &f->places[f->place_count++];
    *p = (place){.module = module, .next = *head};
    *head = (uint32_t)f->place_count;
    if (module != MS_NO_MODULE) {
        const origin *o = open_module(f, module);
        p->record = o->record;
        if (o->hook)
            return p; /* no frames: ours are not the program's */
    }
    name_place(f, p, node->pc);
    return p;
}

/* ---- stacks ----------------------------------------------------------------------------- */

static const char *broken(uint32_t root) {
    switch (root) {
    case MS_ROOT_COMPLETE: return NULL;
    case MS_ROOT_DEEP: return "the stack is deeper; only its innermost frames were recorded";
    case MS_ROOT_NO_CFI: return "there is no unwind information for this frame";
    case MS_ROOT_BAD_FRAME: return "the next frame would lie outside the stack";
    default: return "the definition of its callers is not in the trace";
    }
}

/* The dynamic linker's first instructions, which the kernel jumps to, have no unwind information:
 * nothing lies further out. */
static bool is_process_start(const ms_frame *frame, uint32_t root) {
    return root == MS_ROOT_NO_CFI && frame->module &&
           (strncmp(frame->module, "ld-linux", 8) == 0 || strncmp(frame->module, "ld.so", 5) == 0);
}

static void append(ms_frames *f, size_t *count, const ms_frame *frames, size_t more) {
    f->line = ms_memory_grow(f->line, *count + more, &f->line_capacity, sizeof *f->line);
    if (more)
        memcpy(f->line + *count, frames, more * sizeof *frames);
    *count += more;
}

static uint32_t add_stack(ms_frames *f, size_t count) {
    ms_frame *frames = ms_arena_alloc(f->model->arena, count * sizeof *frames);
    memcpy(frames, f->line, count * sizeof *frames);
    f->total += count;
    f->stacks =
        ms_memory_grow(f->stacks, f->stack_count + 1, &f->stack_capacity, sizeof *f->stacks);
    f->stacks[f->stack_count] = (ms_stack){.frames = frames, .count = (uint32_t)count};
    return (uint32_t)f->stack_count++;
}

/* memscope.h, or one in the folder memscope. */
static bool is_our_header(const char *path) {
    const char *name = file_name(path);
    size_t folder = (size_t)(name - path), size = strlen(name);
    if (strcmp(name, "memscope.h") == 0)
        return true;
    bool inside = folder >= 9 && memcmp(name - 9, "memscope/", 9) == 0;
    bool whole = folder == 9 || (folder > 9 && name[-10] == '/');
    return inside && whole && size > 2 && strcmp(name + size - 2, ".h") == 0;
}

/* A function of those, whether or not it was inlined into who calls it. */
static bool is_ours(const ms_frame *frame) {
    return frame->file && frame->function && strncmp(frame->function, "memscope", 8) == 0 &&
           is_our_header(frame->file);
}

static uint32_t ours_in_front(const place *p) {
    uint32_t count = 0;
    while (count < p->count && is_ours(&p->frames[count]))
        count++;
    return count;
}

static uint32_t make_stack(ms_frames *f, uint32_t node, bool said, uint32_t *module) {
    size_t count = 0, limit = f->total < FULL_FRAMES ? SIZE_MAX : KEPT_FRAMES;
    *module = MS_NO_MODULE;
    while (node >= MS_ROOT_COUNT && count < limit) {
        const ms_node *n = ms_nodes_at(f->nodes, node);
        const place *p = place_of(f, n);
        uint32_t ours = said && count == 0 ? ours_in_front(p) : 0;
        if (count == 0 && p->count > ours && p->record)
            *module = p->record - 1;
        append(f, &count, p->frames + ours, p->count - ours);
        node = n->parent;
    }
    if (count == 0) {
        if (node == MS_ROOT_NONE || node == MS_ROOT_OFF || node == MS_ROOT_COMPLETE)
            return MS_NO_STACK;
        append(f, &count, &(ms_frame){.line = MS_UNKNOWN, .address = MS_UNKNOWN}, 1);
    }
    ms_frame *outermost = &f->line[count - 1];
    if (node >= MS_ROOT_COUNT)
        outermost->broken = "the report has no room for more frames of this stack";
    else if (!is_process_start(outermost, node))
        outermost->broken = broken(node);
    return add_stack(f, count);
}

uint32_t ms_frames_stack(ms_frames *f, uint32_t node, uint32_t *module) {
    return make_stack(f, node, false, module);
}

uint32_t ms_frames_said(ms_frames *f, uint32_t node, uint32_t *module) {
    uint32_t *number = ms_map_at(&f->word_of, node, NULL);
    if (!*number) {
        word_stack word;
        word.stack = make_stack(f, node, true, &word.module);
        f->words = ms_memory_grow(f->words, f->word_count + 1, &f->word_capacity, sizeof word);
        f->words[f->word_count++] = word;
        *number = (uint32_t)f->word_count;
    }
    *module = f->words[*number - 1].module;
    return f->words[*number - 1].stack;
}

const char *ms_frames_function(ms_frames *f, uint64_t address, uint32_t id) {
    ms_node node = {.pc = address + 1, /* as if it had called somebody at once */
                    .module = ms_nodes_module(f->nodes, address, id)};
    const place *p = place_of(f, &node);
    ms_frame frame = p->count ? p->frames[p->count - 1] : (ms_frame){0};
    if (!frame.function && !frame.module)
        return NULL;
    frame.address -= frame.address != MS_UNKNOWN; /* where it begins */
    return ms_phrase_frame(&frame, f->model->arena);
}

const ms_frame *ms_frames_innermost(ms_frames *f, uint32_t node) {
    while (node >= MS_ROOT_COUNT) {
        const ms_node *n = ms_nodes_at(f->nodes, node);
        const place *p = place_of(f, n);
        if (p->count)
            return &p->frames[0];
        node = n->parent;
    }
    return NULL;
}

/* ---- names of variables ----------------------------------------------------------------- */

/* The innermost frames are enough: a block is rarely handed out further. */
#define NAMED_FRAMES 32u

static size_t returns_of(ms_frames *f, uint32_t node, ms_return *calls) {
    size_t count = 0;
    while (node >= MS_ROOT_COUNT && count < NAMED_FRAMES) {
        const ms_node *n = ms_nodes_at(f->nodes, node);
        const place *p = place_of(f, n);
        bool known = p->module != MS_NO_MODULE;
        if (!known || !f->origins[p->module].hook)
            calls[count++] = (ms_return){.module = known ? f->origins[p->module].symbols : SIZE_MAX,
                                         .address = n->pc};
        node = n->parent;
    }
    return count;
}

static const char *evidence_name(ms_naming_evidence evidence) {
    static const char *const names[] = {[MS_NAMING_NONE] = "derived",
                                        [MS_NAMING_STORED] = "stored",
                                        [MS_NAMING_CONTAINED] = "contained",
                                        [MS_NAMING_HELD] = "held"};
    return names[evidence];
}

static const char *confidence_name(ms_naming_confidence confidence) {
    static const char *const names[] = {[MS_NAMING_UNSURE] = NULL,
                                        [MS_NAMING_LOW] = "low",
                                        [MS_NAMING_MEDIUM] = "medium",
                                        [MS_NAMING_HIGH] = "high"};
    return names[confidence];
}

static ms_generic ask_generic(ms_frames *f, const ms_naming_site *asked, size_t i,
                              const ms_datatype **type) {
    return ms_symbols_generic(f->symbols, asked->calls[i].module, asked->calls[i].address - 1,
                              type);
}

/* What the library of a language allocates there for the program, by the types it was made for; NULL: it does
 * not, or does not say. Functions for types of one size may be one, which has the name of any of them: then who
 * calls it for another type knows better. */
static const ms_datatype *generic_of(ms_frames *f, const ms_naming_site *asked) {
    const ms_datatype *type = NULL, *outer = NULL;
    size_t i = 0;
    ms_generic answer = MS_GENERIC_ON;
    for (; answer == MS_GENERIC_ON && i < asked->count; i++)
        answer = ask_generic(f, asked, i, &type);
    bool again = answer == MS_GENERIC_TYPE && i < asked->count &&
                 ask_generic(f, asked, i, &outer) == MS_GENERIC_TYPE;
    return again && outer->size == type->size ? outer : type;
}

static bool fills(const ms_datatype *type, const ms_naming_site *asked) {
    return type->size == asked->min_size && type->size == asked->max_size;
}

/* What the code says that it makes there, wherever that is kept; NULL: it does not say. `kept`, which may be NULL, is what
 * its keeper takes the block for: an object that fills it is more than the one that is made in it first. */
static const ms_datatype *made_for(ms_frames *f, const ms_naming_site *asked, const ms_site *site,
                                   const ms_datatype *kept) {
    const ms_datatype *type = generic_of(f, asked);
    bool of_cpp = site->family && strncmp(site->family, "new", 3) == 0;
    if (type || !of_cpp)
        return type;
    type = ms_naming_made(f->naming, asked);
    bool filled = type && kept && kept->layout && fills(kept, asked) && !fills(type, asked);
    return filled ? NULL : type;
}

const ms_datatype *ms_frames_name(ms_frames *f, uint32_t node, ms_site *site) {
    ms_return calls[NAMED_FRAMES];
    if (!f->naming || site->variable || site->type || site->min_size == MS_UNKNOWN)
        return NULL;
    const ms_naming_site asked = {.calls = calls,
                                  .count = returns_of(f, node, calls),
                                  .min_size = site->min_size,
                                  .max_size = site->max_size};
    ms_naming_answer answer = ms_naming_ask(f->naming, &asked);
    const ms_datatype *sure = made_for(f, &asked, site, answer.type);
    const ms_datatype *type = sure ? sure : answer.type;
    site->variable = text(f, answer.variable);
    site->variable_type = text(f, answer.declared);
    site->type = type ? text(f, type->name) : NULL;
    if (!site->variable && !site->type)
        return NULL;
    site->variable_evidence = evidence_name(answer.evidence);
    site->variable_confidence = sure ? "high" : confidence_name(answer.confidence);
    return type;
}

ms_module *ms_frames_module(ms_frames *f, uint32_t index) {
    return &f->modules[index];
}

static void *keep(ms_arena *arena, const void *items, size_t size) {
    void *copy = ms_arena_alloc(arena, size);
    if (size)
        memcpy(copy, items, size);
    return copy;
}

void ms_frames_finish(ms_frames *f) {
    for (size_t i = 0; i < f->nodes->module_count && f->symbols; i++) {
        const origin *o = &f->origins[i];
        if (o->record)
            describe_symbols(&f->modules[o->record - 1],
                             ms_symbols_source_of(f->symbols, o->symbols));
    }
    ms_model *model = f->model;
    model->stacks.items = keep(model->arena, f->stacks, f->stack_count * sizeof *f->stacks);
    model->stacks.count = f->stack_count;
    model->modules.items = keep(model->arena, f->modules, f->module_count * sizeof *f->modules);
    model->modules.count = f->module_count;
}
