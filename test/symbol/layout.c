/* Layouts, next to those that pahole finds in the same files. */
#include "symbol/layout.h"

#include <ctype.h>

#include "fixture.h"

enum { LINE = 1 << 16, MEMBERS = 1024, TYPES = 20000 };

/* pahole 1.24 does not read _Atomic types, so that it loses members of these. */
enum { UNREADABLE_MAX = 8 };

/* One structure, of pahole's or of ours: what both say of it, as text. */
typedef struct seen {
    char *name, *text;
    bool has_atomic; /* of ours */
} seen;

typedef struct all_seen {
    seen items[TYPES];
    size_t count;
} all_seen;

/* ---- ours ------------------------------------------------------------------------------- */

/* Without namespaces, which pahole leaves out. */
static const char *plain_name(const char *name) {
    const char *start = name;
    int depth = 0;
    if (strncmp(name, "struct ", 7) == 0 || strncmp(name, "class ", 6) == 0) {
        start = strchr(name, ' ') + 1;
    }
    for (const char *at = start; *at; at++) {
        depth += (*at == '<') - (*at == '>');
        if (depth == 0 && at[0] == ':' && at[1] == ':') {
            start = at + 2;
        }
    }
    return start;
}

static void put_member(FILE *out, const ms_layout_member *m) {
    if (m->bit_size) {
        fprintf(out, "%llu:%u %llu\n", (unsigned long long)m->offset, m->bit_offset,
                (unsigned long long)m->size);
    } else {
        fprintf(out, "%llu %llu\n", (unsigned long long)m->offset, (unsigned long long)m->size);
    }
}

static char *text_of(const ms_layout *layout) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; i < layout->count; i++) {
        put_member(out, &layout->members[i]);
    }
    fprintf(out, "size %llu, holes %llu %llu, bit holes %llu %llu, padding %llu, bits %llu\n",
            (unsigned long long)layout->size, (unsigned long long)layout->holes,
            (unsigned long long)layout->hole_bytes, (unsigned long long)layout->bit_holes,
            (unsigned long long)layout->bit_hole_bits, (unsigned long long)layout->padding,
            (unsigned long long)layout->bit_padding);
    fclose(out);
    return text;
}

static bool has_atomic(const ms_layout *layout) {
    for (size_t i = 0; i < layout->count; i++) {
        if (strstr(layout->members[i].type, "_Atomic")) {
            return true;
        }
    }
    return false;
}

static bool add_ours(void *context, const ms_datatype *type) {
    all_seen *all = context;
    if (type->kind == MS_DATATYPE_STRUCT && type->layout) {
        assert_true(all->count < TYPES);
        all->items[all->count++] =
            (seen){strdup(plain_name(type->name)), text_of(type->layout), has_atomic(type->layout)};
    }
    return true;
}

/* ---- pahole's --------------------------------------------------------------------------- */

/* "struct name {", "class name : public other {": the name, or NULL. */
static char *opened(char *line) {
    char *end = strstr(line, " {");
    if ((strncmp(line, "struct ", 7) != 0 && strncmp(line, "class ", 6) != 0) || !end) {
        return NULL;
    }
    char *base = strstr(line, " : ");
    *(base && base < end ? base : end) = '\0';
    return strdup(strchr(line, ' ') + 1);
}

typedef struct numbers {
    unsigned long long holes, hole_bytes, bit_holes, bits, padding, bit_padding, size;
    unsigned long long
        negative; /* of 16 bits: where a member lies in the padding of a base class */
} numbers;

/* Of the comments at the end of a structure; they are there only when they are not 0. */
static void take_comment(numbers *n, const char *line) {
    const char *at;
    unsigned long long hole;
    if (sscanf(line, " /* X%*2[X] %llu bytes hole", &hole) == 1 && hole > UINT16_MAX - 64) {
        n->negative += hole;
        n->holes--;
    }
    sscanf(line, " /* size: %llu", &n->size);
    if (strncmp(line, "\t/* sum members", 15) == 0 && (at = strstr(line, " holes: "))) {
        sscanf(at, " holes: %llu, sum holes: %llu", &hole, &n->hole_bytes);
        n->holes += hole;
        n->hole_bytes -= n->negative;
    }
    if ((at = strstr(line, "bit holes: "))) {
        sscanf(at, "bit holes: %llu, sum bit holes: %llu", &n->bit_holes, &n->bits);
    }
    sscanf(line, " /* padding: %llu", &n->padding);
    sscanf(line, " /* bit_padding: %llu", &n->bit_padding);
}

