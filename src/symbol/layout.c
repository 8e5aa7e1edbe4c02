#include "symbol/layout.h"

#include <string.h>

#include "symbol/die.h"

/* Of bytes or bits; so that no sum of two of them overflows. */
#define OFFSET_MAX (INT64_MAX / 16)

/* What the walk over a structure's entry carries. */
typedef struct reader {
    const ms_layout_source *source;
    ms_layout *layout;
    bool partial; /* it has parts of which nobody says where they are */
} reader;

/* ---- members ---------------------------------------------------------------------------- */

/* Bytes from the start. DWARF 2 and 3 have an expression there, whose first step adds them. */
static bool location_of(Dwarf_Die *die, uint64_t *offset) {
    Dwarf_Attribute storage;
    Dwarf_Attribute *location = dwarf_attr(die, DW_AT_data_member_location, &storage);
    Dwarf_Word number;
    Dwarf_Op *steps;
    size_t count;
    *offset = 0;
    if (!location) {
        return true; /* as in a union */
    }
    if (dwarf_formudata(location, &number) == 0) {
        *offset = number;
        return number <= OFFSET_MAX;
    }
    bool plain = dwarf_getlocation(location, &steps, &count) == 0 && count == 1 &&
                 steps[0].atom == DW_OP_plus_uconst;
    *offset = plain ? steps[0].number : 0;
    return plain && *offset <= OFFSET_MAX;
}

/* The bit a bit-field begins at, from the start of the structure. Before DWARF 4 bits were counted from the
 * most significant one of a unit:
 *
 *     unit of 32 bits     |31 ...   8|7   4|3 0|
 *     field of 4 bits                 |    |        DW_AT_bit_offset 24, it begins at bit 4 */
static bool first_bit(Dwarf_Die *die, uint64_t unit, uint64_t bits, uint64_t *first) {
    Dwarf_Word from_top;
    uint64_t offset;
    if (ms_die_number(die, DW_AT_data_bit_offset, first)) {
        return *first <= OFFSET_MAX;
    }
    if (!ms_die_number(die, DW_AT_bit_offset, &from_top)) {
        from_top = 8 * unit - bits;
    }
    ms_die_number(die, DW_AT_byte_size, &unit);
    bool known = location_of(die, &offset) && unit <= 16 && from_top + bits <= 8 * unit;
    *first = known ? 8 * offset + 8 * unit - from_top - bits : 0;
    return known;
}

/* A unit is as large as the type and lies at a multiple of that, unless the structure is packed. */
static bool read_bits(ms_layout_member *member, Dwarf_Die *die) {
    Dwarf_Word bits;
    uint64_t first;
    if (!ms_die_number(die, DW_AT_bit_size, &bits) || bits == 0) {
        return true;
    }
    if (member->size == 0 || member->size > 16 || bits > 8 * member->size ||
        !first_bit(die, member->size, bits, &first)) {
        return false;
    }
    uint64_t unit = 8 * member->size;
    member->offset = first / unit * member->size;
    member->bit_offset = (uint32_t)(first % unit);
    member->bit_size = (uint32_t)bits;
    return true;
}

static bool is_flexible(const Dwarf_Die *type) {
    Dwarf_Die array;
    return ms_die_peel(type, &array) && dwarf_tag(&array) == DW_TAG_array_type &&
           ms_die_elements(&array) == MS_DIE_NO_SIZE;
}

/* False: nobody says where it is, or how large. */
static bool read_member(reader *r, ms_layout_member *member, Dwarf_Die *die) {
    Dwarf_Die type;
    if (!ms_die_type(die, &type) || !location_of(die, &member->offset)) {
        return false;
    }
    member->name = ms_die_text(die, DW_AT_name);
    member->type = r->source->spell(r->source->context, &type);
    member->is_flexible = is_flexible(&type);
    member->size = member->is_flexible ? 0 : ms_die_size(&type);
    member->alignment = ms_die_alignment_of_member(die);
    member->is_base = dwarf_tag(die) == DW_TAG_inheritance;
    member->is_fixed = member->is_base || ms_die_flag(die, DW_AT_artificial);
    return member->size != MS_DIE_NO_SIZE && read_bits(member, die);
}

static uint64_t bits_begin(const ms_layout_member *m) {
    return 8 * m->offset + m->bit_offset;
}

static uint64_t bits_end(const ms_layout_member *m) {
    return bits_begin(m) + (m->bit_size ? m->bit_size : 8 * m->size);
}

static bool is_empty(const ms_layout *layout) {
    for (size_t i = 0; i < layout->count; i++) {
        if (layout->members[i].size) {
            return false;
        }
    }
    return layout->padding_bytes != MS_NO_SIZE;
}

