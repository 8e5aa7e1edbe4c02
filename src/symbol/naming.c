#include "symbol/naming.h"

#include <stdlib.h>

#include "base/hash.h"
#include "symbol/die.h"
#include "symbol/grow.h"
#include "symbol/known.h"
#include "symbol/made.h"
#include "symbol/object.h"
#include "symbol/trail.h"
#include "symbol/types.h"
#include "util/arena.h"

/* How far it is followed into functions that get it as an argument. */
#define DESCEND_MAX 2u

/* Functions that are looked into for one site, of those not looked into before: else a dispatcher that hands the
 * block to a thousand others would take seconds. */
#define ENTERED_MAX 400u

/* _start, __libc_start_main and what that calls: of a thread there are fewer. */
#define START_FRAMES 3u

/* A file of the program. */
typedef struct named_file {
    ms_object *object;
    ms_known *known;         /* from runs before; NULL: nothing can be kept */
    ms_functions *functions; /* NULL: not read yet, or cannot be */
    bool read;
} named_file;

struct ms_naming {
    ms_symbols *symbols;
    bool cache;
    ms_arena *arena;
    ms_map by_object; /* index + 1 */
    named_file *files;
    size_t count, capacity;
    ms_map by_call; /* file, address and arrival: index + 1 */
    ms_passage **passages;
    size_t passage_count, passage_capacity;
    uint32_t depth;   /* of functions that are followed into */
    uint32_t entered; /* of them, for the question at hand */
    ms_trail trail;   /* of the question at hand */
};

ms_naming *ms_naming_new(ms_symbols *symbols, bool cache) {
    ms_naming *naming = calloc(1, sizeof *naming);
    ms_arena *arena = ms_arena_new();
    if (!naming || !arena) {
        free(naming);
        ms_arena_free(arena);
        return NULL;
    }
    naming->symbols = symbols;
    naming->cache = cache;
    naming->arena = arena;
    ms_map_init(&naming->by_object, arena);
    ms_map_init(&naming->by_call, arena);
    return naming;
}

void ms_naming_free(ms_naming *naming) {
    if (naming) {
        for (size_t i = 0; i < naming->count; i++) {
            ms_known_close(naming->files[i].known);
            ms_functions_free(naming->files[i].functions);
        }
        free(naming->files);
        free(naming->passages);
        ms_arena_free(naming->arena);
        free(naming);
    }
}

/* NULL: there is no such module, or no memory. Good until the next call. */
static named_file *file_of(ms_naming *naming, size_t module, uint64_t *bias) {
    ms_object *object = ms_symbols_object(naming->symbols, module, bias);
    if (!object) {
        return NULL;
    }
    uint32_t *slot = ms_map_at(&naming->by_object, (uint64_t)(uintptr_t)object, NULL);
    if (*slot) {
        return &naming->files[*slot - 1];
    }
    named_file *files = ms_grow(naming->files, naming->count, &naming->capacity, sizeof *files);
    if (!files) {
        return NULL;
    }
    naming->files = files;
    ms_symbols_types(naming->symbols, module);
    ms_known *known = naming->cache ? ms_known_open(object, naming->arena) : NULL;
    files[naming->count++] = (named_file){.object = object, .known = known};
    *slot = (uint32_t)naming->count;
    return &files[naming->count - 1];
}

static ms_function *function_at(ms_naming *naming, named_file *file, uint64_t address) {
    if (!file->read) {
        file->read = true;
        file->functions =
            ms_functions_new(file->object, naming->arena, ms_symbols_names(naming->symbols));
    }
    return file->functions ? ms_functions_at(file->functions, address) : NULL;
}

/* ---- following -------------------------------------------------------------------------- */

static uint64_t mix(uint64_t key, uint64_t value) {
    return ms_mum(key ^ value, MS_HASH_K) + 1;
}

