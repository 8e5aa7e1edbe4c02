/* own_heap.cpp - brings malloc, realloc and free, but not operator new nor reallocarray: those of the
 * libraries then work on the program's heap, and blocks of one may be given to the other. Its free()
 * ends the program when a block is not its own. */
#include <cstring>
#include <new>
#include <string>

#include "victim.h"

static char heap[1 << 22];
static std::size_t used;

extern "C" {

static void *own_malloc(std::size_t size) {
    char *block = heap + used + 16;
    size = (size + 31) & ~std::size_t{15};
    if (size > sizeof heap - used)
        return nullptr;
    used += size;
    std::memcpy(block - 16, &size, sizeof size);
    return block;
}

static void own_free(void *block) {
    auto *at = static_cast<char *>(block);
    EXPECT(at == nullptr || (at >= heap && at < heap + sizeof heap));
}

static void *own_realloc(void *old, std::size_t size) {
    own_free(old);
    void *block = own_malloc(size);
    std::size_t old_size = 0;
    if (old != nullptr)
        std::memcpy(&old_size, static_cast<char *>(old) - 16, sizeof old_size);
    if (old != nullptr && block != nullptr)
        std::memcpy(block, old, old_size - 16 < size ? old_size - 16 : size);
    return block;
}

void *malloc(std::size_t) __attribute__((alias("own_malloc")));
void *realloc(void *, std::size_t) __attribute__((alias("own_realloc")));
void free(void *) __attribute__((alias("own_free")));
}

static void *(*volatile resize)(void *, std::size_t, std::size_t) = reallocarray;
static void (*volatile release)(void *) = free;

int main() {
    for (int i = 0; i < 100; i++) {
        release(::operator new(100));
        ::operator delete(strdup("from the C library"));
        release(resize(resize(nullptr, 10, 10), 20, 20));
        std::string text(300, 'x');
        EXPECT(text.data() > heap && text.data() < heap + sizeof heap);
    }
    say("own heap done\n");
    return 0;
}
