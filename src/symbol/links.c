#include "symbol/links.h"

#include <stdlib.h>
#include <string.h>

#include <gelf.h>

#define FUNCTION_MAX ((uint64_t)4 << 20) /* bytes */

typedef struct linking {
    ms_links *links;
    ms_arena *arena;
    const ms_image *own;
} linking;

/* ---- relocations ------------------------------------------------------------------------ */

static int compare_links(const void *a, const void *b) {
    uint64_t x = ((const ms_link *)a)->address, y = ((const ms_link *)b)->address;
    return (x > y) - (x < y);
}

static Elf_Data *data_of(Elf_Scn *section, GElf_Shdr *header, size_t entry_size) {
    bool plain = section && gelf_getshdr(section, header) && header->sh_type != SHT_NOBITS &&
                 (entry_size == 0 || header->sh_entsize == entry_size);
    return plain ? elf_getdata(section, NULL) : NULL;
}

static void name_link(Elf *elf, Elf_Data *symbols, size_t names, const GElf_Rela *rela,
                      ms_link *link) {
    GElf_Sym symbol;
    if (symbols && gelf_getsym(symbols, (int)GELF_R_SYM(rela->r_info), &symbol)) {
        link->name = elf_strptr(elf, names, symbol.st_name);
        link->target = symbol.st_shndx != SHN_UNDEF ? symbol.st_value : 0;
    }
}

static void add_relocations(linking *l, Elf_Scn *section) {
    Elf *elf = l->own->elf;
    GElf_Shdr header, table = {0};
    Elf_Data *data = data_of(section, &header, sizeof(Elf64_Rela));
    if (!data || header.sh_type != SHT_RELA || !(header.sh_flags & SHF_ALLOC)) {
        return;
    }
    Elf_Data *symbols = data_of(elf_getscn(elf, header.sh_link), &table, sizeof(Elf64_Sym));
    size_t count = data->d_size / sizeof(Elf64_Rela);
    ms_link *items = ms_arena_alloc(l->arena, (l->links->count + count) * sizeof *items);
    if (l->links->count) {
        memcpy(items, l->links->items, l->links->count * sizeof *items);
    }
    for (size_t i = 0; i < count; i++) {
        GElf_Rela rela;
        if (!gelf_getrela(data, (int)i, &rela)) {
            break;
        }
        ms_link link = {.address = rela.r_offset};
        switch (GELF_R_TYPE(rela.r_info)) {
        case R_X86_64_JUMP_SLOT:
        case R_X86_64_GLOB_DAT: name_link(elf, symbols, table.sh_link, &rela, &link); break;
        case R_X86_64_IRELATIVE: link.target = (uint64_t)rela.r_addend; break;
        default: continue; /* words of initialised data: the program may change them */
        }
        items[l->links->count++] = link;
    }
    l->links->items = items;
}

static void read_relocations(linking *l) {
    for (Elf_Scn *section = NULL; (section = elf_nextscn(l->own->elf, section));) {
        add_relocations(l, section);
    }
    if (l->links->count) {
        qsort(l->links->items, l->links->count, sizeof *l->links->items, compare_links);
    }
}

const ms_link *ms_links_find(const ms_links *links, uint64_t address) {
    const ms_link key = {.address = address};
    return links->count ? bsearch(&key, links->items, links->count, sizeof key, compare_links)
                        : NULL;
}

/* ---- data ------------------------------------------------------------------------------- */

static int compare_data(const void *a, const void *b) {
    const ms_datum *x = a, *y = b;
    return x->address != y->address ? (x->address > y->address) - (x->address < y->address)
                                    : (x->size > y->size) - (x->size < y->size);
}

static void add_data(linking *l, Elf *elf, Elf_Scn *section) {
    GElf_Shdr header;
    Elf_Data *symbols = data_of(section, &header, sizeof(Elf64_Sym));
    size_t count = symbols ? symbols->d_size / sizeof(Elf64_Sym) : 0;
    ms_datum *items = ms_arena_alloc(l->arena, count * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(symbols, (int)i, &symbol) || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT ||
            symbol.st_shndx == SHN_UNDEF || !symbol.st_size) {
            continue;
        }
        const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
        if (name && *name) {
            items[l->links->data_count++] =
                (ms_datum){.address = symbol.st_value, .size = symbol.st_size, .name = name};
        }
    }
    l->links->data = items;
}

