#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "symbol/machine.h"

static ms_values values;
static ms_world world;
static ms_machine machine;

static int start(void **state) {
    *state = ms_arena_new();
    ms_values_init(&values, *state);
    world = (ms_world){.values = &values};
    ms_machine_enter(&machine, &values);
    return *state ? 0 : -1;
}

static int stop(void **state) {
    ms_values_deinit(&values);
    ms_arena_free(*state);
    return 0;
}

static ms_operand reg(uint8_t number) {
    return (ms_operand){.kind = MS_OPERAND_REGISTER, .size = 8, .reg = number};
}

static ms_operand vector(uint8_t number) {
    return (ms_operand){.kind = MS_OPERAND_VECTOR, .size = 16, .reg = number};
}

static ms_operand memory(uint8_t base, int64_t offset, uint8_t size) {
    return (ms_operand){.kind = MS_OPERAND_MEMORY,
                        .size = size,
                        .reg = base,
                        .index = MS_NO_REGISTER,
                        .number = offset};
}

static void step(ms_op op, ms_operand to, ms_operand from) {
    const ms_instruction i = {.address = 0x1000, .op = (uint8_t)op, .operands = {to, from}};
    ms_stores stores;
    ms_machine_step(&machine, &world, &i, &stores);
}

static const ms_value block = {.term = MS_TERM_BLOCK};

static void what_is_stored_on_the_stack_is_loaded_again(void **state) {
    (void)state;
    machine.registers[MS_RAX] = block;
    step(MS_OP_MOVE, memory(MS_RSP, -16, 8), reg(MS_RAX));
    step(MS_OP_ZERO, reg(MS_RAX), reg(MS_RAX));
    assert_int_equal(machine.registers[MS_RAX].term, MS_TERM_NUMBER);
    step(MS_OP_MOVE, reg(MS_RBX), memory(MS_RSP, -16, 8));
    assert_true(ms_value_equal(machine.registers[MS_RBX], block));
}

static void half_an_address_is_none(void **state) {
    (void)state;
    ms_operand low = reg(MS_RBX);
    low.size = 4;
    machine.registers[MS_RAX] = block;
    step(MS_OP_MOVE, low, reg(MS_RAX));
    assert_int_not_equal(machine.registers[MS_RBX].term, MS_TERM_BLOCK);
    step(MS_OP_MOVE, memory(MS_RSP, -16, 8), reg(MS_RAX));
    step(MS_OP_MOVE, memory(MS_RSP, -12, 4), low);
    step(MS_OP_MOVE, reg(MS_RCX), memory(MS_RSP, -16, 8));
    assert_int_not_equal(machine.registers[MS_RCX].term, MS_TERM_BLOCK);
}

static void a_call_takes_the_scratch_registers_only(void **state) {
    (void)state;
    machine.registers[MS_RBX] = machine.registers[MS_RCX] = block;
    step(MS_OP_CALL, (ms_operand){0}, (ms_operand){0});
    assert_int_equal(machine.registers[MS_RBX].term, MS_TERM_BLOCK);
    assert_int_not_equal(machine.registers[MS_RCX].term, MS_TERM_BLOCK);
}

static void two_pointers_go_through_a_vector_register(void **state) {
    (void)state;
    machine.registers[MS_RAX] = block;
    step(MS_OP_LOW, vector(1), reg(MS_RAX));
    step(MS_OP_LOW, vector(0), reg(MS_RDI));
    step(MS_OP_PAIR, vector(0), vector(1));
    step(MS_OP_WHOLE, memory(MS_RSP, -32, 16), vector(0));
    step(MS_OP_MOVE, reg(MS_RBX), memory(MS_RSP, -24, 8));
    assert_true(ms_value_equal(machine.registers[MS_RBX], block));
}

static void a_block_is_not_null(void **state) {
    (void)state;
    bool taken, passed;
    machine.registers[MS_RAX] = block;
    step(MS_OP_COMPARE, reg(MS_RAX), reg(MS_RAX));
    ms_machine_branch(&machine, MS_IF_ZERO, &taken, &passed);
    assert_false(taken);
    assert_true(passed);
    step(MS_OP_COMPARE, reg(MS_RDI), reg(MS_RDI));
    ms_machine_branch(&machine, MS_IF_ZERO, &taken, &passed);
    assert_true(taken && passed);
}

static void leave_restores_the_stack(void **state) {
    (void)state;
    ms_value before = machine.registers[MS_RSP], caller = machine.registers[MS_RBP];
    step(MS_OP_PUSH, reg(MS_RBP), (ms_operand){0});
    step(MS_OP_MOVE, reg(MS_RBP), reg(MS_RSP));
    machine.registers[MS_RSP] = ms_value_plus(machine.registers[MS_RSP], -64);
    step(MS_OP_LEAVE, (ms_operand){0}, (ms_operand){0});
    assert_true(ms_value_equal(machine.registers[MS_RSP], before));
    assert_true(ms_value_equal(machine.registers[MS_RBP], caller));
}

static void more_stores_than_slots_are_survived(void **state) {
    (void)state;
    for (int i = 0; i < 3 * (int)MS_SLOTS; i++)
        step(MS_OP_MOVE, memory(MS_RSP, -16 - 8 * i, 8), reg(MS_RDI));
    machine.registers[MS_RAX] = block;
    step(MS_OP_MOVE, memory(MS_RSP, 64, 8), reg(MS_RAX));
    machine.registers[MS_RAX] = ms_number(0);
    assert_true(ms_machine_has_block(&machine));
}

#define ON_A_MACHINE(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_A_MACHINE(what_is_stored_on_the_stack_is_loaded_again),
        ON_A_MACHINE(half_an_address_is_none),
        ON_A_MACHINE(a_call_takes_the_scratch_registers_only),
        ON_A_MACHINE(two_pointers_go_through_a_vector_register),
        ON_A_MACHINE(a_block_is_not_null),
        ON_A_MACHINE(leave_restores_the_stack),
        ON_A_MACHINE(more_stores_than_slots_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
