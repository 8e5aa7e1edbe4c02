/* complex_lifecycle.c - a document is written, edited and dropped: user types, nested scopes, tags.
 *
 *     memscope run -- build/examples/complex_lifecycle
 *
 * A document owns sections, a section its paragraphs, a paragraph its text. The types' fields are declared
 * once, so that a report can name what points where without debug information. Each phase is a scope,
 * editing a section a scope within the phase; texts that were edited are tagged; the cursor of the search
 * for the longest one ends with its function.
 *
 * Its books: what was allocated in each scope and those within, how often each was entered, how many
 * variables of each name there were, of which sizes, and that none is alive. */
#include <string.h>

#include "memscope.h"
#include "memscope/type.h"
#include "example.h"

enum { SECTIONS = 12, PARAGRAPHS = 25, EDITED_SECTIONS = 4 };

struct paragraph {
    char *text;
    size_t size;
};

struct section {
    struct paragraph *paragraphs[PARAGRAPHS];
    unsigned count;
};

struct document {
    char *title;
    struct section *sections[SECTIONS];
};

struct cursor {
    unsigned section, paragraph;
    size_t longest;
};

static const char title[] = "On the lives of blocks";
static struct books writing, editing, section_editing, printing;

static void describe_types(void) {
    MEMSCOPE_STRUCT(struct paragraph, text, size);
    MEMSCOPE_STRUCT(struct section, paragraphs, count);
    MEMSCOPE_STRUCT(struct document, title, sections);
}

static size_t text_size(unsigned section, unsigned paragraph) {
    return 20 + (section * 31 + paragraph * 17) % 200;
}

static struct paragraph *write_paragraph(unsigned section, unsigned number) {
    struct paragraph *paragraph = take(&writing, sizeof *paragraph);
    MEMSCOPE_TRACK(paragraph);
    char *text = take(&writing, text_size(section, number));
    MEMSCOPE_TRACK(text);
    paragraph->text = text;
    paragraph->size = text_size(section, number);
    memset(paragraph->text, 'a' + (int)(number % 26), paragraph->size);
    return paragraph;
}

static struct section *write_section(unsigned number) {
    struct section *section = take(&writing, sizeof *section);
    MEMSCOPE_TRACK(section);
    section->count = PARAGRAPHS;
    for (unsigned i = 0; i < PARAGRAPHS; i++)
        section->paragraphs[i] = write_paragraph(number, i);
    return section;
}

static struct document *write_document(void) {
    MEMSCOPE_SCOPE("write");
    struct document *document = take(&writing, sizeof *document);
    MEMSCOPE_TRACK(document);
    document->title = take(&writing, sizeof title);
    memcpy(document->title, title, sizeof title);
    for (unsigned i = 0; i < SECTIONS; i++)
        document->sections[i] = write_section(i);
    return document;
}

/* Every text of the section becomes half as long again, in place or elsewhere. */
static void edit_section(struct section *section) {
    MEMSCOPE_SCOPE("edit section");
    for (unsigned i = 0; i < section->count; i++) {
        struct paragraph *paragraph = section->paragraphs[i];
        size_t longer = paragraph->size + paragraph->size / 2;
        paragraph->text = grow(&section_editing, paragraph->text, paragraph->size, longer);
        memset(paragraph->text + paragraph->size, '+', longer - paragraph->size);
        paragraph->size = longer;
        MEMSCOPE_TAG(paragraph->text, "edited");
    }
}

static void edit_document(struct document *document) {
    MEMSCOPE_SCOPE("edit");
    enum { JOURNAL = 500 };
    char *journal = take(&editing, JOURNAL);
    MEMSCOPE_TRACK(journal);
    for (unsigned i = 0; i < EDITED_SECTIONS; i++) {
        edit_section(document->sections[i]);
        snprintf(journal, JOURNAL, "section %u of %u is longer now", i, (unsigned)SECTIONS);
    }
    give_back(&editing, journal, JOURNAL);
}

/* Where the longest text is; the cursor is tracked until it goes out of scope. */
static size_t longest_text(const struct document *document) {
    MEMSCOPE_SCOPE("print");
    MEMSCOPE_OWNED(struct cursor, cursor, {0, 0, 0});
    for (cursor.section = 0; cursor.section < SECTIONS; cursor.section++) {
        const struct section *section = document->sections[cursor.section];
        for (cursor.paragraph = 0; cursor.paragraph < section->count; cursor.paragraph++) {
            const struct paragraph *paragraph = section->paragraphs[cursor.paragraph];
            char *line = take(&printing, paragraph->size + 1);
            MEMSCOPE_TRACK(line);
            memcpy(line, paragraph->text, paragraph->size);
            line[paragraph->size] = '\0';
            if (strlen(line) > cursor.longest)
                cursor.longest = strlen(line);
            give_back(&printing, line, paragraph->size + 1);
        }
    }
    return cursor.longest;
}

/* From the leaves to the root, as destructors would. */
static void drop_document(struct document *document) {
    MEMSCOPE_SCOPE("drop");
    for (unsigned i = 0; i < SECTIONS; i++) {
        for (unsigned j = 0; j < document->sections[i]->count; j++) {
            free(document->sections[i]->paragraphs[j]->text);
            free(document->sections[i]->paragraphs[j]);
        }
        free(document->sections[i]);
    }
    free(document->title);
    free(document);
}

/* Whatever was allocated was dropped in the end, in another scope. */
static void print_scope(const char *name, unsigned entered, struct books books) {
    char who[32];
    snprintf(who, sizeof who, "scope.%s", name);
    books.live_bytes = 0;
    print_books(who, &books);
    printf("%s.entered=%u\n", who, entered);
}

int main(void) {
    describe_types();
    struct document *document = write_document();
    edit_document(document);
    size_t longest = longest_text(document);
    drop_document(document);
    printf("the longest text has %zu characters\n", longest);
    add_books(&editing, &section_editing);
    print_scope("write", 1, writing);
    print_scope("edit", 1, editing);
    print_scope("edit section", EDITED_SECTIONS, section_editing);
    print_scope("print", 1, printing);
    print_scope("drop", 1, (struct books){0});
    printf("scope.edit section.parent=edit\n");
    print_books("site.longest_text", &printing);
    printf("variable.document.count=1\nvariable.document.size=%zu\n", sizeof(struct document));
    printf("variable.section.count=%d\nvariable.section.size=%zu\n", SECTIONS,
           sizeof(struct section));
    printf("variable.paragraph.count=%d\nvariable.paragraph.size=%zu\n", SECTIONS * PARAGRAPHS,
           sizeof(struct paragraph));
    printf("variable.text.count=%d\n", SECTIONS * PARAGRAPHS);
    printf("variable.line.count=%" PRIu64 "\n", printing.allocations);
    printf("variable.line.bytes=%" PRIu64 "\n", printing.bytes);
    printf("variable.cursor.count=1\nvariable.cursor.size=%zu\n", sizeof(struct cursor));
    printf("variable.cursor.scope=print\n");
    printf("variable.paragraph.scope=write\n");
    printf("variable.document.alive=0\nvariable.section.alive=0\nvariable.paragraph.alive=0\n");
    printf("variable.text.alive=0\nvariable.line.alive=0\nvariable.cursor.alive=0\n");
    return 0;
}
