#include "symbol/enclosing.h"

#include <fcntl.h>

#include "fixture.h"

/* Far more namespaces than there is room for at first. */
static void write_namespaces(const char *name, int count) {
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    for (int i = 0; i < count; i++) {
        fprintf(file, "namespace n%d { struct type { int member; } variable; }\n", i);
    }
    assert_int_equal(fclose(file), 0);
}

static void as_many_are_read_as_the_budget_allows(void **state) {
    (void)state;
    write_namespaces("many.cc", 40);
    run("g++ -g -c many.cc");
    int fd = open("many.o", O_RDONLY);
    Dwarf *dwarf = dwarf_begin(fd, DWARF_C_READ);
    Dwarf_CU *cu = NULL;
    Dwarf_Die unit;
    assert_int_equal(dwarf_get_units(dwarf, NULL, &cu, NULL, NULL, &unit, NULL), 0);
    for (size_t allowed = 0; allowed < 80; allowed++) {
        ms_names *names = ms_names_new();
        ms_enclosing enclosing = {0};
        size_t budget = allowed;
        ms_enclosing_read(&enclosing, &unit, names, &budget);
        assert_int_equal(budget, 0);
        assert_int_equal(enclosing.count, allowed);
        ms_enclosing_deinit(&enclosing);
        ms_names_free(names);
    }
    dwarf_end(dwarf);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_many_are_read_as_the_budget_allows, enter_directory,
                                        leave_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
