#include "symbol/written.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32
#define ARGUMENTS_MAX 16u

typedef struct writer {
    const char *at; /* what is left of the name */
    char *text;
    size_t length, size;
    bool failed;
} writer;

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static char last(const writer *w) {
    return w->length ? w->text[w->length - 1] : '\0';
}

static void put(writer *w, const char *text, size_t length) {
    if (length >= w->size - w->length) {
        w->failed = true;
        return;
    }
    memcpy(w->text + w->length, text, length);
    w->length += length;
}

static void put_text(writer *w, const char *text) {
    put(w, text, strlen(text));
}

static void insert(writer *w, size_t at, const char *text) {
    size_t length = strlen(text), rest = w->length - at;
    put(w, text, length);
    if (!w->failed) {
        memmove(w->text + at + length, w->text + at, rest);
        memcpy(w->text + at, text, length);
    }
}

/* Takes `text` away if it comes next. */
static bool accept(writer *w, const char *text) {
    size_t length = strlen(text);
    if (strncmp(w->at, text, length) != 0) {
        return false;
    }
    w->at += length;
    return true;
}

static size_t word_length(const char *at) {
    size_t length = 0;
    while (is_word(at[length])) {
        length++;
    }
    return length;
}

static bool is_text(const char *at, size_t length, const char *text) {
    return strlen(text) == length && memcmp(at, text, length) == 0;
}

static bool is_one_of(const char *at, size_t length, const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (is_text(at, length, texts[i])) {
            return true;
        }
    }
    return false;
}

/* ---- what is left out ------------------------------------------------------------------- */

/* Templates of std whose last arguments have defaults that depend on the first one. */
typedef struct template {
    const char *name;
    unsigned own; /* arguments without */
    const char *defaults[3];
}
template;

static const template templates[] = {
    {"vector", 1, {"allocator"}},
    {"deque", 1, {"allocator"}},
    {"list", 1, {"allocator"}},
    {"forward_list", 1, {"allocator"}},
    {"set", 1, {"less", "allocator"}},
    {"multiset", 1, {"less", "allocator"}},
    {"map", 2, {"less", "allocator"}},
    {"multimap", 2, {"less", "allocator"}},
    {"unordered_set", 1, {"hash", "equal_to", "allocator"}},
    {"unordered_multiset", 1, {"hash", "equal_to", "allocator"}},
    {"unordered_map", 2, {"hash", "equal_to", "allocator"}},
    {"unordered_multimap", 2, {"hash", "equal_to", "allocator"}},
    {"stack", 1, {"deque"}},
    {"queue", 1, {"deque"}},
    {"priority_queue", 1, {"vector", "less"}},
    {"unique_ptr", 1, {"default_delete"}},
    {"basic_string", 1, {"char_traits", "allocator"}},
    {"basic_string_view", 1, {"char_traits"}},
    {"basic_ios", 1, {"char_traits"}},
    {"basic_streambuf", 1, {"char_traits"}},
    {"basic_istream", 1, {"char_traits"}},
    {"basic_ostream", 1, {"char_traits"}},
    {"basic_iostream", 1, {"char_traits"}},
    {"basic_filebuf", 1, {"char_traits"}},
    {"basic_ifstream", 1, {"char_traits"}},
    {"basic_ofstream", 1, {"char_traits"}},
    {"basic_fstream", 1, {"char_traits"}},
    {"basic_stringbuf", 1, {"char_traits", "allocator"}},
    {"basic_istringstream", 1, {"char_traits", "allocator"}},
    {"basic_ostringstream", 1, {"char_traits", "allocator"}},
    {"basic_stringstream", 1, {"char_traits", "allocator"}},
    {"basic_regex", 1, {"regex_traits"}},
};

/* The arguments of a template in the text: argument i is [starts[i], starts[i + 1] - 2), for ", " is between them. */
typedef struct arguments {
    size_t starts[ARGUMENTS_MAX + 1];
    unsigned count;
} arguments;

static const char *argument(const writer *w, const arguments *a, unsigned i, size_t *length) {
    *length = a->starts[i + 1] - 2 - a->starts[i];
    return w->text + a->starts[i];
}

