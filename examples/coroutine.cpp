// coroutine.cpp - C++20 coroutines that take turns on one thread.
//
//     memscope run --strategy async -- build/examples/coroutine
//
// A coroutine's frame is one block, from the operator new of its promise: whoever calls the coroutine
// allocates it. What runs in it belongs to a task, which is begun with the promise; resume() says that the
// thread works for it, and the promise ends it. Nothing is said in the coroutine itself.
#include <coroutine>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>

#include "memscope.h"

namespace {

struct counts {
    std::uint64_t blocks = 0, bytes = 0, live_bytes = 0;
};

void *take(counts &books, std::size_t size) {
    void *block = std::malloc(size);
    if (block == nullptr)
        std::abort();
    std::memset(block, 'x', size);
    __asm__ volatile("" : "+r"(block) : : "memory");
    books.blocks++;
    books.bytes += size;
    books.live_bytes += size;
    return block;
}

void give_back(counts &books, void *block, std::size_t size) {
    books.live_bytes -= size;
    std::free(block);
}

class job {
  public:
    struct promise_type {
        std::uint64_t task;

        promise_type() { task = MEMSCOPE_TASK_BEGIN("job"); }
        ~promise_type() { memscope_task_end(task); }
        job get_return_object() { return job(handle::from_promise(*this)); }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::abort(); }
    };
    using handle = std::coroutine_handle<promise_type>;

    explicit job(handle of) : handle_(of) {}
    job(job &&from) noexcept : handle_(from.handle_) { from.handle_ = nullptr; }
    job(const job &) = delete;
    job &operator=(const job &) = delete;
    job &operator=(job &&) = delete;
    ~job() {
        if (handle_)
            handle_.destroy();
    }

    // False: it is done.
    bool resume() {
        memscope_task_switch(handle_.promise().task);
        handle_.resume();
        memscope_task_switch(0);
        return !handle_.done();
    }

  private:
    handle handle_;
};

// In four turns; what it reads first it keeps through all of them, and every fifth for ever.
job read(unsigned number, counts &books) {
    std::size_t size = 64 + number;
    void *kept = take(books, size);
    for (int turn = 0; turn < 3; turn++) {
        co_await std::suspend_always{};
        void *passing = take(books, 100);
        give_back(books, passing, 100);
    }
    if (number % 5 != 0)
        give_back(books, kept, size);
}

} // namespace

int main() {
    constexpr unsigned jobs = 30;
    counts books;
    std::deque<job> ready;
    for (unsigned number = 0; number < jobs; number++)
        ready.push_back(read(number, books));
    while (!ready.empty()) {
        job next = std::move(ready.front());
        ready.pop_front();
        if (next.resume())
            ready.push_back(std::move(next));
    }
    std::printf("task.job.count=%u\n", jobs);
    std::printf("task.job.allocations=%llu\n", static_cast<unsigned long long>(books.blocks));
    std::printf("task.job.bytes_allocated=%llu\n", static_cast<unsigned long long>(books.bytes));
    std::printf("task.job.live_bytes=%llu\n", static_cast<unsigned long long>(books.live_bytes));
    std::printf("task.job.live_blocks=%u\n", jobs / 5);
    std::printf("task.job.freed_by_others=0\n");
    std::printf("task.job.zombies=0\n");
    return 0;
}
