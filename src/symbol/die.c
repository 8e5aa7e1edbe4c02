#include "symbol/die.h"

#include <string.h>

const char *ms_die_text(Dwarf_Die *die, unsigned attribute) {
    Dwarf_Attribute storage;
    const char *text = dwarf_formstring(dwarf_attr_integrate(die, attribute, &storage));
    return text && *text ? text : NULL;
}

bool ms_die_number(Dwarf_Die *die, unsigned attribute, Dwarf_Word *number) {
    Dwarf_Attribute storage;
    return dwarf_formudata(dwarf_attr(die, attribute, &storage), number) == 0;
}

bool ms_die_inherited(Dwarf_Die *die, unsigned attribute, Dwarf_Word *number) {
    Dwarf_Attribute storage;
    return dwarf_formudata(dwarf_attr_integrate(die, attribute, &storage), number) == 0;
}

bool ms_die_flag(Dwarf_Die *die, unsigned attribute) {
    Dwarf_Attribute storage;
    bool flag = false;
    return dwarf_formflag(dwarf_attr_integrate(die, attribute, &storage), &flag) == 0 && flag;
}

const char *ms_die_file(Dwarf_Die *die, unsigned attribute) {
    Dwarf_Die unit;
    Dwarf_Files *files;
    size_t count;
    Dwarf_Half version;
    Dwarf_Word index;
    if (!ms_die_number(die, attribute, &index) || !dwarf_diecu(die, &unit, NULL, NULL) ||
        dwarf_cu_info(unit.cu, &version, NULL, NULL, NULL, NULL, NULL, NULL) != 0 ||
        (index == 0 && version < 5) || /* files count from 1 there */
        dwarf_getsrcfiles(&unit, &files, &count) != 0 || index >= count) {
        return NULL;
    }
    return dwarf_filesrc(files, index, NULL, NULL);
}

bool ms_die_type(Dwarf_Die *die, Dwarf_Die *type) {
    Dwarf_Attribute storage;
    return dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &storage), type) != NULL;
}

static bool is_transparent(int tag) {
    switch (tag) {
    case DW_TAG_typedef:
    case DW_TAG_const_type:
    case DW_TAG_volatile_type:
    case DW_TAG_restrict_type:
    case DW_TAG_atomic_type:
    case DW_TAG_immutable_type:
    case DW_TAG_shared_type:
    case DW_TAG_packed_type: return true;
    default: return false;
    }
}

bool ms_die_peel(const Dwarf_Die *die, Dwarf_Die *peeled) {
    *peeled = *die;
    for (int i = 0; i < MS_DIE_CHAIN_MAX; i++) {
        if (!is_transparent(dwarf_tag(peeled))) {
            return true;
        }
        if (!ms_die_type(peeled, peeled)) {
            return false;
        }
    }
    return false;
}

/* ---- sizes ------------------------------------------------------------------------------ */

/* gcc and clang write a count or an upper bound, which is -1 for T[0]; and neither of them for T[]. */
uint64_t ms_die_count(Dwarf_Die *subrange) {
    Dwarf_Word number;
    if (ms_die_number(subrange, DW_AT_count, &number)) {
        return number <= INT64_MAX ? number : MS_DIE_NO_SIZE;
    }
    bool bounded = ms_die_number(subrange, DW_AT_upper_bound, &number);
    return bounded && number + 1 <= INT64_MAX ? number + 1 : MS_DIE_NO_SIZE;
}