/* Whether argument `i` is std::NAME of the first one. The library sees to it that an allocator is of what is
 * allocated. */
static bool is_default(const writer *w, const arguments *a, unsigned i, const char *name) {
    size_t length, first_length, name_length = strlen(name);
    const char *at = argument(w, a, i, &length), *first = argument(w, a, 0, &first_length);
    if (length < 6 + name_length || strncmp(at, "std::", 5) != 0 ||
        strncmp(at + 5, name, name_length) != 0 || at[5 + name_length] != '<') {
        return false;
    }
    return strcmp(name, "allocator") == 0 ||
           (length == 7 + name_length + first_length &&
            memcmp(at + 6 + name_length, first, first_length) == 0);
}

static const template *template_of(const char *name, size_t length) {
    if (length < 5 || strncmp(name, "std::", 5) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        if (is_text(name + 5, length - 5, templates[i].name)) {
            return &templates[i];
        }
    }
    return NULL;
}

static void drop_defaults(writer *w, const template *known, arguments *a) {
    while (a->count > known->own) {
        unsigned number = a->count - 1 - known->own;
        const char *name = number < 3 ? known->defaults[number] : NULL;
        if (!name || !is_default(w, a, a->count - 1, name)) {
            break;
        }
        a->count--;
    }
    w->length = a->starts[a->count] - 2;
}

/* std::basic_string<char> is std::string, and so are all of that kind. False: it has no such name. */
static bool use_alias(writer *w, size_t name, const arguments *a) {
    static const char *const characters[][2] = {{"char", ""},
                                                {"wchar_t", "w"},
                                                {"char8_t", "u8"},
                                                {"char16_t", "u16"},
                                                {"char32_t", "u32"}};
    static const char basic[] = "std::basic_";
    const size_t prefix = sizeof basic - 1, end = a->starts[0] - 1;
    size_t length;
    const char *first = argument(w, a, 0, &length);
    if (a->count != 1 || strncmp(w->text + name, basic, prefix) != 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        if (is_text(first, length, characters[i][0])) {
            size_t begin = name + prefix, own = end - begin;
            memmove(w->text + begin - 6, w->text + begin, own);
            w->length = end - 6;
            insert(w, name + 5, characters[i][1]);
            return true;
        }
    }
    return false;
}

/* ---- the grammar ------------------------------------------------------------------------ */

static void write_type(writer *w, int depth);

static void skip_space(writer *w) {
    while (*w->at == ' ') {
        w->at++;
    }
}

/* Types with commas between them, up to what closes them. */
static void write_list(writer *w, char close, arguments *a, int depth) {
    *a = (arguments){0};
    a->starts[0] = w->length;
    skip_space(w);
    while (!w->failed && *w->at && *w->at != close) {
        write_type(w, depth + 1);
        a->count++;
        bool more = *w->at == ',';
        w->failed |= !more && *w->at != close;
        w->at += more;
        if (a->count <= ARGUMENTS_MAX) {
            a->starts[a->count] = w->length + 2;
        }
        if (more) {
            put_text(w, ", ");
        }
        skip_space(w);
    }
    w->failed |= *w->at != close;
    w->at += !w->failed;
}

/* Behind the name of a template, which begins at `name`. */
static void write_arguments(writer *w, size_t name, int depth) {
    arguments a;
    size_t end = w->length;
    w->at++;
    put_text(w, "<");
    write_list(w, '>', &a, depth);
    const template *known = template_of(w->text + name, end - name);
    if (!w->failed && known && a.count && a.count <= ARGUMENTS_MAX) {
        drop_defaults(w, known, &a);
        if (use_alias(w, name, &a)) {
            return;
        }
    }
    put_text(w, ">");
}

/* A part of a name in brackets of any kind, as it is: "<lambda(int)>", "{lambda(int)#1}". */
static void copy_brackets(writer *w) {
    int depth = 0;
    const char *from = w->at;
    do {
        depth += strchr("<({", *w->at) != NULL;
        depth -= strchr(">)}", *w->at) != NULL;
        w->at++;
    } while (*w->at && depth > 0);
    w->failed |= depth > 0;
    put(w, from, (size_t)(w->at - from));
}

