/* machine.h - a processor that computes with terms instead of numbers, one instruction at a time. */
#ifndef MS_SYMBOL_MACHINE_H
#define MS_SYMBOL_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/code.h"
#include "symbol/values.h"

/* A place in memory that was written: on the function's own stack, or where the block went. What was not
 * written holds what it held on entry. */
typedef struct ms_slot {
    ms_value at, holds;
    uint8_t size; /* bytes */
} ms_slot;

#define MS_SLOTS 192u

/* The slots come last: only those in use are copied. */
typedef struct ms_machine {
    ms_value registers[MS_REGISTERS];
    ms_value vectors[MS_VECTORS][2]; /* low and high half */
    ms_value tested;                 /* what was last compared with zero */
    uint32_t slot_count;
    ms_slot slots[MS_SLOTS];
} ms_machine;

/* What an instruction wrote to memory. */
typedef struct ms_stores {
    ms_slot items[2];
    unsigned count;
} ms_stores;

/* What the machine needs to know beside its own state. */
typedef struct ms_world {
    ms_values *values;
    /* The value that the loader puts into `address` before the program runs; false: it puts none there. */
    bool (*linked)(void *context, uint64_t address, ms_value *value);
    void *context;
} ms_world;

/* As a function finds it. */
void ms_machine_enter(ms_machine *machine, ms_values *values);

void ms_machine_copy(ms_machine *to, const ms_machine *from);

/* Executes an instruction that is no jump; of a call what the ABI says of every call. */
void ms_machine_step(ms_machine *machine, const ms_world *world, const ms_instruction *instruction,
                     ms_stores *stores);

/* The address of a memory operand. */
ms_value ms_machine_address(const ms_machine *machine, const ms_world *world,
                            const ms_operand *operand);

/* What a place in memory holds, however large it is. */
ms_value ms_machine_load(const ms_machine *machine, const ms_world *world, ms_value at);

/* What was written there; NULL: nothing, as far as is known. `hint` is where to look first: machines of one
 * function have their slots in much the same order. */
const ms_slot *ms_machine_slot(const ms_machine *machine, ms_value at, uint32_t hint);

/* Puts a value of `size` bytes there. */
void ms_machine_store(ms_machine *machine, const ms_world *world, ms_value at, ms_value value,
                      uint8_t size);

/* Whether the branch may be taken, and may not be, by what is known. */
void ms_machine_branch(const ms_machine *machine, uint8_t condition, bool *taken, bool *passed);

/* Whether anything holds the block or an address in it. */
bool ms_machine_has_block(const ms_machine *machine);

/* A number that is the same for machines that hold the block in the same places. */
uint64_t ms_machine_block_places(const ms_machine *machine);

#endif
