/* lifecycles.c - how blocks live: temporary, grown, moved, shared, owned by a scope, kept.
 *
 *     memscope run -- build/examples/lifecycles
 *
 * Every variable has a birth, a history (grown, moved, shared, borrowed) and, unless it is kept, a death.
 * MEMSCOPE_OWNED ends at the end of the block it is declared in, whatever becomes of the memory; a number
 * that is tracked again has one value more in its history.
 *
 * Its books: sizes, who is alive at the end, in which order they died, and the values `state` had. */
#include <string.h>

#include "memscope.h"
#include "example.h"

enum { NOTE = 48, LOG = 256, LETTER = 120, PICTURE = 4000, KEPT = 77 };

static struct books books;
static char *kept;

/* Born and freed within a call. */
static void temporary(void) {
    char *note = take(&books, NOTE);
    MEMSCOPE_TRACK(note);
    memset(note, '.', NOTE);
    give_back(&books, note, NOTE);
}

/* One block that four reallocations double; the variable follows it wherever it goes. */
static void grown(void) {
    size_t size = LOG;
    char *log = take(&books, size);
    MEMSCOPE_TRACK(log);
    for (int i = 0; i < 4; i++, size *= 2)
        log = grow(&books, log, size, 2 * size);
    give_back(&books, log, size);
}

/* What one variable owned, another owns from then on. */
static void moved(void) {
    char *draft = take(&books, LETTER);
    MEMSCOPE_TRACK(draft);
    memset(draft, 'a', LETTER);
    char *letter = draft;
    MEMSCOPE_MOVE(draft, letter);
    give_back(&books, letter, LETTER);
}

/* Two variables for one block, one of which only looks. */
static size_t shared(void) {
    char *picture = take(&books, PICTURE);
    MEMSCOPE_TRACK(picture);
    memset(picture, 'p', PICTURE);
    char *copy = picture;
    MEMSCOPE_SHARE(picture, copy);
    MEMSCOPE_BORROW(copy);
    size_t lit = 0;
    for (size_t i = 0; i < PICTURE; i++)
        lit += copy[i] == 'p';
    MEMSCOPE_RETURN(copy);
    give_back(&books, picture, PICTURE);
    return lit;
}

/* The variable ends with its block of code, before the memory does. */
static void owned(void) {
    char *outlives;
    {
        MEMSCOPE_OWNED(char *, guarded, take(&books, NOTE));
        memset(guarded, 'g', NOTE);
        outlives = guarded;
    }
    give_back(&books, outlives, NOTE);
}

/* A number that changes has a history of values. */
static void counted(void) {
    int state = 0;
    for (int i = 1; i <= 3; i++) {
        state += i;
        MEMSCOPE_TRACK(state);
    }
    MEMSCOPE_UNTRACK(state);
}

static void keep(void) {
    kept = take(&books, KEPT);
    MEMSCOPE_TRACK(kept);
    memset(kept, 'k', KEPT);
}

/* `end`: how it ended, in the report's words; None: it lives. */
static void print_variable(const char *name, size_t size, const char *end) {
    printf("variable.%s.count=1\n", name);
    printf("variable.%s.size=%zu\n", name, size);
    printf("variable.%s.end=%s\n", name, end);
    printf("variable.%s.type=char *\n", name);
}

int main(void) {
    keep();
    temporary();
    grown();
    moved();
    NEED(shared() == PICTURE);
    owned();
    counted();
    print_variable("kept", KEPT, "None");
    print_variable("note", NOTE, "freed");
    print_variable("log", LOG << 4, "freed");
    print_variable("draft", LETTER, "given");
    print_variable("letter", LETTER, "freed");
    print_variable("picture", PICTURE, "freed");
    print_variable("copy", PICTURE, "freed");
    print_variable("guarded", NOTE, "untracked");
    printf("variable.state.count=1\n");
    printf("variable.state.end=untracked\n");
    printf("variable.state.values=1,3,6\n");
    printf("deaths=note,log,draft,letter,picture,guarded,state\n");
    printf("site.grown.allocations=1\nsite.grown.reallocations=4\n");
    printf("site.keep.live_bytes=%d\n", KEPT);
    NEED(books.live_bytes == KEPT);
    return 0;
}
