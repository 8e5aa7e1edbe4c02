/* code.h - the machine code of one function, decoded once: of each instruction what it moves from where to
 * where, as far as a pointer can be followed through it. x86-64. */
#ifndef MS_SYMBOL_CODE_H
#define MS_SYMBOL_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/image.h"
#include "util/arena.h"

/* Registers have DWARF's numbers; behind them the vector registers. */
enum { MS_RAX, MS_RDX, MS_RCX, MS_RBX, MS_RSI, MS_RDI, MS_RBP, MS_RSP };
#define MS_REGISTERS 16u
#define MS_VECTORS 16u
#define MS_NO_REGISTER UINT8_MAX

/* The register that has the argument `n` of a call. */
#define MS_ARGUMENTS 6u
static inline uint8_t ms_argument(uint32_t n) {
    static const uint8_t registers[MS_ARGUMENTS] = {MS_RDI, MS_RSI, MS_RDX, MS_RCX, 8, 9};
    return registers[n];
}

#define MS_NO_INSTRUCTION UINT32_MAX

typedef enum ms_op {
    MS_OP_OTHER, /* whatever it does, it leaves unknown values in what it writes */
    MS_OP_MOVE,
    MS_OP_ADDRESS, /* lea */
    MS_OP_ADD,
    MS_OP_SUBTRACT,
    MS_OP_MULTIPLY, /* by `factor`; shifts to the left, too */
    MS_OP_ZERO,
    MS_OP_EXCHANGE,
    MS_OP_SELECT,  /* cmov */
    MS_OP_COMPARE, /* with zero */
    MS_OP_PUSH,
    MS_OP_POP,
    MS_OP_LEAVE,
    MS_OP_CALL,
    MS_OP_JUMP,
    MS_OP_BRANCH, /* on `condition` */
    MS_OP_RETURN,
    MS_OP_STOP, /* ud2, hlt: nothing comes after it */
    MS_OP_LOW,  /* moves the low half of a vector register, and clears the high one of a target */
    MS_OP_HIGH, /* moves the high half */
    MS_OP_PAIR, /* the low half of the source becomes the high half of the target */
    MS_OP_WHOLE /* moves both halves */
} ms_op;

typedef enum ms_condition { MS_IF_OTHER, MS_IF_ZERO, MS_IF_NOT_ZERO } ms_condition;

typedef enum ms_operand_kind {
    MS_OPERAND_NONE,
    MS_OPERAND_REGISTER,
    MS_OPERAND_VECTOR,
    MS_OPERAND_NUMBER,
    MS_OPERAND_MEMORY
} ms_operand_kind;

/* In memory: base + index * scale + number, of which the registers may be missing. What is relative to
 * the instruction is a plain number here. */
typedef struct ms_operand {
    uint8_t kind;
    uint8_t size; /* bytes */
    uint8_t reg;  /* a register, or the base */
    uint8_t index;
    uint8_t scale;
    bool thread_local; /* relative to the thread's own storage */
    int64_t number;
} ms_operand;

typedef struct ms_instruction {
    uint64_t address;
    uint8_t size;
    uint8_t op;
    uint8_t condition;
    bool leads;             /* something jumps here, or nothing falls through to here */
    bool writes_memory;     /* MS_OP_OTHER: its first operand */
    uint32_t clobbers;      /* MS_OP_OTHER: registers it writes, vector registers from bit 16 */
    uint32_t to;            /* of a jump in the function: index of what it goes to */
    uint64_t target;        /* of a direct jump or call: address; 0: not known */
    int64_t factor;         /* MS_OP_MULTIPLY */
    ms_operand operands[2]; /* target first; a call through a pointer has it in the first */
} ms_instruction;

typedef struct ms_extent {
    uint64_t low, high; /* one past the last address */
} ms_extent;

/* Instructions in the order of their addresses; those of a part of the function that was placed apart are
 * among them. */
typedef struct ms_code {
    ms_instruction *items;
    uint32_t count;
    uint64_t entry;
    bool thread_storage; /* reads or writes the thread's own storage */
} ms_code;

/* Opens a decoder for the machine `image` is for; NULL when it is none we know, or without memory. */
typedef struct ms_decoder ms_decoder;
ms_decoder *ms_decoder_new(const ms_image *image);
void ms_decoder_free(ms_decoder *decoder);

/* Decodes the instructions of `extents` (ascending, at most some megabytes); what cannot be decoded ends
 * its extent. Lives in `arena`. */
ms_code *ms_code_read(ms_decoder *decoder, const ms_extent *extents, size_t count, uint64_t entry,
                      ms_arena *arena);

/* Whether the instruction behind the one at `index` follows it in memory: parts of a function may lie apart. */
bool ms_code_follows(const ms_code *code, uint32_t index);

/* The index of the instruction at `address`, or MS_NO_INSTRUCTION. */
uint32_t ms_code_find(const ms_code *code, uint64_t address);

/* The memory that the stub at `address` (of a procedure linkage table) jumps through; 0: it is no stub. */
uint64_t ms_code_stub(ms_decoder *decoder, uint64_t address);

/* Bytes of the file at an address as linked; NULL when they are not all in the file. */
const uint8_t *ms_image_bytes(const ms_image *image, uint64_t address, size_t size);

#endif
