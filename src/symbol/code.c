#include "symbol/code.h"

#include <stdlib.h>
#include <string.h>

#include <capstone/capstone.h>
#include <gelf.h>

/* More than any function has that a person wrote; decoding takes about a microsecond for each. */
#define INSTRUCTIONS_MAX 400000u
#define STUB_BYTES 24u

struct ms_decoder {
    const ms_image *image;
    csh handle;
    cs_insn *buffer;
};

/* ---- the file --------------------------------------------------------------------------- */

const uint8_t *ms_image_bytes(const ms_image *image, uint64_t address, size_t size) {
    size_t file_size = 0, count = 0;
    const char *bytes = image->elf ? elf_rawfile(image->elf, &file_size) : NULL;
    if (!bytes || elf_getphdrnum(image->elf, &count) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr part;
        if (!gelf_getphdr(image->elf, (int)i, &part) || part.p_type != PT_LOAD ||
            address < part.p_vaddr || address - part.p_vaddr >= part.p_filesz) {
            continue;
        }
        uint64_t from = address - part.p_vaddr;
        bool whole = size <= part.p_filesz - from && part.p_offset <= file_size &&
                     from <= file_size - part.p_offset && size <= file_size - part.p_offset - from;
        return whole ? (const uint8_t *)bytes + part.p_offset + from : NULL;
    }
    return NULL;
}

ms_decoder *ms_decoder_new(const ms_image *image) {
    GElf_Ehdr header;
    ms_decoder *decoder = NULL;
    if (image->elf && gelf_getehdr(image->elf, &header) && header.e_machine == EM_X86_64) {
        decoder = calloc(1, sizeof *decoder);
    }
    if (!decoder) {
        return NULL;
    }
    decoder->image = image;
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &decoder->handle) == CS_ERR_OK) {
        cs_option(decoder->handle, CS_OPT_DETAIL, CS_OPT_ON);
        decoder->buffer = cs_malloc(decoder->handle);
    }
    if (!decoder->buffer) {
        ms_decoder_free(decoder);
        return NULL;
    }
    return decoder;
}

void ms_decoder_free(ms_decoder *decoder) {
    if (decoder) {
        if (decoder->buffer) {
            cs_free(decoder->buffer, 1);
        }
        if (decoder->handle) {
            cs_close(&decoder->handle);
        }
        free(decoder);
    }
}

/* ---- operands --------------------------------------------------------------------------- */

static uint8_t register_number(x86_reg reg) {
    switch (reg) {
#define NUMBERED(number, r64, r32, r16, r8)                                                        \
    case X86_REG_##r64:                                                                            \
    case X86_REG_##r32:                                                                            \
    case X86_REG_##r16:                                                                            \
    case X86_REG_##r8: return number;
        NUMBERED(0, RAX, EAX, AX, AL)
        NUMBERED(1, RDX, EDX, DX, DL)
        NUMBERED(2, RCX, ECX, CX, CL)
        NUMBERED(3, RBX, EBX, BX, BL)
        NUMBERED(4, RSI, ESI, SI, SIL)
        NUMBERED(5, RDI, EDI, DI, DIL)
        NUMBERED(6, RBP, EBP, BP, BPL)
        NUMBERED(7, RSP, ESP, SP, SPL)
        NUMBERED(8, R8, R8D, R8W, R8B)
        NUMBERED(9, R9, R9D, R9W, R9B)
        NUMBERED(10, R10, R10D, R10W, R10B)
        NUMBERED(11, R11, R11D, R11W, R11B)
        NUMBERED(12, R12, R12D, R12W, R12B)
        NUMBERED(13, R13, R13D, R13W, R13B)
        NUMBERED(14, R14, R14D, R14W, R14B)
        NUMBERED(15, R15, R15D, R15W, R15B)
#undef NUMBERED
    case X86_REG_AH: return MS_RAX;
    case X86_REG_BH: return MS_RBX;
    case X86_REG_CH: return MS_RCX;
    case X86_REG_DH: return MS_RDX;
    default: return MS_NO_REGISTER;
    }
}

static uint8_t vector_number(x86_reg reg) {
    if (reg >= X86_REG_XMM0 && reg <= X86_REG_XMM15) {
        return (uint8_t)(reg - X86_REG_XMM0);
    }
    bool wide = reg >= X86_REG_YMM0 && reg <= X86_REG_YMM15;
    return wide ? (uint8_t)(reg - X86_REG_YMM0) : MS_NO_REGISTER;
}

