#include "model/lift_names.h"

#include <stddef.h>
#include <string.h>

/* Whole names. Symbol versions ("malloc@@GLIBC_2.2.5") do not count. */
static const char *const glue_names[] = {
    "malloc",
    "calloc",
    "realloc",
    "reallocarray",
    "memalign",
    "aligned_alloc",
    "posix_memalign",
    "valloc",
    "pvalloc",
    "strdup",
    "__strdup",
    "strndup",
    "__strndup",
    "asprintf",
    "__asprintf",
    "__asprintf_chk",
    "vasprintf",
    "__vasprintf",
    "__vasprintf_chk",
    "__vasprintf_internal",
    "wcsdup",
    "getline",
    "getdelim",
    "__getdelim",
    "_IO_getdelim",
    "open_memstream",
    "__rust_alloc",
    "__rust_realloc",
    "__rust_alloc_zeroed",
    "__rdl_alloc",
    "__rdl_realloc",
    "__rdl_alloc_zeroed",
    "__rg_alloc",
    "__rg_realloc",
    "__rg_alloc_zeroed",
    "g_malloc",
    "g_malloc0",
    "g_realloc",
    "g_malloc_n",
    "g_malloc0_n",
    "g_realloc_n",
    "g_try_malloc",
    "g_try_realloc",
    "g_strdup",
    "g_strndup",
    "g_slice_alloc",
    "g_slice_alloc0",
};

/* Beginnings of demangled names. The C++ and Rust libraries allocate for whoever calls them: all of
 * them is glue, containers and strings included; so are the pointers of memscope.h. */
static const char *const glue_prefixes[] = {
    "operator new",  "std::",        "__gnu_cxx::",   "_ZNSt",        "_ZSt",
    "alloc::",       "core::",       "hashbrown::",   "<alloc::",     "<core::",
    "<std::",        "<hashbrown::", "<T as alloc::", "<T as core::", "<I as core::",
    "memscope_box_", "memscope_rc_", "memscope_arc_", "memscope::",
};

/* Beginnings of file names. */
static const char *const glue_modules[] = {
    "libc.so.",   "libc-2.",       "ld-linux",     "ld-2.",
    "libpthread", "libstdc++.so.", "libgcc_s.so.", "libc++",
};

static const char *const entries[] = {"main", "_start"};

static const char *const startup_names[] = {
    "_start",
    "__libc_start_main",
    "__libc_start_main_impl",
    "__libc_start_call_main",
    "start_thread",
    "clone",
    "__clone",
    "clone3",
    "__clone3",
    "_dl_start_user",
    "_dl_start",
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static bool is_one_of(const char *name, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!strcmp(name, list[i]))
            return true;
    return false;
}

/* A template's demangled name begins with its return type, which may be anything: glue is then what
 * stands after the first space outside of all brackets. */
static const char *without_return_type(const char *name) {
    int depth = 0;
    if (!strncmp(name, "operator ", 9))
        return name;
    for (const char *p = name; *p; p++) {
        if (*p == '(')
            return name;
        depth += (*p == '<') - (*p == '>');
        if (*p == ' ' && depth == 0)
            return p + 1;
    }
    return name;
}

static bool begins_with_one_of(const char *name, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!strncmp(name, list[i], strlen(list[i])))
            return true;
    return false;
}

bool ms_name_is_glue(const char *function) {
    return function &&
           (is_one_of(function, glue_names, COUNT(glue_names)) ||
            begins_with_one_of(without_return_type(function), glue_prefixes, COUNT(glue_prefixes)));
}

bool ms_module_is_glue(const char *module) {
    return module && begins_with_one_of(module, glue_modules, COUNT(glue_modules));
}

bool ms_name_is_alloc(const char *function) {
    return function && (strcasestr(function, "alloc") || strcasestr(function, "strdup"));
}

bool ms_name_is_entry(const char *function) {
    return function && is_one_of(function, entries, COUNT(entries));
}

bool ms_name_is_startup(const char *function) {
    return function && is_one_of(function, startup_names, COUNT(startup_names));
}