/* The same in every run. */
static uint64_t key_of(uint64_t address, const ms_handover *arrival) {
    uint64_t key = mix(MS_HASH_K, address);
    if (!arrival) {
        return key;
    }
    key = mix(mix(key, arrival->returned), (uint64_t)arrival->offset);
    key = mix(key, arrival->returned_size);
    key = mix(mix(key, arrival->role.keeper), arrival->role.size);
    for (uint32_t i = 0; i < arrival->handed_count; i++) {
        const ms_handed *handed = &arrival->handed[i];
        key = mix(mix(key, handed->reg), (uint64_t)handed->offset);
        key = mix(mix(key, (uint64_t)handed->block_offset), handed->held);
        key = mix(mix(key, handed->hops), handed->size);
    }
    return key;
}

/* A passage is kept under its key, so that it is read once however many stacks go through it. */
static void find_passage(ms_naming *naming, uint64_t key, const ms_passage **found) {
    uint32_t index = ms_map_get(&naming->by_call, key);
    *found = index ? naming->passages[index - 1] : NULL;
}

/* `passage` may be NULL. */
static const ms_passage *keep_passage(ms_naming *naming, uint64_t key, ms_passage *passage) {
    ms_passage **passages = passage ? ms_grow(naming->passages, naming->passage_count,
                                              &naming->passage_capacity, sizeof(ms_passage *))
                                    : NULL;
    if (passages) {
        naming->passages = passages;
        passages[naming->passage_count++] = passage;
        *ms_map_at(&naming->by_call, key, NULL) = (uint32_t)naming->passage_count;
    }
    return passage;
}

/* What a function does with an argument. One that calls itself with it adds nothing the second time. */
static const ms_passage *enter(void *context, const ms_function *caller, uint64_t target,
                               uint32_t reg) {
    ms_naming *naming = context;
    const ms_passage *found = NULL;
    ms_function *function =
        naming->depth < DESCEND_MAX ? ms_functions_at(caller->functions, target) : NULL;
    if (!function || function->code->entry != target) {
        return NULL;
    }
    uint64_t key = mix(mix((uint64_t)(uintptr_t)function, reg), 1);
    find_passage(naming, key, &found);
    if (found) {
        return found;
    }
    if (naming->entered == ENTERED_MAX) {
        return NULL;
    }
    const ms_callees callees = {.enter = enter, .context = naming};
    naming->entered++;
    naming->depth++;
    found = keep_passage(naming, key, ms_passage_enter(function, reg, &callees, naming->arena));
    naming->depth--;
    return found;
}

/* What becomes of the block behind the call that returns to `address` in the file. NULL: not known. */
static const ms_passage *passage_of(ms_naming *naming, named_file *file, uint64_t address,
                                    const ms_handover *arrival) {
    const ms_passage *found;
    const ms_callees callees = {.enter = enter, .context = naming};
    uint64_t key = key_of(address, arrival);
    uint64_t own = mix(key, (uint64_t)(uintptr_t)file->object);
    find_passage(naming, own, &found);
    ms_passage *passage = found ? NULL : ms_known_find(file->known, key);
    if (found || passage) {
        return found ? found : keep_passage(naming, own, passage);
    }
    ms_function *function = function_at(naming, file, address - 1);
    if (function) {
        passage = ms_passage_read(function, address, arrival, &callees, naming->arena);
    }
    if (passage) {
        ms_known_add(file->known, key, passage);
    }
    return keep_passage(naming, own, passage);
}

static void follow(ms_naming *naming, const ms_naming_site *site) {
    const ms_handover *arrival = NULL;
    ms_trail *trail = &naming->trail;
    trail->count = trail->depth = 0;
    trail->min_size = site->min_size;
    trail->max_size = site->max_size;
    for (uint32_t i = 0; i < site->count && i < MS_CLIMB_MAX; i++) {
        uint64_t bias;
        named_file *file = file_of(naming, site->calls[i].module, &bias);
        const ms_passage *passage =
            file ? passage_of(naming, file, site->calls[i].address - bias, arrival) : NULL;
        if (!passage) {
            return;
        }
        ms_trail_add(trail, passage);
        arrival = &passage->departure;
        if (!arrival->returned && !arrival->returned_size && !arrival->handed_count &&
            !arrival->role.library) {
            return;
        }
    }
}

/* ---- answering -------------------------------------------------------------------------- */

