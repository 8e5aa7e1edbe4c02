#include "symbol/size_fit.h"

#include <stdbool.h>

#include "symbol/die.h"

static bool is_aggregate(Dwarf_Die *type) {
    switch (dwarf_tag(type)) {
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
    case DW_TAG_array_type: return true;
    default: return false;
    }
}

/* Where the array starts that a structure ends in: one without an end, or, as people wrote before there were
 * such, with room for at most one element. MS_DIE_NO_SIZE: it ends in something else. */
static uint64_t tail_of(Dwarf_Die *type) {
    Dwarf_Die child, last, peeled;
    bool any = false;
    if (dwarf_child(type, &child) != 0) {
        return MS_DIE_NO_SIZE;
    }
    do {
        if (dwarf_tag(&child) == DW_TAG_member) {
            last = child;
            any = true;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    Dwarf_Word offset = 0;
    if (!any || !ms_die_type(&last, &child) || !ms_die_peel(&child, &peeled) ||
        dwarf_tag(&peeled) != DW_TAG_array_type) {
        return MS_DIE_NO_SIZE;
    }
    uint64_t elements = ms_die_elements(&peeled);
    ms_die_number(&last, DW_AT_data_member_location, &offset);
    return elements == MS_DIE_NO_SIZE || elements <= 1 ? offset : MS_DIE_NO_SIZE;
}

static ms_size_fit fit_aggregate(Dwarf_Die *type, uint64_t size, uint64_t min, uint64_t max) {
    uint64_t tail = tail_of(type);
    if (min == size && max == size) {
        return MS_FIT_EXACT;
    }
    if (tail != MS_DIE_NO_SIZE && min >= tail) {
        return MS_FIT_ARRAY;
    }
    if (min < size) {
        return MS_FIT_NOT;
    }
    return min % size == 0 && max % size == 0 ? MS_FIT_ARRAY : MS_FIT_HEADER;
}

ms_size_fit ms_size_fit_of(const Dwarf_Die *type, uint64_t min, uint64_t max) {
    Dwarf_Die peeled;
    min = min ? min : max; /* a block without bytes can be of any type */
    if (!type || !ms_die_peel(type, &peeled)) {
        return MS_FIT_NONE;
    }
    uint64_t size = ms_die_size(&peeled);
    if (size == MS_DIE_NO_SIZE || size == 0) {
        return MS_FIT_NONE;
    }
    if (is_aggregate(&peeled)) {
        return fit_aggregate(&peeled, size, min, max);
    }
    if (size == 1) {
        return MS_FIT_BYTES;
    }
    return min >= size && min % size == 0 && max % size == 0 ? MS_FIT_SCALAR : MS_FIT_NOT;
}