static void read_memory(const cs_insn *insn, const x86_op_mem *mem, ms_operand *out) {
    out->kind = MS_OPERAND_MEMORY;
    out->reg = register_number(mem->base);
    out->index = register_number(mem->index);
    out->scale = (uint8_t)mem->scale;
    out->number = mem->disp;
    out->thread_local = mem->segment == X86_REG_FS;
    if (mem->base == X86_REG_RIP) {
        out->number = (int64_t)(insn->address + insn->size + (uint64_t)mem->disp);
    }
}

static void read_operand(const cs_insn *insn, const cs_x86_op *op, ms_operand *out) {
    *out = (ms_operand){.size = op->size, .reg = MS_NO_REGISTER, .index = MS_NO_REGISTER};
    switch (op->type) {
    case X86_OP_REG:
        out->kind = MS_OPERAND_REGISTER;
        out->reg = register_number(op->reg);
        if (out->reg == MS_NO_REGISTER) {
            out->reg = vector_number(op->reg);
            out->kind = out->reg == MS_NO_REGISTER ? MS_OPERAND_NONE : MS_OPERAND_VECTOR;
        }
        break;
    case X86_OP_IMM:
        out->kind = MS_OPERAND_NUMBER;
        out->number = op->imm;
        break;
    case X86_OP_MEM: read_memory(insn, &op->mem, out); break;
    default: break;
    }
}

/* ---- instructions ----------------------------------------------------------------------- */

static bool same_register(const ms_instruction *i) {
    return i->operands[0].kind == i->operands[1].kind && i->operands[0].reg == i->operands[1].reg &&
           (i->operands[0].kind == MS_OPERAND_REGISTER || i->operands[0].kind == MS_OPERAND_VECTOR);
}

static bool has_vector(const ms_instruction *i) {
    return i->operands[0].kind == MS_OPERAND_VECTOR || i->operands[1].kind == MS_OPERAND_VECTOR;
}

static void set_clobbers(ms_decoder *decoder, ms_instruction *i) {
    const cs_insn *insn = decoder->buffer;
    cs_regs reads, writes;
    uint8_t read_count, write_count;
    if (cs_regs_access(decoder->handle, insn, reads, &read_count, writes, &write_count) != 0) {
        return;
    }
    for (unsigned w = 0; w < write_count; w++) {
        uint8_t reg = register_number(writes[w]), vector = vector_number(writes[w]);
        i->clobbers |= reg != MS_NO_REGISTER ? 1u << reg : 0;
        i->clobbers |= vector != MS_NO_REGISTER ? 1u << (16 + vector) : 0;
    }
    const cs_x86 *x86 = &insn->detail->x86;
    i->writes_memory = x86->op_count && x86->operands[0].type == X86_OP_MEM &&
                       (x86->operands[0].access & CS_AC_WRITE);
}

static uint8_t condition_of(unsigned id) {
    switch (id) {
    case X86_INS_JE:
    case X86_INS_CMOVE: return MS_IF_ZERO;
    case X86_INS_JNE:
    case X86_INS_CMOVNE: return MS_IF_NOT_ZERO;
    default: return MS_IF_OTHER;
    }
}

static ms_op compare(ms_instruction *i, unsigned id) {
    bool with_zero = id == X86_INS_TEST
                         ? same_register(i)
                         : i->operands[1].kind == MS_OPERAND_NUMBER && i->operands[1].number == 0;
    return with_zero ? MS_OP_COMPARE : MS_OP_OTHER;
}

static ms_op multiply(ms_instruction *i, const cs_x86 *x86, unsigned id) {
    const ms_operand *last = &i->operands[1];
    if (id != X86_INS_IMUL && last->kind == MS_OPERAND_NUMBER && last->number >= 0 &&
        last->number < 32) {
        i->factor = (int64_t)1 << last->number;
        i->operands[1] = i->operands[0];
        return MS_OP_MULTIPLY;
    }
    if (id == X86_INS_IMUL && x86->op_count == 3 && x86->operands[2].type == X86_OP_IMM) {
        i->factor = x86->operands[2].imm;
        return MS_OP_MULTIPLY;
    }
    return MS_OP_OTHER;
}

static ms_op jump(ms_instruction *i, ms_op op) {
    if (i->operands[0].kind == MS_OPERAND_NUMBER) {
        i->target = (uint64_t)i->operands[0].number;
    }
    return op;
}