static ms_naming_confidence confidence_of(const ms_passed *name, const ms_passed *type) {
    bool heard = type && type->mark->alias && !type->mark->is_this;
    if ((name && (name->mark->alias || name->mark->interior || name->mark->outdone)) || heard) {
        return MS_NAMING_LOW;
    }
    bool fits = type && (type->fit == MS_FIT_EXACT || type->fit == MS_FIT_ARRAY ||
                         type->fit == MS_FIT_SCALAR);
    return fits && !type->mark->phrase.arm ? MS_NAMING_HIGH : MS_NAMING_MEDIUM;
}

/* Does any of the functions that may get the block have debug info? Else nothing can be said, however far
 * its code is followed. The outermost are the C library's way into the program, and keep nothing. */
static bool can_tell(ms_naming *naming, const ms_naming_site *site) {
    size_t count = site->count > START_FRAMES ? site->count - START_FRAMES : site->count;
    for (size_t i = 0; i < count && i < MS_CLIMB_MAX; i++) {
        if (ms_symbols_types(naming->symbols, site->calls[i].module)) {
            return true;
        }
    }
    return false;
}

ms_naming_answer ms_naming_ask(ms_naming *naming, const ms_naming_site *site) {
    uint32_t name_index, type_index;
    ms_naming_answer answer = {0};
    if (!can_tell(naming, site)) {
        return answer;
    }
    naming->entered = 0;
    follow(naming, site);
    ms_trail_prune(&naming->trail);
    ms_trail_judge(&naming->trail, &name_index, &type_index);
    const ms_passed *name = name_index == UINT32_MAX ? NULL : &naming->trail.marks[name_index];
    const ms_passed *type = type_index == UINT32_MAX ? NULL : &naming->trail.marks[type_index];
    if (!name && !type) {
        return answer;
    }
    answer.confidence = confidence_of(name, type);
    if (name) {
        ms_types *types = ms_symbols_types(naming->symbols, site->calls[name->frame].module);
        Dwarf_Die declared = name->mark->phrase.type;
        answer.variable = ms_symbols_text(naming->symbols, name->mark->phrase.text);
        answer.declared = types ? ms_types_spell(types, &declared) : NULL;
        answer.evidence = name->mark->evidence;
    }
    if (type) {
        ms_types *types = ms_symbols_types(naming->symbols, site->calls[type->frame].module);
        Dwarf_Die target = type->mark->target;
        answer.type = types ? ms_types_describe(types, &target) : NULL;
    }
    return answer;
}

/* ---- classes ---------------------------------------------------------------------------- */

/* Bases get the block, too, but are mostly smaller. Of a class that debug info spells in another way than the linker
 * only the name is known. */
static const ms_datatype *best_class(ms_types *types, const ms_made *made,
                                     const ms_naming_site *site) {
    const ms_datatype *array = NULL;
    const char *unseen = NULL;
    for (size_t i = 0; i < made->count; i++) {
        const ms_datatype *class = ms_types_named(types, made->classes[i], MS_NO_SIZE);
        if (!class || class->size == MS_NO_SIZE || class->size == 0) {
            unseen = unseen ? unseen : made->classes[i];
            continue;
        }
        if (class->size == site->min_size && class->size == site->max_size) {
            return class;
        }
        bool divides = site->min_size % class->size == 0 && site->max_size % class->size == 0;
        array = divides && !array ? class : array;
    }
    return array ? array : unseen ? ms_types_unseen(types, unseen, DW_LANG_C_plus_plus) : NULL;
}

const ms_datatype *ms_naming_made(ms_naming *naming, const ms_naming_site *site) {
    uint64_t bias;
    named_file *file = site->count ? file_of(naming, site->calls[0].module, &bias) : NULL;
    uint64_t address = file ? site->calls[0].address - bias : 0;
    ms_function *function = file ? function_at(naming, file, address - 1) : NULL;
    ms_types *types = function ? ms_symbols_types(naming->symbols, site->calls[0].module) : NULL;
    if (!types) {
        return NULL;
    }
    const ms_made made = ms_made_of(function, address, ms_types_names(types));
    return best_class(types, &made, site);
}
