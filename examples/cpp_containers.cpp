// cpp_containers.cpp - C++: containers and smart pointers, tracked by RAII.
//
//     memscope run -- build/examples/cpp_containers
//
// MEMSCOPE_TRACK looks at what a variable is: of a std::vector or std::string it tracks the block of the
// elements, of a std::unique_ptr or std::shared_ptr the block that it points to, of a std::map, which has a
// block for each element, the object itself. memscope::tracked<T> does that from the birth of an object to its
// end, and follows it when it moves.
//
// Its books: how many of each there were, how large, and how many live at the end.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "memscope.h"
#include "example.h"

namespace {
enum { ORDERS = 20, LINES = 100, CUSTOMERS = 8, LETTERS = 64 };

struct order {
    unsigned number;
    double price;
};

struct customer {
    memscope::tracked<std::string> name;
    explicit customer(unsigned number)
        : name(MEMSCOPE_HERE("customer.name"), LETTERS, static_cast<char>('a' + number)) {
    }
};

/* Orders, which go from one owner to the next, and all but one to their end. */
std::unique_ptr<order> place_orders() {
    std::unique_ptr<order> last;
    for (unsigned i = 0; i < ORDERS; i++) {
        memscope::tracked<std::unique_ptr<order>> placed{MEMSCOPE_HERE("placed"),
                                                         std::make_unique<order>()};
        (*placed)->number = i;
        auto shipped = std::move(placed);
        NEED((*shipped)->number == i);
        if (i + 1 == ORDERS)
            last = shipped.release();
    }
    return last;
}

/* A vector that grows: to memscope its elements are one block after the other. */
size_t count_lines() {
    memscope::tracked<std::vector<int>> lines{MEMSCOPE_HERE("lines")};
    lines->reserve(LINES);
    lines.changed();
    for (int i = 0; i < LINES; i++)
        lines->push_back(i);
    return lines->size();
}

/* Two owners, one block. */
long share() {
    auto basket = std::make_shared<std::vector<int>>(LINES, 1);
    MEMSCOPE_TRACK(basket);
    auto also = basket;
    MEMSCOPE_SHARE(basket, also);
    basket.reset();
    return static_cast<long>(also->size());
}

std::map<std::string, int> *stock; /* alive at the end */
} // namespace

int main() {
    MEMSCOPE_SCOPE("shop");
    std::unique_ptr<order> last = place_orders();
    size_t lines = count_lines();
    long shared = share();
    std::vector<customer> customers; // as it grows its customers move
    for (unsigned i = 0; i < CUSTOMERS; i++)
        customers.emplace_back(i);
    stock = new std::map<std::string, int>{{"apples", 3}, {"pears", 4}};
    MEMSCOPE_TRACK(*stock);
    std::printf("%zu lines, %ld shared, %zu kinds, order %u\n", lines, shared, stock->size(),
                last->number);

    std::printf("variable.placed.count=%d\n", ORDERS);
    std::printf("variable.placed.size=%zu\n", sizeof(order));
    std::printf("variable.lines.count=2\n"); // empty, and with its block
    std::printf("variable.lines.size=%zu or %zu\n", sizeof(std::vector<int>), LINES * sizeof(int));
    std::printf("variable.lines.alive=0\n");
    std::printf("variable.basket.count=1\n");
    std::printf("variable.customer.name.count=%d\n", CUSTOMERS);
    std::printf("variable.customer.name.size=%d\n", LETTERS + 1);
    std::printf("variable.customer.name.alive=0\n");
    std::printf("variable.*stock.count=1\n");
    std::printf("variable.*stock.size=%zu\n", sizeof *stock);
    std::printf("variable.*stock.alive=1\n");
    std::printf("scope.shop.count=1\n");
    return 0;
}
