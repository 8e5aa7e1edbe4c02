#include "symbol/locate.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <elfutils/libdwelf.h>

#include "symbol/debuginfod.h"

#define MS_DEBUG_ROOT "/usr/lib/debug"

/* What a candidate must be to be taken. */
typedef struct ms_search {
    const ms_symbols_options *places;
    ms_build_id build_id;
    const char *link; /* name in .gnu_debuglink, or NULL */
    uint32_t link_crc;
    ms_symbols_source wanted; /* at least */
    bool shared;              /* the file that dwz made, which has no addresses */
    ms_image *image;          /* the result */
} ms_search;

static bool belongs(const ms_search *search, const ms_image *image, bool linked) {
    if (search->build_id.size) {
        return ms_build_id_equal(search->build_id, ms_image_build_id(image));
    }
    return linked && ms_image_has_crc(image, search->link_crc);
}

static bool accept(const ms_search *search, bool linked) {
    if (search->image->has_addresses != search->shared &&
        ms_image_richness(search->image) >= search->wanted &&
        belongs(search, search->image, linked)) {
        return true;
    }
    ms_image_close(search->image);
    return false;
}

/* Tries one path, given as a printf format; `linked`: it is what the debug link points to. */
__attribute__((format(printf, 3, 4))) static bool try_path(const ms_search *search, bool linked,
                                                           const char *format, ...) {
    char path[PATH_MAX];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    return length >= 0 && (size_t)length < sizeof path && ms_image_open(search->image, path) &&
           accept(search, linked);
}

/* DIR/.build-id/xx/yyyy.debug, and without .debug: there distributions link the program itself. */
static bool try_build_id(const ms_search *search, const char *dir) {
    ms_build_id id = search->build_id;
    if (id.size < 2 || id.size > 64) {
        return false;
    }
    char hex[2 * 64 + 1];
    for (size_t i = 0; i < id.size; i++) {
        snprintf(hex + 2 * i, 3, "%02x", id.bytes[i]);
    }
    return try_path(search, false, "%s/.build-id/%.2s/%s.debug", dir, hex, hex + 2) ||
           try_path(search, false, "%s/.build-id/%.2s/%s", dir, hex, hex + 2);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The directory of `path` with its leading slash and without its last one; as a printf precision */
static int directory_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash - path < 4096 ? (int)(slash - path) : 0;
}

static bool try_debug_dir(const ms_search *search, const char *dir, const char *path) {
    int length = directory_length(path);
    const char *name = base_name(path), *link = search->link;
    return try_build_id(search, dir) ||
           (link && try_path(search, true, "%s%.*s/%s", dir, length, path, link)) ||
           (link && try_path(search, true, "%s/%s", dir, link)) ||
           try_path(search, false, "%s%.*s/%s.debug", dir, length, path, name) ||
           try_path(search, false, "%s%.*s/%s", dir, length, path, name) ||
           try_path(search, false, "%s/%s.debug", dir, name) ||
           try_path(search, false, "%s/%s", dir, name);
}

static bool try_beside(const ms_search *search, const char *sysroot, const char *path) {
    int length = directory_length(path);
    const char *link = search->link;
    return link && (try_path(search, true, "%s%.*s/%s", sysroot, length, path, link) ||
                    try_path(search, true, "%s%.*s/.debug/%s", sysroot, length, path, link));
}

static bool try_server(const ms_search *search) {
    if (!search->places->debuginfod || !search->build_id.size) {
        return false;
    }
    /* Once for the debug file; without it, for the program that is missing on this machine. */
    if (search->wanted == MS_SYMBOLS_SYMTAB) {
        return false;
    }
    int fd = ms_debuginfod_fetch(search->build_id, search->wanted == MS_SYMBOLS_DWARF);
    return fd >= 0 && ms_image_adopt(search->image, fd) && accept(search, false);
}

static const char *sysroot_of(const ms_symbols_options *places) {
    return places->sysroot ? places->sysroot : "";
}

static bool try_places(const ms_search *search, const char *path) {
    const ms_symbols_options *places = search->places;
    for (size_t i = 0; i < places->debug_dir_count; i++) {
        if (try_debug_dir(search, places->debug_dirs[i], path)) {
            return true;
        }
    }
    if (try_beside(search, sysroot_of(places), path)) {
        return true;
    }
    char root[PATH_MAX];
    if (places->sysroot && snprintf(root, sizeof root, "%s" MS_DEBUG_ROOT, places->sysroot) > 0 &&
        try_debug_dir(search, root, path)) {
        return true;
    }
    return try_debug_dir(search, MS_DEBUG_ROOT, path) || try_server(search);
}

bool ms_locate_module(const ms_symbols_options *places, const ms_identity *module,
                      ms_image *image) {
    *image = (ms_image){.fd = -1};
    if (module->path[0] != '/') {
        return false; /* linux-vdso.so.1, [vdso], an anonymous mapping */
    }
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s%s", sysroot_of(places), module->path);
    if (length < 0 || (size_t)length >= sizeof path || !ms_image_open(image, path)) {
        return false;
    }
    bool same =
        !module->build_id.size || ms_build_id_equal(module->build_id, ms_image_build_id(image));
    if (!same || !image->has_addresses) {
        ms_image_close(image);
    }
    return image->elf != NULL;
}

/* A debug link is a plain file name; one with a directory in it wants to lead us elsewhere. */
static void read_link(ms_search *search, const ms_image *own) {
    GElf_Word crc = 0;
    const char *link = own->elf ? dwelf_elf_gnu_debuglink(own->elf, &crc) : NULL;
    if (link && *link && !strchr(link, '/')) {
        search->link = link;
        search->link_crc = crc;
    }
}

bool ms_locate_debug(const ms_symbols_options *places, const ms_identity *module,
                     const ms_image *own, ms_image *image) {
    *image = (ms_image){.fd = -1};
    ms_search search = {.places = places, .build_id = module->build_id, .image = image};
    if (!search.build_id.size && own->elf) {
        search.build_id = ms_image_build_id(own);
    }
    read_link(&search, own);
    if (!search.build_id.size && !search.link) {
        return false;
    }
    int enough = own->elf ? (int)ms_image_richness(own) : MS_SYMBOLS_NONE;
    for (int wanted = MS_SYMBOLS_DWARF; wanted > enough; wanted--) {
        search.wanted = (ms_symbols_source)wanted;
        if (try_places(&search, module->path)) {
            return true;
        }
    }
    return false;
}

/* The name is absolute, below /usr/lib/debug in Debian; libdw follows relative ones itself. */
bool ms_locate_shared(const ms_symbols_options *places, const char *name, ms_build_id build_id,
                      ms_image *image) {
    *image = (ms_image){.fd = -1};
    ms_search search = {
        .places = places,
        .build_id = build_id,
        .wanted = MS_SYMBOLS_DWARF,
        .shared = true,
        .image = image,
    };
    size_t root = strlen(MS_DEBUG_ROOT);
    bool standard = strncmp(name, MS_DEBUG_ROOT "/", root + 1) == 0;
    if (!build_id.size) {
        return false;
    }
    for (size_t i = 0; i < places->debug_dir_count; i++) {
        const char *dir = places->debug_dirs[i];
        if (try_build_id(&search, dir) ||
            (standard && try_path(&search, false, "%s%s", dir, name + root))) {
            return true;
        }
    }
    return *name == '/' && (try_path(&search, false, "%s%s", sysroot_of(places), name) ||
                            try_path(&search, false, "%s", name));
}
