/* naming.h - which variable keeps the blocks of an allocating stack, and of what type they are: from debug
 * info and from the machine code behind the call, with no word from the program.
 *
 * The address that the allocator returns is followed through registers and memory, into the callers if it is
 * returned to them or stored where they said, until it is stored somewhere that has a name. So functions that
 * only hand on what they allocated need not be known by name.
 *
 * Not every block can be told. What is not known is NULL, and where what was found disagrees (a union of which
 * either arm may be meant, a type larger than the block) nothing is said. A damaged file gives fewer answers,
 * never an error. */
#ifndef MS_SYMBOL_NAMING_H
#define MS_SYMBOL_NAMING_H

#include <stddef.h>
#include <stdint.h>

#include "symbol/symbol.h"

typedef struct ms_naming ms_naming;

/* A return address of a stack, in a module that ms_symbols_add() gave. */
typedef struct ms_return {
    size_t module;
    uint64_t address;
} ms_return;

typedef struct ms_naming_site {
    const ms_return *calls; /* innermost first: the first is of the call of the allocator */
    size_t count;
    uint64_t min_size, max_size; /* bytes of the blocks seen */
} ms_naming_site;

/* How it is known where a block is kept. */
typedef enum ms_naming_evidence {
    MS_NAMING_NONE,
    MS_NAMING_STORED,    /* the code stores its address there */
    MS_NAMING_CONTAINED, /* the language's library allocates it for an object, which is there */
    MS_NAMING_HELD       /* the variable is said to be in a register, which has its address */
} ms_naming_evidence;

typedef enum ms_naming_confidence {
    MS_NAMING_UNSURE,
    MS_NAMING_LOW, /* what a function calls it that only got it as an argument, or keeps of its inside */
    MS_NAMING_MEDIUM, /* the size of the blocks neither confirms nor denies it */
    MS_NAMING_HIGH    /* the size of the blocks is that of the type, or of an array of it */
} ms_naming_confidence;

/* Texts and types are owned by the ms_symbols; names as the file has them: escape them for output. */
typedef struct ms_naming_answer {
    const char *variable;    /* `list->head`, `server.db[i].dict`, `buffer`; NULL: not known */
    const char *declared;    /* the variable's type, as `struct node *`; NULL: not known */
    const ms_datatype *type; /* what the block is, or is an array of; NULL: not known */
    ms_naming_evidence evidence;
    ms_naming_confidence confidence;
} ms_naming_answer;

/* `symbols` is borrowed. `cache`: what is found out is kept for later runs, see known.h, and what earlier ones have kept is
 * used. NULL without memory. */
ms_naming *ms_naming_new(ms_symbols *symbols, bool cache);

/* NULL is fine. */
void ms_naming_free(ms_naming *naming);

/* The first question about a function decodes it and reads its variables, which takes milliseconds. */
ms_naming_answer ms_naming_ask(ms_naming *naming, const ms_naming_site *site);

/* The class of which C++ code makes an object of each block of the site, or several; NULL: it is not known. To
 * be asked only of what operator new returns. */
const ms_datatype *ms_naming_made(ms_naming *naming, const ms_naming_site *site);

#endif
