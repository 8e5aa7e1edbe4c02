#include "symbol/written.h"

#include "fixture.h"

typedef bool written(const char *name, char *out, size_t size);

static void check(written *write, const char *const (*all)[2], size_t count) {
    for (size_t i = 0; i < count; i++) {
        char text[512];
        assert_true(write(all[i][0], text, sizeof text));
        assert_string_equal(text, all[i][1]);
        char again[512];
        assert_true(write(text, again, sizeof again));
        assert_string_equal(again, text);
    }
}

#define STRING "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >"

static void what_people_leave_out_of_cpp_is_left_out(void **state) {
    (void)state;
    static const char *const all[][2] = {
        {STRING, "std::string"},
        {"std::__1::basic_string<wchar_t, std::__1::char_traits<wchar_t>, "
         "std::__1::allocator<wchar_t> >",
         "std::wstring"},
        {"std::basic_string<char16_t, std::char_traits<char16_t>, std::allocator<char16_t>>",
         "std::u16string"},
        {"std::vector<" STRING ", std::allocator<" STRING " > >", "std::vector<std::string>"},
        {"std::vector<app::Point, app::PoolAllocator<app::Point> >",
         "std::vector<app::Point, app::PoolAllocator<app::Point>>"},
        {"std::map<" STRING ", int, std::less<" STRING " >, std::allocator<std::pair<" STRING
         " const, int> > >",
         "std::map<std::string, int>"},
        {"std::map<int, int, std::greater<int>, std::allocator<std::pair<int const, int> > >",
         "std::map<int, int, std::greater<int>>"},
        {"std::set<int, std::less<void>, std::allocator<int> >", "std::set<int, std::less<void>>"},
        {"std::unordered_map<int, char, std::hash<int>, std::equal_to<int>, "
         "std::allocator<std::pair<int const, char> > >",
         "std::unordered_map<int, char>"},
        {"std::queue<int, std::deque<int, std::allocator<int> > >", "std::queue<int>"},
        {"std::unique_ptr<int [], std::default_delete<int []> >", "std::unique_ptr<int []>"},
        {"std::pair<int, std::allocator<int> >", "std::pair<int, std::allocator<int>>"},
        {"mine::vector<int, std::allocator<int> >", "mine::vector<int, std::allocator<int>>"},
        {"std::__cxx11::basic_ostringstream<char, std::char_traits<char>, std::allocator<char> >",
         "std::ostringstream"},
        {"std::vector<int, std::allocator<int> >::iterator", "std::vector<int>::iterator"},
        {"mine::__cxx11::list", "mine::__cxx11::list"},
        {"std::chrono::_V2::system_clock", "std::chrono::system_clock"},
    };
    check(ms_written_cpp, all, sizeof all / sizeof *all);
}

static void the_spellings_of_all_compilers_are_one(void **state) {
    (void)state;
    static const char *const all[][2] = {
        {"app::Node<char const*>", "app::Node<const char *>"},
        {"app::Node<const char*>", "app::Node<const char *>"},
        {"app::Node<char* const>", "app::Node<char *const>"},
        {"app::Node<char const volatile>", "app::Node<const volatile char>"},
        {"app::Node<a::b const&>", "app::Node<const a::b &>"},
        {"app::Node<long unsigned int>", "app::Node<unsigned long>"},
        {"app::Node<long long int, short int, unsigned>",
         "app::Node<long long, short, unsigned int>"},
        {"app::Node<long double, signed char>", "app::Node<long double, signed char>"},
        {"app::Node<4ul, -3L, 'a', true>", "app::Node<4, -3, 'a', true>"},
        {"app::Node<(char)113, (char)10, (short)-3>", "app::Node<'q', (char)10, -3>"},
        {"app::Node<','>", "app::Node<','>"},
        {"app::Node<'\\''>", "app::Node<'\\''>"},
        {"app::Node<(ns::E)1>", "app::Node<(ns::E)1>"},
        {"app::Node<{anonymous}::T>", "app::Node<(anonymous namespace)::T>"},
        {"(anonymous namespace)::T<int>", "(anonymous namespace)::T<int>"},
        {"std::function<void(int, char const*)>", "std::function<void (int, const char *)>"},
        {"app::Node<void (*)(int)>", "app::Node<void (*)(int)>"},
        {"app::Node<int[3]>", "app::Node<int [3]>"},
        {"app::Node<main()::<lambda(int)> >", "app::Node<main()::<lambda(int)>>"},
        {"app::Node<main::{lambda(int)#1}>", "app::Node<main::{lambda(int)#1}>"},
        {"app::Node<>", "app::Node<>"},
        {"long unsigned int", "unsigned long"},
        {"app::Plain", "app::Plain"},
    };
    check(ms_written_cpp, all, sizeof all / sizeof *all);
}

