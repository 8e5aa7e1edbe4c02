/* die.h - what one entry of debug info says. The files come from strangers: chains of references are
 * followed only so far, and every answer may be that it is not known. */
#ifndef MS_SYMBOL_DIE_H
#define MS_SYMBOL_DIE_H

#include <stdbool.h>
#include <stdint.h>

#include <dwarf.h>
#include <elfutils/libdw.h>

/* Typedefs of typedefs, arrays of structs of arrays: deeper is damage or malice. */
#define MS_DIE_CHAIN_MAX 64

/* A size that is not known. */
#define MS_DIE_NO_SIZE UINT64_MAX

/* A text of the entry or of the one it is made from; NULL where there is none, or an empty one. */
const char *ms_die_text(Dwarf_Die *die, unsigned attribute);

/* A constant of the entry itself, or of the one it is made from. False: it has none. */
bool ms_die_number(Dwarf_Die *die, unsigned attribute, Dwarf_Word *number);
bool ms_die_inherited(Dwarf_Die *die, unsigned attribute, Dwarf_Word *number);

bool ms_die_flag(Dwarf_Die *die, unsigned attribute);

/* The path of the file that an attribute gives the number of, such as DW_AT_decl_file; NULL: not known. (libdw's
 * own dwarf_decl_file() knows no file 0, which DWARF 5 has.) */
const char *ms_die_file(Dwarf_Die *die, unsigned attribute);

/* What DW_AT_type refers to. False: to nothing, which is `void`. `type` may be `die`. */
bool ms_die_type(Dwarf_Die *die, Dwarf_Die *type);

/* The type behind typedefs and qualifiers such as const. False: that is `void`, or nobody knows. */
bool ms_die_peel(const Dwarf_Die *die, Dwarf_Die *peeled);

/* Bytes of an object of a type; MS_DIE_NO_SIZE for void, functions, what is only declared, and arrays
 * without an end. `die` may be qualified. */
uint64_t ms_die_size(const Dwarf_Die *die);

/* Of one dimension of an array, and in all. MS_DIE_NO_SIZE where there is no end. */
uint64_t ms_die_count(Dwarf_Die *subrange);
uint64_t ms_die_elements(Dwarf_Die *array);

/* What the address of an object of a type, or of a member, is a multiple of, by the rules of the System V ABI for
 * x86-64; a power of two. 0: not known. */
uint64_t ms_die_alignment(const Dwarf_Die *die);
uint64_t ms_die_alignment_of_member(Dwarf_Die *member);

/* DW_LANG_* of the unit that has the entry; 0: not said. */
int ms_die_language(Dwarf_Die *die);
/* What most units of a file are in; for those that dwz has made, which do not say. 0: none says. */
int ms_dwarf_language(Dwarf *dwarf);

bool ms_language_is_c(int language);
bool ms_language_is_cpp(int language);

/* The entry of the whole unit: of a split one that with the contents, which is in another file. */
Dwarf_Die ms_die_unit(const Dwarf_Die *skeleton);

#endif