/* "long int  l;" and its place in a comment, "8     8" or of bits "8: 3  4", at the end of the line. */
static void take_member(FILE *out, const char *line) {
    unsigned long long offset, bit, size;
    const char *comment = NULL;
    for (const char *at = line; (at = strstr(at, "/*")); at++) {
        comment = at;
    }
    if (comment && sscanf(comment, "/* %llu:%llu %llu */", &offset, &bit, &size) == 3) {
        fprintf(out, "%llu:%llu %llu\n", offset, bit, size);
    } else if (comment && sscanf(comment, "/* %llu %llu */", &offset, &size) == 2 &&
               offset != UINT32_MAX) { /* a virtual base: it lies elsewhere */
        fprintf(out, "%llu %llu\n", offset, size);
    }
}

static seen read_structure(FILE *input, char *line, char *name) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    numbers n = {0};
    while (fgets(line, LINE, input) && line[0] != '}') {
        bool is_base = strstr(line, "<ancestor>; */");
        if (strncmp(line, "\t/*", 3) == 0 && !is_base) {
            take_comment(&n, line);
        } else if (line[0] == '\t' && line[1] != '\t') {
            take_member(out, line);
        }
    }
    fprintf(out, "size %llu, holes %llu %llu, bit holes %llu %llu, padding %llu, bits %llu\n",
            n.size, n.holes, n.hole_bytes, n.bit_holes, n.bits, n.padding, n.bit_padding);
    fclose(out);
    return (seen){.name = name, .text = text};
}

static bool is_among(const all_seen *ours, seen *wanted, bool print) {
    for (size_t i = 0; i < ours->count; i++) {
        if (strcmp(ours->items[i].name, wanted->name) != 0) {
            continue;
        }
        if (strcmp(ours->items[i].text, wanted->text) == 0) {
            return true;
        }
        wanted->has_atomic |= ours->items[i].has_atomic;
        if (print) {
            print_error("ours of %s:\n%s", wanted->name, ours->items[i].text);
        }
    }
    return false;
}

static void free_seen(seen *s) {
    free(s->name);
    free(s->text);
}

/* Returns how many structures pahole knows in the file. */
static size_t compare_with_pahole(const char *file) {
    static all_seen ours;
    static char line[LINE];
    char command[FIXTURE_PATH];
    size_t count = 0, wrong = 0, unreadable = 0;
    ours.count = 0;
    ms_symbols *symbols = ms_symbols_new(NULL);
    ms_symbols_each_type(symbols, add_file(symbols, file), add_ours, &ours);
    ms_symbols_free(symbols);
    snprintf(command, sizeof command, "pahole '%s' 2>/dev/null", file);
    FILE *input = popen(command, "r");
    assert_non_null(input);
    while (fgets(line, LINE, input)) {
        char *name = opened(line);
        if (!name) {
            continue;
        }
        seen theirs = read_structure(input, line, name);
        count++;
        bool same = is_among(&ours, &theirs, false);
        unreadable += !same && theirs.has_atomic;
        if (!same && !theirs.has_atomic) {
            wrong++;
            print_error("%s: pahole's of %s:\n%s", file, name, theirs.text);
            is_among(&ours, &theirs, true);
        }
        free_seen(&theirs);
    }
    assert_int_equal(pclose(input), 0);
    for (size_t i = 0; i < ours.count; i++) {
        free_seen(&ours.items[i]);
    }
    print_message("%s: %zu structures\n", file, count);
    assert_int_equal(wrong, 0);
    assert_in_range(unreadable, 0, UNREADABLE_MAX);
    return count;
}

/* ---- tests ------------------------------------------------------------------------------ */

/* The build that this test is part of. */
static const char *built(const char *name) {
    static char path[FIXTURE_PATH];
    char self[FIXTURE_PATH];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(length > 0);
    self[length] = '\0';
    for (int i = 0; i < 3; i++) { /* test/symbol/layout */
        *strrchr(self, '/') = '\0';
    }
    assert_in_range(snprintf(path, sizeof path, "%s/%s", self, name), 1, sizeof path - 1);
    return path;
}

static void layouts_of_memscope_agree_with_pahole(void **state) {
    (void)state;
    assert_in_range(compare_with_pahole(built("bin/memscope")), 100, TYPES);
}

static void layouts_of_the_library_agree_with_pahole(void **state) {
    (void)state;
    assert_in_range(compare_with_pahole(built("lib/libmemscope.so")), 40, TYPES);
}

