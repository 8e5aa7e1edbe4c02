/* rename.h - for --compact: names for blocks, where a trace has addresses.
 *
 * Readers look at addresses only to tell blocks apart. Names do that as well, and as they are given in
 * the order of births they need not be written: each is that of the birth before it plus MS_NAME_STEP
 * (BORN_STEP). A death is told by how long ago the block was born among those of its stream.
 *
 * With several threads the order of events at one address is only known from tick to tick. So what is
 * open at an address - births without a death, deaths without a birth, and anything at all while another
 * thread has been there in the same tick - goes on under its name, and readers set the order right from
 * what they know (pairs.h of the loader), as they do with addresses:
 *
 *      tick 7                 balance   name
 *      thread 1: born         1         A
 *      thread 1: dies         0         A
 *      thread 1: born         1         B, nobody else has been there
 *      thread 2: dies         0         B
 *      thread 1: dies         -1        B, read too early: before the birth below
 *      thread 2: born         0         B
 *      tick 8
 *      thread 2: born         1         C, all that was open is settled
 *
 * That holds because what is drained together is closed: of an event, everything that led to it is there,
 * too, in this drain or before (drain.h). Memory is proportional to the live blocks. Offline side; one
 * thread per object. */
#ifndef MS_RECORDER_RENAME_H
#define MS_RECORDER_RENAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names lie above all addresses that a program can have, so that the two are never taken for each other. */
#define MS_NAMES_FROM (UINT64_C(1) << 47)

typedef struct ms_renamer ms_renamer;

/* NULL without memory. */
ms_renamer *ms_renamer_new(void);
void ms_renamer_free(ms_renamer *renamer);

/* Events until the next settling come from one thread alone: their order is known. */
void ms_renamer_alone(ms_renamer *renamer, bool alone);

/* Copies the events that `words` of a ring begin with to `out`, which has room for them, with names for
 * addresses, as far as they are such as ms_packer_add_words() takes. Events must come in the order of
 * their time. Returns how many words that are; 0: none, or no memory. */
size_t ms_renamer_words(ms_renamer *renamer, uint32_t thread, uint64_t time_us,
                        const uint64_t *words, size_t count, uint64_t *out);

/* The name of the block that is live at `address`; `address` itself where none is. */
uint64_t ms_renamer_name(const ms_renamer *renamer, uint64_t address);

/* No event before `time_us` will come any more. */
void ms_renamer_settle(ms_renamer *renamer, uint64_t time_us);

#endif
