#include "symbol/object.h"

#include "fixture.h"

/* The names, files, lines and inlined calls of every call instruction of small programs, against
 * addr2line of binutils, which reads DWARF with other code. */

#define LOCATIONS_MAX 64

static const char c_source[] =
    "#include <stdlib.h>\n"
    "void *kept[8];\n"
    "static inline __attribute__((always_inline)) void *take(size_t n) {\n"
    "    return malloc(n);\n"
    "}\n"
    "static inline __attribute__((always_inline)) void *take_two(size_t n) {\n"
    "    kept[0] = take(n);\n"
    "    return take(n + 1);\n"
    "}\n"
    "static __attribute__((noinline)) void keep(int slot, size_t n) {\n"
    "    for (size_t i = 0; i < n; i++) {\n"
    "        kept[slot] = i % 2 ? take_two(i) : realloc(kept[slot], i);\n"
    "    }\n"
    "}\n"
    "static void *small(size_t n) { return calloc(n, 2); }\n"
    "static int order(const void *a, const void *b) { return *(int *)a - *(int *)b; }\n"
    "int main(int argc, char **argv) {\n"
    "    int numbers[3] = {3, argc, 1};\n"
    "    qsort(numbers, 3, sizeof *numbers, order);\n"
    "    kept[7] = small((size_t)argc);\n"
    "    keep(argc, (size_t)numbers[1]);\n"
    "    free(kept[7]);\n"
    "    return argv == kept[0];\n"
    "}\n";

static const char cplusplus_source[] =
    "extern \"C\" void *malloc(unsigned long);\n"
    "extern \"C\" void free(void *);\n"
    "namespace outer {\n"
    "namespace inner {\n"
    "template <class T> struct buffer {\n"
    "    T *data;\n"
    "    explicit buffer(unsigned long n) : data(static_cast<T *>(malloc(n * sizeof(T)))) {}\n"
    "    ~buffer() { free(data); }\n"
    "    T &at(unsigned long i) { return data[i]; }\n"
    "    static buffer *make(unsigned long n) { return new buffer(n); }\n"
    "};\n"
    "} // namespace inner\n"
    "static __attribute__((noinline)) char *grow(unsigned long n) { return new char[n]; }\n"
    "} // namespace outer\n"
    "using outer::inner::buffer;\n"
    "struct base {\n"
    "    virtual ~base() {}\n"
    "    virtual int size(int) const = 0;\n"
    "};\n"
    "struct derived : base {\n"
    "    __attribute__((noinline)) int size(int n) const override {\n"
    "        buffer<double> b(static_cast<unsigned long>(n));\n"
    "        return b.at(0) > 0;\n"
    "    }\n"
    "};\n"
    "template <class F> __attribute__((noinline)) static int each(int n, F f) {\n"
    "    int sum = 0;\n"
    "    for (int i = 0; i < n; i++) {\n"
    "        sum += f(i);\n"
    "    }\n"
    "    return sum;\n"
    "}\n"
    "template <class F> static inline int once(F f) { return f(1); }\n"
    "int main(int argc, char **) {\n"
    "    derived d;\n"
    "    const base &b = d;\n"
    "    int sum = each(argc, [&](int i) { return b.size(i) + *outer::grow(4); });\n"
    "    sum += once([&](int i) __attribute__((always_inline)) { return *outer::grow(i); });\n"
    "    buffer<int> *made = buffer<int>::make(3);\n"
    "    sum += made->at(1);\n"
    "    delete made;\n"
    "    return sum;\n"
    "}\n";

