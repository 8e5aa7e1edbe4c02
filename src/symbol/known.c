#include "symbol/known.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "util/map.h"

#define MAGIC 0x31656d616e736d00u
#define FILE_MAX ((size_t)256 << 20)

/* The file: this, then one record for each passage, then for each of its marks one with its text behind it.
 *
 *     | head | record | mark text | mark text | record | ...                                                */
typedef struct head {
    uint64_t magic;
    uint64_t program;    /* of the memscope that wrote it */
    uint64_t debug_size; /* bytes of the file with the debug info */
    uint64_t checksum;   /* of all that follows */
} head;

typedef struct record {
    uint64_t key;
    int64_t offset;
    uint32_t count, groups;
    ms_handover departure;
    uint64_t entry;
    ms_given given;
} record;

/* Entries of debug info are told by their offset. */
typedef struct kept_mark {
    uint64_t type, target;
    uint32_t scope, group, inlined;
    uint16_t length;
    uint8_t keeping, evidence, root, alias, hops;
    bool arm, interior, outdone, nameless, is_this, library, held, moved, has_target;
} kept_mark;

typedef struct bytes {
    uint8_t *items;
    size_t size, capacity;
} bytes;

struct ms_known {
    ms_object *object;
    ms_arena *arena;
    ms_map places; /* key -> offset of its record in `content` + 1 */
    bytes content; /* without the head */
    bool changed;
    char path[PATH_MAX];
};

/* ---- which program this is -------------------------------------------------------------- */

/* The notes of the program itself, which have its build id. */
static int hash_notes(struct dl_phdr_info *info, size_t size, void *hash) {
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_NOTE) {
            const char *notes = (const char *)info->dlpi_addr + part->p_vaddr;
            *(uint64_t *)hash = XXH64(notes, part->p_memsz, *(uint64_t *)hash);
        }
    }
    return 1; /* the first one is the program */
}

static uint64_t this_program(void) {
    uint64_t hash = sizeof(record) << 8 ^ sizeof(kept_mark);
    dl_iterate_phdr(hash_notes, &hash);
    return hash;
}

/* ---- where it is kept ------------------------------------------------------------------- */

static bool make_directory(const char *path) {
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* False: there is no such place, or no build id to tell files apart by. */
static bool find_path(ms_known *known) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char directory[PATH_MAX - 160], hex[2 * 64 + 1];
    ms_build_id id = known->object->identity.build_id;
    if (!id.size && known->object->own.elf) {
        id = ms_image_build_id(&known->object->own);
    }
    if (!id.size || id.size > 64) {
        return false;
    }
    for (size_t i = 0; i < id.size; i++) {
        snprintf(hex + 2 * i, 3, "%02x", id.bytes[i]);
    }
    bool own = cache && cache[0] == '/';
    int length = own ? snprintf(directory, sizeof directory, "%s", cache)
                     : snprintf(directory, sizeof directory, "%s/.cache", home ? home : "");
    if ((!own && (!home || home[0] != '/')) || length < 0 || (size_t)length >= sizeof directory ||
        !make_directory(directory)) {
        return false;
    }
    snprintf(known->path, sizeof known->path, "%s/memscope", directory);
    if (!make_directory(known->path)) {
        return false;
    }
    snprintf(known->path, sizeof known->path, "%s/memscope/names-%s", directory, hex);
    return true;
}

/* ---- reading ---------------------------------------------------------------------------- */

static bool take(const bytes *from, size_t *at, void *to, size_t size) {
    if (size > from->size - *at) {
        return false;
    }
    memcpy(to, from->items + *at, size);
    *at += size;
    return true;
}

static bool index_records(ms_known *known) {
    size_t at = 0;
    while (at < known->content.size) {
        size_t start = at;
        record r;
        kept_mark mark;
        if (!take(&known->content, &at, &r, sizeof r) || start >= UINT32_MAX) {
            return false;
        }
        for (uint32_t i = 0; i < r.count; i++) {
            if (!take(&known->content, &at, &mark, sizeof mark) ||
                mark.length > known->content.size - at) {
                return false;
            }
            at += mark.length;
        }
        *ms_map_at(&known->places, r.key, NULL) = (uint32_t)start + 1;
    }
    return true;
}

