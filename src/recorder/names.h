/* names.h - the files of a session. */
#ifndef MS_RECORDER_NAMES_H
#define MS_RECORDER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* OUTPUT with .PID, and .NUMBER when that is not 0, before its ending. */
void ms_name_numbered(char *path, size_t size, const char *output, pid_t pid, unsigned number);

/* memscope.PROGRAM.PID.memscope, where no output was asked for. */
void ms_name_default(char *path, size_t size, const char *program, pid_t pid);

/* Where directories for rings are made, the best place first: borrowed names; returns how many. */
#define MS_RING_PLACES 3
size_t ms_ring_places(const char *places[MS_RING_PLACES]);

/* Is this the name of one, as ms_ring_directory_create() makes them? */
bool ms_is_ring_directory(const char *name);

/* Creates a directory for rings, where memory backs files if there is such a place. Returns 0, or
 * errno when there is none. */
int ms_ring_directory_create(char *path, size_t size);

#endif
