/* paths.h - which member of an aggregate lies at an offset: `.head`, `.db[i].dict`. */
#ifndef MS_SYMBOL_PATHS_H
#define MS_SYMBOL_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

#define MS_PATH_SIZE 256u
#define MS_PATHS_MAX 12u

/* The element of an array that a running index chooses: elements of `stride` bytes. */
typedef struct ms_running {
    int64_t stride;    /* 0: none */
    const char *index; /* its name, or "" */
} ms_running;

typedef struct ms_path {
    char text[MS_PATH_SIZE];
    Dwarf_Die type; /* of what is there */
    bool arm;       /* it goes through a union: only one of several is meant */
    bool indexed;   /* the running index has been used */
} ms_path;

/* Writes the ways to say what of `type`, an aggregate or not, lies at `offset` and is as large as a pointer.
 * Several when there are unions; pointers only, when there are any. Returns how many, at most
 * MS_PATHS_MAX; 0 when nothing whole is there. */
size_t ms_paths_find(const Dwarf_Die *type, uint64_t offset, ms_running running, ms_path *paths);

/* What the pointer type points to, without const and its like. False: it is no pointer, or one to void. `*pointer` says whether it is
 * one. */
bool ms_paths_target(const Dwarf_Die *type, Dwarf_Die *target, bool *pointer);

#endif
