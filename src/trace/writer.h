/* writer.h - a trace file in the making: header, chunks, and at the end index and trailer. Whatever
 * happens, the file ends behind a whole chunk. Offline side; one thread per object. */
#ifndef MS_TRACE_WRITER_H
#define MS_TRACE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/format.h"

typedef struct ms_trace_writer ms_trace_writer;

/* Creates (or empties) `path` with mode 0600 and writes the header. NULL with `*os_errno` set on
 * failure; a file that could not take the header is removed. */
ms_trace_writer *ms_trace_writer_open(const char *path, const ms_trace_header *header,
                                      int *os_errno);

/* The same with the file `fd`, which is open for reading and writing, and empty. It is the writer's from
 * then on, but stays the caller's on failure. */
ms_trace_writer *ms_trace_writer_begin(int fd, const ms_trace_header *header, int *os_errno);

/* Goes on behind the chunks of the trace `fd`, likewise. NULL also when something else is in it. */
ms_trace_writer *ms_trace_writer_resume(int fd, int *os_errno);

/* Appends, as they are, the chunks that lie from `offset` to `end` in the trace `fd`, which is borrowed.
 * False when they cannot be read or written, as below. */
bool ms_trace_writer_copy(ms_trace_writer *writer, int fd, uint64_t offset, uint64_t end);

/* The last EVENTS chunk that begins at `*offset` or before, such that those before it ended at `until_us`
 * or earlier; `*offset` is set to where it begins. False when there is none behind the first one. */
bool ms_trace_writer_find(const ms_trace_writer *writer, uint64_t until_us, uint64_t *offset);

/* The file, open for reading and writing; borrowed. */
int ms_trace_writer_fd(const ms_trace_writer *writer);

/* Packs and appends a chunk. False when it could not be written: the file is then cut back to its
 * last whole chunk (see ms_trace_writer_error()), and a later call may try again. */
bool ms_trace_writer_append(ms_trace_writer *writer, ms_chunk_kind kind, const uint8_t *payload,
                            size_t size, uint64_t first_us, uint64_t last_us);

/* Appends the index and the trailer: the trace ended well. False as above. Nothing may be appended
 * afterwards. */
bool ms_trace_writer_finish(ms_trace_writer *writer);

/* errno of the latest failure; 0 when there was none. */
int ms_trace_writer_error(const ms_trace_writer *writer);

/* Bytes of the file so far. */
uint64_t ms_trace_writer_size(const ms_trace_writer *writer);

/* Closes the file, finished or not. NULL is fine. */
void ms_trace_writer_close(ms_trace_writer *writer);

#endif
