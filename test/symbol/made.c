#include "symbol/made.h"

#include "fixture.h"

static void constructors_are_known_by_their_names(void **state) {
    (void)state;
    static const char *const all[][2] = {
        {"Widget::Widget()", "Widget"},
        {"app::Widget::Widget(int, char const*)", "app::Widget"},
        {"app::Node<int>::Node(int)", "app::Node<int>"},
        {"app::Node<a::b(c)>::Node<long>(long)", "app::Node<a::b(c)>"},
        {"(anonymous namespace)::Hidden::Hidden()", "(anonymous namespace)::Hidden"},
        {"Widget::~Widget()", ""},
        {"Widget::Widgets()", ""},
        {"app::widget(int)", ""},
        {"app::app", ""},
        {"main", ""},
        {"Widget()", ""},
        {"std::vector<Widget::Widget>::size() const", ""},
        {"::::(", ""},
        {"", ""},
        {"<", ""},
        {"a::a<", ""},
        {"a<b::b>(c)", ""},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        size_t length = ms_made_constructor(all[i][0]);
        assert_int_equal(length, strlen(all[i][1]));
        assert_memory_equal(all[i][0], all[i][1], length);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constructors_are_known_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
