#include "load/type_form.h"

const char *ms_form_name(ms_form form) {
    static const char *const names[] = {
        [MS_FORM_SINGLE] = "single", [MS_FORM_ARRAY] = "array", [MS_FORM_FLEXIBLE] = "flexible",
        [MS_FORM_HEADER] = "header", [MS_FORM_NODE] = "node",   [MS_FORM_PARTIAL] = "partial",
    };
    return (unsigned)form < sizeof names / sizeof *names ? names[form] : NULL;
}

/* Of samples the sums are estimates, which are no multiples of anything. */
static bool is_multiple(const ms_site *site, uint64_t size) {
    bool sums = site->bytes_allocated_error != MS_UNKNOWN ||
                (site->bytes_allocated % size == 0 && site->live_bytes % size == 0 &&
                 site->peak_bytes % size == 0 && site->own_peak_bytes % size == 0);
    return site->min_size % size == 0 && site->max_size % size == 0 && sums;
}

ms_form ms_form_of(const ms_site *site, const ms_datatype *type) {
    if (!type || type->size == MS_NO_SIZE || type->size == 0 || site->min_size == MS_UNKNOWN)
        return MS_FORM_UNKNOWN;
    if (type->node_size)
        return site->min_size == type->node_size && site->max_size == type->node_size
                   ? MS_FORM_NODE
                   : MS_FORM_UNKNOWN;
    if (site->min_size < type->size)
        return MS_FORM_PARTIAL;
    if (type->layout && type->layout->is_flexible)
        return MS_FORM_FLEXIBLE;
    if (site->min_size == type->size && site->max_size == type->size)
        return MS_FORM_SINGLE;
    return is_multiple(site, type->size) ? MS_FORM_ARRAY : MS_FORM_HEADER;
}

uint64_t ms_form_count(ms_form form, uint64_t type_size, uint64_t blocks, uint64_t bytes) {
    switch (form) {
    case MS_FORM_ARRAY: return bytes / type_size;
    case MS_FORM_PARTIAL: return 0;
    default: return blocks;
    }
}
