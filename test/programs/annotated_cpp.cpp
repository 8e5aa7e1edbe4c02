/* annotated_cpp.cpp - memscope.h in C++: what MEMSCOPE_TRACK sees of objects. Does the same without memscope.
 * Compiled in many ways by test/system/test_annotations.py. */
#include <memscope.h>

#include <cstdio>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace shop {
enum class state : signed char { open = -1, closed = 1 };

template <typename T> struct item {
    T price;
    std::string name;
};
} // namespace shop

template <typename T> static T twice(T value) {
    MEMSCOPE_TRACK(value);
    return value + value;
}

static void values() {
    int number = -3;
    const double real = 0.5;
    shop::state state = shop::state::open;
    int numbers[4] = {1, 2, 3, 4};
    int &same = number;
    auto add = [&](int x) {
        MEMSCOPE_TRACK(x);
        return number + x;
    };
    MEMSCOPE_TRACK(number);
    MEMSCOPE_TRACK(real);
    MEMSCOPE_TRACK(state);
    MEMSCOPE_TRACK(numbers);
    MEMSCOPE_TRACK(same);
    MEMSCOPE_TRACK(add);
    std::printf("%d %d\n", add(1), twice(twice(2)));
}

static void objects() {
    auto one = std::make_unique<shop::item<int>>();
    auto shared = std::make_shared<shop::item<long>>();
    auto also = shared;
    std::unique_ptr<int[]> row(new int[100]);
    std::vector<int> grown(1000, 7);
    std::vector<int> empty;
    std::string small = "short", large(1000, 'x');
    std::map<std::string, int> map{{"a", 1}, {"b", 2}};
    shop::item<double> item{1.5, "an item"};
    int *pointer = row.get();
    MEMSCOPE_TRACK(one);
    MEMSCOPE_TRACK(shared);
    MEMSCOPE_SHARE(shared, also);
    MEMSCOPE_TRACK(row);
    MEMSCOPE_TRACK(grown);
    MEMSCOPE_TRACK(empty);
    MEMSCOPE_TRACK(small);
    MEMSCOPE_TRACK(large);
    MEMSCOPE_TRACK(map);
    MEMSCOPE_TRACK(item);
    MEMSCOPE_TRACK(item.name);
    MEMSCOPE_TRACK(pointer);
    MEMSCOPE_TAG(pointer, "a row");
    auto moved = std::move(one);
    MEMSCOPE_MOVE(one, moved);
    MEMSCOPE_UNTRACK(map);
}

static void thrower(int depth) {
    MEMSCOPE_SCOPE("thrower");
    MEMSCOPE_TASK("thrown");
    MEMSCOPE_OWNED(std::vector<int>, kept, std::vector<int>(10, depth));
    MEMSCOPE_OWNED(char *, buffer, new char[50]);
    std::unique_ptr<char[]> owner(buffer);
    if (depth == 0)
        throw std::runtime_error("thrown");
    thrower(depth - 1);
}

/* Others may see these classes, and what they do inline. */
class owner_of_words {
    memscope::tracked<std::string> words{MEMSCOPE_HERE("words"), 100u, 'w'};

  public:
    size_t size() const {
        MEMSCOPE_SCOPE(__func__);
        MEMSCOPE_TRACK(*this);
        return words->size();
    }
};

template <typename T> struct owner_of_many {
    memscope::tracked<std::vector<T>> many{MEMSCOPE_HERE("many"), 10u};
    void more(T element) {
        MEMSCOPE_TASK("more");
        MEMSCOPE_OWNED(T, never_used, element);
        MEMSCOPE_TRACK(element);
        many->push_back(element);
        many.changed();
    }
};

static void members() {
    owner_of_words words;
    owner_of_many<int> numbers;
    owner_of_many<std::string> texts;
    numbers.more(3);
    texts.more("text");
    auto moved = std::move(numbers);
    std::printf("%zu %zu\n", words.size(), moved.many->size() + texts.many->size());
}

struct plain {
    int count;
    double value;
};

static void shared_with_c() {
    MEMSCOPE_STRUCT(plain, count, value);
    MEMSCOPE_TYPE(plain, count);
    plain *object = static_cast<plain *>(memscope_rc_new(sizeof(plain)));
    memscope_weak *weak = memscope_weak_from(object);
    memscope_rc_drop(memscope_rc_clone(object));
    MEMSCOPE_REF(object);
    MEMSCOPE_UNREF(object);
    memscope_rc_drop(object);
    std::printf("%d\n", memscope_weak_upgrade(weak) == nullptr);
    memscope_weak_drop(weak);
    std::vector<int> list(100);
    memscope_container_grown(&list, "list", list.data(), 400, 400);
    memscope_container_gone(&list);
    memscope_passport_handover(list.data(), "elsewhere");
}

int main() {
    shared_with_c();
    values();
    objects();
    members();
    try {
        thrower(3);
    } catch (const std::exception &error) {
        std::printf("%s\n", error.what());
    }
    uint64_t task = MEMSCOPE_TASK_BEGIN("a task");
    memscope_task_switch(task);
    memscope_task_end(task);
    memscope_snapshot(std::string("a label").c_str());
    return 0;
}
