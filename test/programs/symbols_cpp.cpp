/* symbols_cpp.cpp - sites in C++: templates, lambdas, constructors, operators, anonymous
 * namespaces and the standard library's own inlined code, for the comparison of names and lines
 * with addr2line. */
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "victim.h"

namespace shapes {

template <typename T> struct Holder {
    T *block;
    explicit Holder(std::size_t count) : block(new T[count]) {
        KEEP(block);
    }
    Holder &operator+=(std::size_t count) {
        block = new T[count];
        KEEP(block);
        return *this;
    }
};

template <typename T, std::size_t N> __attribute__((noinline)) T *make() {
    T *block = static_cast<T *>(::operator new(N * sizeof(T)));
    KEEP(block);
    return block;
}

namespace {

__attribute__((noinline)) void hidden() {
    auto lambda = [](std::size_t size) {
        char *block = new char[size];
        KEEP(block);
    };
    lambda(61);
    std::function<void(int)> stored = [](int size) {
        void *block = std::malloc(static_cast<std::size_t>(size));
        KEEP(block);
    };
    stored(62);
}

} // namespace
} // namespace shapes

__attribute__((noinline)) static void library() {
    auto *numbers = new std::vector<int>;
    for (int i = 0; i < 100; i++)
        numbers->push_back(i);
    KEEP(numbers);
    auto *map = new std::map<std::string, int>;
    (*map)["a key that is longer than what fits inside of a string"] = 1;
    KEEP(map);
}

int main() {
    auto *holder = new shapes::Holder<double>(10);
    *holder += 20;
    KEEP(holder);
    shapes::make<int, 7>();
    shapes::make<char, 9>();
    shapes::hidden();
    library();
    say("symbols done\n");
    return 0;
}
