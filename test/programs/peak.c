/* peak.c - the peak comes in the middle, and its owner allocates neither most often nor most in
 * all. At the peak grow_table holds 500000 bytes in 5 blocks, make_index 30000 in 300, make_names
 * 2500 in 100.
 *
 * Answer: allocations 20405, reallocations 4, frees 20305, peak_bytes 532500, peak_blocks 405,
 * live_blocks 100, live_bytes 2500. */
#include "victim.h"

static void *names[100], *index_blocks[300], *tables[5];

__attribute__((noinline)) static void make_names(void) {
    for (int i = 0; i < 100; i++)
        names[i] = take(25);
}

__attribute__((noinline)) static void churn(void) {
    for (int i = 0; i < 10000; i++) {
        void *block = take(100);
        free(block);
    }
}

__attribute__((noinline)) static void make_index(void) {
    for (int i = 0; i < 300; i++)
        index_blocks[i] = take(100);
}

/* One block, grown four times in place of four more allocations, and four others. */
__attribute__((noinline)) static void grow_table(void) {
    tables[0] = take(100);
    for (int i = 1; i <= 4; i++)
        tables[0] = realloc(tables[0], (size_t)i * 25000);
}

__attribute__((noinline)) static void fill_tables(void) {
    tables[1] = take(100000);
    tables[2] = take(100000);
    tables[3] = take(100000);
    tables[4] = take(100000);
}

int main(void) {
    make_names();
    churn();
    make_index();
    grow_table();
    fill_tables();
    for (int i = 0; i < 5; i++)
        free(tables[i]);
    for (int i = 0; i < 300; i++)
        free(index_blocks[i]);
    churn();
    say("peak done\n");
    return 0;
}
