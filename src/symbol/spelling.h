/* spelling.h - types as a program would write them: "struct node *", "char [16]", "int (*)(void *)",
 * "ns::Widget", "alloc::vec::Vec<u8, alloc::alloc::Global>". Typedefs keep their names. */
#ifndef MS_SYMBOL_SPELLING_H
#define MS_SYMBOL_SPELLING_H

#include <elfutils/libdw.h>

#include "symbol/names.h"

/* Longer ones end in "...". */
#define MS_SPELLING_MAX 1024u

/* The namespaces and classes an entry is in, as ms_enclosing_at(); NULL: none. */
typedef const char *ms_enclosing_name(void *context, Dwarf_Die *die);

/* `type` NULL is void. Owned by `names`. */
const char *ms_spell_type(Dwarf_Die *type, ms_names *names, ms_enclosing_name *enclosing,
                          void *context);

#endif
