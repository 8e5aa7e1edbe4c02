/* load_json.c - any bytes as a JSON report; what is read of it goes through every format. */
#include "export/export.h"
#include "load/json.h"
#include "load_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void export_as(const ms_model *model, const ms_exporter *exporter) {
    ms_sink *sink = ms_sink_memory();
    ms_export_options options = ms_export_defaults();
    ms_error error;
    exporter->write(model, sink, &options, &error);
    free(ms_sink_take(sink, NULL));
    ms_sink_abandon(sink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    ms_error warning, error;
    int fd = memory_file(data, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ms_model *model = ms_load_json(path, NULL, &warning, &error);
    close(fd);
    for (size_t i = 0; model && i < ms_exporter_count; i++)
        export_as(model, ms_exporters[i]);
    ms_model_free(model);
    return 0;
}
