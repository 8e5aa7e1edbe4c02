#include "adapt/table.h"

#include "base/hash.h"
#include "capture/os.h"
#include "adapt/memory.h"

/* Open addressing, at most half full: places behind the one a key's hash says, up to a free one. */
static struct {
    ms_followed *items;
    size_t size; /* a power of two; 0 at first */
    size_t used;
} table;

static size_t home_of(const void *key) {
    return (size_t)ms_hash_u64((uint64_t)key) & (table.size - 1);
}

/* The place of the key, or the free one where it would go. */
static ms_followed *place_of(const void *key) {
    size_t i = home_of(key);
    while (table.items[i].key && table.items[i].key != key)
        i = (i + 1) & (table.size - 1);
    return &table.items[i];
}

static bool grow(void) {
    ms_followed *old = table.items;
    size_t old_size = table.size, size = old_size ? 2 * old_size : 256;
    ms_followed *items = ms_os_memory(size * sizeof *items, false);
    if (!items)
        return false;
    table.items = items;
    table.size = size;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].key)
            *place_of(old[i].key) = old[i];
    ms_os_memory_free(old, old_size * sizeof *old);
    return true;
}

/* Nothing may be behind a free place that is looked for before it. */
static void remove_at(size_t hole) {
    table.used--;
    for (size_t i = hole;;) {
        table.items[hole].key = NULL;
        size_t home;
        do {
            i = (i + 1) & (table.size - 1);
            if (!table.items[i].key)
                return;
            home = home_of(table.items[i].key);
        } while (((i - home) & (table.size - 1)) < ((i - hole) & (table.size - 1)));
        table.items[hole] = table.items[i];
        hole = i;
    }
}

bool ms_table_get(const void *key, ms_followed *out) {
    ms_adapt_lock();
    const ms_followed *at = table.used ? place_of(key) : NULL;
    bool found = at && at->key;
    if (found)
        *out = *at;
    ms_adapt_unlock();
    return found;
}

bool ms_table_put(const ms_followed *item) {
    ms_adapt_lock();
    bool room = 2 * (table.used + 1) <= table.size || grow();
    if (room) {
        ms_followed *at = place_of(item->key);
        table.used += !at->key;
        *at = *item;
    }
    ms_adapt_unlock();
    return room;
}

bool ms_table_take(const void *key, ms_followed *out) {
    ms_adapt_lock();
    ms_followed *at = table.used ? place_of(key) : NULL;
    bool found = at && at->key;
    if (found && out)
        *out = *at;
    if (found)
        remove_at((size_t)(at - table.items));
    ms_adapt_unlock();
    return found;
}
