/* Reads .eh_frame_hdr, one FDE, and runs its program up to one pc. Everything read must lie within
 * the object's mapping. */
#include "capture/cursor.h"
#include "capture/unwind.h"
#include "capture/no_malloc.h"

/* DWARF pointer encodings and call frame instructions, by their numbers in the standards. */
enum {
    PE_ABSPTR = 0x00,
    PE_ULEB128 = 0x01,
    PE_UDATA2 = 0x02,
    PE_UDATA4 = 0x03,
    PE_UDATA8 = 0x04,
    PE_SLEB128 = 0x09,
    PE_SDATA2 = 0x0a,
    PE_SDATA4 = 0x0b,
    PE_SDATA8 = 0x0c,
    PE_PCREL = 0x10,
    PE_DATAREL = 0x30,
    PE_INDIRECT = 0x80,
    PE_OMIT = 0xff,
    PE_TABLE = PE_DATAREL | PE_SDATA4
};

static uint64_t take_pointer(cursor *c, uint8_t encoding, uint64_t data_base) {
    uint64_t here = (uint64_t)c->at;
    uint64_t value;
    switch (encoding & 0x0f) {
    case PE_ABSPTR:
    case PE_UDATA8:
    case PE_SDATA8: value = take(c, 8); break;
    case PE_UDATA4: value = take(c, 4); break;
    case PE_SDATA4: value = (uint64_t)(int64_t)(int32_t)take(c, 4); break;
    case PE_UDATA2: value = take(c, 2); break;
    case PE_SDATA2: value = (uint64_t)(int64_t)(int16_t)take(c, 2); break;
    case PE_ULEB128: value = take_uleb(c); break;
    case PE_SLEB128: value = (uint64_t)take_sleb(c); break;
    default: c->failed = true; return 0;
    }
    if ((encoding & 0x70) == PE_PCREL)
        value += here;
    else if ((encoding & 0x70) == PE_DATAREL)
        value += data_base;
    else if (encoding & 0x70)
        c->failed = true;
    return value;
}

/* ---- finding the FDE -------------------------------------------------------------------------- */

/* The search table of .eh_frame_hdr: pairs of (first pc, FDE), both 32-bit offsets from the header,
 * sorted. Every linker writes this form; other forms are taken as "no information". */
static const uint8_t *find_fde(const ms_object *object, uint64_t pc) {
    const uint8_t *header = object->eh_frame_hdr;
    cursor c = {header, object->end, header < object->start || header >= object->end};
    uint64_t base = (uint64_t)header;
    if (c.failed || take(&c, 1) != 1)
        return NULL;
    uint8_t frame_encoding = (uint8_t)take(&c, 1);
    uint8_t count_encoding = (uint8_t)take(&c, 1);
    uint8_t table_encoding = (uint8_t)take(&c, 1);
    if (table_encoding != PE_TABLE || count_encoding == PE_OMIT)
        return NULL;
    take_pointer(&c, frame_encoding, base);
    uint64_t count = take_pointer(&c, count_encoding, base);
    if (c.failed || count == 0 || count > (uint64_t)(c.end - c.at) / 8)
        return NULL;
    const uint8_t *table = c.at;
    uint64_t low = 0, high = count; /* the last entry whose first pc is <= pc lies in [low, high) */
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        int32_t offset;
        memcpy(&offset, table + 8 * middle, 4);
        if (base + (uint64_t)(int64_t)offset <= pc)
            low = middle;
        else
            high = middle;
    }
    int32_t fde;
    memcpy(&fde, table + 8 * low + 4, 4);
    return header + fde;
}

/* ---- CIE and FDE --------------------------------------------------------------------------------- */

typedef struct cie {
    uint64_t code_align;
    int64_t data_align;
    uint8_t pointer_encoding;
    bool augmented, signal_frame;
    cursor program;
} cie;

/* The record at `at`: a cursor over its body (behind the CIE pointer), whose position is `*id_at`. */
static bool open_record(const ms_object *object, const uint8_t *at, cursor *body, uint32_t *id,
                        const uint8_t **id_at) {
    if (at < object->start || at >= object->end)
        return false;
    cursor c = {at, object->end, false};
    uint64_t size = take(&c, 4);
    if (size == 0xffffffff)
        size = take(&c, 8);
    if (c.failed || size < 4 || size > (uint64_t)(c.end - c.at))
        return false;
    c.end = c.at + size;
    *id_at = c.at;
    *id = (uint32_t)take(&c, 4);
    *body = c;
    return !c.failed;
}

