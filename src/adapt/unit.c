#include "adapt/unit.h"

#include "adapt/thunk.h"
#include "capture/control.h"
#include "capture/home.h"
#include "capture/unwind.h"
#include "track/note.h"
#include "track/task.h"

/* A function that is named has to have its object in the trace, as those on stacks do. */
static void tell_of_object(const void *callback) {
    ms_thread *thread = callback ? ms_enter() : NULL;
    if (!thread)
        return;
    ms_rule_of(thread, (uint64_t)callback + 1, false);
    ms_leave(thread);
}

/* `frame` may be NULL: who registered it is not known any more. */
static void tell(ms_unit *unit, const uint64_t *frame) {
    if (ms_is_off())
        return;
    tell_of_object(unit->callback);
    const void *parent = (const void *)unit->parent;
    if (frame)
        ms_note_stack_of(frame, unit->kind, MS_NOTE_TASK_BEGIN, unit->callback, parent, 0,
                         unit->task);
    else
        ms_note(unit->kind, MS_NOTE_TASK_BEGIN, unit->callback, parent, 0, unit->task);
    unit->told = g_ms.generation;
}

ms_unit ms_unit_found(struct memscope_place *kind, const void *callback, uint64_t parent,
                      const uint64_t *frame) {
    ms_unit unit = {
        .task = ms_task_number(true), .parent = parent, .kind = kind, .callback = callback};
    tell(&unit, frame);
    return unit;
}

ms_unit ms_unit_of_handle(struct memscope_place *kind, const void *callback,
                          const uint64_t *frame) {
    if (ms_home_task() && !ms_task_is_found(ms_home_task()))
        return (ms_unit){.task = ms_home_task()};
    return ms_unit_found(kind, callback, ms_home_task(), frame);
}

ms_unit ms_unit_of_request(struct memscope_place *kind, const void *callback,
                           const uint64_t *frame) {
    return ms_home_task() ? (ms_unit){.task = ms_home_task()}
                          : ms_unit_found(kind, callback, 0, frame);
}

void ms_unit_again(ms_unit *unit) {
    if (!unit->kind && ms_home_task() && !ms_task_is_found(ms_home_task()))
        unit->task = ms_home_task();
}

bool ms_unit_tell(ms_unit *unit) {
    if (!unit->kind || unit->told == g_ms.generation)
        return false;
    tell(unit, NULL);
    return true;
}

void ms_unit_enter(const ms_unit *unit) {
    if (ms_home_task() != unit->task)
        ms_control_task(unit->task);
}

long ms_unit_run(const ms_unit *unit, ms_callback *callback, long a, long b, long c, long d, long e,
                 long f) {
    uint64_t before = ms_home_task();
    ms_unit_enter(unit);
    long result = ms_thunk_call(a, b, c, d, e, f, callback);
    if (ms_home_task() != before)
        ms_control_task(before);
    return result;
}

void ms_unit_end(const ms_unit *unit) {
    if (unit->kind && unit->told == g_ms.generation)
        ms_note(NULL, MS_NOTE_TASK_END, NULL, NULL, 0, unit->task);
}
