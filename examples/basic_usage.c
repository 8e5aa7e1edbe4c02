/* basic_usage.c - tracking variables: pointers, a struct, an array, a number.
 *
 *     memscope run -- build/examples/basic_usage
 *
 * A tracked pointer stands for the block it points to: the report has the block's size, follows it
 * through realloc, and knows when it died. Anything else stands for itself. What is kept, and what a
 * function never untracked, is alive at the end.
 *
 * Its books: what is tracked, how large that is at the end (what realloc made of `numbers`, too), what
 * was freed, and what was allocated in make_greeting and in fill. */
#include <string.h>

#include "memscope.h"
#include "example.h"

struct point {
    double x, y;
};

static struct books greeting_books, fill_books;
static struct point *kept; /* reachable to the end: not a leak, but alive */

static char *make_greeting(const char *name) {
    size_t size = strlen(name) + sizeof "hello, !";
    char *greeting = take(&greeting_books, size);
    snprintf(greeting, size, "hello, %s!", name);
    return greeting;
}

/* `count` squares, in a block that grows once on the way. */
static int *fill(size_t count) {
    size_t half = count / 2 * sizeof(int), whole = count * sizeof(int);
    int *numbers = take(&fill_books, half);
    MEMSCOPE_TRACK(numbers);
    for (size_t i = 0; i < count; i++) {
        if (i == count / 2)
            numbers = grow(&fill_books, numbers, half, whole);
        numbers[i] = (int)(i * i);
    }
    return numbers;
}

int main(void) {
    char *greeting = make_greeting("memory");
    MEMSCOPE_TRACK(greeting);
    size_t greeting_size = strlen(greeting) + 1;

    int *numbers = fill(10);
    int sum = 0;
    for (int i = 0; i < 10; i++)
        sum += numbers[i];
    MEMSCOPE_TRACK(sum);

    struct point corner = {3, 4};
    MEMSCOPE_TRACK(corner);
    double weights[4] = {0.1, 0.2, 0.3, 0.4};
    MEMSCOPE_TRACK(weights);

    kept = malloc(sizeof *kept);
    NEED(kept != NULL);
    *kept = corner;
    MEMSCOPE_TRACK(kept);

    MEMSCOPE_UNTRACK(weights);
    give_back(&greeting_books, greeting, greeting_size);
    give_back(&fill_books, numbers, 10 * sizeof *numbers);

    printf("%.1f at %.1f, %.1f\n", sum * weights[1], kept->x, kept->y);
    printf("variable.greeting.type=char *\n");
    printf("variable.greeting.size=%zu\n", greeting_size);
    printf("variable.greeting.alive=0\n");
    printf("variable.greeting.function=main\n");
    printf("variable.numbers.type=int *\n");
    printf("variable.numbers.size=%zu\n", 10 * sizeof *numbers);
    printf("variable.numbers.alive=0\n");
    printf("variable.numbers.function=fill\n");
    printf("variable.sum.type=int\n");
    printf("variable.sum.size=%zu\n", sizeof sum);
    printf("variable.sum.value=%d\n", sum);
    printf("variable.sum.alive=1\n");
    printf("variable.corner.size=%zu\n", sizeof corner);
    printf("variable.corner.alive=1\n");
    printf("variable.weights.size=%zu\n", sizeof weights);
    printf("variable.weights.alive=0\n");
    printf("variable.kept.size=%zu\n", sizeof *kept);
    printf("variable.kept.alive=1\n");
    print_books("site.make_greeting", &greeting_books);
    print_books("site.fill", &fill_books);
    return 0;
}
