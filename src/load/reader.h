/* reader.h - the chunks of a trace file, in order, whatever has happened to it. Reads with pread (a
 * file that shrinks while it is read must not raise SIGBUS). One thread at a time. */
#ifndef MS_LOAD_READER_H
#define MS_LOAD_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/format.h"
#include "util/error.h"

/* Opens a regular file for reading. Returns the descriptor, or -1 with `error` set. */
int ms_trace_file_open(const char *path, uint64_t *size, ms_error *error);

/* Reads `size` bytes at `offset`; returns how many there were. */
size_t ms_trace_file_read(int fd, void *bytes, size_t size, uint64_t offset);

/* Which form of trace the file is, or 0 with `error` set: no trace, empty, of a later version, of a
 * machine with another byte order. */
ms_trace_form ms_trace_file_form(int fd, const char *path, uint64_t size, ms_error *error);

/* A chunk that is intact, unpacked. The payload belongs to whoever reads: it is grown as needed and
 * freed by them. */
typedef struct ms_payload {
    ms_trace_chunk chunk;
    uint64_t offset; /* of the chunk in the file */
    uint8_t *bytes;  /* chunk.size of them */
    size_t capacity;
} ms_payload;

typedef struct ms_reader {
    int fd; /* borrowed */
    uint64_t size;
    uint64_t offset;    /* of the next chunk */
    uint64_t damaged;   /* chunks, or stretches, that were skipped */
    uint64_t damage_at; /* offset of the first of them */
    bool cut;           /* the file ends within a chunk, at damage_at if that is the first damage */
    uint64_t index_at;  /* offset of the INDEX chunk read last; 0: none */
    bool ended_well;    /* index and trailer are there */
    uint64_t search_left; /* bytes that may still be looked through for chunks behind damage */
    uint8_t *stored;
    size_t stored_capacity;
} ms_reader;

/* Starts behind the header of the TRACE form file `fd` of `size` bytes. */
void ms_reader_init(ms_reader *reader, int fd, uint64_t size);
void ms_reader_deinit(ms_reader *reader);

/* The next intact chunk; false at the end. Where bytes are damaged it goes on at the next intact
 * chunk, if there is one. */
bool ms_reader_next(ms_reader *reader, ms_payload *payload);

#endif
