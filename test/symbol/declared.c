/* Types of variables, from the debug info of programs that track them. */
#include "symbol/declared.h"

#include "fixture.h"

static char project[FIXTURE_PATH]; /* where tests are started */

static const char source[] =
    "#include <stdlib.h>\n"
    "#include <memscope.h>\n"
    "struct node { struct node *next; int value; };\n"
    "typedef struct { double x, y; } point;\n"
    "typedef struct node *list;\n"
    "struct pair { list left; union { point *at; int number; }; char name[16]; };\n"
    "static struct pair *kept;\n"
    "const char *const words[3] = {\"a\", \"b\", \"c\"};\n"
    "struct hidden;\n"
    "struct hidden *make_hidden(void);\n"
    "__attribute__((noinline)) static int shadows(int n) {\n"
    "    struct node *p = malloc(sizeof *p);\n"
    "    MEMSCOPE_TRACK(p);                    /* 13 */\n"
    "    {\n"
    "        point *p = malloc(2 * sizeof *p);\n"
    "        MEMSCOPE_TRACK(p);                /* 16 */\n"
    "        free(p);\n"
    "    }\n"
    "    for (int i = 0; i < n; i++) {\n"
    "        list p = malloc(sizeof *p);\n"
    "        MEMSCOPE_TRACK(p);                /* 21 */\n"
    "        free(p);\n"
    "    }\n"
    "    MEMSCOPE_TRACK(p);                    /* 24 */\n"
    "    free(p);\n"
    "    return n;\n"
    "}\n"
    "static inline void inlined(struct pair *arg, int (*call)(void *, point)) {\n"
    "    static point statics[4];\n"
    "    MEMSCOPE_TRACK(arg);                  /* 30 */\n"
    "    MEMSCOPE_TRACK(call);                 /* 31 */\n"
    "    MEMSCOPE_TRACK(statics);              /* 32 */\n"
    "    MEMSCOPE_TRACK(kept->left->next);     /* 33 */\n"
    "    MEMSCOPE_TRACK(kept->at);             /* 34 */\n"
    "    MEMSCOPE_TRACK(kept->name);           /* 35 */\n"
    "    MEMSCOPE_TRACK(*kept);                /* 36 */\n"
    "    MEMSCOPE_TRACK((*kept).left[0]);      /* 37 */\n"
    "    MEMSCOPE_TRACK(words[1]);             /* 38 */\n"
    "    MEMSCOPE_TRACK(kept);                 /* 39 */\n"
    "}\n"
    "int main(int argc, char **argv) {\n"
    "    struct pair local = {0};\n"
    "    struct hidden *secret = make_hidden();\n"
    "    kept = &local;\n"
    "    local.left = malloc(sizeof *local.left);\n"
    "    local.left->next = NULL;\n"
    "    MEMSCOPE_TRACK(local);                /* 47 */\n"
    "    MEMSCOPE_TRACK(argv);                 /* 48 */\n"
    "    MEMSCOPE_TRACK(secret);               /* 49 */\n"
    "    MEMSCOPE_OWNED(point *, owned, malloc(sizeof(point))); /* 50 */\n"
    "    inlined(&local, NULL);\n"
    "    return shadows(argc) < 0;\n"
    "}\n";

static const char other[] = "struct hidden { char c; long l; };\n"
                            "struct node { char other[99]; };\n"
                            "static struct hidden one;\n"
                            "struct node two;\n"
                            "struct hidden *make_hidden(void) { return &one; }\n";

typedef struct expected {
    const char *function, *name;
    uint64_t line;
    const char *type, *inner;
    uint64_t size; /* of what it is, or what it points to or is of */
} expected;

