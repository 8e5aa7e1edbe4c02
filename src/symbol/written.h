/* written.h - names of types as people write them. Compilers and linkers spell out what everybody leaves out, and each in
 * its own way:
 *
 *     std::vector<std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >, ...
 *     std::vector<std::string>
 *
 * Pure. */
#ifndef MS_SYMBOL_WRITTEN_H
#define MS_SYMBOL_WRITTEN_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the type `name` of C++, or Rust, to `out`, `size` bytes with the end. False: it does not fit, or is nothing that is
 * understood: then the name is best left as it is. */
bool ms_written_cpp(const char *name, char *out, size_t size);
bool ms_written_rust(const char *name, char *out, size_t size);

#endif