static const char rust_source[] =
    "use std::collections::HashMap;\n"
    "mod shapes {\n"
    "    pub trait Area { fn area(&self) -> Vec<u8>; }\n"
    "    pub struct Square(pub usize);\n"
    "    impl Area for Square {\n"
    "        #[inline(never)]\n"
    "        fn area(&self) -> Vec<u8> { vec![1; self.0 * self.0] }\n"
    "    }\n"
    "    pub fn repeat<T: Clone>(t: &T) -> Vec<T> {\n"
    "        let mut all = Vec::new();\n"
    "        for _ in 0..3 { all.push(t.clone()); }\n"
    "        all\n"
    "    }\n"
    "}\n"
    "use shapes::Area;\n"
    "fn main() {\n"
    "    let mut map = HashMap::new();\n"
    "    for i in 0..10usize {\n"
    "        let size = |x: usize| shapes::Square(x).area().len() + shapes::repeat(&i).len();\n"
    "        map.insert(format!(\"k{}\", i), size(i));\n"
    "    }\n"
    "    println!(\"{}\", map.len());\n"
    "}\n";

/* One line pair of addr2line. */
typedef struct referee_frame {
    char function[4096];
    char file[FIXTURE_PATH];
    uint32_t line;
} referee_frame;

typedef struct comparison {
    size_t compared;
    size_t frames;
    size_t inlined;
} comparison;

static void read_line(FILE *input, char *line, size_t size) {
    assert_non_null(fgets(line, (int)size, input));
    line[strcspn(line, "\n")] = '\0';
}

/* "FILE:LINE", "FILE:LINE (discriminator N)", "FILE:?", "??:0" */
static void parse_place(char *text, referee_frame *frame) {
    char *colon = strrchr(text, ':');
    assert_non_null(colon);
    frame->line = (uint32_t)strtoul(colon + 1, NULL, 10);
    *colon = '\0';
    snprintf(frame->file, sizeof frame->file, "%s", text);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_lambda(const char *name) {
    return strcmp(name, "operator()") == 0 || strstr(name, "lambda") != NULL;
}

/* gcc gives a lambda no linkage name, only operator(). addr2line then takes the nearest symbol, and
 * for an inlined lambda that is the function around it. */
static bool same_function(const ms_location *ours, const referee_frame *theirs) {
    const char *name = ours->function ? ours->function : "??";
    return strcmp(name, theirs->function) == 0 ||
           (is_lambda(name) && (ours->inlined || is_lambda(theirs->function)));
}

static bool same_frame(const ms_location *ours, const referee_frame *theirs) {
    if (!same_function(ours, theirs)) {
        return false;
    }
    /* Without a line, addr2line falls back on the file name in the symbol table. */
    return theirs->line == 0 ? ours->line == 0
                             : ours->line == theirs->line && ours->file &&
                                   strcmp(base_name(ours->file), base_name(theirs->file)) == 0;
}

static void compare_address(ms_symbols *symbols, size_t module, uint64_t address,
                            const referee_frame *theirs, size_t count, comparison *result) {
    ms_location ours[LOCATIONS_MAX];
    size_t found = ms_symbols_at(symbols, module, address, ours, LOCATIONS_MAX);
    bool same = found == count;
    for (size_t i = 0; i < count; i++) {
        same = same && same_frame(&ours[i], &theirs[i]) && ours[i].inlined == (i + 1 < count);
    }
    if (!same) {
        for (size_t i = 0; i < count; i++) {
            print_message("addr2line %s %s:%u\n", theirs[i].function, theirs[i].file,
                          theirs[i].line);
        }
        for (size_t i = 0; i < found; i++) {
            print_message("memscope  %s %s:%u\n", ours[i].function, ours[i].file, ours[i].line);
        }
        fail_msg("they differ at 0x%lx", (unsigned long)address);
    }
    result->compared++;
    result->frames += count;
    result->inlined += count - 1;
}

/* Compares at every `step`th call instruction of a file. */
static comparison compare_calls(const char *file, size_t step) {
    static referee_frame frames[LOCATIONS_MAX];
    comparison result = {0};
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, file), count = 0;
    run("objdump -d --no-show-raw-insn '%s' | grep -w 'call\\|bl' | awk 'NR %% %zu == 0'"
        " | sed 's/:.*//' | addr2line -aCfi -e '%s' > frames; echo 0x0 >> frames",
        file, step, file);
    FILE *input = fopen("frames", "r");
    assert_non_null(input);
    char line[4096];
    uint64_t address = 0;
    while (fgets(line, sizeof line, input)) {
        if (strncmp(line, "0x", 2) == 0) {
            if (count) {
                compare_address(symbols, module, address, frames, count, &result);
            }
            address = strtoull(line, NULL, 16);
            count = 0;
            continue;
        }
        assert_true(count < LOCATIONS_MAX);
        line[strcspn(line, "\n")] = '\0';
        snprintf(frames[count].function, sizeof frames[count].function, "%s", line);
        read_line(input, line, sizeof line);
        parse_place(line, &frames[count++]);
    }
    fclose(input);
    ms_symbols_free(symbols);
    assert_true(result.compared > 0);
    return result;
}

