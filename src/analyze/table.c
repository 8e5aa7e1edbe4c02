/* All detectors, and the order of what they find. */
#include "analyze/analyze.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/memory.h"

#define MS_DETECTOR(name) extern const ms_detector ms_detector_##name;
#include "analyze/detectors.def"

static const ms_detector *const detectors[] = {
#define MS_DETECTOR(name) &ms_detector_##name,
#include "analyze/detectors.def"
};

void ms_findings_add(ms_findings *f, ms_finding finding) {
    f->items = ms_memory_grow(f->items, f->count + 1, &f->capacity, sizeof *f->items);
    f->items[f->count++] = finding;
}

ms_finding ms_finding_of(const char *kind, const char *severity) {
    return (ms_finding){.kind = kind,
                        .severity = severity,
                        .site = MS_UNKNOWN,
                        .stacks = {MS_NO_STACK, MS_NO_STACK, MS_NO_STACK}};
}

const char *ms_severity_of(const ms_model *model, uint64_t bytes) {
    uint64_t peak = model->summary.peak_bytes;
    return bytes >= peak / 10 ? "high" : bytes >= peak / 100 ? "medium" : "low";
}

static int rank(const ms_finding *finding) {
    static const char *const severities[] = {"high", "medium", "low", "info"};
    for (int i = 0; i < 4; i++)
        if (finding->severity && strcmp(finding->severity, severities[i]) == 0)
            return i;
    return 4;
}

static int by_worst(const void *a, const void *b) {
    const ms_finding *x = a, *y = b;
    if (rank(x) != rank(y))
        return rank(x) - rank(y);
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    int order = strcmp(x->kind, y->kind);
    return order ? order : strcmp(x->title ? x->title : "", y->title ? y->title : "");
}

void ms_analyze(ms_model *model) {
    ms_findings f = {.model = model};
    for (size_t i = 0; i < model->findings.count; i++)
        ms_findings_add(&f, model->findings.items[i]);
    for (size_t i = 0; i < sizeof detectors / sizeof *detectors; i++)
        detectors[i]->detect(&f);
    if (f.count) {
        qsort(f.items, f.count, sizeof *f.items, by_worst);
        model->findings.items = ms_arena_alloc(model->arena, f.count * sizeof *f.items);
        memcpy(model->findings.items, f.items, f.count * sizeof *f.items);
        model->findings.count = f.count;
    }
    free(f.items);
}
