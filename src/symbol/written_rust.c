#include "symbol/written.h"

#include <string.h>

#include "symbol/writer.h"

/* What programs have at hand without saying where from, or import by these names. */
static const char *const rust[][2] = {
    {"alloc::string::String", "String"},
    {"alloc::vec::Vec", "Vec"},
    {"alloc::boxed::Box", "Box"},
    {"alloc::rc::Rc", "Rc"},
    {"alloc::rc::Weak", "Weak"},
    {"alloc::sync::Arc", "Arc"},
    {"alloc::borrow::Cow", "Cow"},
    {"alloc::collections::btree::map::BTreeMap", "BTreeMap"},
    {"alloc::collections::btree::set::BTreeSet", "BTreeSet"},
    {"alloc::collections::vec_deque::VecDeque", "VecDeque"},
    {"alloc::collections::binary_heap::BinaryHeap", "BinaryHeap"},
    {"alloc::collections::linked_list::LinkedList", "LinkedList"},
    {"std::collections::hash::map::HashMap", "HashMap"},
    {"std::collections::hash::set::HashSet", "HashSet"},
    {"std::ffi::os_str::OsString", "OsString"},
    {"std::path::PathBuf", "PathBuf"},
    {"core::option::Option", "Option"},
    {"core::result::Result", "Result"},
    {"core::cell::Cell", "Cell"},
    {"core::cell::RefCell", "RefCell"},
};

/* Arguments that have defaults. */
static const char *const rust_defaults[] = {", alloc::alloc::Global",
                                            ", std::collections::hash::map::RandomState",
                                            ", std::hash::random::RandomState"};

static bool write_rust_default(ms_writer *w) {
    for (size_t i = 0; i < sizeof rust_defaults / sizeof *rust_defaults; i++) {
        size_t length = strlen(rust_defaults[i]);
        if (strncmp(w->at, rust_defaults[i], length) == 0 && strchr(">,", w->at[length])) {
            w->at += length;
            return true;
        }
    }
    return false;
}

static bool write_rust_path(ms_writer *w) {
    for (size_t i = 0; i < sizeof rust / sizeof *rust; i++) {
        size_t length = strlen(rust[i][0]);
        if (strncmp(w->at, rust[i][0], length) == 0 && !ms_writer_is_word(w->at[length]) &&
            w->at[length] != ':') {
            w->at += length;
            ms_writer_text(w, rust[i][1]);
            return true;
        }
    }
    return false;
}

bool ms_written_rust(const char *name, char *out, size_t size) {
    ms_writer w = {.at = name, .text = out, .size = size};
    while (*w.at && !w.failed) {
        bool fresh = !ms_writer_is_word(ms_writer_last(&w)) && ms_writer_last(&w) != ':';
        if (!write_rust_default(&w) && !(fresh && write_rust_path(&w))) {
            ms_writer_put(&w, w.at++, 1);
        }
    }
    out[w.failed ? 0 : w.length] = '\0';
    return !w.failed && w.length;
}
