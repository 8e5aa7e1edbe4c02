/* adapt_uthash.c - hash tables of uthash that tell of themselves. Prints what the tables say:
 * NAME.FIELD=VALUE. */
#include <memscope/adapt_uthash.h>

#include "victim.h"

struct user {
    int id;
    char name[20];
    UT_hash_handle hh, by_name;
};

static struct user *users, *names, *nobody;

static void print(const char *name, const UT_hash_table *table, unsigned first_buckets) {
    unsigned used = 0;
    for (unsigned i = 0; i < table->num_buckets; i++)
        used += table->buckets[i].count > 0;
    size_t bytes = table->num_buckets * sizeof(UT_hash_bucket);
    say("%s.capacity=%zu\n", name, bytes);
    say("%s.used=%zu\n", name, used * sizeof(UT_hash_bucket));
    say("%s.slack_bytes=%zu\n", name, bytes - used * sizeof(UT_hash_bucket));
    say("%s.elements=%u\n", name, table->num_items);
    say("%s.slots=%u\n", name, table->num_buckets);
    say("%s.load_factor=%.9f\n", name, (double)table->num_items / table->num_buckets);
    say("%s.growths=%d\n", name, __builtin_ctz(table->num_buckets / first_buckets));
    say("%s.alive=1\n", name);
}

int main(void) {
    MEMSCOPE_UTHASH(nobody); /* there is none: nothing to tell */
    for (int id = 0; id < 3000; id++) {
        struct user *user = take(sizeof *user);
        user->id = id;
        snprintf(user->name, sizeof user->name, "user %d", id);
        HASH_ADD_INT(users, id, user);
        if (id % 2)
            HASH_ADD_KEYPTR(by_name, names, user->name, strlen(user->name), user);
    }
    MEMSCOPE_UTHASH(users);
    MEMSCOPE_UTHASH_BY(by_name, names);
    /* The table tells for the first time when it has doubled. */
    print("users", users->hh.tbl, 2 * HASH_INITIAL_NUM_BUCKETS);
    print("names", names->by_name.tbl, 2 * HASH_INITIAL_NUM_BUCKETS);

    struct user *gone = NULL;
    for (int id = 0; id < 10; id++) {
        struct user *user = take(sizeof *user);
        user->id = id;
        HASH_ADD_INT(gone, id, user);
    }
    MEMSCOPE_UTHASH(gone);
    say("gone.elements=%u\n", HASH_COUNT(gone));
    say("gone.alive=0\n");
    HASH_CLEAR(hh, gone);
    return 0;
}
