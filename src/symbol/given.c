#include "symbol/given.h"

#include <string.h>

static uint8_t given_for(const ms_values *values, ms_value value) {
    if (value.term == MS_TERM_NUMBER && value.offset == 0) {
        return MS_GIVEN_NULL;
    }
    const ms_term *term = ms_values_at(values, value.term);
    return term->kind == MS_TERM_ENTRY && value.offset == 0 ? (uint8_t)term->a : MS_GIVEN_OTHER;
}

ms_given ms_given_read(const ms_values *values, const ms_machine *machine,
                       const ms_instruction *call) {
    ms_given given = {.target = call->target};
    memset(given.by_register, MS_GIVEN_OTHER, sizeof given.by_register);
    for (uint32_t n = 0; n < MS_ARGUMENTS; n++) {
        uint8_t reg = ms_argument(n);
        given.by_register[reg] = given_for(values, machine->registers[reg]);
    }
    return given;
}

/* Of a sum nobody knows which part is the pointer. */
uint8_t ms_given_root(const ms_values *values, ms_value value) {
    const ms_term *term = ms_values_at(values, value.term);
    while (term->kind == MS_TERM_LOAD) {
        term = ms_values_at(values, term->a);
    }
    return term->kind == MS_TERM_ENTRY ? (uint8_t)term->a : MS_GIVEN_OTHER;
}

/* A function that ends in a call of another one is not on the stack: then the arguments are those of the first. */
uint8_t ms_given_for(const ms_given *given, uint64_t entry, uint8_t root) {
    bool direct = given->target && given->target == entry;
    return direct && root < MS_REGISTERS ? given->by_register[root] : MS_GIVEN_OTHER;
}
