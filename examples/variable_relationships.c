/* variable_relationships.c - who owns, shares, borrows and points to whom; and a cycle that never dies.
 *
 *     memscope run -- build/examples/variable_relationships
 *
 * A library owns shelves, a shelf its books: ownership by plain pointers, declared with MEMSCOPE_STRUCT.
 * Books share their author, which is counted. One book moves from one shelf to another; a reader borrows
 * one and returns it. Two editors that hold each other strongly keep each other alive for good; two that
 * know each other weakly do not.
 *
 * Its books: the variables with their sizes and how they ended; references taken and given up; what the
 * cycle of editors leaves behind. */
#include <string.h>

#include "memscope.h"
#include "memscope/rc.h"
#include "memscope/type.h"
#include "example.h"

enum { SHELVES = 3, BOOKS = 4, AUTHORS = 2, TITLE = 40 };

struct author {
    char name[24];
};

struct book {
    char *title;
    struct author *author; /* shared, counted */
};

struct shelf {
    struct book *books[BOOKS];
};

struct library {
    struct shelf *shelves[SHELVES];
};

/* Both ways: one strong, one weak. */
struct editor {
    struct editor *partner;
    memscope_weak *acquaintance;
    char desk[200];
};

static struct books shelf_books;
static unsigned taken, given_up; /* references beyond the first of each object */

static void describe_types(void) {
    MEMSCOPE_STRUCT(struct book, title, author);
    MEMSCOPE_STRUCT(struct shelf, books);
    MEMSCOPE_STRUCT(struct library, shelves);
    MEMSCOPE_STRUCT(struct editor, partner, acquaintance, desk);
}

static struct book *new_book(struct author *author, unsigned number) {
    struct book *book = take(&shelf_books, sizeof *book);
    MEMSCOPE_TRACK(book);
    char *title = take(&shelf_books, TITLE);
    MEMSCOPE_TRACK(title);
    snprintf(title, TITLE, "Volume %u", number);
    book->title = title;
    book->author = memscope_rc_clone(author);
    taken++;
    return book;
}

static void free_book(struct book *book) {
    memscope_rc_drop(book->author);
    given_up++;
    give_back(&shelf_books, book->title, TITLE);
    give_back(&shelf_books, book, sizeof *book);
}

static struct library *new_library(struct author *const *authors) {
    struct library *library = take(&shelf_books, sizeof *library);
    MEMSCOPE_TRACK(library);
    for (unsigned i = 0; i < SHELVES; i++) {
        struct shelf *shelf = take(&shelf_books, sizeof *shelf);
        MEMSCOPE_TRACK(shelf);
        for (unsigned j = 0; j < BOOKS; j++)
            shelf->books[j] = new_book(authors[j % AUTHORS], i * BOOKS + j);
        library->shelves[i] = shelf;
    }
    return library;
}

static void free_library(struct library *library) {
    for (unsigned i = 0; i < SHELVES; i++) {
        for (unsigned j = 0; j < BOOKS; j++)
            if (library->shelves[i]->books[j] != NULL)
                free_book(library->shelves[i]->books[j]);
        give_back(&shelf_books, library->shelves[i], sizeof *library->shelves[i]);
    }
    give_back(&shelf_books, library, sizeof *library);
}

/* The first book of all is sold: another variable owns it, and it leaves the shelf. */
static struct book *sell(struct library *library) {
    struct book *offered = library->shelves[0]->books[0];
    struct book *sold = offered;
    MEMSCOPE_MOVE(offered, sold);
    library->shelves[0]->books[0] = NULL;
    return sold;
}

static size_t read_title(const struct library *library) {
    const char *lent = library->shelves[1]->books[2]->title;
    MEMSCOPE_BORROW(lent);
    size_t length = strlen(lent);
    MEMSCOPE_RETURN(lent);
    return length;
}

static struct editor *new_editor(void (*destroy)(void *)) {
    struct editor *editor = memscope_rc_new_with(sizeof *editor, destroy);
    NEED(editor != NULL);
    return editor;
}

static void leave_partner(void *object) {
    struct editor *editor = object;
    memscope_rc_drop(editor->partner);
}

/* Each holds the other, so dropping both destroys none. */
static void edit_in_a_cycle(void) {
    struct editor *one = new_editor(leave_partner), *two = new_editor(leave_partner);
    one->partner = memscope_rc_clone(two);
    two->partner = memscope_rc_clone(one);
    memscope_rc_drop(one);
    memscope_rc_drop(two);
    taken += 2;
    given_up += 2;
}

static void forget_acquaintance(void *object) {
    struct editor *editor = object;
    memscope_weak_drop(editor->acquaintance);
}

static void edit_without_a_cycle(void) {
    struct editor *one = new_editor(forget_acquaintance), *two = new_editor(forget_acquaintance);
    one->acquaintance = memscope_weak_from(two);
    two->acquaintance = memscope_weak_from(one);
    memscope_rc_drop(one);
    memscope_rc_drop(two);
    given_up += 2;
}

int main(void) {
    describe_types();
    struct author *authors[AUTHORS];
    for (unsigned i = 0; i < AUTHORS; i++) {
        authors[i] = memscope_rc_new(sizeof *authors[i]);
        NEED(authors[i] != NULL);
    }
    struct library *library = new_library(authors);
    struct book *sold = sell(library);
    NEED(read_title(library) == strlen("Volume 6"));
    for (unsigned i = 0; i < AUTHORS; i++, given_up++)
        memscope_rc_drop(authors[i]); /* the books hold them now */
    free_library(library);
    free_book(sold);
    edit_in_a_cycle();
    edit_without_a_cycle();

    NEED(shelf_books.live_bytes == 0);
    printf("variable.library.count=1\nvariable.library.size=%zu\n", sizeof(struct library));
    printf("variable.shelf.count=%d\nvariable.shelf.size=%zu\n", SHELVES, sizeof(struct shelf));
    printf("variable.book.count=%d\nvariable.book.size=%zu\n", SHELVES * BOOKS,
           sizeof(struct book));
    printf("variable.title.count=%d\nvariable.title.size=%d\n", SHELVES * BOOKS, TITLE);
    printf("variable.sold.count=1\nvariable.sold.size=%zu\n", sizeof(struct book));
    printf("variable.sold.end=freed\n");
    printf("variable.library.alive=0\nvariable.shelf.alive=0\nvariable.book.alive=0\n");
    printf("smart_pointer.rc.count=%d\n", AUTHORS + 4);
    printf("smart_pointer.rc.refs=%u\n", taken);
    printf("smart_pointer.rc.unrefs=%u\n", given_up);
    printf("smart_pointer.rc.held=2\n");
    printf("site.edit_in_a_cycle.live_blocks=2\n");
    printf("site.edit_without_a_cycle.live_blocks=0\n");
    return 0;
}
