#include "symbol/written.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "symbol/writer.h"

#define DEPTH_MAX 32
#define ARGUMENTS_MAX 16u

static void insert(ms_writer *w, size_t at, const char *text) {
    size_t length = strlen(text), rest = w->length - at;
    ms_writer_put(w, text, length);
    if (!w->failed) {
        memmove(w->text + at + length, w->text + at, rest);
        memcpy(w->text + at, text, length);
    }
}

/* Takes `text` away if it comes next. */
static bool accept(ms_writer *w, const char *text) {
    size_t length = strlen(text);
    if (strncmp(w->at, text, length) != 0) {
        return false;
    }
    w->at += length;
    return true;
}

static size_t word_length(const char *at) {
    size_t length = 0;
    while (ms_writer_is_word(at[length])) {
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

static const char *argument(const ms_writer *w, const arguments *a, unsigned i, size_t *length) {
    *length = a->starts[i + 1] - 2 - a->starts[i];
    return w->text + a->starts[i];
}

/* Whether argument `i` is std::NAME of the first one. The library sees to it that an allocator is of what is
 * allocated. */
static bool is_default(const ms_writer *w, const arguments *a, unsigned i, const char *name) {
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

static void drop_defaults(ms_writer *w, const template *known, arguments *a) {
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
static bool use_alias(ms_writer *w, size_t name, const arguments *a) {
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

static void write_type(ms_writer *w, int depth);

static void skip_space(ms_writer *w) {
    while (*w->at == ' ') {
        w->at++;
    }
}

/* Types with commas between them, up to what closes them. */
static void write_list(ms_writer *w, char close, arguments *a, int depth) {
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
            ms_writer_text(w, ", ");
        }
        skip_space(w);
    }
    w->failed |= *w->at != close;
    w->at += !w->failed;
}

/* Behind the name of a template, which begins at `name`. */
static void write_arguments(ms_writer *w, size_t name, int depth) {
    arguments a;
    size_t end = w->length;
    w->at++;
    ms_writer_text(w, "<");
    write_list(w, '>', &a, depth);
    const template *known = template_of(w->text + name, end - name);
    if (!w->failed && known && a.count && a.count <= ARGUMENTS_MAX) {
        drop_defaults(w, known, &a);
        if (use_alias(w, name, &a)) {
            return;
        }
    }
    ms_writer_text(w, ">");
}

/* A part of a name in brackets of any kind, as it is: "<lambda(int)>", "{lambda(int)#1}". */
static void copy_brackets(ms_writer *w) {
    int depth = 0;
    const char *from = w->at;
    do {
        depth += strchr("<({", *w->at) != NULL;
        depth -= strchr(">)}", *w->at) != NULL;
        w->at++;
    } while (*w->at && depth > 0);
    w->failed |= depth > 0;
    ms_writer_put(w, from, (size_t)(w->at - from));
}

/* Namespaces that a library puts its names in without anybody's having to know. */
static bool is_hidden(const ms_writer *w, size_t name, const char *word, size_t length) {
    static const char *const hidden[] = {"__cxx11", "__1", "__ndk1", "_V2"};
    return w->length > name && strncmp(w->text + name, "std::", 5) == 0 &&
           strncmp(word + length, "::", 2) == 0 &&
           is_one_of(word, length, hidden, sizeof hidden / sizeof *hidden);
}

/* "long unsigned int" and "unsigned long" are one type. */
static void write_number(ms_writer *w) {
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
    ms_writer_text(w, counts[0] ? "unsigned " : counts[1] && narrow ? "signed " : "");
    ms_writer_text(w, counts[2] > 1 ? "long long" : counts[2] ? "long" : counts[3] ? "short" : "");
    if (real && counts[2]) {
        ms_writer_text(w, " ");
    }
    ms_writer_text(w, narrow ? "char" : real ? "double" : counts[2] || counts[3] ? "" : "int");
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

static void write_word(ms_writer *w, typing *t) {
    size_t length = word_length(w->at);
    const char *word = w->at;
    bool is_const = is_text(word, length, "const"), fresh = ms_writer_last(w) != ':';
    if (is_const || is_text(word, length, "volatile")) {
        w->at += length;
        skip_space(w);
        if (t->is_behind) {
            ms_writer_text(
                w, ms_writer_is_word(ms_writer_last(w)) || ms_writer_last(w) == ')' ? " " : "");
            ms_writer_put(w, word, length);
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
    if (w->length > t->start &&
        (ms_writer_is_word(ms_writer_last(w)) || ms_writer_last(w) == '>')) {
        ms_writer_text(w, " ");
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
    ms_writer_put(w, word, length);
}

/* "(char)113" is 'q', and "(short)-3" is -3. */
static bool write_cast(ms_writer *w) {
    static const char *const casts[] = {"(short)", "(unsigned short)", "(signed char)",
                                        "(unsigned char)"};
    char *end;
    long value = strncmp(w->at, "(char)", 6) == 0 ? strtol(w->at + 6, &end, 10) : 0;
    if (value > ' ' && value < 0x7f && value != '\'' && value != '\\') {
        const char character[] = {'\'', (char)value, '\'', '\0'};
        ms_writer_text(w, character);
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
static void write_parentheses(ms_writer *w, typing *t, int depth) {
    arguments a;
    if (accept(w, "(anonymous namespace)")) {
        ms_writer_text(w, "(anonymous namespace)");
        return;
    }
    if (write_cast(w)) {
        return;
    }
    size_t before = w->length;
    bool is_function = ms_writer_is_word(ms_writer_last(w)) || ms_writer_last(w) == '>';
    w->at++;
    ms_writer_text(w, "(");
    write_list(w, ')', &a, depth);
    ms_writer_text(w, ")");
    t->is_behind = true;
    if (is_function && *w->at != ':') {
        insert(w, before, " ");
    }
}

static void copy_character(ms_writer *w) {
    const char *closing =
        w->at[1] && w->at[2] ? strchr(w->at + 2 + (w->at[1] == '\\'), '\'') : NULL;
    w->failed |= !closing;
    if (closing) {
        ms_writer_put(w, w->at, (size_t)(closing + 1 - w->at));
        w->at = closing + 1;
    }
}

static void write_mark(ms_writer *w, typing *t) {
    if (ms_writer_is_word(ms_writer_last(w)) || ms_writer_last(w) == '>') {
        ms_writer_text(w, " ");
    }
    t->is_behind = true;
    ms_writer_put(w, w->at++, 1);
}

static void write_token(ms_writer *w, typing *t, int depth) {
    switch (*w->at) {
    case ' ': w->at++; break;
    case '*':
    case '&': write_mark(w, t); break;
    case '(': write_parentheses(w, t, depth); break;
    case '<':
        if (ms_writer_is_word(ms_writer_last(w))) {
            write_arguments(w, t->name, depth);
        } else {
            copy_brackets(w);
        }
        break;
    case '{':
        if (accept(w, "{anonymous}")) {
            ms_writer_text(w, "(anonymous namespace)");
        } else {
            copy_brackets(w);
        }
        break;
    case '[':
        ms_writer_text(w, ms_writer_last(w) == ']' || ms_writer_last(w) == ' ' ? "[" : " [");
        w->at++;
        break;
    case '\'': copy_character(w); break;
    default:
        if (ms_writer_is_word(*w->at)) {
            write_word(w, t);
        } else {
            ms_writer_put(w, w->at++, 1);
        }
        break;
    }
}

static void write_type(ms_writer *w, int depth) {
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
    ms_writer w = {.at = name, .text = out, .size = size};
    write_type(&w, 0);
    if (w.failed || *w.at || !w.length) {
        return false;
    }
    out[w.length] = '\0';
    return true;
}
