#include "capture/module.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

#include "capture/os.h"
#include "capture/record.h"
#include "capture/no_malloc.h"

#define MODULES_MAX 4096
#define BUILD_ID_MAX 64

/* Objects already in the trace: where they start, and the linker's record of them, so that another
 * object at the same place is noticed. Written under g_ms.module_lock; `count` is raised last, so
 * readers need no lock. A start of 0 is an object that went away. */
static struct {
    _Atomic uint64_t start[MODULES_MAX];
    _Atomic uint64_t map[MODULES_MAX];
    _Atomic uint32_t count;
} known;

/* The index of the object that starts at `start`, or MODULES_MAX. */
static uint32_t find(uint64_t start) {
    uint32_t count = atomic_load_explicit(&known.count, memory_order_acquire);
    for (uint32_t i = count; i-- > 0;) {
        if (atomic_load_explicit(&known.start[i], memory_order_relaxed) == start)
            return i;
    }
    return MODULES_MAX;
}

static bool is_known(uint64_t start, const struct link_map *map) {
    uint32_t index = find(start);
    return index < MODULES_MAX && atomic_load(&known.map[index]) == (uint64_t)map;
}

static void remember(uint64_t start, const struct link_map *map) {
    uint32_t count = atomic_load(&known.count);
    uint32_t index = find(0);
    if (index == MODULES_MAX) {
        if (count == MODULES_MAX)
            return;
        index = count;
    }
    atomic_store(&known.map[index], (uint64_t)map);
    atomic_store(&known.start[index], start);
    if (index == count)
        atomic_store_explicit(&known.count, count + 1, memory_order_release);
}

/* Cached rules and stack ids speak of code that is no longer there. */
static void forget_code(void) {
    ms_rules_flush();
    atomic_fetch_add_explicit(&g_ms.code_epoch, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&g_ms.epoch, 1, memory_order_release);
}

/* ---- what there is to say about an object -------------------------------------------------------- */

/* The GNU build id in a note segment: name size, size, type, "GNU\0", bytes. */
static size_t note_build_id(const uint8_t *at, const uint8_t *end, uint8_t *id) {
    while (end - at >= 16) {
        uint32_t header[3];
        memcpy(header, at, sizeof header);
        uint64_t name_size = (header[0] + 3u) & ~3u, size = (header[1] + 3u) & ~3u;
        if (name_size + size > (uint64_t)(end - at - 12))
            return 0;
        const uint8_t *name = at + 12;
        if (header[2] == NT_GNU_BUILD_ID && header[0] == 4 && memcmp(name, "GNU", 4) == 0 &&
            header[1] <= BUILD_ID_MAX) {
            memcpy(id, name + name_size, header[1]);
            return header[1];
        }
        at = name + name_size + size;
    }
    return 0;
}

static size_t find_build_id(const ms_object *object, uint64_t bias, uint8_t *id) {
    ElfW(Ehdr) header;
    if ((size_t)(object->end - object->start) < sizeof header)
        return 0;
    memcpy(&header, object->start, sizeof header);
    uint64_t table_size = (uint64_t)header.e_phnum * sizeof(ElfW(Phdr));
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof(ElfW(Phdr)) ||
        header.e_phoff + table_size > (uint64_t)(object->end - object->start))
        return 0;
    const ElfW(Phdr) *segment = (const void *)(object->start + header.e_phoff);
    for (unsigned i = 0; i < header.e_phnum; i++, segment++) {
        const uint8_t *note = (const uint8_t *)(bias + segment->p_vaddr);
        if (segment->p_type != PT_NOTE || note < object->start || note >= object->end ||
            segment->p_filesz > (uint64_t)(object->end - note))
            continue;
        size_t size = note_build_id(note, note + segment->p_filesz, id);
        if (size)
            return size;
    }
    return 0;
}

/* The object's absolute path. The program itself has an empty name in the link map. */
static size_t module_path(const struct link_map *map, char *path, size_t size) {
    const char *name = map->l_name ? map->l_name : "";
    long used = 0;
    if (!name[0])
        return (used = ms_os_readlink("/proc/self/exe", path, size)) > 0 ? (size_t)used : 0;
    size_t length = strlen(name);
    if (name[0] != '/' && memchr(name, '/', length)) {
        used = ms_os_directory(path, size);
        if (used <= 0 || (size_t)used + length + 1 > size)
            used = 0;
        else
            path[used - 1] = '/'; /* getcwd counts the terminator */
    }
    if ((size_t)used + length > size)
        length = size - (size_t)used;
    memcpy(path + used, name, length);
    return (size_t)used + length;
}

/* Under g_ms.module_lock, which `text` belongs to: signal stacks have no room for it. */
static bool record_module(ms_thread *thread, const struct link_map *map, const ms_object *object) {
    static char text[1 + BUILD_ID_MAX + MS_PATH_SIZE];
    size_t id_size = find_build_id(object, map->l_addr, (uint8_t *)text + 1);
    text[0] = (char)id_size;
    size_t path_size = module_path(map, text + 1 + id_size, MS_PATH_SIZE);
    uint64_t numbers[4] = {map->l_addr, (uint64_t)object->start,
                           (uint64_t)(object->end - object->start),
                           __atomic_load_n(&g_ms.ring->stacks, __ATOMIC_RELAXED)};
    return ms_record_text(thread, MS_EVENT_MODULE, numbers, 4, text, 1 + id_size + path_size);
}

void ms_module_seen(ms_thread *thread, const struct link_map *map, const ms_object *object) {
    uint64_t start = (uint64_t)object->start;
    if (!map || is_known(start, map) || !ms_lock(&g_ms.module_lock))
        return;
    uint32_t index = find(start);
    if (index < MODULES_MAX && !is_known(start, map)) { /* the C library closed one by itself */
        atomic_store(&known.start[index], 0);
        forget_code();
    }
    if (!is_known(start, map) && record_module(thread, map, object))
        remember(start, map);
    ms_unlock(&g_ms.module_lock);
}

/* ---- objects that go away -------------------------------------------------------------------------- */

void ms_module_closed(void) {
    bool gone = false;
    if (!ms_lock(&g_ms.module_lock))
        return;
    uint32_t count = atomic_load(&known.count);
    for (uint32_t i = 0; i < count; i++) {
        struct dl_find_object found;
        uint64_t start = atomic_load(&known.start[i]);
        if (start && _dl_find_object((void *)start, &found) != 0) {
            atomic_store(&known.start[i], 0);
            gone = true;
        }
    }
    if (gone)
        forget_code();
    ms_unlock(&g_ms.module_lock);
}

void ms_module_reset(void) {
    ms_rules_flush(); /* objects are told of when a rule is looked up in them */
    for (uint32_t i = 0; i < atomic_load(&known.count); i++)
        atomic_store(&known.start[i], 0);
    atomic_store(&known.count, 0);
}
