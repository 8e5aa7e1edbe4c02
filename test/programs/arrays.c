/* arrays.c - grows arrays by realloc, some for long, some freed, without a word to memscope; and one that it
 * speaks of. Prints its books: FUNCTION.FIELD=VALUE. */
#include <memscope.h>

#include <stdbool.h>

#include "victim.h"

struct array {
    int *items;
    size_t count, room; /* in items */
    uint64_t growths;
};

/* Of all arrays that grow in one function. */
struct books {
    uint64_t arrays, growths, max_growths, copies, copied, before, behind, most, last;
};

static uint64_t most(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* The array had room for `room` items, at `old`. */
static void book(struct array *a, uintptr_t old, size_t room, struct books *books) {
    size_t before = room * sizeof *a->items, behind = a->room * sizeof *a->items;
    bool is_copy = (uintptr_t)a->items != old;
    EXPECT(a->items != NULL);
    if (!before)
        return;
    books->arrays += a->growths == 0;
    a->growths++;
    books->growths++;
    books->max_growths = most(books->max_growths, a->growths);
    books->copies += is_copy;
    books->copied += is_copy ? before : 0;
    books->before += before;
    books->behind += behind;
    books->most = most(books->most, behind);
}

static void finish(struct array *a, bool is_kept, struct books *books) {
    books->last += a->growths ? a->room * sizeof *a->items : 0;
    if (!is_kept)
        free(a->items);
}

__attribute__((noinline)) static void doubles(struct array *a, struct books *books) {
    if (a->count == a->room) {
        size_t room = a->room;
        uintptr_t old = (uintptr_t)a->items;
        a->room = a->room ? 2 * a->room : 4;
        a->items = realloc(a->items, a->room * sizeof *a->items);
        book(a, old, room, books);
    }
    a->items[a->count++] = 1;
}

__attribute__((noinline)) static void adds_a_few(struct array *a, struct books *books) {
    if (a->count == a->room) {
        size_t room = a->room;
        uintptr_t old = (uintptr_t)a->items;
        a->room = a->room + 100;
        a->items = realloc(a->items, a->room * sizeof *a->items);
        book(a, old, room, books);
    }
    a->items[a->count++] = 1;
}

static void print(const char *function, const struct books *b, uint64_t live, uint64_t live_bytes) {
    say("%s.containers=%llu\n", function, (unsigned long long)b->arrays);
    say("%s.growths=%llu\n", function, (unsigned long long)b->growths);
    say("%s.max_growths=%llu\n", function, (unsigned long long)b->max_growths);
    say("%s.copies=%llu\n", function, (unsigned long long)b->copies);
    say("%s.copied_bytes=%llu\n", function, (unsigned long long)b->copied);
    say("%s.max_capacity=%llu\n", function, (unsigned long long)b->most);
    say("%s.capacity=%llu\n", function, (unsigned long long)b->last);
    say("%s.live_containers=%llu\n", function, (unsigned long long)live);
    say("%s.live_bytes=%llu\n", function, (unsigned long long)live_bytes);
    say("%s.growth_factor=%.9f\n", function, (double)b->behind / (double)b->before);
}

static void use(const char *function, void (*push)(struct array *, struct books *), size_t arrays) {
    struct books books = {0};
    uint64_t live_bytes = 0;
    for (size_t i = 0; i < arrays; i++) {
        struct array a = {0};
        void *walls[64]; /* in the way of growing in place */
        size_t built = 0;
        for (size_t n = 0; n < 1 + i * i; n++) {
            push(&a, &books);
            if (n % 64 == 0)
                walls[built++] = take(24);
        }
        finish(&a, i + 1 == arrays, &books);
        live_bytes = a.room * sizeof *a.items;
        while (built)
            free(walls[--built]);
    }
    print(function, &books, 1, live_bytes);
}

/* The declared one: it says what it uses. */
static void speak(void) {
    static struct array list;
    uint64_t growths = 0;
    for (size_t n = 0; n < 1000; n++) {
        if (list.count == list.room) {
            growths += list.room > 0;
            list.room = list.room ? 2 * list.room : 8;
            list.items = realloc(list.items, list.room * sizeof *list.items);
            EXPECT(list.items != NULL);
        }
        list.items[list.count++] = 1;
        memscope_container_grown(&list, "list", list.items, list.room * sizeof *list.items,
                                 list.count * sizeof *list.items);
    }
    memscope_container_filled(&list, list.count, list.room);
    say("list.growths=%llu\n", (unsigned long long)growths);
    say("list.capacity=%zu\n", list.room * sizeof *list.items);
    say("list.used=%zu\n", list.count * sizeof *list.items);
    say("list.slack_bytes=%zu\n", (list.room - list.count) * sizeof *list.items);
    say("list.elements=%zu\n", list.count);
    say("list.slots=%zu\n", list.room);
    say("list.load_factor=%.9f\n", (double)list.count / (double)list.room);
}

int main(void) {
    use("doubles", doubles, 60);
    use("adds_a_few", adds_a_few, 60);
    speak();
    return 0;
}