static const char cpp[] = "#include <fstream>\n"
                          "#include <functional>\n"
                          "#include <future>\n"
                          "#include <map>\n"
                          "#include <memory>\n"
                          "#include <regex>\n"
                          "#include <string>\n"
                          "#include <unordered_map>\n"
                          "struct A { virtual ~A() {} char a; };\n"
                          "struct B { virtual ~B() {} int b; char c; };\n"
                          "struct C : A, B { char d; static int shared; };\n"
                          "struct V : virtual A { short e; };\n"
                          "struct Empty {};\n"
                          "struct E : Empty { int f; };\n"
                          "int C::shared;\n"
                          "int main() {\n"
                          "    C c; V v; E e;\n"
                          "    std::map<std::string, C> m; m[\"a\"] = c;\n"
                          "    std::unordered_map<int, E> u; u[1] = e;\n"
                          "    auto p = std::make_shared<V>(v);\n"
                          "    std::regex r(\"a*\"); std::ofstream o; std::promise<int> q;\n"
                          "    std::function<int()> f = [&] { return (int)m.size(); };\n"
                          "    return f() + (int)std::regex_match(\"a\", r);\n"
                          "}\n";

static void layouts_of_cpp_agree_with_pahole(void **state) {
    (void)state;
    write_text("cpp.cpp", cpp);
    run("g++ -std=c++17 -g -O0 -o cpp cpp.cpp");
    assert_in_range(compare_with_pahole("cpp"), 10, TYPES); /* pahole leaves namespaces out */
}

static const char headers[] = "#include <arpa/inet.h>\n"
                              "#include <dirent.h>\n"
                              "#include <elf.h>\n"
                              "#include <elfutils/libdwfl.h>\n"
                              "#include <link.h>\n"
                              "#include <linux/bpf.h>\n"
                              "#include <linux/input.h>\n"
                              "#include <linux/kvm.h>\n"
                              "#include <linux/perf_event.h>\n"
                              "#include <linux/tcp.h>\n"
                              "#include <linux/v4l2-controls.h>\n"
                              "#include <netdb.h>\n"
                              "#include <netinet/ip.h>\n"
                              "#include <netinet/ip_icmp.h>\n"
                              "#include <pthread.h>\n"
                              "#include <pwd.h>\n"
                              "#include <regex.h>\n"
                              "#include <semaphore.h>\n"
                              "#include <signal.h>\n"
                              "#include <stdio.h>\n"
                              "#include <sys/resource.h>\n"
                              "#include <sys/socket.h>\n"
                              "#include <sys/stat.h>\n"
                              "#include <sys/statvfs.h>\n"
                              "#include <sys/user.h>\n"
                              "#include <ucontext.h>\n"
                              "int main(void) { return 0; }\n";

static void layouts_of_the_systems_headers_agree_with_pahole(void **state) {
    (void)state;
    write_text("headers.c", headers);
    run("gcc -g -fno-eliminate-unused-debug-types -o headers headers.c");
    assert_in_range(compare_with_pahole("headers"), 300, TYPES);
}

static const char odd[] =
    "struct in { char c; long l; };\n"
    "struct bits { unsigned a : 3; unsigned b : 7; char c; unsigned long x : 40; int t; };\n"
    "struct split { char c; unsigned a : 3; int d; unsigned e : 20; unsigned f : 20; };\n"
    "struct zero { unsigned a : 3; unsigned : 0; unsigned b : 3; };\n"
    "struct wide { long long a : 33; long long b : 20; short c : 9; char d; };\n"
    "struct flexible { int n; char pad; double data[]; };\n"
    "struct sized { int n; char data[0]; };\n"
    "struct __attribute__((packed)) packed { char c; int i; struct in in; };\n"
    "struct __attribute__((aligned(64))) line { int i; };\n"
    "struct member { char c; int i __attribute__((aligned(32))); char d; };\n"
    "struct empty { };\n"
    "struct all {\n"
    "    char c; struct in in[3]; union { int i; char b[5]; } u; struct { char x; short y; };\n"
    "    void (*f)(int, char *); const char *const *names; struct bits b; struct all *next;\n"
    "    char z[70]; long q; long double ld; __int128 wide; _Bool yes; struct line line;\n"
    "};\n"
    "struct in g1; struct bits g2; struct split g3; struct zero g4; struct wide g5;\n"
    "struct flexible g6; struct sized g7; struct packed g8; struct line g9; struct member g10;\n"
    "struct empty g11; struct all g12;\n"
    "int main(void) { return 0; }\n";

static void odd_layouts_agree_with_pahole(void **state) {
    (void)state;
    static const char *const compilers[] = {"gcc -gdwarf-5", "gcc -gdwarf-4", "gcc -gdwarf-3",
                                            "clang -gdwarf-5", "clang -gdwarf-4"};
    write_text("odd.c", odd);
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        run("%s -w -o odd odd.c", compilers[i]);
        print_message("%s\n", compilers[i]);
        assert_int_equal(compare_with_pahole("odd"), 12);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_of_memscope_agree_with_pahole),
        cmocka_unit_test(layouts_of_the_library_agree_with_pahole),
        cmocka_unit_test(layouts_of_cpp_agree_with_pahole),
        cmocka_unit_test(layouts_of_the_systems_headers_agree_with_pahole),
        cmocka_unit_test(odd_layouts_agree_with_pahole),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
