#include "symbol/image.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <elfutils/libdwelf.h>
#include <gelf.h>

bool ms_build_id_equal(ms_build_id a, ms_build_id b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static bool check_type(ms_image *image) {
    GElf_Ehdr header;
    if (elf_kind(image->elf) != ELF_K_ELF || !gelf_getehdr(image->elf, &header)) {
        return false;
    }
    image->has_addresses = header.e_type == ET_EXEC || header.e_type == ET_DYN;
    return image->has_addresses || header.e_type == ET_REL;
}

bool ms_image_adopt(ms_image *image, int fd) {
    struct stat status;
    *image = (ms_image){.fd = fd};
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && elf_version(EV_CURRENT) != EV_NONE) {
        image->elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    }
    if (image->elf && check_type(image)) {
        return true;
    }
    elf_end(image->elf);
    close(fd);
    *image = (ms_image){.fd = -1};
    return false;
}

bool ms_image_open(ms_image *image, const char *path) {
    *image = (ms_image){.fd = -1};
    /* O_NONBLOCK: opening a named pipe must not wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return fd >= 0 && ms_image_adopt(image, fd);
}

void ms_image_detach(ms_image *image) {
    if (image->elf && image->fd >= 0 && elf_cntl(image->elf, ELF_C_FDREAD) == 0) {
        close(image->fd);
        image->fd = -1;
    }
}

void ms_image_close(ms_image *image) {
    if (image->elf) {
        elf_end(image->elf);
        if (image->fd >= 0) {
            close(image->fd);
        }
    }
    *image = (ms_image){.fd = -1};
}

ms_build_id ms_image_build_id(const ms_image *image) {
    const void *bytes = NULL;
    ssize_t size = dwelf_elf_gnu_build_id(image->elf, &bytes);
    return size > 0 ? (ms_build_id){.bytes = bytes, .size = (size_t)size} : (ms_build_id){0};
}

static ms_symbols_source richness_of_section(const GElf_Shdr *section, const char *name) {
    if (section->sh_type == SHT_NOBITS || section->sh_size == 0) {
        return MS_SYMBOLS_NONE;
    }
    if (name && (strcmp(name, ".debug_info") == 0 || strcmp(name, ".zdebug_info") == 0)) {
        return MS_SYMBOLS_DWARF;
    }
    switch (section->sh_type) {
    case SHT_SYMTAB: return MS_SYMBOLS_SYMTAB;
    case SHT_DYNSYM: return MS_SYMBOLS_DYNSYM;
    default: return MS_SYMBOLS_NONE;
    }
}

ms_symbols_source ms_image_richness(const ms_image *image) {
    ms_symbols_source best = MS_SYMBOLS_NONE;
    size_t names;
    if (elf_getshdrstrndx(image->elf, &names) != 0) {
        return best;
    }
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(image->elf, scn));) {
        GElf_Shdr section;
        if (gelf_getshdr(scn, &section)) {
            const char *name = elf_strptr(image->elf, names, section.sh_name);
            ms_symbols_source source = richness_of_section(&section, name);
            best = source > best ? source : best;
        }
    }
    return best;
}

bool ms_image_has_crc(const ms_image *image, uint32_t crc) {
    size_t size;
    const char *bytes = elf_rawfile(image->elf, &size);
    if (!bytes) {
        return false;
    }
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++) {
            table[i] = (table[i] >> 1) ^ (table[i] & 1 ? 0xedb88320u : 0);
        }
    }
    uint32_t sum = ~0u;
    for (size_t i = 0; i < size; i++) {
        sum = table[(sum ^ (uint8_t)bytes[i]) & 0xff] ^ (sum >> 8);
    }
    return ~sum == crc;
}
