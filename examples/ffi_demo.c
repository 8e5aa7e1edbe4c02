/* ffi_demo.c - C and Rust in one program: who allocates, who frees, and who was supposed to.
 *
 *     memscope run -- build/examples/ffi_demo
 *
 * Blocks cross the border both ways. C calls Rust, which returns boxes that must come back to Rust; Rust
 * calls C, and releases what it gets with C's free. A passport says where a block is: handed over, taken
 * back, released by the other side, or with it to the end. Stacks go through both languages. The Rust side
 * is ffi_demo.rs.
 *
 * Its books: C's and Rust's own counts of what each allocated, and how the passports ended. */
#include <string.h>

#include "memscope.h"
#include "memscope/passport.h"
#include "example.h"

/* ffi_demo.rs */
char *rust_shout(const char *text);
void rust_drop_text(char *text);
uint64_t rust_sum(const unsigned char *bytes, size_t size);
void rust_consume(unsigned char *block);
void rust_keep(unsigned char *block);
size_t rust_use_labels(unsigned count);
uint64_t rust_allocations(void);
uint64_t rust_bytes(void);

/* For ffi_demo.rs. */
char *c_make_label(unsigned number);
void c_will_be_freed(void *block);

enum { LABELS = 100, LABEL = 24, SHOUTS = 20, PARCELS = 10, PARCEL = 256 };

static struct books label_books, parcel_books;
static unsigned char *back; /* alive at the end */

char *c_make_label(unsigned number) {
    char *label = take(&label_books, LABEL);
    snprintf(label, LABEL, "label-%u", number);
    return label;
}

void c_will_be_freed(void *block) {
    memscope_passport_freed_abroad(block);
}

static unsigned char *new_parcel(unsigned number) {
    unsigned char *parcel = take(&parcel_books, PARCEL);
    MEMSCOPE_TRACK(parcel);
    memset(parcel, (int)number, PARCEL);
    return parcel;
}

/* Rust's boxes, which go back to Rust; the last one is forgotten. */
static void shout(void) {
    for (unsigned i = 0; i < SHOUTS; i++) {
        char text[32];
        snprintf(text, sizeof text, "number %u", i);
        char *shouted = rust_shout(text);
        NEED(strncmp(shouted, "NUMBER ", 7) == 0);
        if (i + 1 < SHOUTS)
            rust_drop_text(shouted);
    }
}

/* Rust looks at each; C takes it back and frees it. */
static void lend(void) {
    for (unsigned i = 0; i < PARCELS; i++) {
        unsigned char *parcel = new_parcel(i);
        memscope_passport_handover(parcel, "rust");
        NEED(rust_sum(parcel, PARCEL) == (uint64_t)i * PARCEL);
        memscope_passport_reclaim(parcel);
        give_back(&parcel_books, parcel, PARCEL);
    }
}

/* Rust takes each over; its end is not C's business any more. */
static void give_away(void) {
    for (unsigned i = 0; i < PARCELS; i++) {
        unsigned char *parcel = new_parcel(i);
        memscope_passport_handover(parcel, "rust");
        parcel_books.live_bytes -= PARCEL;
        rust_consume(parcel);
    }
}

int main(void) {
    shout();
    lend();
    give_away();
    unsigned char *kept = new_parcel(1);
    memscope_passport_handover(kept, "rust");
    rust_keep(kept);
    back = new_parcel(2);
    memscope_passport_handover(back, "rust");
    memscope_passport_reclaim(back);
    size_t length = rust_use_labels(LABELS);
    label_books.live_bytes = 0; /* Rust has released them */

    printf("%zu letters on labels\n", length);
    print_books("site.c_make_label", &label_books);
    print_books("site.rust_use_labels", &label_books);
    print_books("site.new_parcel", &parcel_books);
    printf("site.rust_shout.allocations=%" PRIu64 "\n", rust_allocations());
    printf("site.rust_shout.bytes_allocated=%" PRIu64 "\n", rust_bytes());
    printf("site.rust_shout.live_blocks=1\n");
    printf("passport.freed_by_owner.count=%d\n", PARCELS);
    printf("passport.freed_by_foreign.count=%d\n", PARCELS);
    printf("passport.in_foreign_custody.count=1\n");
    printf("passport.reclaimed.count=1\n");
    printf("passport.lost.count=0\n");
    printf("variable.parcel.count=%d\n", 2 * PARCELS + 2);
    printf("variable.parcel.size=%d\n", PARCEL);
    printf("variable.parcel.alive=2\n");
    return 0;
}
