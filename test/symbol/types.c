/* Types as programs spell them, by name, and from files that are damaged. */
#include "symbol/types.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "fixture.h"

enum { DAMAGED = 500, DAMAGES = 6 };

static const char c_source[] =
    "typedef struct { int a; char b; } point;\n"
    "typedef struct node node_t;\n"
    "struct node { node_t *next; point at[2][3]; int (*call)(const char *, ...); };\n"
    "union any { long number; void *const *address; };\n"
    "enum color { RED };\n"
    "struct opaque;\n"
    "struct all {\n"
    "    const volatile char *text; char *const fixed; int (*table[4])(void); double (*grid)[5];\n"
    "    union any any; enum color color; struct opaque *opaque; _Bool yes; void (*none)();\n"
    "    unsigned long long big; struct { int inner; }; char bytes[256]; node_t list;\n"
    "} all;\n"
    "struct twice { int one; } twice;\n"
    "int main(void) { return 0; }\n";

static const char other_source[] = "struct twice { int two; } again;\n"
                                   "struct opaque { long hidden[3]; } opaque;\n";

static const char cpp_source[] =
    "namespace a { namespace { struct Hidden { int x; }; }\n"
    "template <typename T> struct V { T *p; struct In { char c; T x; } in;\n"
    "  __attribute__((noinline)) T *allocate(unsigned long n) { return new T[n]; } };\n"
    "struct B { virtual ~B() {} }; struct D : B, virtual V<long> { Hidden h; }; }\n"
    "a::V<int> v; a::D d;\n"
    "int main() { return v.allocate(3) != v.p; }\n";

static void build(void) {
    write_text("cpp.cpp", cpp_source);
    run("g++ -w -g -no-pie -o cpp cpp.cpp");
    write_text("types.c", c_source);
    write_text("other.c", other_source);
    run("gcc -w -g -o types types.c other.c");
}

static const ms_layout_member *member_of(const ms_datatype *type, const char *name) {
    for (size_t i = 0; i < type->layout->count; i++) {
        const char *own = type->layout->members[i].name;
        if (own && strcmp(own, name) == 0) {
            return &type->layout->members[i];
        }
    }
    fail_msg("no member %s", name);
    return NULL;
}

static void types_are_spelled_as_in_the_source(void **state) {
    (void)state;
    static const char *const members[][2] = {
        {"text", "volatile const char *"},
        {"fixed", "char *const"},
        {"table", "int (*[4])(void)"},
        {"grid", "double (*)[5]"},
        {"any", "union any"},
        {"color", "enum color"},
        {"opaque", "struct opaque *"},
        {"yes", "_Bool"},
        {"big", "long long unsigned int"},
        {"bytes", "char [256]"},
        {"list", "node_t"},
    };
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, "types");
    const ms_datatype *all = ms_symbols_type(symbols, module, "struct all", MS_NO_SIZE);
    assert_non_null(all);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        assert_string_equal(member_of(all, members[i][0])->type, members[i][1]);
    }
    const ms_datatype *node = ms_symbols_type(symbols, module, "struct node", MS_NO_SIZE);
    assert_string_equal(member_of(node, "call")->type, "int (*)(const char *, ...)");
    assert_string_equal(member_of(node, "at")->type, "point [2][3]");
    assert_int_equal(node->layout->nested_padding, 6 * 3);
    ms_symbols_free(symbols);
}

static void a_type_is_found_by_any_of_its_names(void **state) {
    (void)state;
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, "types");
    const ms_datatype *node = ms_symbols_type(symbols, module, "node", MS_NO_SIZE);
    const ms_datatype *alias = ms_symbols_type(symbols, module, "node_t", 64);
    const ms_datatype *point = ms_symbols_type(symbols, module, "point", MS_NO_SIZE);
    assert_string_equal(node->name, "struct node");
    assert_string_equal(alias->name, "node_t");
    assert_string_equal(alias->plain, "struct node");
    assert_int_equal(alias->size, 64);
    assert_string_equal(point->plain, "point");
    assert_int_equal(point->layout->padding, 3);
    assert_int_equal(ms_symbols_type(symbols, module, "char", 1)->kind, MS_DATATYPE_CHARACTER);
    assert_int_equal(ms_symbols_type(symbols, module, "union any", 8)->kind, MS_DATATYPE_UNION);
    assert_null(ms_symbols_type(symbols, module, "node", 63));
    assert_null(ms_symbols_type(symbols, module, "struct node_t", MS_NO_SIZE));
    assert_null(ms_symbols_type(symbols, module, "nothing", MS_NO_SIZE));
    assert_null(ms_symbols_type(symbols, module, "", MS_NO_SIZE));
    ms_symbols_free(symbols);
}