/* Namespaces that a library puts its names in without anybody's having to know. */
static bool is_hidden(const writer *w, size_t name, const char *word, size_t length) {
    static const char *const hidden[] = {"__cxx11", "__1", "__ndk1", "_V2"};
    return w->length > name && strncmp(w->text + name, "std::", 5) == 0 &&
           strncmp(word + length, "::", 2) == 0 &&
           is_one_of(word, length, hidden, sizeof hidden / sizeof *hidden);
}

/* "long unsigned int" and "unsigned long" are one type. */
static void write_number(writer *w) {
    static const char *const words[] = {"unsigned", "signed", "long",  "short",
                                        "int",      "char",   "double"};
    unsigned counts[sizeof words / sizeof *words] = {0};
    for (bool more = true; more;) {
        size_t length = word_length(w->at);
        more = false;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (length && is_text(w->at, length, words[i])) {
                counts[i]++;
                more = true;
                w->at += length;
                skip_space(w);
                break;
            }
        }
    }
    bool narrow = counts[5] != 0, real = counts[6] != 0;
    put_text(w, counts[0] ? "unsigned " : counts[1] && narrow ? "signed " : "");
    put_text(w, counts[2] > 1 ? "long long" : counts[2] ? "long" : counts[3] ? "short" : "");
    if (real && counts[2]) {
        put_text(w, " ");
    }
    put_text(w, narrow ? "char" : real ? "double" : counts[2] || counts[3] ? "" : "int");
}

static bool begins_number(const char *word, size_t length) {
    static const char *const words[] = {"unsigned", "signed", "long", "short", "int"};
    return is_one_of(word, length, words, sizeof words / sizeof *words);
}

/* A type on the way. What qualifies its base stands in front, wherever it stood: "char const *". */
typedef struct typing {
    size_t start;
    size_t name;    /* where the name at hand begins */
    bool is_behind; /* of the base: a star or a reference */
    bool is_const, is_volatile;
} typing;

static void write_word(writer *w, typing *t) {
    size_t length = word_length(w->at);
    const char *word = w->at;
    bool is_const = is_text(word, length, "const"), fresh = last(w) != ':';
    if (is_const || is_text(word, length, "volatile")) {
        w->at += length;
        skip_space(w);
        if (t->is_behind) {
            put_text(w, is_word(last(w)) || last(w) == ')' ? " " : "");
            put(w, word, length);
        } else {
            t->is_const |= is_const;
            t->is_volatile |= !is_const;
        }
        return;
    }
    if (is_text(word, length, "operator")) {
        w->failed = true;
        return;
    }
    if (w->length > t->start && (is_word(last(w)) || last(w) == '>')) {
        put_text(w, " ");
    }
    t->name = fresh ? w->length : t->name;
    if (fresh && begins_number(word, length)) {
        write_number(w);
        return;
    }
    w->at += length;
    if (is_hidden(w, t->name, word, length)) {
        w->at += 2;
        return;
    }
    if (isdigit((unsigned char)*word)) {
        while (length > 1 && strchr("uUlL", word[length - 1])) {
            length--;
        }
    }
    put(w, word, length);
}

/* "(char)113" is 'q', and "(short)-3" is -3. */
static bool write_cast(writer *w) {
    static const char *const casts[] = {"(short)", "(unsigned short)", "(signed char)",
                                        "(unsigned char)"};
    char *end;
    long value = strncmp(w->at, "(char)", 6) == 0 ? strtol(w->at + 6, &end, 10) : 0;
    if (value > ' ' && value < 0x7f && value != '\'' && value != '\\') {
        const char character[] = {'\'', (char)value, '\'', '\0'};
        put_text(w, character);
        w->at = end;
        return true;
    }
    for (size_t i = 0; i < sizeof casts / sizeof *casts; i++) {
        size_t length = strlen(casts[i]);
        if (strncmp(w->at, casts[i], length) == 0 &&
            (w->at[length] == '-' || isdigit((unsigned char)w->at[length]))) {
            w->at += length;
            return true;
        }
    }
    return false;
}

