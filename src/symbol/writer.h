/* writer.h - a name that is being read and written anew. Pure. */
#ifndef MS_SYMBOL_WRITER_H
#define MS_SYMBOL_WRITER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ms_writer {
    const char *at; /* what is left of the name */
    char *text;     /* has no end before it is finished */
    size_t length, size;
    bool failed; /* it does not fit, or is nothing that is understood */
} ms_writer;

/* A letter of identifiers, digits among them. */
bool ms_writer_is_word(char c);

/* What was written last; '\0': nothing so far. */
char ms_writer_last(const ms_writer *writer);

void ms_writer_put(ms_writer *writer, const char *text, size_t length);
void ms_writer_text(ms_writer *writer, const char *text);

#endif
