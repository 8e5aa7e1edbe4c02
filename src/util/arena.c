#include "util/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_MIN ((size_t)16 << 10)
#define CHUNK_MAX ((size_t)1 << 20)
#define ALIGNMENT alignof(max_align_t)

typedef struct chunk {
    struct chunk *next;
    size_t used;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
} chunk;

/* The first chunk of the list is the one being filled. A request that does not fit the usual chunk
 * gets one of its own, behind the first, so that the room left in the first is not lost. */
struct ms_arena {
    chunk *chunks;
    size_t chunk_size; /* of the next one: doubles up to CHUNK_MAX */
    size_t used;
};

ms_arena *ms_arena_new(void) {
    ms_arena *arena = calloc(1, sizeof *arena);
    if (arena)
        arena->chunk_size = CHUNK_MIN;
    return arena;
}

void ms_arena_free(ms_arena *arena) {
    if (!arena)
        return;
    for (chunk *next, *c = arena->chunks; c; c = next) {
        next = c->next;
        free(c);
    }
    free(arena);
}

static _Noreturn void die(size_t size) {
    fprintf(stderr, "memscope: out of memory (%zu more bytes were needed)\n", size);
    exit(4);
}

/* Chunks come from calloc, so what is handed out is zero: no byte is handed out twice. */
static chunk *new_chunk(size_t size) {
    chunk *c = size < SIZE_MAX - sizeof *c ? calloc(1, sizeof *c + size) : NULL;
    if (!c)
        die(size);
    c->size = size;
    return c;
}

static chunk *chunk_for(ms_arena *arena, size_t size) {
    chunk *first = arena->chunks;
    if (first && first->size - first->used >= size)
        return first;
    if (first && size > arena->chunk_size / 4) {
        chunk *own = new_chunk(size);
        own->next = first->next;
        first->next = own;
        return own;
    }
    chunk *fresh = new_chunk(size > arena->chunk_size ? size : arena->chunk_size);
    if (arena->chunk_size < CHUNK_MAX)
        arena->chunk_size *= 2;
    fresh->next = first;
    arena->chunks = fresh;
    return fresh;
}

void *ms_arena_alloc(ms_arena *arena, size_t size) {
    if (size > SIZE_MAX - ALIGNMENT)
        die(size);
    size_t rounded = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if (!rounded)
        rounded = ALIGNMENT;
    chunk *c = chunk_for(arena, rounded);
    void *memory = c->bytes + c->used;
    c->used += rounded;
    arena->used += rounded;
    return memory;
}

char *ms_arena_text(ms_arena *arena, const char *text, size_t length) {
    if (length == SIZE_MAX)
        die(length);
    char *copy = ms_arena_alloc(arena, length + 1);
    if (length)
        memcpy(copy, text, length);
    return copy;
}

char *ms_arena_printf(ms_arena *arena, const char *format, ...) {
    char *formatted;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&formatted, format, arguments);
    va_end(arguments);
    if (length < 0)
        die(strlen(format));
    char *text = ms_arena_text(arena, formatted, (size_t)length);
    free(formatted);
    return text;
}

size_t ms_arena_used(const ms_arena *arena) {
    return arena->used;
}
