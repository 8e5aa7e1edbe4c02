/* note.h - notes, as the table of calls offers them. */
#ifndef MS_TRACK_NOTE_H
#define MS_TRACK_NOTE_H

#include "memscope/calls.h"

void ms_note(struct memscope_place *place, unsigned what, const void *address, const void *old,
             size_t size, uint64_t number);
void ms_note_stack(struct memscope_place *place, unsigned what, const void *address,
                   const void *old, size_t size, uint64_t number);

/* With the stack of the caller of the function whose frame this is: for those who stand in for another. */
void ms_note_stack_of(const uint64_t *frame, struct memscope_place *place, unsigned what,
                      const void *address, const void *old, size_t size, uint64_t number);
void ms_note_type(struct memscope_place *type, size_t size, uint64_t count_offset,
                  struct memscope_field *fields, size_t field_count);

#endif
