/* analyze.h - detectors: each looks at a finished model for one thing that may be wrong. */
#ifndef MS_ANALYZE_ANALYZE_H
#define MS_ANALYZE_ANALYZE_H

#include <stddef.h>

#include "model/model.h"

/* What was found so far. Texts of findings live in the model's arena. */
typedef struct ms_findings {
    ms_model *model;
    ms_finding *items;
    size_t count, capacity;
} ms_findings;

/* Appends a copy. */
void ms_findings_add(ms_findings *findings, ms_finding finding);

/* A finding about no stack and no site, of that severity: to be filled in further. */
ms_finding ms_finding_of(const char *kind, const char *severity);

/* By how much of the program's peak it is about. */
const char *ms_severity_of(const ms_model *model, uint64_t bytes);

typedef struct ms_detector {
    const char *name;
    void (*detect)(ms_findings *findings);
} ms_detector;

/* Runs every detector over the model and adds what they find to its findings; worst first. */
void ms_analyze(ms_model *model);

#endif
