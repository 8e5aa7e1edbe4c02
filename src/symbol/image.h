/* image.h - an ELF file, opened with suspicion: paths and contents come from strangers. */
#ifndef MS_SYMBOL_IMAGE_H
#define MS_SYMBOL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libelf.h>

#include "symbol/symbol.h"

/* Borrowed bytes; size 0: none. */
typedef struct ms_build_id {
    const uint8_t *bytes;
    size_t size;
} ms_build_id;

bool ms_build_id_equal(ms_build_id a, ms_build_id b);

/* elf NULL: not open. */
typedef struct ms_image {
    Elf *elf;
    int fd;             /* -1 once detached */
    bool has_addresses; /* an executable, a shared object, or the debug half of one */
} ms_image;

/* Opens an ELF file. False when `path` is anything else: missing, a directory, a pipe, an archive,
 * a core. Never blocks. */
bool ms_image_open(ms_image *image, const char *path);

/* The same for a file already open; takes `fd`. */
bool ms_image_adopt(ms_image *image, int fd);

/* Closes the file but keeps its contents readable: a program has hundreds of modules, and file
 * descriptors are few. */
void ms_image_detach(ms_image *image);

/* Fine on an image that is not open. */
void ms_image_close(ms_image *image);

/* Borrowed from the image. */
ms_build_id ms_image_build_id(const ms_image *image);

/* The best source of names inside: DWARF, SYMTAB, DYNSYM or NONE. Tables that are present in name
 * only, as in stripped halves, do not count. */
ms_symbols_source ms_image_richness(const ms_image *image);

/* Whether the CRC-32 of the whole file is `crc`, as a debug link says. Reads all of it. */
bool ms_image_has_crc(const ms_image *image, uint32_t crc);

#endif