static bool read_data_of(linking *l, const ms_image *image, unsigned type) {
    Elf_Scn *section = NULL;
    while (image->elf && (section = elf_nextscn(image->elf, section))) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) && header.sh_type == type) {
            add_data(l, image->elf, section);
            break;
        }
    }
    return l->links->data_count > 0;
}

static void read_data(linking *l, const ms_image *debug) {
    if (read_data_of(l, l->own, SHT_SYMTAB) || read_data_of(l, debug, SHT_SYMTAB) ||
        read_data_of(l, l->own, SHT_DYNSYM)) {
        qsort(l->links->data, l->links->data_count, sizeof *l->links->data, compare_data);
    }
}

const ms_datum *ms_links_datum(const ms_links *links, uint64_t address) {
    size_t low = 0, high = links->data_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (links->data[middle].address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const ms_datum *datum = low ? &links->data[low - 1] : NULL;
    return datum && address - datum->address < datum->size ? datum : NULL;
}

/* ---- functions -------------------------------------------------------------------------- */

static int compare_addresses(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* .eh_frame_hdr, as every linker writes it: version 1, then how three things are encoded, then
 *
 *     int32 eh_frame, uint32 count, count x { int32 function, int32 description }
 *
 * both relative to the start of the section. */
static void read_functions(linking *l) {
    GElf_Phdr part = {0};
    size_t count = 0;
    bool found = elf_getphdrnum(l->own->elf, &count) == 0;
    for (size_t i = 0; found && i < count && part.p_type != PT_GNU_EH_FRAME; i++) {
        gelf_getphdr(l->own->elf, (int)i, &part);
    }
    found = found && part.p_type == PT_GNU_EH_FRAME && part.p_filesz >= 12;
    const uint8_t *bytes =
        found ? ms_image_bytes(l->own, part.p_vaddr, (size_t)part.p_filesz) : NULL;
    uint32_t entries;
    if (!bytes || bytes[0] != 1 || bytes[2] != 0x03 || bytes[3] != 0x3b) {
        return;
    }
    memcpy(&entries, bytes + 8, sizeof entries);
    size_t room = (size_t)(part.p_filesz - 12) / 8;
    l->links->function_count = entries < room ? entries : room;
    l->links->functions =
        ms_arena_alloc(l->arena, l->links->function_count * sizeof *l->links->functions);
    for (size_t i = 0; i < l->links->function_count; i++) {
        int32_t offset;
        memcpy(&offset, bytes + 12 + 8 * i, sizeof offset);
        l->links->functions[i] = part.p_vaddr + (uint64_t)(int64_t)offset;
    }
    if (l->links->function_count) {
        qsort(l->links->functions, l->links->function_count, sizeof(uint64_t), compare_addresses);
    }
}

bool ms_links_function(const ms_links *links, uint64_t address, ms_extent *extent) {
    size_t low = 0, high = links->function_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (links->functions[middle] <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return false;
    }
    extent->low = links->functions[low - 1];
    extent->high = low < links->function_count ? links->functions[low] : address + 4096;
    return extent->high - extent->low <= FUNCTION_MAX;
}

/* ---- the whole -------------------------------------------------------------------------- */

static void read_thread_size(linking *l) {
    size_t count = 0;
    if (elf_getphdrnum(l->own->elf, &count) != 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr part;
        if (gelf_getphdr(l->own->elf, (int)i, &part) && part.p_type == PT_TLS) {
            uint64_t align = part.p_align ? part.p_align : 1;
            l->links->thread_size = (part.p_memsz + align - 1) / align * align;
        }
    }
}

ms_links *ms_links_read(const ms_image *own, const ms_image *debug, ms_arena *arena) {
    linking l = {.links = ms_arena_alloc(arena, sizeof(ms_links)), .arena = arena, .own = own};
    read_relocations(&l);
    read_data(&l, debug);
    read_functions(&l);
    read_thread_size(&l);
    return l.links;
}