/* A base class without members takes no room, although an object of its own would. */
static void shrink_base(reader *r, ms_layout_member *member, Dwarf_Die *die) {
    Dwarf_Die type;
    bool known = member->is_base && ms_die_type(die, &type) && ms_die_peel(&type, &type);
    const ms_layout *base = known ? r->source->nested(r->source->context, &type) : NULL;
    if (base && is_empty(base)) {
        member->size = 0;
    }
}

/* The structures inside, through arrays. */
static uint64_t padding_inside(reader *r, const ms_layout_member *member, Dwarf_Die *die) {
    Dwarf_Die type;
    uint64_t times = 1;
    bool known = member->size && ms_die_type(die, &type) && ms_die_peel(&type, &type);
    while (known && dwarf_tag(&type) == DW_TAG_array_type) {
        uint64_t count = ms_die_elements(&type);
        if (count == MS_DIE_NO_SIZE || __builtin_mul_overflow(times, count, &times)) {
            return 0;
        }
        known = ms_die_type(&type, &type) && ms_die_peel(&type, &type);
    }
    const ms_layout *inside = known ? r->source->nested(r->source->context, &type) : NULL;
    if (!inside || inside->is_union || inside->padding_bytes == MS_NO_SIZE) {
        return 0;
    }
    uint64_t each = inside->padding_bytes + inside->nested_padding, all;
    return __builtin_mul_overflow(each, times, &all) || all > INT64_MAX ? 0 : all;
}

static bool is_static(Dwarf_Die *die) {
    return ms_die_flag(die, DW_AT_external) || ms_die_flag(die, DW_AT_declaration);
}

/* What is not there for sure: virtual bases lie elsewhere in each class that has them. */
static bool is_elsewhere(Dwarf_Die *die) {
    Dwarf_Word virtuality = 0;
    ms_die_number(die, DW_AT_virtuality, &virtuality);
    return dwarf_tag(die) == DW_TAG_variant_part || virtuality != DW_VIRTUALITY_none;
}

static void read_child(reader *r, Dwarf_Die *die) {
    int tag = dwarf_tag(die);
    if ((tag != DW_TAG_member && tag != DW_TAG_inheritance && tag != DW_TAG_variant_part) ||
        is_static(die)) {
        return;
    }
    ms_layout *layout = r->layout;
    ms_layout_member *member = &layout->members[layout->count];
    *member = (ms_layout_member){0};
    if (layout->count == MS_MEMBERS_MAX || is_elsewhere(die) || !read_member(r, member, die)) {
        r->partial = true;
        return;
    }
    layout->count++;
    shrink_base(r, member, die);
    layout->nested_padding += padding_inside(r, member, die);
    layout->is_flexible |= member->is_flexible;
}

static size_t count_children(Dwarf_Die *type) {
    Dwarf_Die child;
    size_t count = 0;
    if (dwarf_child(type, &child) != 0) {
        return 0;
    }
    do {
        count++;
    } while (count < MS_MEMBERS_MAX && dwarf_siblingof(&child, &child) == 0);
    return count;
}

static void read_members(reader *r, Dwarf_Die *type) {
    Dwarf_Die child;
    ms_layout *layout = r->layout;
    layout->members =
        ms_arena_alloc(r->source->arena, (count_children(type) + 1) * sizeof *layout->members);
    if (dwarf_child(type, &child) != 0) {
        return;
    }
    size_t left = MS_MEMBERS_MAX;
    do {
        read_child(r, &child);
    } while (--left && dwarf_siblingof(&child, &child) == 0);
    r->partial |= left == 0;
}

/* Rust's compiler places members as it likes, and debug info has them as the source does. Those of C and C++ ascend
 * already. */
static void sort_members(ms_layout *layout) {
    for (size_t i = 1; i < layout->count; i++) {
        ms_layout_member member = layout->members[i];
        size_t at = i;
        for (; at && bits_begin(&layout->members[at - 1]) > bits_begin(&member); at--) {
            layout->members[at] = layout->members[at - 1];
        }
        layout->members[at] = member;
    }
}

/* In C++ a member may lie in what is padding behind a base class: then that ends where the member begins.
 *
 *     base    |  int  | c |...padding...|
 *     class   |  int  | c | d |.........|         all of it is as large as the base is alone */
static void cut_bases(ms_layout *layout, uint64_t *ends) {
    for (size_t i = 0; i < layout->count; i++) {
        const ms_layout_member *m = &layout->members[i];
        ends[i] = bits_end(m);
        if (!m->is_base || i + 1 == layout->count) {
            continue;
        }
        uint64_t next = bits_begin(m + 1);
        if (next > bits_begin(m) && next < ends[i]) {
            uint64_t shared = (ends[i] - next) / 8;
            layout->nested_padding -=
                shared < layout->nested_padding ? shared : layout->nested_padding;
            ends[i] = next;
        }
    }
}

