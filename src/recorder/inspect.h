/* inspect.h - whether a program can be recorded at all, before it is started. */
#ifndef MS_RECORDER_INSPECT_H
#define MS_RECORDER_INSPECT_H

#include <stddef.h>

/* Finds `program` as execvp() would. Returns 0 and its path, or errno: ENOENT, EACCES. */
int ms_program_find(const char *program, char *path, size_t size);

/* Why a preloaded library would not get into the executable at `path`, as the end of a sentence
 * "PATH ..."; NULL when it would, or when that cannot be told. A script counts as its interpreter. */
const char *ms_program_unrecordable(const char *path);

/* Why a trace cannot be created at `path`: errno, or 0. Only regular files are replaced: EEXIST
 * means that something else is there. */
int ms_output_check(const char *path);

#endif
