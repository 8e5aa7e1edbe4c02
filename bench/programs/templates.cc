// Much for a compiler to do: COUNT times the same templates with another number.
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

template <int number> struct unit {
    static std::map<std::string, std::vector<std::array<int, number + 1>>> all;
    static int go(const std::string &text) {
        std::regex pattern(text);
        std::unordered_map<std::string, std::function<int(int)>> functions;
        functions[text] = [&](int x) { return x + number; };
        all[text].push_back({});
        std::vector<std::tuple<int, std::string, double>> rows{{number, text, 0.5}};
        std::sort(rows.begin(), rows.end());
        return functions[text](int(rows.size()));
    }
};
template <int number>
std::map<std::string, std::vector<std::array<int, number + 1>>> unit<number>::all;

template <int... numbers>
int go_all(std::integer_sequence<int, numbers...>, const std::string &text) {
    return (unit<numbers>::go(text) + ... + 0);
}

int main(int, char **argv) {
    return go_all(std::make_integer_sequence<int, COUNT>{}, argv[0]);
}