static ms_op vector_op(unsigned id) {
    switch (id) {
    case X86_INS_MOVQ:
    case X86_INS_MOVSD:
    case X86_INS_MOVLPS:
    case X86_INS_MOVLPD: return MS_OP_LOW;
    case X86_INS_MOVHPS:
    case X86_INS_MOVHPD: return MS_OP_HIGH;
    case X86_INS_PUNPCKLQDQ:
    case X86_INS_UNPCKLPD:
    case X86_INS_MOVLHPS: return MS_OP_PAIR;
    case X86_INS_MOVAPS:
    case X86_INS_MOVUPS:
    case X86_INS_MOVAPD:
    case X86_INS_MOVUPD:
    case X86_INS_MOVDQA:
    case X86_INS_MOVDQU: return MS_OP_WHOLE;
    default: return MS_OP_OTHER;
    }
}

static bool is_conditional_move(unsigned id) {
    switch (id) {
    case X86_INS_CMOVA:
    case X86_INS_CMOVAE:
    case X86_INS_CMOVB:
    case X86_INS_CMOVBE:
    case X86_INS_CMOVE:
    case X86_INS_CMOVG:
    case X86_INS_CMOVGE:
    case X86_INS_CMOVL:
    case X86_INS_CMOVLE:
    case X86_INS_CMOVNE:
    case X86_INS_CMOVNS:
    case X86_INS_CMOVS: return true;
    default: return false;
    }
}

static ms_op op_of(ms_decoder *decoder, ms_instruction *i) {
    const cs_insn *insn = decoder->buffer;
    const cs_x86 *x86 = &insn->detail->x86;
    if (has_vector(i)) {
        bool zero = (insn->id == X86_INS_PXOR || insn->id == X86_INS_XORPS) && same_register(i);
        return zero ? MS_OP_ZERO : vector_op(insn->id);
    }
    if (is_conditional_move(insn->id)) {
        return MS_OP_SELECT;
    }
    switch (insn->id) {
    case X86_INS_MOV:
    case X86_INS_MOVABS:
    case X86_INS_MOVSX:
    case X86_INS_MOVSXD:
    case X86_INS_MOVZX: return MS_OP_MOVE;
    case X86_INS_LEA: return MS_OP_ADDRESS;
    case X86_INS_ADD: return MS_OP_ADD;
    case X86_INS_SUB: return same_register(i) ? MS_OP_ZERO : MS_OP_SUBTRACT;
    case X86_INS_XOR: return same_register(i) ? MS_OP_ZERO : MS_OP_OTHER;
    case X86_INS_IMUL:
    case X86_INS_SAL:
    case X86_INS_SHL: return multiply(i, x86, insn->id);
    case X86_INS_XCHG: return MS_OP_EXCHANGE;
    case X86_INS_CMP:
    case X86_INS_TEST: return compare(i, insn->id);
    case X86_INS_PUSH: return MS_OP_PUSH;
    case X86_INS_POP: return MS_OP_POP;
    case X86_INS_LEAVE: return MS_OP_LEAVE;
    case X86_INS_CALL: return jump(i, MS_OP_CALL);
    case X86_INS_JMP: return jump(i, MS_OP_JUMP);
    case X86_INS_RET: return MS_OP_RETURN;
    case X86_INS_UD2:
    case X86_INS_HLT: return MS_OP_STOP;
    /* What they do to the sign of a number does not change which variable it is. */
    case X86_INS_CDQE:
    case X86_INS_NOP:
    case X86_INS_ENDBR64: return MS_OP_MOVE;
    default: break;
    }
    return cs_insn_group(decoder->handle, insn, CS_GRP_JUMP) ? jump(i, MS_OP_BRANCH) : MS_OP_OTHER;
}

/* A move without operands moves nothing. */
static void drop_operands(ms_instruction *i, unsigned id) {
    if (id == X86_INS_CDQE || id == X86_INS_NOP || id == X86_INS_ENDBR64) {
        i->operands[0].kind = i->operands[1].kind = MS_OPERAND_NONE;
    }
}