static bool read_augmentation(cie *out, cursor *c, const char *letters) {
    if (letters[0] == 0)
        return true;
    if (letters[0] != 'z')
        return false;
    out->augmented = true;
    uint64_t size = take_uleb(c);
    if (c->failed || size > (uint64_t)(c->end - c->at))
        return false;
    cursor data = {c->at, c->at + size, false};
    c->at += size;
    for (const char *letter = letters + 1; *letter; letter++) {
        uint8_t encoding;
        switch (*letter) {
        case 'R': out->pointer_encoding = (uint8_t)take(&data, 1); break;
        case 'L': take(&data, 1); break;
        case 'P':
            encoding = (uint8_t)take(&data, 1);
            take_pointer(&data, encoding & (uint8_t)~PE_INDIRECT, 0);
            break;
        case 'S': out->signal_frame = true; break;
        case 'B': break;              /* aarch64: return addresses are signed with the B key */
        default: return !data.failed; /* letters behind an unknown one cannot be read */
        }
    }
    return !data.failed;
}

static bool read_cie(const ms_object *object, const uint8_t *at, cie *out) {
    cursor c;
    uint32_t id;
    const uint8_t *id_at;
    if (!open_record(object, at, &c, &id, &id_at) || id != 0)
        return false;
    uint64_t version = take(&c, 1);
    const char *letters = (const char *)c.at;
    const uint8_t *end = memchr(c.at, 0, (size_t)(c.end - c.at));
    if (!end)
        return false;
    c.at = end + 1;
    if (version == 4)
        take(&c, 2); /* address and segment selector sizes */
    *out = (cie){.pointer_encoding = PE_ABSPTR};
    out->code_align = take_uleb(&c);
    out->data_align = take_sleb(&c);
    uint64_t ra = version == 1 ? take(&c, 1) : take_uleb(&c);
    if (c.failed || ra != MS_DWARF_RA || !read_augmentation(out, &c, letters))
        return false;
    out->program = c;
    return !c.failed;
}

/* ---- the program --------------------------------------------------------------------------------- */

#define REMEMBER_MAX 8

typedef struct machine {
    ms_cfi row, initial;
    ms_cfi remembered[REMEMBER_MAX];
    int remembered_count;
    uint64_t pc; /* of the row */
    const cie *cie;
} machine;

static ms_cfi_register *column(machine *m, uint64_t number) {
    return number == MS_DWARF_FP ? &m->row.fp : number == MS_DWARF_RA ? &m->row.ra : NULL;
}

static void set_register(machine *m, uint64_t number, ms_cfi_register value) {
    ms_cfi_register *target = column(m, number);
    if (target)
        *target = value;
}

static void restore_register(machine *m, uint64_t number) {
    if (number == MS_DWARF_FP)
        m->row.fp = m->initial.fp;
    else if (number == MS_DWARF_RA)
        m->row.ra = m->initial.ra;
}

static void take_expression(cursor *c, const uint8_t **expression, uint64_t *size) {
    *size = take_uleb(c);
    *expression = c->at;
    if (*size > (uint64_t)(c->end - c->at)) {
        c->failed = true;
        *size = 0;
        return;
    }
    c->at += *size;
}

static void run_cfa(machine *m, cursor *c, uint8_t instruction) {
    switch (instruction) {
    case 0x0c: /* def_cfa */
        m->row.cfa_register = (int)take_uleb(c);
        m->row.cfa_offset = (int64_t)take_uleb(c);
        break;
    case 0x12: /* def_cfa_sf */
        m->row.cfa_register = (int)take_uleb(c);
        m->row.cfa_offset = take_sleb(c) * m->cie->data_align;
        break;
    case 0x0d: m->row.cfa_register = (int)take_uleb(c); break;               /* _register */
    case 0x0e: m->row.cfa_offset = (int64_t)take_uleb(c); break;             /* _offset */
    case 0x13: m->row.cfa_offset = take_sleb(c) * m->cie->data_align; break; /* _offset_sf */
    case 0x0f:                                                               /* _expression */
        m->row.cfa_register = -1;
        take_expression(c, &m->row.cfa_expression, &m->row.cfa_expression_size);
        break;
    default: c->failed = true;
    }
}

