/* given.h - which argument of a function leads to a place, and what its caller gives for that: through one that is
 * NULL nothing is stored. */
#ifndef MS_SYMBOL_GIVEN_H
#define MS_SYMBOL_GIVEN_H

#include "symbol/machine.h"

/* Instead of a register. */
#define MS_GIVEN_OTHER MS_NO_REGISTER
#define MS_GIVEN_NULL (MS_NO_REGISTER - 1)

/* What a call gives for the arguments that are in registers: what the calling function has got itself, said by the
 * register it came in, or one of the above. */
typedef struct ms_given {
    uint64_t target; /* what is called; 0: the code does not tell */
    uint8_t by_register[MS_REGISTERS];
} ms_given;

/* What the call gives; `machine` is as before it. */
ms_given ms_given_read(const ms_values *values, const ms_machine *machine,
                       const ms_instruction *call);

/* The register that leads to a value when the function is entered; MS_GIVEN_OTHER: none does. */
uint8_t ms_given_root(const ms_values *values, ms_value value);

/* The same, seen by the caller: what `root` of the function that is entered at `entry` is there. */
uint8_t ms_given_for(const ms_given *given, uint64_t entry, uint8_t root);

#endif