static void what_people_leave_out_of_rust_is_left_out(void **state) {
    (void)state;
    static const char *const all[][2] = {
        {"alloc::string::String", "String"},
        {"alloc::vec::Vec<alloc::string::String, alloc::alloc::Global>", "Vec<String>"},
        {"alloc::vec::Vec<u8, mine::Pool>", "Vec<u8, mine::Pool>"},
        {"(u32, core::option::Option<alloc::boxed::Box<dyn mine::Shape, alloc::alloc::Global>>)",
         "(u32, Option<Box<dyn mine::Shape>>)"},
        {"std::collections::hash::map::HashMap<u32, mine::Point, "
         "std::collections::hash::map::RandomState>",
         "HashMap<u32, mine::Point>"},
        {"alloc::rc::RcBox<mine::Point>", "alloc::rc::RcBox<mine::Point>"},
        {"mine::alloc::vec::Vec<u8>", "mine::alloc::vec::Vec<u8>"},
        {"&str", "&str"},
    };
    check(ms_written_rust, all, sizeof all / sizeof *all);
}

static void what_is_not_understood_is_refused(void **state) {
    (void)state;
    static const char *const all[] = {"",
                                      "<",
                                      "a<",
                                      "a<b",
                                      "a>",
                                      "a<b>>",
                                      "a(b",
                                      "a)",
                                      "a,b",
                                      "{",
                                      "a<'>",
                                      "a<'",
                                      "a<'\\",
                                      "a<{>",
                                      "a<(>",
                                      "a<b)>",
                                      "a::operator<(int)"};
    char text[64];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_false(ms_written_cpp(all[i], text, sizeof text));
    }
    char deep[400];
    memset(deep, 0, sizeof deep);
    for (size_t i = 0; i < 100; i++) {
        memcpy(deep + 2 * i, "a<", 2);
        deep[200 + i] = '>';
    }
    assert_false(ms_written_cpp(deep, text, sizeof text));
}

static void nothing_is_written_beyond_the_end(void **state) {
    (void)state;
    static const char *const all[] = {"std::vector<" STRING ", std::allocator<" STRING " > >",
                                      "app::Node<char const volatile>",
                                      "std::basic_string<wchar_t>", "long unsigned int"};
    char text[256];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        for (size_t size = 1; size < sizeof text; size++) {
            memset(text, '#', sizeof text);
            bool good = ms_written_cpp(all[i], text, size);
            assert_true(!good || strlen(text) < size);
            assert_int_equal(text[size], '#');
        }
    }
    for (size_t size = 1; size < 12; size++) {
        memset(text, '#', sizeof text);
        assert_int_equal(ms_written_rust("alloc::vec::Vec<u8, alloc::alloc::Global>", text, size),
                         size > 7);
        assert_int_equal(text[size], '#');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_leave_out_of_cpp_is_left_out),
        cmocka_unit_test(the_spellings_of_all_compilers_are_one),
        cmocka_unit_test(what_people_leave_out_of_rust_is_left_out),
        cmocka_unit_test(what_is_not_understood_is_refused),
        cmocka_unit_test(nothing_is_written_beyond_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
