/* demangle.h - readable names, each worked out once. */
#ifndef MS_SYMBOL_DEMANGLE_H
#define MS_SYMBOL_DEMANGLE_H

typedef struct ms_names ms_names;

/* NULL without memory. */
ms_names *ms_names_new(void);
void ms_names_free(ms_names *names);

/* The readable form of `symbol`: C++ with its parameters, Rust (legacy and v0) without its hash,
 * without the version of a versioned ELF symbol; otherwise `symbol` itself. Owned by `names`.
 * Bounded in time and memory whatever `symbol` is. */
const char *ms_names_demangle(ms_names *names, const char *symbol);

#endif
