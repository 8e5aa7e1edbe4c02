#include "fixture.h"

static void findings_stand_worst_first(void **state) {
    (void)state;
    ms_model *m = model_with_peak(1000);
    ms_finding found[] = {ms_finding_of("a", "info"),   ms_finding_of("b", "low"),
                          ms_finding_of("c", "high"),   ms_finding_of("d", "low"),
                          ms_finding_of("e", "medium"), ms_finding_of("f", NULL)};
    found[0].bytes = 100;
    found[1].bytes = 5;
    found[3].bytes = 6;
    m->findings.items = found;
    m->findings.count = 6;
    ms_analyze(m);
    static const char order[] = "cedbaf";
    assert_int_equal(m->findings.count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(m->findings.items[i].kind[0], order[i]);
    ms_model_free(m);
}

static void a_program_without_faults_has_no_findings(void **state) {
    (void)state;
    ms_model *m = model_with_peak(0);
    ms_analyze(m);
    assert_int_equal(m->findings.count, 0);
    ms_model_free(m);
}

static void severity_is_a_share_of_the_peak(void **state) {
    (void)state;
    ms_model *m = model_with_peak(10000);
    assert_string_equal(ms_severity_of(m, 1000), "high");
    assert_string_equal(ms_severity_of(m, 999), "medium");
    assert_string_equal(ms_severity_of(m, 100), "medium");
    assert_string_equal(ms_severity_of(m, 99), "low");
    ms_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_stand_worst_first),
        cmocka_unit_test(a_program_without_faults_has_no_findings),
        cmocka_unit_test(severity_is_a_share_of_the_peak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
