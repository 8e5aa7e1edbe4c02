/* templates.cpp - what the library of C++ allocates for a program, and objects that are kept by pointers to their
 * bases. Of each line that allocates a comment at its end says how the types of the blocks begin, and behind an @ what
 * keeps them.
 *
 * Usage: templates. */
#include <deque>
#include <fstream>
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

/* Its name is told by the constructor that is called, which the linker spells in its own way. */
enum class Kind { small, big };

template <Kind kind, unsigned long count, char letter> struct Tagged {
    char c = letter;
    long values[count] = {};
    explicit Tagged(int n);
};

template <Kind kind, unsigned long count, char letter>
__attribute__((noinline)) Tagged<kind, count, letter>::Tagged(int n) {
    values[0] = n;
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

/* Gives out pieces of larger blocks, for whatever its caller makes of them. */
class Pieces {
  public:
    void *take() {
        if (!next) {
            Slab *slab = new Slab;
            slabs.push_back(slab);
            next = slab->pieces;
        }
        Piece *taken = next;
        next = taken + 1;
        return taken;
    }

  private:
    struct Piece {
        char bytes[sizeof(Point)];
    };
    struct Slab {
        Piece pieces[20];
    };
    std::vector<Slab *> slabs;
    Piece *next = nullptr;
};
} // namespace app

using namespace app;

/* For all the compiler knows somebody looks at it, so that it has to be there. */
template <typename T> static void use(const T &what) {
    __asm__ volatile("" : : "g"(&what) : "memory");
}

int main(int argc, char **) {
    std::vector<Point> points(10);    // app::Point @points
    points.push_back(Point{1, 2});    // app::Point @points
    std::vector<Point *> pointers(3); // app::Point * @pointers
    std::map<int, Widget> map;
    map[argc].c = 1;            // std::pair<const int, app::Widget> @map
    std::list<Point> list(2);   // app::Point @list
    std::set<int> set = {1, 2}; // int @set
    std::unordered_map<int, Point> table;
    table[argc].x = 2; // std::__detail::_Hash_node_base * | std::pair<const int, app::Point> @table
    std::deque<Widget> deque(3);                        // app::Widget | app::Widget * @deque
    auto shared = std::make_shared<Widget>();           // app::Widget @shared
    auto unique = std::make_unique<Widget>();           // app::Widget @unique
    auto array = std::make_unique<Point[]>(7);          // app::Point @array
    std::string text(100, 'x');                         // char @text
    text += text;                                       // char @text
    std::vector<std::string> texts(4);                  // std::string @texts
    std::vector<Point, PoolAllocator<Point>> pool(5);   // app::Point @pool
    std::vector<std::vector<int>> rows(6);              // std::vector<int @rows
    Base *base = new Widget;                            // app::Widget @base
    Base *far = new Gadget(argc);                       // app::Gadget @far
    void *plain = new Plain(argc);                      // app::Plain @plain
    void *tagged = new Tagged<Kind::big, 4, 'x'>(argc); // app::Tagged< @tagged
    std::shared_ptr<Base> counted(new Gadget(2)); // app::Gadget | std::_Sp_counted_ptr< @counted
    std::unique_ptr<Base> owned(new Widget);      // app::Widget @owned
    Pieces pieces;
    auto piece = new (pieces.take()) Point; // app::Pieces::Slab | app::Pieces::Slab *
    std::ifstream stream("/dev/null");      // char | struct locked_FILE @stream
    use(pieces), use(piece), use(stream);
    use(base), use(far), use(plain), use(tagged), use(counted), use(owned);
    use(points), use(pointers), use(map), use(list), use(set), use(table), use(deque), use(shared);
    use(unique), use(array), use(text), use(texts), use(pool), use(rows);
    _exit(text.empty() + !shared + !unique + !array + (int)points[0].x);
}
