#include "symbol/made.h"

#include <string.h>

#include "symbol/walk.h"

typedef struct making {
    ms_function *function;
    ms_names *names;
    ms_made made;
} making;

static void add_class(making *m, const char *name) {
    for (size_t i = 0; i < m->made.count; i++) {
        if (strcmp(m->made.classes[i], name) == 0) {
            return;
        }
    }
    if (m->made.count < MS_MADE_MAX) {
        m->made.classes[m->made.count++] = name;
    }
}

/* ---- constructors ----------------------------------------------------------------------- */

/* The part of a qualified name that ends before `end`: its start. */
static size_t part_before(const char *name, size_t end) {
    int depth = 0;
    for (size_t i = end; i-- > 0;) {
        depth += (name[i] == '>' || name[i] == ')') - (name[i] == '<' || name[i] == '(');
        if (depth == 0 && i && name[i] == ':' && name[i - 1] == ':') {
            return i + 1;
        }
    }
    return 0;
}

/* Where the parameters begin: "a::b<c(d)>::f(int)". */
static size_t parameters_of(const char *name) {
    int depth = 0;
    for (size_t i = 0; name[i]; i++) {
        depth += (name[i] == '<') - (name[i] == '>');
        if (depth == 0 && name[i] == '(' && i && name[i - 1] != ':') {
            return i;
        }
    }
    return 0;
}

/* "ns::Node<int>::Node<long>(long)": the last name without arguments is the last but one without. */
size_t ms_made_constructor(const char *function) {
    size_t end = parameters_of(function), own = end ? part_before(function, end) : 0;
    if (own < 3) {
        return 0;
    }
    size_t class_end = own - 2, class = part_before(function, class_end);
    size_t length = strcspn(function + own, "<(");
    bool same = strcspn(function + class, "<:") == length &&
                strncmp(function + class, function + own, length) == 0;
    return same && length ? class_end : 0;
}

static void see_call(making *m, const ms_machine *machine, const ms_instruction *i) {
    ms_value first = machine->registers[MS_RDI];
    bool block = first.term == MS_TERM_BLOCK && first.offset == 0;
    const char *symbol = block ? ms_function_callee(m->function, machine, i) : NULL;
    const char *name = symbol ? ms_names_demangle(m->names, symbol) : "";
    size_t length = ms_made_constructor(name);
    if (length) {
        add_class(m, ms_names_part(m->names, name, length));
    }
}

/* ---- tables of virtual functions -------------------------------------------------------- */

static bool stored_value(const ms_machine *machine, const ms_operand *source, ms_value *value) {
    switch (source->kind) {
    case MS_OPERAND_REGISTER: *value = machine->registers[source->reg]; return true;
    case MS_OPERAND_VECTOR: *value = machine->vectors[source->reg][0]; return true;
    case MS_OPERAND_NUMBER: *value = ms_number(source->number); return true;
    default: return false;
    }
}

/* The linker's name of the data that the value points into; NULL: none. */
static const char *data_name(const making *m, ms_value value) {
    const ms_links *links = m->function->functions->links;
    const ms_term *term = ms_values_at(&m->function->values, value.term);
    if (term->kind == MS_TERM_SYMBOL) {
        return links->items[term->a].name;
    }
    const ms_datum *datum =
        value.term == MS_TERM_NUMBER ? ms_links_datum(links, (uint64_t)value.offset) : NULL;
    return datum ? datum->name : NULL;
}

static void see_move(making *m, const ms_machine *machine, const ms_instruction *i) {
    static const char table[] = "vtable for ";
    const ms_operand *target = &i->operands[0];
    ms_value value, at;
    if (target->kind != MS_OPERAND_MEMORY || !stored_value(machine, &i->operands[1], &value)) {
        return;
    }
    at = ms_machine_address(machine, &m->function->world, target);
    const char *symbol = at.term == MS_TERM_BLOCK && at.offset == 0 ? data_name(m, value) : NULL;
    const char *name = symbol ? ms_names_demangle(m->names, symbol) : "";
    if (strncmp(name, table, sizeof table - 1) == 0) {
        add_class(m, name + sizeof table - 1);
    }
}

/* ---- the walk --------------------------------------------------------------------------- */

static void see_step(void *context, const ms_machine *machine, const ms_instruction *i) {
    switch (i->op) {
    case MS_OP_CALL: see_call(context, machine, i); break;
    case MS_OP_MOVE:
    case MS_OP_LOW:
    case MS_OP_WHOLE: see_move(context, machine, i); break;
    default: break;
    }
}

static void see_stored(void *context, const ms_machine *machine, const ms_instruction *i,
                       const ms_slot *store) {
    (void)context, (void)machine, (void)i, (void)store;
}

static void see_returned(void *context, ms_value value) {
    (void)context, (void)value;
}

static ms_value see_called(void *context, const ms_machine *machine, const ms_instruction *i,
                           ms_walk_effect *effect) {
    (void)context, (void)machine, (void)i, (void)effect;
    return ms_unknown();
}

static void see_ended(void *context) {
    (void)context;
}

ms_made ms_made_of(ms_function *function, uint64_t address, ms_names *names) {
    making m = {.function = function, .names = names};
    uint32_t index = ms_code_find(function->code, address);
    if (index == MS_NO_INSTRUCTION || index == 0 ||
        function->code->items[index - 1].op != MS_OP_CALL) {
        return m.made;
    }
    ms_machine machine;
    ms_stores stores;
    ms_flow_before(function->flow, index - 1, &machine);
    ms_machine_step(&machine, &function->world, &function->code->items[index - 1], &stores);
    machine.registers[MS_RAX] = (ms_value){.term = MS_TERM_BLOCK};
    ms_walk(function->flow, &machine, index,
            &(ms_walk_visitor){.step = see_step,
                               .stored = see_stored,
                               .returned = see_returned,
                               .called = see_called,
                               .ended = see_ended,
                               .context = &m});
    return m.made;
}
