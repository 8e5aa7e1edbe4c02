/* speak.h - how the source would say it: places and values of a machine in names of variables and members. */
#ifndef MS_SYMBOL_SPEAK_H
#define MS_SYMBOL_SPEAK_H

#include "symbol/function.h"
#include "symbol/paths.h"

/* How lasting a place is: of two that keep the same block the greater one is its name. */
typedef enum ms_keeping {
    MS_KEPT_NOT,
    MS_KEPT_BY_CALLER, /* *parameter: whatever the caller has there */
    MS_KEPT_ELEMENT,   /* pointer[3]: of what there are several and this code picks one */
    MS_KEPT_LOCAL,
    MS_KEPT_LOCAL_MEMBER,
    MS_KEPT_MEMBER, /* of something a pointer points to */
    MS_KEPT_GLOBAL
} ms_keeping;

typedef struct ms_phrase {
    char text[MS_PATH_SIZE];
    Dwarf_Die type;   /* of what is there */
    Dwarf_Die holder; /* as in a path: see paths.h */
    ms_keeping keeping;
    uint32_t scope; /* of the variable it begins with; UINT32_MAX: none */
    bool arm;       /* goes through a union */
    bool fresh;     /* the variable begins only now, with what is stored there */
} ms_phrase;

/* A point of a function. */
typedef struct ms_moment {
    ms_function *function;
    const ms_machine *machine;
    uint64_t address;
} ms_moment;

/* What the place at `at`, as large as a pointer, is called there. Writes at most MS_PATHS_MAX phrases, of
 * which only one is meant, and returns how many: several when there are unions. */
size_t ms_speak_place(const ms_moment *moment, ms_value at, ms_phrase *phrases);

/* What the object of the language's library is called that begins at `at`, or has it inside; likewise. */
size_t ms_speak_object(const ms_moment *moment, ms_value at, ms_phrase *phrases);

/* What a variable is called that holds the block; false: it has no name or type. */
bool ms_speak_variable(const ms_moment *moment, const ms_where *where, ms_phrase *phrase);

#endif
