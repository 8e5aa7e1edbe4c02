#include "load/type_class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const ms_datatype structure = {.name = "struct t", .size = 8, .kind = MS_DATATYPE_STRUCT};

static void types_of_the_language_have_the_class_of_their_kind(void **state) {
    (void)state;
    static const struct {
        ms_datatype_kind kind;
        const char *class;
    } all[] = {{MS_DATATYPE_NUMBER, "primitive"}, {MS_DATATYPE_CHARACTER, "text"},
               {MS_DATATYPE_BYTE, "buffer"},      {MS_DATATYPE_POINTER, "pointers"},
               {MS_DATATYPE_STRUCT, "struct"},    {MS_DATATYPE_UNION, "union"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        ms_datatype type = {.name = "t", .kind = all[i].kind};
        ms_datatype array = {.name = "t [2]", .kind = MS_DATATYPE_ARRAY, .inner = &type};
        assert_string_equal(ms_type_class("t", &type), all[i].class);
        assert_string_equal(ms_type_class("t [2]", &array), all[i].class);
    }
    ms_datatype nothing = {.name = "void", .kind = MS_DATATYPE_VOID};
    ms_datatype truth = {.name = "_Bool", .kind = MS_DATATYPE_BYTE};
    assert_null(ms_type_class("void", &nothing));
    assert_string_equal(ms_type_class("_Bool", &truth), "primitive");
}

static void types_of_libraries_have_the_class_of_their_name(void **state) {
    (void)state;
    static const char *const all[][2] = {
        {"std::vector<int, std::allocator<int> >", "collection"},
        {"std::_Rb_tree_node<std::pair<const int, X> >", "collection"},
        {"std::__detail::_Hash_node<int, false>", "collection"},
        {"std::__cxx11::basic_string<char>", "text"},
        {"std::__cxx11::list<int>", "collection"},
        {"std::unique_ptr<X>", "smart_pointer"},
        {"std::_Sp_counted_ptr_inplace<X, std::allocator<X>, 2>", "smart_pointer"},
        {"alloc::vec::Vec<u8, alloc::alloc::Global>", "collection"},
        {"alloc::string::String", "text"},
        {"alloc::sync::ArcInner<u64>", "smart_pointer"},
        {"struct _GHashTable", "collection"},
        {"GString", "text"},
        {"std::vectors", "struct"},
        {"std::thread::_State", "struct"},
        {"vector", "struct"},
        {"struct GStringy", "struct"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_string_equal(ms_type_class(all[i][0], &structure), all[i][1]);
}

static void without_debug_info_only_what_all_compilers_know_has_a_class(void **state) {
    (void)state;
    assert_string_equal(ms_type_class("char", NULL), "text");
    assert_string_equal(ms_type_class("unsigned char", NULL), "buffer");
    assert_string_equal(ms_type_class("unsigned long", NULL), "primitive");
    assert_string_equal(ms_type_class("struct node *", NULL), "pointers");
    assert_null(ms_type_class("struct node", NULL));
    assert_null(ms_type_class("", NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_of_the_language_have_the_class_of_their_kind),
        cmocka_unit_test(types_of_libraries_have_the_class_of_their_name),
        cmocka_unit_test(without_debug_info_only_what_all_compilers_know_has_a_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