static bool read_all(int fd, void *to, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t more = read(fd, (char *)to + done, size - done);
        if (more <= 0) {
            return false;
        }
        done += (size_t)more;
    }
    return true;
}

static bool read_content(ms_known *known, int fd) {
    struct stat status;
    head h;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
        (size_t)status.st_size < sizeof h || (size_t)status.st_size > FILE_MAX ||
        !read_all(fd, &h, sizeof h) || h.magic != MAGIC || h.program != this_program() ||
        h.debug_size != known->object->dwarf_size) {
        return false;
    }
    size_t size = (size_t)status.st_size - sizeof h;
    known->content.items = malloc(size + 1);
    if (!known->content.items || !read_all(fd, known->content.items, size)) {
        return false;
    }
    known->content.size = known->content.capacity = size;
    return XXH64(known->content.items, size, 0) == h.checksum;
}

ms_known *ms_known_open(ms_object *object, ms_arena *arena) {
    ms_known *known = object->own.elf ? calloc(1, sizeof *known) : NULL;
    if (!known) {
        return NULL;
    }
    known->object = object;
    known->arena = arena;
    ms_map_init(&known->places, arena);
    if (!find_path(known)) {
        free(known);
        return NULL;
    }
    int fd = open(known->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool good = fd >= 0 && read_content(known, fd) && index_records(known);
    if (fd >= 0) {
        close(fd);
    }
    if (!good) {
        known->content.size = 0;
        ms_map_init(&known->places, arena);
    }
    return known;
}

static bool recall_mark(const ms_known *known, size_t *at, ms_mark *mark) {
    kept_mark k;
    Dwarf *dwarf = known->object->dwarf;
    if (!take(&known->content, at, &k, sizeof k) || k.length >= sizeof mark->phrase.text ||
        k.length > known->content.size - *at || !dwarf_offdie(dwarf, k.type, &mark->phrase.type) ||
        (k.has_target && !dwarf_offdie(dwarf, k.target, &mark->target))) {
        return false;
    }
    memcpy(mark->phrase.text, known->content.items + *at, k.length);
    *at += k.length;
    mark->phrase.keeping = (ms_keeping)k.keeping;
    mark->phrase.scope = k.scope;
    mark->phrase.arm = k.arm;
    mark->evidence = (ms_naming_evidence)k.evidence;
    mark->group = k.group;
    mark->inlined = k.inlined;
    mark->root = k.root;
    mark->alias = k.alias;
    mark->hops = k.hops;
    mark->interior = k.interior;
    mark->outdone = k.outdone;
    mark->nameless = k.nameless;
    mark->is_this = k.is_this;
    mark->library = k.library;
    mark->held = k.held;
    mark->moved = k.moved;
    mark->has_target = k.has_target;
    return true;
}

ms_passage *ms_known_find(ms_known *known, uint64_t key) {
    uint32_t place = known ? ms_map_get(&known->places, key) : 0;
    size_t at = place ? place - 1 : 0;
    record r;
    if (!place || !take(&known->content, &at, &r, sizeof r)) {
        return NULL;
    }
    ms_passage *passage = ms_arena_alloc(known->arena, sizeof *passage);
    *passage = (ms_passage){.count = r.count,
                            .groups = r.groups,
                            .offset = r.offset,
                            .departure = r.departure,
                            .entry = r.entry,
                            .given = r.given};
    if (passage->departure.handed_count > MS_HANDED_MAX) {
        return NULL;
    }
    passage->marks = ms_arena_alloc(known->arena, r.count * sizeof *passage->marks);
    for (uint32_t i = 0; i < r.count; i++) {
        if (!recall_mark(known, &at, &passage->marks[i])) {
            return NULL;
        }
    }
    return passage;
}

/* ---- adding ----------------------------------------------------------------------------- */

static bool put(bytes *to, const void *from, size_t size) {
    if (size > to->capacity - to->size) {
        size_t wanted = 2 * to->capacity + size + 4096;
        uint8_t *moved = wanted <= FILE_MAX ? realloc(to->items, wanted) : NULL;
        if (!moved) {
            return false;
        }
        to->items = moved;
        to->capacity = wanted;
    }
    memcpy(to->items + to->size, from, size);
    to->size += size;
    return true;
}

/* Whether an offset will lead to the entry again: it is in the file itself, in the section of its units. */
static bool can_be_kept(const ms_known *known, const Dwarf_Die *die) {
    Dwarf_Die again;
    Dwarf_Die entry = *die;
    return dwarf_cu_getdwarf(die->cu) == known->object->dwarf &&
           dwarf_offdie(known->object->dwarf, dwarf_dieoffset(&entry), &again) &&
           again.addr == die->addr;
}

static bool put_mark(ms_known *known, const ms_mark *mark) {
    Dwarf_Die type = mark->phrase.type, target = mark->target;
    if (!can_be_kept(known, &type) || (mark->has_target && !can_be_kept(known, &target))) {
        return false;
    }
    kept_mark k;
    memset(&k, 0, sizeof k);
    k.type = dwarf_dieoffset(&type);
    k.target = mark->has_target ? dwarf_dieoffset(&target) : 0;
    k.scope = mark->phrase.scope;
    k.group = mark->group;
    k.inlined = mark->inlined;
    k.length = (uint16_t)strlen(mark->phrase.text);
    k.keeping = (uint8_t)mark->phrase.keeping;
    k.evidence = (uint8_t)mark->evidence;
    k.arm = mark->phrase.arm;
    k.root = mark->root;
    k.alias = mark->alias;
    k.hops = mark->hops;
    k.interior = mark->interior;
    k.outdone = mark->outdone;
    k.nameless = mark->nameless;
    k.is_this = mark->is_this;
    k.library = mark->library;
    k.held = mark->held;
    k.moved = mark->moved;
    k.has_target = mark->has_target;
    return put(&known->content, &k, sizeof k) && put(&known->content, mark->phrase.text, k.length);
}

void ms_known_add(ms_known *known, uint64_t key, const ms_passage *passage) {
    if (!known || known->content.size >= UINT32_MAX) {
        return;
    }
    size_t start = known->content.size;
    record r;
    memset(&r, 0, sizeof r);
    r.key = key;
    r.offset = passage->offset;
    r.count = passage->count;
    r.groups = passage->groups;
    r.departure = passage->departure;
    r.entry = passage->entry;
    r.given = passage->given;
    bool good = put(&known->content, &r, sizeof r);
    for (uint32_t i = 0; i < passage->count && good; i++) {
        good = put_mark(known, &passage->marks[i]);
    }
    if (good) {
        known->changed = true;
    } else {
        known->content.size = start;
    }
}

/* ---- writing ---------------------------------------------------------------------------- */

static bool write_all(int fd, const void *from, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t more = write(fd, (const char *)from + done, size - done);
        if (more <= 0) {
            return false;
        }
        done += (size_t)more;
    }
    return true;
}

/* Beside it first, so that nobody reads half of it. */
static void write_content(const ms_known *known) {
    char beside[PATH_MAX + 8];
    snprintf(beside, sizeof beside, "%s.XXXXXX", known->path);
    int fd = mkostemp(beside, O_CLOEXEC); /* 0600 */
    if (fd < 0) {
        return;
    }
    const head h = {.magic = MAGIC,
                    .program = this_program(),
                    .debug_size = known->object->dwarf_size,
                    .checksum = XXH64(known->content.items, known->content.size, 0)};
    bool good =
        write_all(fd, &h, sizeof h) && write_all(fd, known->content.items, known->content.size);
    if (close(fd) != 0 || !good || rename(beside, known->path) != 0) {
        unlink(beside);
    }
}

void ms_known_close(ms_known *known) {
    if (!known) {
        return;
    }
    if (known->changed) {
        write_content(known);
    }
    free(known->content.items);
    free(known);
}
