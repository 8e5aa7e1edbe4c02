#include <vector>
namespace outer { namespace inner {
template <typename T, int N = 3> class Shape : public Base<T>, private Other {
public: enum class Kind { ROUND, SQUARE }; virtual ~Shape(); T area(const T &a, int b = 2) const { return a * b; }
  Shape &operator=(const Shape &); struct { int x, y; } place; static int count;
private: union { int number; float real; } u; friend class Other; typedef std::vector<T> list; };
extern int elsewhere; int value = 3, *pointer, array[4];
template <class T> int Shape<T, 3>::count = 0;
} using inner::value; }
#define DOUBLE(x) ((x) * 2)
