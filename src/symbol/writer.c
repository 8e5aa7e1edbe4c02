#include "symbol/writer.h"

#include <ctype.h>
#include <string.h>

bool ms_writer_is_word(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

char ms_writer_last(const ms_writer *w) {
    return w->length ? w->text[w->length - 1] : '\0';
}

void ms_writer_put(ms_writer *w, const char *text, size_t length) {
    if (length >= w->size - w->length) {
        w->failed = true;
        return;
    }
    memcpy(w->text + w->length, text, length);
    w->length += length;
}

void ms_writer_text(ms_writer *w, const char *text) {
    ms_writer_put(w, text, strlen(text));
}
