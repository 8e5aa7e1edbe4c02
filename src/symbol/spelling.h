/* spelling.h - types as a program would write them: "struct node *", "char [16]", "int (*)(void *)",
 * "ns::Widget", "std::vector<std::string>", "Vec<u8>". Typedefs keep their names. */
#ifndef MS_SYMBOL_SPELLING_H
#define MS_SYMBOL_SPELLING_H

#include <elfutils/libdw.h>

#include "symbol/names.h"

/* Longer ones end in "...". */
#define MS_SPELLING_MAX 1024u

/* What a spelling needs to know of an entry. */
typedef struct ms_spelling_source {
    ms_names *names;
    const char *(*enclosing)(void *context,
                             Dwarf_Die *die); /* the namespaces and classes it is in; NULL: none */
    int (*language)(void *context, Dwarf_Die *die); /* DW_LANG_*; 0: not known */
    void *context;
} ms_spelling_source;

/* A name of a type with all that it is in, in the spelling of its language (DW_LANG_*): see written.h. Owned by `names`,
 * or `name` itself. */
const char *ms_spell_name(const char *name, int language, ms_names *names);

/* `type` NULL is void. Owned by the names. */
const char *ms_spell_type(Dwarf_Die *type, const ms_spelling_source *source);

#endif
