/* adapt_stb_ds.c - arrays and maps of stb_ds, and vectors as those of klib. Prints what they say of
 * themselves: NAME.FIELD=VALUE. */
#define STB_DS_IMPLEMENTATION
#include <stb/stb_ds.h>

#include <memscope/adapt_klib.h>
#include <memscope/adapt_stb_ds.h>

#include "victim.h"

static struct point { float x, y, z; } * points, *none;

static struct price {
    int key;
    double value;
} * prices;

static struct word {
    char *key;
    int value;
} * words;

/* As kvec_t(long) and khash_t() of an int to a double. */
static struct {
    size_t n, m;
    long *a;
} numbers;

static struct table {
    uint32_t n_buckets, size, n_occupied, upper_bound;
    uint32_t *flags, *keys;
    double *vals;
} * table;

static void print(const char *name, size_t element_size, size_t room, size_t count) {
    say("%s.capacity=%zu\n", name, room * element_size);
    say("%s.used=%zu\n", name, count * element_size);
    say("%s.slack_bytes=%zu\n", name, (room - count) * element_size);
}

static void print_slots(const char *name, size_t count, size_t slots) {
    say("%s.elements=%zu\n", name, count);
    say("%s.slots=%zu\n", name, slots);
}

static void use_arrays(void) {
    unsigned growths = 0;
    MEMSCOPE_STB_ARRAY(none);
    for (int i = 0; i < 1000; i++) {
        size_t room = arrcap(points);
        struct point point = {(float)i, 0, 0};
        arrput(points, point);
        growths += room && arrcap(points) > room;
        MEMSCOPE_STB_ARRAY(points);
    }
    print("points", sizeof *points, arrcap(points), arrlenu(points));
    print_slots("points", arrlenu(points), arrcap(points));
    say("points.growths=%u\n", growths);
    print("none", sizeof *none, 0, 0);
}

static size_t slots_of(const void *map, size_t element_size) {
    const char *array = (const char *)map - element_size;
    return ((stbds_hash_index *)stbds_header(array)->hash_table)->slot_count;
}

static void use_maps(void) {
    MEMSCOPE_STB_MAP(prices);
    for (int i = 0; i < 500; i++)
        hmput(prices, i * 7, i / 2.0);
    for (int i = 0; i < 100; i++)
        (void)hmdel(prices, i * 7);
    MEMSCOPE_STB_MAP(prices);
    print("prices", sizeof *prices, stbds_header(prices - 1)->capacity, hmlenu(prices) + 1);
    print_slots("prices", hmlenu(prices), slots_of(prices, sizeof *prices));
    sh_new_strdup(words);
    shput(words, "one", 1);
    shput(words, "two", 2);
    MEMSCOPE_STB_MAP(words);
    print_slots("words", shlenu(words), slots_of(words, sizeof *words));
}

static void use_klib(void) {
    numbers.m = 100;
    numbers.n = 60;
    numbers.a = take(numbers.m * sizeof *numbers.a);
    MEMSCOPE_KVEC(numbers);
    print("numbers", sizeof *numbers.a, numbers.m, numbers.n);
    print_slots("numbers", numbers.n, numbers.m);

    table = take(sizeof *table);
    *table = (struct table){.n_buckets = 64, .size = 20, .n_occupied = 25};
    table->keys = take(table->n_buckets * sizeof *table->keys);
    table->vals = take(table->n_buckets * sizeof *table->vals);
    MEMSCOPE_KHASH(table);
    print("table", sizeof *table->keys + sizeof *table->vals, table->n_buckets, table->size);
    print_slots("table", table->size, table->n_buckets);
    say("table.load_factor=%.9f\n", 20.0 / 64.0);
}

int main(void) {
    use_arrays();
    use_maps();
    use_klib();
    memscope_container_gone(&points);
    arrfree(points);
    say("points.alive=0\n");
    say("words.alive=1\n");
    return 0;
}
