/* exceptions.cpp - throws from 1 to 30 frames deep, through frames with destructors that free and
 * handlers that throw again; strings and vectors grow on the way. */
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "victim.h"

namespace {

__attribute__((noinline)) std::size_t dive(int depth, std::vector<std::string> &path) {
    auto block = std::make_unique<char[]>(static_cast<std::size_t>(depth) + 40);
    path.push_back("a string too long to lie inside of its object: " + std::to_string(depth));
    if (depth == 0)
        throw std::runtime_error("bottom of a dive, in words that need the heap");
    try {
        return dive(depth - 1, path) + static_cast<std::size_t>(block[0]);
    } catch (const std::runtime_error &error) {
        if (depth % 7 == 0)
            throw std::logic_error(error.what());
        throw;
    }
}

} // namespace

int main() {
    std::size_t caught = 0, length = 0;
    for (int i = 0; i < 1000; i++) {
        std::vector<std::string> path;
        try {
            dive(1 + i % 30, path);
        } catch (const std::exception &error) {
            caught++;
            length += path.size() + std::string(error.what()).size();
        }
    }
    say("%zu exceptions, %zu\n", caught, length);
    return 0;
}
