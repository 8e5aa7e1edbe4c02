#include "util/utf8.h"

ms_utf8 ms_utf8_at(const char *text) {
    const unsigned char *p = (const unsigned char *)text;
    if (p[0] < 0x80)
        return (ms_utf8){.code = p[0], .size = p[0] != 0, .valid = true};
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char size = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    ms_utf8 invalid = {.code = p[0], .size = 1};
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return invalid;
    uint32_t code = p[0] & (0x7fu >> size);
    for (unsigned i = 1; i < size; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return invalid;
        code = code << 6 | (p[i] & 0x3fu);
    }
    if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return invalid;
    return (ms_utf8){.code = code, .size = size, .valid = true};
}

bool ms_utf8_is_control(uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e ||
           code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}
