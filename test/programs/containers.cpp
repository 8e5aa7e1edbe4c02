/* containers.cpp - C++ as people write it, on 4 threads: strings, vectors, maps, shared pointers,
 * futures, a work queue between threads. The sum it prints does not depend on the schedule. */
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "victim.h"

namespace {

struct Job {
    int number;
    std::shared_ptr<const std::string> text;
};

class Queue {
  public:
    void put(Job job) {
        std::lock_guard<std::mutex> guard(mutex_);
        jobs_.push_back(std::move(job));
        ready_.notify_one();
    }

    Job take_next() {
        std::unique_lock<std::mutex> guard(mutex_);
        ready_.wait(guard, [this] { return !jobs_.empty(); });
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        return job;
    }

  private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Job> jobs_;
};

std::size_t consume(Queue &queue) {
    std::unordered_map<std::string, std::size_t> seen;
    for (;;) {
        Job job = queue.take_next();
        if (job.number < 0)
            break;
        seen[*job.text + std::to_string(job.number % 100)] += static_cast<std::size_t>(job.number);
    }
    return std::accumulate(seen.begin(), seen.end(), std::size_t{0},
                           [](std::size_t sum, const auto &pair) { return sum + pair.second; });
}

} // namespace

int main() {
    Queue queue;
    std::vector<std::future<std::size_t>> sums;
    for (int i = 0; i < 4; i++)
        sums.push_back(std::async(std::launch::async, consume, std::ref(queue)));
    std::map<int, std::shared_ptr<const std::string>> texts;
    for (int i = 0; i < 10; i++)
        texts[i] = std::make_shared<const std::string>(std::string(40, 'a') + std::to_string(i));
    for (int i = 0; i < 20000; i++)
        queue.put({i, texts[i % 10]});
    for (int i = 0; i < 4; i++)
        queue.put({-1, nullptr});
    std::size_t total = 0;
    for (auto &sum : sums)
        total += sum.get();
    say("%zu\n", total);
    return 0;
}
