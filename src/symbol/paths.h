/* paths.h - which member of an aggregate lies at an offset: `.head`, `.db[i].dict`. */
#ifndef MS_SYMBOL_PATHS_H
#define MS_SYMBOL_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

#include "symbol/types.h"

#define MS_PATH_SIZE 256u
#define MS_PATHS_MAX 12u

/* The element of an array that a running index chooses: elements of `stride` bytes. */
typedef struct ms_running {
    int64_t stride;    /* 0: none */
    const char *index; /* its name, or "" */
    bool whole;        /* no pointer is looked for, but an object of the language's library */
} ms_running;

typedef struct ms_path {
    char text[MS_PATH_SIZE];
    Dwarf_Die type; /* of what is there */
    Dwarf_Die
        holder; /* of the object of the language's library that the text ends at; addr NULL: it ends there */
    bool arm;     /* it goes through a union: only one of several is meant */
    bool indexed; /* the running index has been used */
} ms_path;

/* Writes the ways to say what of `type`, an aggregate or not, lies at `offset` and is as large as a pointer.
 * Several when there are unions; pointers only, when there are any. Returns how many, at most
 * MS_PATHS_MAX; 0 when nothing whole is there.
 *
 * Nobody speaks of the members of a vector, or a string: in these a path goes on, and its text does not. */
size_t ms_paths_find(ms_types *types, const Dwarf_Die *type, uint64_t offset, ms_running running,
                     ms_path *paths);

/* What the pointer type points to, without const and its like. False: it is no pointer, or one to void. `*pointer` says whether it is
 * one. */
bool ms_paths_target(const Dwarf_Die *type, Dwarf_Die *target, bool *pointer);

#endif
