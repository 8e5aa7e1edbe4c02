/* fixture.h - small models for the tests of detectors. */
#ifndef MS_TEST_ANALYZE_FIXTURE_H
#define MS_TEST_ANALYZE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/analyze.h"
#include "util/arena.h"

static inline ms_model *model_with_peak(uint64_t peak_bytes) {
    ms_model *model = ms_model_new();
    assert_non_null(model);
    model->summary.peak_bytes = peak_bytes;
    return model;
}

/* A type of blocks of one each, of which so many were live at the peak. */
static inline ms_type type_of(const char *name, uint64_t size, uint64_t count) {
    return (ms_type){.name = name,
                     .size = size,
                     .form = "single",
                     .peak_count = count,
                     .peak_blocks = count,
                     .peak_bytes = size * count,
                     .padding_bytes = MS_UNKNOWN,
                     .peak_padding_bytes = MS_UNKNOWN,
                     .peak_count_error = MS_UNKNOWN,
                     .peak_bytes_error = MS_UNKNOWN,
                     .excess_bytes = MS_UNKNOWN,
                     .reordered_size = MS_UNKNOWN};
}

static inline void set_type(ms_model *model, ms_type type) {
    model->types.items = ms_arena_alloc(model->arena, sizeof type);
    model->types.items[0] = type;
    model->types.count = 1;
}

static inline const ms_finding *only_finding(const ms_model *model, const char *kind) {
    assert_int_equal(model->findings.count, 1);
    assert_string_equal(model->findings.items[0].kind, kind);
    return &model->findings.items[0];
}

#endif
