/* phrase.h - what several reports say in the same words. Texts are as the program spells them: whoever shows
 * them escapes them for where they go. */
#ifndef MS_MODEL_PHRASE_H
#define MS_MODEL_PHRASE_H

#include <stddef.h>

#include "model/model.h"

/* The command as it was typed, its directory left out; of long ones not much more than `most` bytes. */
const char *ms_phrase_command(const ms_program *program, ms_arena *arena, size_t most);

/* "exited with status 0", "killed by signal 11, SIGSEGV". */
const char *ms_phrase_end(const ms_program *program, ms_arena *arena);

/* The function, or where it is when it has no name. NULL: "allocations without a stack". */
const char *ms_phrase_frame(const ms_frame *frame, ms_arena *arena);

/* "src/parse.c:120"; NULL where the frame has no file. */
const char *ms_phrase_place(const ms_frame *frame, ms_arena *arena);

#endif