uint64_t ms_die_elements(Dwarf_Die *array) {
    Dwarf_Die child;
    uint64_t all = 1;
    bool any = false;
    if (dwarf_child(array, &child) != 0) {
        return MS_DIE_NO_SIZE;
    }
    do {
        if (dwarf_tag(&child) != DW_TAG_subrange_type) {
            continue;
        }
        uint64_t count = ms_die_count(&child);
        any = true;
        if (count == MS_DIE_NO_SIZE || __builtin_mul_overflow(all, count, &all)) {
            return MS_DIE_NO_SIZE;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return any ? all : MS_DIE_NO_SIZE;
}

static uint64_t product(uint64_t count, uint64_t size) {
    uint64_t all;
    bool known = count != MS_DIE_NO_SIZE && size != MS_DIE_NO_SIZE;
    return known && !__builtin_mul_overflow(count, size, &all) ? all : MS_DIE_NO_SIZE;
}

static uint64_t pointer_size(Dwarf_Die *die) {
    uint8_t size = 0;
    Dwarf_Die unit;
    return dwarf_diecu(die, &unit, &size, NULL) && size ? size : MS_DIE_NO_SIZE;
}

static uint64_t size_within(const Dwarf_Die *die, int depth) {
    Dwarf_Die type, element;
    Dwarf_Word size;
    if (depth >= MS_DIE_CHAIN_MAX || !ms_die_peel(die, &type)) {
        return MS_DIE_NO_SIZE;
    }
    if (ms_die_number(&type, DW_AT_byte_size, &size)) {
        return size <= INT64_MAX ? size : MS_DIE_NO_SIZE;
    }
    switch (dwarf_tag(&type)) {
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type:
    case DW_TAG_ptr_to_member_type: return pointer_size(&type);
    case DW_TAG_array_type:
        return ms_die_type(&type, &element)
                   ? product(ms_die_elements(&type), size_within(&element, depth + 1))
                   : MS_DIE_NO_SIZE;
    case DW_TAG_enumeration_type:
    case DW_TAG_subrange_type:
        return ms_die_type(&type, &element) ? size_within(&element, depth + 1) : MS_DIE_NO_SIZE;
    default: return MS_DIE_NO_SIZE;
    }
}

uint64_t ms_die_size(const Dwarf_Die *die) {
    return size_within(die, 0);
}

/* ---- alignment -------------------------------------------------------------------------- */

/* Types nest, and one type may stand in many: steps of a search are counted, not levels alone. */
typedef struct search {
    int depth;
    int steps;
} search;

enum { STEPS_MAX = 10000, ALIGNMENT_MAX = 1 << 28 };

static uint64_t alignment_within(const Dwarf_Die *die, search *s);

static bool is_part(Dwarf_Die *child) {
    int tag = dwarf_tag(child);
    return (tag == DW_TAG_member || tag == DW_TAG_inheritance) &&
           !ms_die_flag(child, DW_AT_external) && !ms_die_flag(child, DW_AT_declaration);
}

/* What the source says; 0: nothing, or nonsense. */
static uint64_t said_alignment(Dwarf_Die *die) {
    Dwarf_Word said;
    bool good = ms_die_number(die, DW_AT_alignment, &said) && said <= ALIGNMENT_MAX &&
                (said & (said - 1)) == 0;
    return good ? said : 0;
}

static uint64_t alignment_of_part(Dwarf_Die *child, search *s) {
    Dwarf_Die type;
    uint64_t said = said_alignment(child);
    return said ? said : ms_die_type(child, &type) ? alignment_within(&type, s) : 0;
}

/* The largest of its members; 1 when one of them stands where an aligned one never does: it is packed. */
static uint64_t alignment_of_members(Dwarf_Die *type, search *s) {
    Dwarf_Die child;
    uint64_t largest = 1;
    if (dwarf_child(type, &child) != 0) {
        return largest;
    }
    do {
        uint64_t alignment = is_part(&child) ? alignment_of_part(&child, s) : 0;
        Dwarf_Word offset = 0;
        ms_die_number(&child, DW_AT_data_member_location, &offset);
        if (alignment && offset % alignment) {
            return 1;
        }
        largest = alignment > largest ? alignment : largest;
    } while (++s->steps < STEPS_MAX && dwarf_siblingof(&child, &child) == 0);
    uint64_t size = ms_die_size(type);
    return size != MS_DIE_NO_SIZE && size % largest ? 1 : largest;
}

static uint64_t alignment_of_scalar(const Dwarf_Die *type) {
    uint64_t size = ms_die_size(type);
    return size && size <= 16 && (size & (size - 1)) == 0 ? size : 0;
}

/* Of a complex number it is that of a half. */
static uint64_t alignment_of_base(Dwarf_Die *type) {
    Dwarf_Word encoding = 0;
    ms_die_number(type, DW_AT_encoding, &encoding);
    uint64_t size = ms_die_size(type);
    return encoding == DW_ATE_complex_float && size <= 32 ? size / 2 : alignment_of_scalar(type);
}

/* `type` is qualified by nothing any more. */
static uint64_t alignment_of_plain(Dwarf_Die *type, search *s) {
    Dwarf_Die element;
    switch (dwarf_tag(type)) {
    case DW_TAG_base_type: return alignment_of_base(type);
    case DW_TAG_array_type:
        if (ms_die_flag(type, DW_AT_GNU_vector)) {
            return ms_die_size(type);
        }
        return ms_die_type(type, &element) ? alignment_within(&element, s) : 0;
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type: return alignment_of_members(type, s);
    default: return alignment_of_scalar(type);
    }
}

/* Each typedef on the way may say it, too. */
static uint64_t alignment_within(const Dwarf_Die *die, search *s) {
    Dwarf_Die type = *die;
    uint64_t alignment = 0;
    int depth = s->depth;
    while (++s->depth < MS_DIE_CHAIN_MAX && ++s->steps < STEPS_MAX) {
        if ((alignment = said_alignment(&type))) {
            break;
        }
        if (!is_transparent(dwarf_tag(&type))) {
            alignment = alignment_of_plain(&type, s);
            break;
        }
        if (!ms_die_type(&type, &type)) {
            break;
        }
    }
    s->depth = depth;
    return alignment;
}

uint64_t ms_die_alignment(const Dwarf_Die *die) {
    search s = {0};
    return alignment_within(die, &s);
}

uint64_t ms_die_alignment_of_member(Dwarf_Die *member) {
    search s = {0};
    return alignment_of_part(member, &s);
}

/* ---- units ------------------------------------------------------------------------------ */

int ms_die_language(Dwarf_Die *die) {
    Dwarf_Die unit;
    Dwarf_Word language;
    bool known = die->cu && dwarf_diecu(die, &unit, NULL, NULL) &&
                 ms_die_number(&unit, DW_AT_language, &language) && language <= UINT16_MAX;
    return known ? (int)language : 0;
}

/* The first that says so will do: programs of several languages are rare. */
int ms_dwarf_language(Dwarf *dwarf) {
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    int language = 0;
    while (!language && dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0) {
        language = die.addr ? ms_die_language(&die) : 0;
    }
    return language;
}

bool ms_language_is_c(int language) {
    switch (language) {
    case DW_LANG_C:
    case DW_LANG_C89:
    case DW_LANG_C99:
    case DW_LANG_C11: return true;
    default: return language == 0x2c; /* C17, which is newer than this dwarf.h */
    }
}

bool ms_language_is_cpp(int language) {
    switch (language) {
    case DW_LANG_C_plus_plus:
    case DW_LANG_C_plus_plus_03:
    case DW_LANG_C_plus_plus_11:
    case DW_LANG_C_plus_plus_14: return true;
    default: return language == 0x2a || language == 0x2b; /* C++17 and C++20, as above */
    }
}

Dwarf_Die ms_die_unit(const Dwarf_Die *skeleton) {
    Dwarf_Die split = {0};
    uint8_t type;
    bool known = dwarf_cu_info(skeleton->cu, NULL, &type, NULL, &split, NULL, NULL, NULL) == 0;
    return known && type == DW_UT_skeleton && split.cu ? split : *skeleton;
}