static const expected all[] = {
    {"shadows", "p", 13, "struct node *", "struct node", 16},
    {"shadows", "p", 16, "point *", "point", 16},
    {"shadows", "p", 21, "list", "struct node", 16},
    {"shadows", "p", 24, "struct node *", "struct node", 16},
    {"inlined", "arg", 30, "struct pair *", "struct pair", 32},
    {"inlined", "call", 31, "int (*)(void *, point)", "int (void *, point)", MS_NO_SIZE},
    {"inlined", "statics", 32, "point [4]", "point", 16},
    {"inlined", "kept->left->next", 33, "struct node *", "struct node", 16},
    {"inlined", "kept->at", 34, "point *", "point", 16},
    {"inlined", "kept->name", 35, "char [16]", "char", 1},
    {"inlined", "*kept", 36, "struct pair", NULL, 32},
    {"inlined", "(*kept).left[0]", 37, "struct node", NULL, 16},
    {"inlined", "words[1]", 38, "const char *const", "char", 1},
    {"inlined", "kept", 39, "struct pair *", "struct pair", 32},
    {"main", "local", 47, "struct pair", NULL, 32},
    {"main", "argv", 48, "char **", "char *", 8},
    {"main", "secret", 49, "struct hidden *", "struct hidden", 16},
    {"main", "owned", 50, "point *", "point", 16},
};

static void check(ms_symbols *symbols, size_t module, const expected *e) {
    ms_spoken spoken = {e->name, e->function, "src/tracks.c", e->line};
    const ms_datatype *type = ms_symbols_declared(symbols, module, &spoken);
    if (!type || strcmp(type->name, e->type) != 0) {
        fail_msg("%s of line %d: %s", e->name, (int)e->line, type ? type->name : "not known");
    }
    const ms_datatype *what = e->inner ? type->inner : type;
    assert_non_null(what);
    assert_string_equal(what->name, e->inner ? e->inner : e->type);
    assert_int_equal(what->size, e->size);
}

static void tracked_variables_have_their_declared_types(void **state) {
    (void)state;
    static const char *const builds[] = {
        "gcc -O0",           "gcc -O2",   "clang -O0",           "clang -O2",
        "gcc -O2 -gdwarf-4", "gcc -flto", "clang -O2 -gdwarf-4", "gcc -O2 -gsplit-dwarf",
    };
    run("mkdir -p src");
    write_text("src/tracks.c", source);
    write_text("other.c", other);
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        print_message("%s\n", builds[i]);
        run("%s -w -g -I'%s/include' -o tracks src/tracks.c other.c", builds[i], project);
        ms_symbols *symbols = ms_symbols_new(NULL);
        size_t module = add_file(symbols, "tracks");
        for (size_t j = 0; j < sizeof all / sizeof *all; j++) {
            check(symbols, module, &all[j]);
        }
        ms_symbols_free(symbols);
    }
}

static void what_is_not_there_has_no_type(void **state) {
    (void)state;
    static const ms_spoken none[] = {
        {"nothing", "main", "src/tracks.c", 47},
        {"local", "nowhere", "src/tracks.c", 47},
        {"local", "main", "src/another.c", 47},
        {"local.missing", "main", "src/tracks.c", 47},
        {"kept->number->x", "main", "tracks.c", 47},
        {"(int *)kept", "main", "tracks.c", 47},
        {"call(1)", "inlined", "tracks.c", 39},
        {"", "main", "tracks.c", 47},
        {"local", "main", "src/tracks.c", 3},
        {"*local", "main", "tracks.c", 47},
        {NULL, "main", "tracks.c", 47},
        {"local", NULL, "tracks.c", 47},
        {"kept[", "main", "tracks.c", 47},
        {"((((((((", "main", "tracks.c", 47},
    };
    ms_symbols *symbols = ms_symbols_new(NULL);
    size_t module = add_file(symbols, "tracks");
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_null(ms_symbols_declared(symbols, module, &none[i]));
    }
    run("strip -o stripped tracks");
    ms_spoken spoken = {"local", "main", "tracks.c", 47};
    assert_null(ms_symbols_declared(symbols, add_file(symbols, "stripped"), &spoken));
    assert_null(ms_symbols_declared(symbols, 99, &spoken));
    ms_symbols_free(symbols);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tracked_variables_have_their_declared_types),
        cmocka_unit_test(what_is_not_there_has_no_type),
    };
    if (!getcwd(project, sizeof project)) {
        return 1;
    }
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
