/* new_fails.cpp - operator new when there is no memory: the handler is called until it gives up, then
 * bad_alloc is thrown, or null returned by the nothrow forms. Prints what happened, in order. */
#include <cstdint>
#include <new>

#include "victim.h"

namespace {

volatile std::size_t huge = PTRDIFF_MAX / 2;
int handled;

void handler() {
    say("handler %d\n", ++handled);
    if (handled % 3 == 0)
        std::set_new_handler(nullptr);
}

template <typename Function> void attempt(const char *name, Function function) {
    std::set_new_handler(handler);
    try {
        void *block = function();
        say("%s: %s\n", name, block ? "a block" : "null");
    } catch (const std::bad_alloc &) {
        say("%s: bad_alloc\n", name);
    }
}

} // namespace

int main() {
    constexpr std::align_val_t wide{256};
    attempt("new", [] { return ::operator new(huge); });
    attempt("new[]", [] { return ::operator new[](huge); });
    attempt("new nothrow", [] { return ::operator new(huge, std::nothrow); });
    attempt("new[] nothrow", [] { return ::operator new[](huge, std::nothrow); });
    attempt("new aligned", [] { return ::operator new(huge, wide); });
    attempt("new[] aligned nothrow", [] { return ::operator new[](huge, wide, std::nothrow); });
    attempt("new SIZE_MAX aligned", [] { return ::operator new(SIZE_MAX - huge + huge, wide); });
    attempt("new that works", [] { return ::operator new(10); });
    return 0;
}