static void run_register(machine *m, cursor *c, uint8_t instruction) {
    uint64_t number = take_uleb(c);
    ms_cfi_register value = {.kind = MS_CFI_OTHER};
    switch (instruction) {
    case 0x05: /* offset_extended */
        value = (ms_cfi_register){.kind = MS_CFI_OFFSET,
                                  .offset = (int64_t)take_uleb(c) * m->cie->data_align};
        break;
    case 0x11: /* offset_extended_sf */
        value =
            (ms_cfi_register){.kind = MS_CFI_OFFSET, .offset = take_sleb(c) * m->cie->data_align};
        break;
    case 0x2f: /* GNU_negative_offset_extended */
        value = (ms_cfi_register){.kind = MS_CFI_OFFSET,
                                  .offset = -((int64_t)take_uleb(c) * m->cie->data_align)};
        break;
    case 0x06: restore_register(m, number); return; /* restore_extended */
    case 0x07: value.kind = MS_CFI_UNDEFINED; break;
    case 0x08: value.kind = MS_CFI_SAME; break;
    case 0x09: take_uleb(c); break; /* register: saved in another register */
    case 0x14: take_uleb(c); break; /* val_offset */
    case 0x15: take_sleb(c); break; /* val_offset_sf */
    case 0x10:                      /* expression */
        value.kind = MS_CFI_EXPRESSION;
        take_expression(c, &value.expression, &value.expression_size);
        break;
    case 0x16: /* val_expression */
        take_expression(c, &value.expression, &value.expression_size);
        break;
    default: c->failed = true;
    }
    set_register(m, number, value);
}

static void remember(machine *m, cursor *c) {
    if (m->remembered_count == REMEMBER_MAX)
        c->failed = true;
    else
        m->remembered[m->remembered_count++] = m->row;
}

static void recall(machine *m, cursor *c) {
    if (m->remembered_count == 0)
        c->failed = true;
    else
        m->row = m->remembered[--m->remembered_count];
}

/* Runs instructions until the row for `pc` is complete. */
static bool run(machine *m, cursor c, uint64_t pc) {
    while (!c.failed && c.at < c.end) {
        uint8_t instruction = (uint8_t)take(&c, 1);
        uint64_t advance = 0;
        uint8_t low = instruction & 0x3f;
        switch (instruction & 0xc0) {
        case 0x40: advance = low; break;
        case 0x80:
            set_register(m, low,
                         (ms_cfi_register){.kind = MS_CFI_OFFSET,
                                           .offset = (int64_t)take_uleb(&c) * m->cie->data_align});
            continue;
        case 0xc0: restore_register(m, low); continue;
        default:
            switch (instruction) {
            case 0x00: continue; /* nop */
            case 0x01: m->pc = take_pointer(&c, m->cie->pointer_encoding, 0); continue;
            case 0x02: advance = take(&c, 1); break;
            case 0x03: advance = take(&c, 2); break;
            case 0x04: advance = take(&c, 4); break;
            case 0x0a: remember(m, &c); continue;
            case 0x0b: recall(m, &c); continue;
            case 0x0c:
            case 0x0d:
            case 0x0e:
            case 0x0f:
            case 0x12:
            case 0x13: run_cfa(m, &c, instruction); continue;
            case 0x2e: take_uleb(&c); continue; /* GNU_args_size */
            default: run_register(m, &c, instruction); continue;
            }
        }
        m->pc += advance * m->cie->code_align;
        if (m->pc > pc)
            return true;
    }
    return !c.failed;
}

bool ms_cfi_find(const ms_object *object, uint64_t pc, ms_cfi *cfi) {
    const uint8_t *fde = object->eh_frame_hdr ? find_fde(object, pc) : NULL;
    cursor c;
    uint32_t distance;
    const uint8_t *id_at;
    cie common;
    if (!fde || !open_record(object, fde, &c, &distance, &id_at) || distance == 0 ||
        !read_cie(object, id_at - distance, &common))
        return false;
    uint64_t first = take_pointer(&c, common.pointer_encoding, 0);
    uint64_t size = take_pointer(&c, common.pointer_encoding & 0x0f, 0);
    if (c.failed || pc < first || pc - first >= size)
        return false;
    if (common.augmented) {
        uint64_t skip = take_uleb(&c);
        if (c.failed || skip > (uint64_t)(c.end - c.at))
            return false;
        c.at += skip;
    }
    machine m = {.cie = &common};
    if (!run(&m, common.program, UINT64_MAX))
        return false;
    m.initial = m.row;
    m.pc = first;
    m.remembered_count = 0;
    if (!run(&m, c, pc))
        return false;
    *cfi = m.row;
    cfi->signal_frame = common.signal_frame;
    return true;
}