/* Builds with each of the flags and compares. At -O2 the same sources have inlined calls. */
static void compare_builds(const char *compiler, const char *source, size_t step) {
    static const char *const flags[] = {
        "-O0 -gdwarf-4 -pie -fPIE", "-O0 -gdwarf-5 -no-pie -fno-pie",
        "-O1 -gdwarf-5 -pie -fPIE", "-O2 -gdwarf-4 -no-pie -fno-pie",
        "-O2 -gdwarf-5 -pie -fPIE",
    };
    need_program(compiler);
    size_t inlined = 0;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        run("%s %s %s -o compared", compiler, flags[i], source);
        inlined += compare_calls("compared", step).inlined;
    }
    assert_true(inlined > 0);
}

static void c_built_by_gcc_agrees_with_addr2line(void **state) {
    (void)state;
    compare_builds("gcc", "a.c", 1);
}

static void c_built_by_clang_agrees_with_addr2line(void **state) {
    (void)state;
    compare_builds("clang", "a.c", 1);
}

static void cplusplus_built_by_gcc_agrees_with_addr2line(void **state) {
    (void)state;
    compare_builds("g++", "a.cpp", 1);
}

static void cplusplus_built_by_clang_agrees_with_addr2line(void **state) {
    (void)state;
    compare_builds("clang++", "a.cpp", 1);
}

static int make_sources(void **state) {
    if (enter_directory(state) != 0) {
        return -1;
    }
    write_text("a.c", c_source);
    write_text("a.cpp", cplusplus_source);
    write_text("a.rs", rust_source);
    return 0;
}

static void rust_agrees_with_addr2line(void **state) {
    (void)state;
    static const char *const flags[] = {"-g", "-g -O", "-g -O -C symbol-mangling-version=v0"};
    need_program("rustc");
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        run("rustc %s a.rs -o rust 2>/dev/null", flags[i]);
        compare_calls("rust", 17);
    }
}

static void an_inlined_lambda_says_where_it_belongs(void **state) {
    (void)state;
    run("g++ -O2 -g a.cpp -o lambda");
    static uint64_t calls[256];
    size_t count = read_addresses(calls, 256,
                                  "objdump -d --no-show-raw-insn --disassemble=main lambda |"
                                  " grep -w 'call\\|bl'");
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, "lambda"), found = 0;
    for (size_t i = 0; i < count; i++) {
        ms_location locations[LOCATIONS_MAX];
        size_t depth = ms_symbols_at(symbols, module, calls[i], locations, LOCATIONS_MAX);
        assert_true(depth > 0);
        found += strcmp(locations[0].function, "main::<lambda>::operator()") == 0;
    }
    assert_true(found > 0);
    ms_symbols_free(symbols);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(c_built_by_gcc_agrees_with_addr2line),
        cmocka_unit_test(c_built_by_clang_agrees_with_addr2line),
        cmocka_unit_test(cplusplus_built_by_gcc_agrees_with_addr2line),
        cmocka_unit_test(cplusplus_built_by_clang_agrees_with_addr2line),
        cmocka_unit_test(rust_agrees_with_addr2line),
        cmocka_unit_test(an_inlined_lambda_says_where_it_belongs),
    };
    return cmocka_run_group_tests(tests, make_sources, leave_directory);
}