static ms_instruction read_instruction(ms_decoder *decoder) {
    const cs_insn *insn = decoder->buffer;
    const cs_x86 *x86 = &insn->detail->x86;
    ms_instruction i = {.address = insn->address,
                        .size = (uint8_t)insn->size,
                        .to = MS_NO_INSTRUCTION,
                        .condition = condition_of(insn->id)};
    for (unsigned n = 0; n < 2 && n < x86->op_count; n++) {
        read_operand(insn, &x86->operands[n], &i.operands[n]);
    }
    i.op = (uint8_t)op_of(decoder, &i);
    drop_operands(&i, insn->id);
    bool compares = insn->id == X86_INS_CMP || insn->id == X86_INS_TEST;
    if (i.op == MS_OP_OTHER && !compares) { /* capstone takes some comparisons for writes */
        set_clobbers(decoder, &i);
    }
    return i;
}

/* ---- functions -------------------------------------------------------------------------- */

typedef struct decoding {
    ms_instruction *items;
    size_t count, capacity;
} decoding;

static bool append(decoding *r, ms_instruction instruction) {
    if (r->count == r->capacity) {
        size_t wanted = r->capacity ? r->capacity * 2 : 256;
        ms_instruction *moved = reallocarray(r->items, wanted, sizeof *moved);
        if (!moved) {
            return false;
        }
        r->items = moved;
        r->capacity = wanted;
    }
    r->items[r->count++] = instruction;
    return true;
}

static void read_extent(ms_decoder *decoder, ms_extent extent, decoding *r) {
    size_t left = extent.high > extent.low ? (size_t)(extent.high - extent.low) : 0;
    const uint8_t *bytes = left ? ms_image_bytes(decoder->image, extent.low, left) : NULL;
    uint64_t address = extent.low;
    bool first = true;
    while (bytes && r->count < INSTRUCTIONS_MAX &&
           cs_disasm_iter(decoder->handle, &bytes, &left, &address, decoder->buffer)) {
        ms_instruction i = read_instruction(decoder);
        i.leads = first;
        first = false;
        if (!append(r, i)) {
            return;
        }
    }
}

static bool ends_flow(uint8_t op) {
    return op == MS_OP_JUMP || op == MS_OP_RETURN || op == MS_OP_STOP;
}

static void link_jumps(ms_code *code) {
    for (uint32_t n = 0; n < code->count; n++) {
        ms_instruction *i = &code->items[n];
        if ((i->op == MS_OP_JUMP || i->op == MS_OP_BRANCH) && i->target) {
            i->to = ms_code_find(code, i->target);
        }
        if (i->to != MS_NO_INSTRUCTION) {
            code->items[i->to].leads = true;
        }
        bool apart = ends_flow(i->op) || i->op == MS_OP_BRANCH;
        if (apart && n + 1 < code->count) {
            code->items[n + 1].leads = true;
        }
        code->thread_storage |= i->operands[0].thread_local || i->operands[1].thread_local;
    }
}

ms_code *ms_code_read(ms_decoder *decoder, const ms_extent *extents, size_t count, uint64_t entry,
                      ms_arena *arena) {
    decoding r = {0};
    for (size_t i = 0; i < count; i++) {
        read_extent(decoder, extents[i], &r);
    }
    ms_code *code = ms_arena_alloc(arena, sizeof *code);
    code->items = ms_arena_alloc(arena, r.count * sizeof *code->items);
    if (r.count) {
        memcpy(code->items, r.items, r.count * sizeof *r.items);
    }
    code->count = (uint32_t)r.count;
    code->entry = entry;
    free(r.items);
    link_jumps(code);
    return code;
}

uint32_t ms_code_find(const ms_code *code, uint64_t address) {
    uint32_t low = 0, high = code->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (code->items[middle].address < address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < code->count && code->items[low].address == address ? low : MS_NO_INSTRUCTION;
}

bool ms_code_follows(const ms_code *code, uint32_t index) {
    const ms_instruction *i = &code->items[index];
    return index + 1 < code->count && i[1].address == i->address + i->size;
}

uint64_t ms_code_stub(ms_decoder *decoder, uint64_t address) {
    const uint8_t *bytes = ms_image_bytes(decoder->image, address, STUB_BYTES);
    size_t left = STUB_BYTES;
    for (int n = 0; bytes && n < 3; n++) {
        if (!cs_disasm_iter(decoder->handle, &bytes, &left, &address, decoder->buffer)) {
            return 0;
        }
        ms_instruction i = read_instruction(decoder);
        if (i.op == MS_OP_JUMP) {
            const ms_operand *through = &i.operands[0];
            bool plain = through->kind == MS_OPERAND_MEMORY && through->reg == MS_NO_REGISTER &&
                         through->index == MS_NO_REGISTER;
            return plain ? (uint64_t)through->number : 0;
        }
    }
    return 0;
}
