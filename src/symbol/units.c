#include "symbol/units.h"

#include <stdlib.h>

#include "symbol/die.h"
#include "symbol/grow.h"

/* More address ranges than any program of today has; about 400 MB. */
#define MS_RANGES_MAX ((size_t)1 << 24)

static void add_unit(ms_units *units, Dwarf_Die *die) {
    ms_unit *items = ms_grow(units->items, units->count, &units->capacity, sizeof *items);
    if (!items || units->count >= UINT32_MAX) {
        return;
    }
    units->items = items;
    Dwarf_Addr base, low, high;
    ptrdiff_t offset = 0;
    while (units->budget && (offset = dwarf_ranges(die, offset, &base, &low, &high)) > 0) {
        units->budget--;
        if (low) { /* dropped by the linker otherwise */
            ms_spans_add(&units->spans, low, high, (uint32_t)units->count);
        }
    }
    Dwarf_Attribute directory;
    items[units->count++] = (ms_unit){
        .die = *die,
        .directory = dwarf_formstring(dwarf_attr(die, DW_AT_comp_dir, &directory)),
    };
}

void ms_units_read(ms_units *units, Dwarf *dwarf, size_t file_size) {
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    /* A range takes some bytes of the file, so an honest file has fewer ranges than bytes. */
    units->budget = file_size < MS_RANGES_MAX ? file_size : MS_RANGES_MAX;
    while (dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0) {
        add_unit(units, &die);
    }
    ms_spans_flatten(&units->spans);
}

void ms_units_deinit(ms_units *units) {
    for (size_t i = 0; i < units->count; i++) {
        ms_scopes_deinit(&units->items[i].scopes);
    }
    ms_spans_deinit(&units->spans);
    free(units->items);
    *units = (ms_units){0};
}

/* With -gsplit-dwarf the unit in the file is a skeleton, and the functions are in a .dwo file. */
static void read_scopes(ms_units *units, ms_unit *unit) {
    Dwarf_Die body = ms_die_unit(&unit->die);
    ms_scopes_read(&unit->scopes, &body, &units->budget);
    unit->read = true;
}

ms_unit *ms_units_find(ms_units *units, uint64_t address) {
    uint32_t index;
    if (!ms_spans_find(&units->spans, address, &index)) {
        return NULL;
    }
    ms_unit *unit = &units->items[index];
    if (!unit->read) {
        read_scopes(units, unit);
    }
    return unit;
}

const char *ms_unit_line(ms_unit *unit, uint64_t address, ms_names *names, uint32_t *line) {
    int number = 0;
    Dwarf_Line *row = dwarf_getsrc_die(&unit->die, address);
    *line = row && dwarf_lineno(row, &number) == 0 && number > 0 ? (uint32_t)number : 0;
    return row ? ms_names_path(names, unit->directory, dwarf_linesrc(row, NULL, NULL)) : NULL;
}
