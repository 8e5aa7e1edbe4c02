/* declared.h - types that the program describes itself, for there may be no debug info: TYPE and FIELD
 * notes. A type is described once, by one thread, fields behind it. One thread at a time. */
#ifndef MS_LOAD_DECLARED_H
#define MS_LOAD_DECLARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/said.h"
#include "util/map.h"

#define MS_DECLARED_MAX (1u << 16) /* types */
#define MS_FIELDS_EACH 256u

typedef struct ms_declared_member {
    uint64_t offset, size;
    uint32_t place; /* its name and type: index + 1 */
    uint32_t next;  /* index + 1; 0: the last */
} ms_declared_member;

typedef struct ms_declared_count {
    uint64_t size;         /* UINT64_MAX: not said */
    uint64_t count_offset; /* of its reference count; UINT64_MAX: none is said */
    uint32_t place;        /* index + 1 */
    uint32_t first, last;  /* member, index + 1; 0: none */
    uint32_t members;
} ms_declared_count;

typedef struct ms_declared {
    ms_declared_count *items; /* in the order of their description */
    size_t count, capacity;
    ms_declared_member *members;
    size_t member_count, member_capacity;
    ms_map of;       /* place -> index + 1 */
    ms_map speaking; /* thread + 1 -> index + 1 of the type that it describes */
    uint64_t left_out;
} ms_declared;

/* `arena` is borrowed. */
void ms_declared_init(ms_declared *declared, ms_arena *arena);
void ms_declared_deinit(ms_declared *declared);

/* A TYPE note, and a FIELD of the type described last by its thread. A type described again stays as it
 * is. */
void ms_declared_take_type(ms_declared *declared, const ms_said *said);
void ms_declared_take_field(ms_declared *declared, const ms_said *said);

/* The type that a thread (index) has begun to describe, index + 1; 0: none. */
uint32_t ms_declared_by(const ms_declared *declared, uint32_t thread);

/* Out of a checkpoint: a type, the next field of a type (index), and what a thread (index) describes, index
 * + 1. False: that cannot be. */
bool ms_declared_restore(ms_declared *declared, ms_declared_count type);
bool ms_declared_restore_field(ms_declared *declared, uint32_t type, ms_declared_member field);
bool ms_declared_restore_thread(ms_declared *declared, uint32_t thread, uint32_t type);

#endif
