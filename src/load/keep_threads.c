/* Who does it: threads, tasks, scopes, and what a thread is in when a block is born. */
#include "load/keep.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

/* ---- threads ---------------------------------------------------------------------------- */

void ms_save_threads(ms_saving *s, ms_checkpoint *c) {
    ms_replay *r = c->replay;
    const ms_scope_tree *scopes = &r->notes.scopes;
    for (size_t i = 0; i < r->thread_count; i++) {
        ms_thread_count *t = &r->threads[i];
        ms_share_settle(&t->live, r->peak);
        ms_held_settle(&t->held, r->peak);
        MS_SAVE(s, ms_kept_thread, *t,
                {(const uint8_t *)t->name, (uint32_t)strnlen(t->name, sizeof t->name)},
                i < scopes->stack_count ? scopes->stacks[i].beyond : 0);
    }
}

bool ms_take_threads(ms_checkpoint *c, const ms_kept_thread *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        uint32_t *place = ms_map_at(&r->thread_of, rows[i].count.serial, NULL);
        if (*place || rows[i].count.freer > r->crossings.freer_count)
            return false; /* twice, or by nobody */
        r->threads = ms_memory_grow(r->threads, r->thread_count + 1, &r->thread_capacity,
                                    sizeof *r->threads);
        ms_thread_count *thread = &r->threads[r->thread_count];
        *thread = rows[i].count;
        thread->origin = (uint32_t)r->thread_count;
        thread->live.peak = r->peak;
        thread->held.number = r->peak;
        size_t room = sizeof thread->name - 1, size = rows[i].name.size;
        if (size)
            memcpy(thread->name, rows[i].name.bytes, size < room ? size : room);
        if (rows[i].scopes_beyond)
            ms_scope_tree_restore_beyond(&r->notes.scopes, (uint32_t)r->thread_count,
                                         rows[i].scopes_beyond);
        *place = (uint32_t)++r->thread_count;
    }
    return true;
}

/* ---- tasks and scopes ------------------------------------------------------------------- */

void ms_save_tasks(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->tasks.items, c->replay->tasks.count);
}

static bool is_place(const ms_checkpoint *c, uint32_t number) {
    return number <= c->replay->notes.places.count;
}

static bool check_task(const ms_checkpoint *c, const ms_task_count *row) {
    return is_place(c, row->place) && ms_is_time(row->first_us) && ms_is_time(row->begun_us) &&
           ms_is_time(row->ended_us) && ms_is_time(row->busy_us) && ms_is_time(row->idle_us) &&
           ms_is_time(row->longest_idle_us) && row->since_us <= c->replay->now_us;
}

bool ms_take_tasks(ms_checkpoint *c, const ms_task_count *rows, size_t count) {
    ms_tasks *tasks = &c->replay->tasks;
    for (size_t i = 0; i < count; i++) {
        size_t had = tasks->count;
        if (ms_tasks_of(tasks, rows[i].id, 0) != had + 1 || !check_task(c, &rows[i]))
            return false; /* none, twice, or too many */
        tasks->items[had] = rows[i];
    }
    return true;
}

void ms_save_scopes(ms_saving *s, ms_checkpoint *c) {
    ms_save_rows(s, c->replay->notes.scopes.items, c->replay->notes.scopes.count);
}

bool ms_take_scopes(ms_checkpoint *c, const ms_scope_count *rows, size_t count) {
    ms_scope_tree *scopes = &c->replay->notes.scopes;
    for (size_t i = 0; i < count; i++) {
        size_t had = scopes->count;
        const ms_scope_count *row = &rows[i];
        if (row->place == 0 || !is_place(c, row->place) || row->parent > had ||
            !ms_is_time(row->first_us) || !ms_is_time(row->total_us) ||
            ms_scope_tree_of(scopes, row->parent, row->place, 0) != had + 1)
            return false;
        uint32_t depth = scopes->items[had].depth;
        scopes->items[had] = *row;
        scopes->items[had].depth = depth;
    }
    return true;
}

void ms_save_entered(ms_saving *s, ms_checkpoint *c) {
    const ms_scope_tree *scopes = &c->replay->notes.scopes;
    for (size_t i = 0; i < scopes->stack_count; i++)
        for (size_t j = 0; j < scopes->stacks[i].count; j++)
            *(ms_entered *)ms_save_row(s) = scopes->stacks[i].items[j];
}

bool ms_take_entered(ms_checkpoint *c, const ms_entered *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (rows[i].thread >= c->replay->thread_count || !is_place(c, rows[i].place) ||
            rows[i].since_us > c->replay->now_us ||
            !ms_scope_tree_restore(&c->replay->notes.scopes, rows[i]))
            return false;
    return true;
}

/* ---- origins ---------------------------------------------------------------------------- */

void ms_save_origins(ms_saving *s, ms_checkpoint *c) {
    const ms_replay *r = c->replay;
    bool *now = ms_memory_zeroed(r->origins.count, sizeof *now);
    for (size_t i = 0; i < r->thread_count; i++)
        if (!ms_origin_is_plain(r->threads[i].origin))
            now[ms_origin_row(r->threads[i].origin)] = true;
    for (size_t i = 0; i < r->origins.count; i++)
        MS_SAVE(s, ms_kept_origin, r->origins.items[i], now[i]);
    free(now);
}

bool ms_take_origins(ms_checkpoint *c, const ms_kept_origin *rows, size_t count) {
    ms_replay *r = c->replay;
    for (size_t i = 0; i < count; i++) {
        ms_origin origin = rows[i].origin;
        size_t had = r->origins.count;
        if (origin.thread >= r->thread_count || origin.task > r->tasks.count ||
            origin.scope > r->notes.scopes.count)
            return false;
        uint32_t number = ms_origins_of(&r->origins, origin);
        if (r->origins.count == had)
            return false; /* plain, twice, or too many */
        if (rows[i].now)
            r->threads[origin.thread].origin = number;
    }
    return true;
}
