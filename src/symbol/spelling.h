/* spelling.h - types as a program would write them: "struct node *", "char [16]", "int (*)(void *)",
 * "ns::Widget", "std::vector<std::string>", "Vec<u8>". Typedefs keep their names. */
#ifndef MS_SYMBOL_SPELLING_H
#define MS_SYMBOL_SPELLING_H

#include <elfutils/libdw.h>

#include "symbol/names.h"

/* Longer ones end in "...". */
#define MS_SPELLING_MAX 1024u

/* The namespaces and classes an entry is in, as ms_enclosing_at(); NULL: none. */
typedef const char *ms_enclosing_name(void *context, Dwarf_Die *die);

/* A name of a type with all that it is in, in the spelling of its language (DW_LANG_*): see written.h. Owned by `names`,
 * or `name` itself. */
const char *ms_spell_name(const char *name, int language, ms_names *names);

/* `type` NULL is void. Owned by `names`. */
const char *ms_spell_type(Dwarf_Die *type, ms_names *names, ms_enclosing_name *enclosing,
                          void *context);

#endif
