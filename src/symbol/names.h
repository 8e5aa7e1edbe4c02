/* names.h - readable names and whole paths, each worked out and kept once. */
#ifndef MS_SYMBOL_NAMES_H
#define MS_SYMBOL_NAMES_H

#include <stddef.h>

typedef struct ms_names ms_names;

/* NULL without memory. */
ms_names *ms_names_new(void);
void ms_names_free(ms_names *names);

/* The readable form of `symbol`: C++ with its parameters, Rust (legacy and v0) without its hash,
 * without the version of a versioned ELF symbol; otherwise `symbol` itself. Owned by `names`.
 * Bounded in time and memory whatever `symbol` is. */
const char *ms_names_demangle(ms_names *names, const char *symbol);

/* The three texts as one; owned by `names`, and the same text whenever they are the same. */
const char *ms_names_join(ms_names *names, const char *left, const char *middle, const char *right);

/* The first `length` bytes of `text`, likewise. */
const char *ms_names_part(ms_names *names, const char *text, size_t length);

/* `file` below `directory`, where a compiler left it relative to the directory it ran in; `file`
 * itself when it is absolute, NULL when it is unknown. `directory` may be NULL. The result is owned
 * by `names`, or is `file`. */
const char *ms_names_path(ms_names *names, const char *directory, const char *file);

#endif
