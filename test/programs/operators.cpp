/* operators.cpp - every form of operator new and delete, called directly so that no expression
 * can be optimised away. By family: new 4, 100 bytes; new[] 3, 60 bytes; new(align) 2, 200 bytes;
 * new[](align) 2, 300 bytes. One block of `new` (40 bytes) lives on. */
#include <cstddef>
#include <cstdint>
#include <new>

#include "victim.h"

/* clang declares these only when asked to use them. */
void operator delete(void *block, std::size_t size) noexcept;
void operator delete[](void *block, std::size_t size) noexcept;
void operator delete(void *block, std::size_t size, std::align_val_t alignment) noexcept;
void operator delete[](void *block, std::size_t size, std::align_val_t alignment) noexcept;

namespace {

volatile std::size_t huge = PTRDIFF_MAX / 2;
constexpr std::align_val_t wide{128};

void *kept(void *block) {
    KEEP(block);
    EXPECT(block != nullptr);
    return block;
}

void single() {
    kept(::operator new(40)); // lives
    void *block = kept(::operator new(0));
    ::operator delete(block);
    block = kept(::operator new(20));
    ::operator delete (block, std::size_t{20});
    block = kept(::operator new(40, std::nothrow));
    ::operator delete(block, std::nothrow);
    ::operator delete(static_cast<void *>(nullptr));
}

void array() {
    void *block = kept(::operator new[](10));
    ::operator delete[](block);
    block = kept(::operator new[](20));
    ::operator delete[](block, std::size_t{20});
    block = kept(::operator new[](30, std::nothrow));
    ::operator delete[](block, std::nothrow);
}

void aligned() {
    void *block = kept(::operator new(90, wide));
    EXPECT(reinterpret_cast<std::size_t>(block) % 128 == 0);
    ::operator delete (block, std::size_t{90}, wide);
    block = kept(::operator new(110, wide, std::nothrow));
    ::operator delete(block, wide, std::nothrow);
    block = kept(::operator new[](140, wide));
    ::operator delete[](block, std::size_t{140}, wide);
    block = kept(::operator new[](160, wide, std::nothrow));
    ::operator delete[](block, wide);
}

void failing() {
    bool thrown = false;
    try {
        void *block = ::operator new(huge);
        KEEP(block);
    } catch (const std::bad_alloc &) {
        thrown = true;
    }
    EXPECT(thrown);
    void *block = ::operator new[](huge, wide, std::nothrow);
    KEEP(block);
    EXPECT(block == nullptr);
}

} // namespace

int main() {
    single();
    array();
    aligned();
    failing();
    say("operators done\n");
    return 0;
}
