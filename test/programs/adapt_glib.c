/* adapt_glib.c - containers of GLib. Prints what they say of themselves: NAME.FIELD=VALUE. */
#include <memscope/adapt_glib.h>

#include "victim.h"

struct point {
    float x, y, z;
};

static void print(const char *name, size_t used, unsigned elements) {
    say("%s.used=%zu\n", name, used);
    say("%s.elements=%u\n", name, elements);
}

int main(void) {
    GArray *points = g_array_new(FALSE, FALSE, sizeof(struct point));
    GByteArray *bytes = g_byte_array_sized_new(1000);
    GPtrArray *names = g_ptr_array_new();
    GHashTable *prices = g_hash_table_new(g_direct_hash, g_direct_equal);
    MEMSCOPE_G_PTR_ARRAY(names); /* no room yet */
    for (int i = 0; i < 300; i++) {
        struct point point = {(float)i, 0, 0};
        g_array_append_val(points, point);
        g_byte_array_append(bytes, (const guint8 *)"abc", 3);
        g_ptr_array_add(names, GINT_TO_POINTER(i));
        g_hash_table_insert(prices, (char *)names + i, names);
        if (i % 10 == 0) {
            MEMSCOPE_G_ARRAY(points);
            MEMSCOPE_G_PTR_ARRAY(names);
        }
    }
    MEMSCOPE_G_ARRAY(points);
    MEMSCOPE_G_BYTE_ARRAY(bytes);
    MEMSCOPE_G_PTR_ARRAY(names);
    MEMSCOPE_G_HASH_TABLE(prices);
    print("points", points->len * sizeof(struct point), points->len);
    print("bytes", bytes->len, bytes->len);
    print("names", names->len * sizeof(void *), names->len);
    say("prices.elements=%u\n", g_hash_table_size(prices));
    memscope_container_gone(bytes);
    g_byte_array_free(bytes, TRUE);
    say("bytes.alive=0\n");
    say("points.alive=1\n");
    return 0;
}
