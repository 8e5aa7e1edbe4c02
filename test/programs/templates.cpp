/* templates.cpp - what the library of C++ allocates for a program, and objects that are kept by pointers to their
 * bases. Of each line that allocates a comment at its end says how the types of the blocks begin.
 *
 * Usage: templates. */
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <unistd.h>

namespace app {
struct Point {
    double x, y;
};

struct Base {
    virtual ~Base() {
    }
    int a = 0;
};

struct Widget : Base {
    Point p = {};
    char c = 0;
};

/* Its constructor is called, or inlined; that of the next is always called. */
struct Gadget : Widget {
    long more[4];
    explicit Gadget(long n) {
        for (long &each : more)
            each = n++;
    }
};

struct Plain {
    int a, b;
    explicit Plain(int n);
};

__attribute__((noinline)) Plain::Plain(int n) : a(n), b(n) {
}

template <typename T> struct Pool {
    using value_type = T;
    Pool() = default;
    template <typename U> Pool(const Pool<U> &) {
    }
    T *allocate(std::size_t count) {
        return static_cast<T *>(::operator new(count * sizeof(T)));
    }
    void deallocate(T *block, std::size_t) {
        ::operator delete(block);
    }
    bool operator==(const Pool &) const {
        return true;
    }
    bool operator!=(const Pool &) const {
        return false;
    }
};

/* An allocator by its name, as the library's is. */
template <typename T> struct PoolAllocator : Pool<T> {
    PoolAllocator() = default;
    template <typename U> PoolAllocator(const PoolAllocator<U> &) {
    }
    template <typename U> struct rebind { using other = PoolAllocator<U>; };
    T *allocate(std::size_t count) {
        return Pool<T>::allocate(count);
    }
};
} // namespace app

using namespace app;

/* For all the compiler knows somebody looks at it, so that it has to be there. */
template <typename T> static void use(const T &what) {
    __asm__ volatile("" : : "g"(&what) : "memory");
}

int main(int argc, char **) {
    std::vector<Point> points(10);    // app::Point
    points.push_back(Point{1, 2});    // app::Point
    std::vector<Point *> pointers(3); // app::Point *
    std::map<int, Widget> map;
    map[argc].c = 1;            // std::_Rb_tree_node<std::pair<
    std::list<Point> list(2);   // std::_List_node<app::Point>
    std::set<int> set = {1, 2}; // std::_Rb_tree_node<int>
    std::unordered_map<int, Point> table;
    table[argc].x = 2;           // std::__detail::_Hash_node | std::__detail::_Hash_node_base *
    std::deque<Widget> deque(3); // app::Widget | app::Widget *
    auto shared = std::make_shared<Widget>();         // std::_Sp_counted_ptr_inplace<app::Widget
    auto unique = std::make_unique<Widget>();         // app::Widget
    auto array = std::make_unique<Point[]>(7);        // app::Point
    std::string text(100, 'x');                       // char
    text += text;                                     // char
    std::vector<std::string> texts(4);                // std::__cxx11::basic_string<char
    std::vector<Point, PoolAllocator<Point>> pool(5); // app::Point
    std::vector<std::vector<int>> rows(6);            // std::vector<int
    Base *base = new Widget;                          // app::Widget
    Base *far = new Gadget(argc);                     // app::Gadget
    void *plain = new Plain(argc);                    // app::Plain
    std::shared_ptr<Base> counted(new Gadget(2));     // app::Gadget | std::_Sp_counted_ptr<
    std::unique_ptr<Base> owned(new Widget);          // app::Widget
    use(base), use(far), use(plain), use(counted), use(owned);
    use(points), use(pointers), use(map), use(list), use(set), use(table), use(deque), use(shared);
    use(unique), use(array), use(text), use(texts), use(pool), use(rows);
    _exit(text.empty() + !shared + !unique + !array + (int)points[0].x);
}