/* A function's parameters stand behind a space, those of one that has the type in it do not: "f(int)::local". */
static void write_parentheses(writer *w, typing *t, int depth) {
    arguments a;
    if (accept(w, "(anonymous namespace)")) {
        put_text(w, "(anonymous namespace)");
        return;
    }
    if (write_cast(w)) {
        return;
    }
    size_t before = w->length;
    bool is_function = is_word(last(w)) || last(w) == '>';
    w->at++;
    put_text(w, "(");
    write_list(w, ')', &a, depth);
    put_text(w, ")");
    t->is_behind = true;
    if (is_function && *w->at != ':') {
        insert(w, before, " ");
    }
}

static void copy_character(writer *w) {
    const char *closing =
        w->at[1] && w->at[2] ? strchr(w->at + 2 + (w->at[1] == '\\'), '\'') : NULL;
    w->failed |= !closing;
    if (closing) {
        put(w, w->at, (size_t)(closing + 1 - w->at));
        w->at = closing + 1;
    }
}

static void write_mark(writer *w, typing *t) {
    if (is_word(last(w)) || last(w) == '>') {
        put_text(w, " ");
    }
    t->is_behind = true;
    put(w, w->at++, 1);
}

static void write_token(writer *w, typing *t, int depth) {
    switch (*w->at) {
    case ' ': w->at++; break;
    case '*':
    case '&': write_mark(w, t); break;
    case '(': write_parentheses(w, t, depth); break;
    case '<':
        if (is_word(last(w))) {
            write_arguments(w, t->name, depth);
        } else {
            copy_brackets(w);
        }
        break;
    case '{':
        if (accept(w, "{anonymous}")) {
            put_text(w, "(anonymous namespace)");
        } else {
            copy_brackets(w);
        }
        break;
    case '[':
        put_text(w, last(w) == ']' || last(w) == ' ' ? "[" : " [");
        w->at++;
        break;
    case '\'': copy_character(w); break;
    default:
        if (is_word(*w->at)) {
            write_word(w, t);
        } else {
            put(w, w->at++, 1);
        }
        break;
    }
}

static void write_type(writer *w, int depth) {
    typing t = {.start = w->length, .name = w->length};
    w->failed |= depth > DEPTH_MAX;
    while (!w->failed && *w->at && !strchr(",>)", *w->at)) {
        write_token(w, &t, depth);
    }
    if (t.is_volatile) {
        insert(w, t.start, "volatile ");
    }
    if (t.is_const) {
        insert(w, t.start, "const ");
    }
}

bool ms_written_cpp(const char *name, char *out, size_t size) {
    writer w = {.at = name, .text = out, .size = size};
    write_type(&w, 0);
    if (w.failed || *w.at || !w.length) {
        return false;
    }
    out[w.length] = '\0';
    return true;
}

/* ---- Rust ------------------------------------------------------------------------------- */

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

static bool write_rust_default(writer *w) {
    for (size_t i = 0; i < sizeof rust_defaults / sizeof *rust_defaults; i++) {
        size_t length = strlen(rust_defaults[i]);
        if (strncmp(w->at, rust_defaults[i], length) == 0 && strchr(">,", w->at[length])) {
            w->at += length;
            return true;
        }
    }
    return false;
}

static bool write_rust_path(writer *w) {
    for (size_t i = 0; i < sizeof rust / sizeof *rust; i++) {
        size_t length = strlen(rust[i][0]);
        if (strncmp(w->at, rust[i][0], length) == 0 && !is_word(w->at[length]) &&
            w->at[length] != ':') {
            w->at += length;
            put_text(w, rust[i][1]);
            return true;
        }
    }
    return false;
}

bool ms_written_rust(const char *name, char *out, size_t size) {
    writer w = {.at = name, .text = out, .size = size};
    while (*w.at && !w.failed) {
        bool fresh = !is_word(last(&w)) && last(&w) != ':';
        if (!write_rust_default(&w) && !(fresh && write_rust_path(&w))) {
            put(&w, w.at++, 1);
        }
    }
    out[w.failed ? 0 : w.length] = '\0';
    return !w.failed && w.length;
}