/* ---- holes ------------------------------------------------------------------------------ */

/* How far the members before have come. Within the unit of the last bit-field what is free are bits, behind it
 * bytes. */
typedef struct front {
    ms_layout_member *last;
    uint64_t seen;     /* bits from the start */
    uint64_t unit_end; /* bits from the start; 0: the last was no bit-field */
    uint64_t unit;     /* bits */
} front;

static void add_hole(ms_layout *layout, ms_layout_member *before, uint64_t bits, uint64_t bytes) {
    if (!before) {
        return;
    }
    before->bit_hole = (uint32_t)bits;
    before->hole = bytes;
    layout->bit_holes += bits > 0;
    layout->bit_hole_bits += bits;
    layout->holes += bytes > 0;
    layout->hole_bytes += bytes;
}

static void open_unit(front *f, const ms_layout_member *m) {
    uint64_t unit = 8 * m->size, end = bits_end(m);
    if (end > f->unit_end || unit > f->unit) {
        f->unit = unit;
        f->unit_end = 8 * m->offset + unit;
        while (f->unit_end < end) {
            f->unit_end += unit;
        }
    }
}

static void pass(ms_layout *layout, front *f, ms_layout_member *m, uint64_t end) {
    uint64_t begin = bits_begin(m), bits = 0, bytes = 0;
    if (begin < f->seen) { /* nothing is between them */
        begin = f->seen;
    }
    if (f->unit_end) {
        uint64_t limit = begin < f->unit_end ? begin : f->unit_end;
        bits = limit > f->seen ? limit - f->seen : 0;
        f->seen += bits;
    }
    if (m->bit_size) {
        if (f->seen < 8 * m->offset) {
            bytes = m->offset - f->seen / 8;
            f->seen = 8 * m->offset;
        }
        bits += begin - f->seen;
        open_unit(f, m);
    } else {
        bytes = begin / 8 - f->seen / 8;
        f->unit_end = f->unit = 0;
    }
    add_hole(layout, f->last, bits, bytes);
    f->seen = end > begin ? end : begin;
    f->last = m;
}

static void find_holes(ms_layout *layout, const uint64_t *ends) {
    front f = {0};
    for (size_t i = 0; i < layout->count; i++) {
        pass(layout, &f, &layout->members[i], ends[i]);
    }
    if (f.unit_end > f.seen) {
        layout->bit_padding = f.unit_end - f.seen;
        f.seen = f.unit_end;
    }
    uint64_t seen = (f.seen + 7) / 8;
    layout->padding = layout->size > seen ? layout->size - seen : 0;
}

/* Bytes that some member has a bit in. */
static uint64_t covered(const ms_layout *layout, const uint64_t *ends) {
    uint64_t bytes = 0, reach = 0;
    for (size_t i = 0; i < layout->count; i++) {
        uint64_t begin = bits_begin(&layout->members[i]) / 8;
        uint64_t end = (ends[i] + 7) / 8;
        begin = begin > reach ? begin : reach;
        if (end > begin) {
            bytes += end - begin;
            reach = end;
        }
    }
    return bytes;
}

static void find_straddling(ms_layout *layout) {
    for (size_t i = 0; i < layout->count; i++) {
        ms_layout_member *m = &layout->members[i];
        uint64_t begin = bits_begin(m) / 8, end = (bits_end(m) + 7) / 8;
        m->straddles = end > begin && end - begin <= MS_CACHE_LINE &&
                       begin / MS_CACHE_LINE != (end - 1) / MS_CACHE_LINE;
        layout->straddling += m->straddles;
    }
}

const ms_layout *ms_layout_read(Dwarf_Die *type, const ms_layout_source *source) {
    uint64_t size = ms_die_size(type);
    if (size == MS_DIE_NO_SIZE || size > OFFSET_MAX) {
        return NULL;
    }
    ms_layout *layout = ms_arena_alloc(source->arena, sizeof *layout);
    reader r = {.source = source, .layout = layout};
    layout->size = size;
    layout->alignment = ms_die_alignment(type);
    layout->is_union = dwarf_tag(type) == DW_TAG_union_type;
    layout->cache_lines = (size + MS_CACHE_LINE - 1) / MS_CACHE_LINE;
    read_members(&r, type);
    sort_members(layout);
    uint64_t *ends = ms_arena_alloc(source->arena, (layout->count + 1) * sizeof *ends);
    cut_bases(layout, ends);
    if (!layout->is_union) {
        find_holes(layout, ends);
    }
    find_straddling(layout);
    uint64_t used = covered(layout, ends);
    layout->padding_bytes = r.partial || used > size ? MS_NO_SIZE : size - used;
    return layout;
}