static void of_two_types_of_one_name_nobody_knows_which(void **state) {
    (void)state;
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, "types");
    assert_null(ms_symbols_type(symbols, module, "struct twice", MS_NO_SIZE));
    assert_null(ms_symbols_type(symbols, module, "struct twice", 4));
    ms_symbols_free(symbols);
}

/* ---- damage ----------------------------------------------------------------------------- */

/* Reads whatever it points to. */
static bool look_at(void *context, const ms_datatype *type) {
    size_t *read = context;
    *read += strlen(type->name) + strlen(type->plain) + (type->inner != NULL);
    for (size_t i = 0; type->layout && i < type->layout->count; i++) {
        const ms_layout_member *m = &type->layout->members[i];
        *read += strlen(m->type) + (m->name ? strlen(m->name) : 0) + (size_t)m->straddles;
    }
    return true;
}

static void look_around(const char *name) {
    size_t read = 0;
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, name);
    const ms_spoken spoken = {"all.list.next->at[1]", "main", "types.c", 13};
    ms_symbols_each_type(symbols, module, look_at, &read);
    ms_symbols_declared(symbols, module, &spoken);
    for (uint64_t address = 0x401000; address < 0x401400; address += 16) {
        const ms_datatype *type = NULL;
        if (ms_symbols_generic(symbols, module, address, &type) == MS_GENERIC_TYPE) {
            look_at(&read, type);
        }
    }
    ms_symbols_free(symbols);
}

/* Where debug info lies in the file, so that it is hit. */
static void find_section(const char *file, const char *section, size_t *offset, size_t *size) {
    char command[FIXTURE_PATH];
    snprintf(command, sizeof command,
             "readelf -SW '%s' | sed -n 's/.* %s  *PROGBITS  *[0-9a-f]*  *\\([0-9a-f]*\\)  "
             "*\\([0-9a-f]*\\).*/\\1 \\2/p'",
             file, section);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    assert_int_equal(fscanf(output, "%zx %zx", offset, size), 2);
    pclose(output);
}

static void damage(const char *bytes, size_t file_size, size_t offset, size_t size) {
    char *copy = malloc(file_size);
    memcpy(copy, bytes, file_size);
    for (int i = 0; i < DAMAGES; i++) {
        copy[offset + (size_t)rand() % size] = (char)rand();
    }
    FILE *out = fopen("damaged", "w");
    assert_non_null(out);
    assert_int_equal(fwrite(copy, 1, file_size, out), file_size);
    fclose(out);
    free(copy);
    look_around("damaged");
}

static void damage_section(const char *file, const char *section) {
    static char bytes[1 << 20];
    size_t offset, size;
    FILE *input = fopen(file, "r");
    assert_non_null(input);
    size_t file_size = fread(bytes, 1, sizeof bytes, input);
    fclose(input);
    find_section(file, section, &offset, &size);
    assert_true(size && offset + size <= file_size);
    for (int i = 0; i < DAMAGED; i++) {
        damage(bytes, file_size, offset, size);
    }
}

static void damaged_types_do_no_harm(void **state) {
    (void)state;
    srand(7);
    damage_section("types", "\\.debug_info");
    damage_section("types", "\\.debug_abbrev");
    damage_section("cpp", "\\.debug_info");
    damage_section("cpp", "\\.debug_abbrev");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_spelled_as_in_the_source),
        cmocka_unit_test(a_type_is_found_by_any_of_its_names),
        cmocka_unit_test(of_two_types_of_one_name_nobody_knows_which),
        cmocka_unit_test(damaged_types_do_no_harm),
    };
    char *directory;
    int moved = enter_directory((void **)&directory);
    if (moved == 0) {
        build();
    }
    int failed = moved ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
    leave_directory((void **)&directory);
    return failed;
}
