#include "export/export.h"

#include <string.h>

#define MS_EXPORTER(name) extern const ms_exporter ms_exporter_##name;
#include "export/exporters.def"

const ms_exporter *const ms_exporters[] = {
#define MS_EXPORTER(name) &ms_exporter_##name,
#include "export/exporters.def"
};
const size_t ms_exporter_count = sizeof ms_exporters / sizeof *ms_exporters;

ms_export_options ms_export_defaults(void) {
    return (ms_export_options){.lift = true, .cost = MS_COST_PEAK, .top = 10, .width = 80};
}

const ms_exporter *ms_exporter_named(const char *name) {
    for (size_t i = 0; i < ms_exporter_count; i++)
        if (!strcmp(ms_exporters[i]->name, name))
            return ms_exporters[i];
    return NULL;
}

static bool ends_in(const char *path, const char *ending) {
    size_t length = strlen(path), size = strlen(ending);
    return length > size && path[length - size - 1] == '.' && !strcmp(path + length - size, ending);
}

const ms_exporter *ms_exporter_for(const char *path) {
    for (size_t i = 0; i < ms_exporter_count; i++)
        for (size_t e = 0; e < 3 && ms_exporters[i]->endings[e]; e++)
            if (ends_in(path, ms_exporters[i]->endings[e]))
                return ms_exporters[i];
    return NULL;
}
