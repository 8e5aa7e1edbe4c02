#include "load/notes.h"

#include <stdlib.h>

#include "load/attribute.h"
#include "load/replay.h"
#include "util/memory.h"

void ms_notes_init(ms_notes *n, ms_arena *arena) {
    *n = (ms_notes){0};
    ms_places_init(&n->places, arena);
    ms_anchors_init(&n->anchors);
    ms_variables_init(&n->variables, arena);
    ms_scope_tree_init(&n->scopes, arena);
    ms_misuses_init(&n->misuses, arena);
    ms_passports_init(&n->passports, arena);
    ms_declared_init(&n->declared, arena);
}

void ms_notes_deinit(ms_notes *n) {
    ms_places_deinit(&n->places);
    ms_anchors_deinit(&n->anchors);
    ms_variables_deinit(&n->variables);
    ms_scope_tree_deinit(&n->scopes);
    ms_acts_deinit(&n->acts);
    ms_references_deinit(&n->references);
    ms_passports_deinit(&n->passports);
    ms_containers_deinit(&n->containers);
    ms_tags_deinit(&n->tags);
    ms_declared_deinit(&n->declared);
    ms_misuses_deinit(&n->misuses);
    ms_within_deinit(&n->within);
    free(n->moving);
    free(n->snapshots);
    n->moving = NULL;
    n->snapshots = NULL;
}

/* ---- who says it ------------------------------------------------------------------------ */

static ms_said said_by(const ms_replay *r, uint32_t thread, uint64_t address) {
    ms_origin origin = ms_origins_at(&r->origins, r->threads[thread].origin);
    return (ms_said){.now_us = r->now_us,
                     .peak = r->peak,
                     .thread = thread,
                     .task = origin.task,
                     .scope = origin.scope,
                     .address = address,
                     .block_site = MS_NO_SITE};
}

/* The live block that the address of a note lies in. Of what hangs on an address already it is known. */
static const ms_block *block_of(ms_replay *r, uint64_t address) {
    ms_notes *n = &r->notes;
    const ms_anchor *anchor = ms_anchors_find(&n->anchors, address);
    if (anchor && !anchor->inner)
        return ms_live_at(&r->live, address);
    return ms_within_find(&n->within, &r->live, address);
}

static ms_said said_in(ms_replay *r, const ms_event *event, uint32_t thread) {
    ms_said said = said_by(r, thread, event->address);
    const ms_block *block = event->address ? block_of(r, event->address) : NULL;
    said.place = ms_places_of(&r->notes.places, event->site);
    said.old = event->old;
    said.size = event->size;
    said.number = event->number;
    said.stack = event->stack;
    if (block) {
        said.block = block->address;
        said.block_size = block->size;
        said.block_site = block->site;
        said.block_stack = r->sites.items[block->site].stack;
        said.block_us = ms_born_us(block);
        said.block_maker = ms_origins_maker(&r->origins, block->origin);
    }
    return said;
}

/* Of what the loader itself finds wrong. It may be right by what was said before the trace begins, or while
 * nothing was recorded. */
static void misuse(ms_replay *r, unsigned kind, const ms_said *said) {
    if (!r->notes.from_us && r->history.gap_changes == 0)
        ms_misuses_add(&r->notes.misuses, kind, said);
}

/* Nothing is missing that would have to be known, and all is in the order in which it was. */
static bool is_exact(const ms_replay *r) {
    return !r->level.sampled && r->history.gap_changes == 0 && !r->several;
}

/* ---- blocks that go --------------------------------------------------------------------- */

static ms_passing passing_of(ms_change_kind kind) {
    if (kind == MS_CHANGE_FREED)
        return MS_PASSING_FREED;
    return kind == MS_CHANGE_REPLACED ? MS_PASSING_REPLACED : MS_PASSING_UNSEEN;
}

static void end_anchor(ms_replay *r, ms_anchor *anchor, uint32_t thread, ms_change_kind kind) {
    ms_notes *n = &r->notes;
    ms_said said = {
        .now_us = r->now_us, .peak = r->peak, .thread = thread, .address = anchor->address};
    if (kind == MS_CHANGE_FREED) {
        said.freer = r->moved.freer;
        said.stack = thread == MS_NOBODY ? 0 : r->threads[thread].free_stack;
    }
    ms_variables_end(&n->variables, anchor, kind, &said);
    ms_references_end(&n->references, &n->acts, anchor, &said);
    ms_passports_end(&n->passports, &n->acts, anchor, passing_of(kind), &said);
    ms_containers_end(&n->containers, anchor, &said);
    if (anchor->tagged)
        ms_tags_end(&n->tags, anchor->tagged, r->peak);
    anchor->tagged = 0;
}

/* Whatever was at the address, and in the block there, is there no more. */
static void end_all(ms_replay *r, uint64_t address, uint32_t thread, ms_change_kind kind) {
    ms_anchors *anchors = &r->notes.anchors;
    ms_anchor *anchor = ms_anchors_find(anchors, address);
    if (!anchor)
        return;
    end_anchor(r, anchor, thread, kind);
    for (uint64_t inside = ms_anchors_inside(anchors, anchor); inside;
         inside = anchor ? ms_anchors_inside(anchors, anchor) : 0) {
        ms_anchor *inner = ms_anchors_find(anchors, inside);
        end_anchor(r, inner, thread, kind);
        ms_anchors_take_out(anchors, inner);
        ms_anchors_tidy(anchors, inner);
        anchor = ms_anchors_find(anchors, address);
    }
    if (anchor)
        ms_anchors_tidy(anchors, anchor);
}

/* ---- blocks that move ------------------------------------------------------------------- */

/* Takes an anchor off its address, with all that hangs on it. */
static void take_off(ms_notes *n, uint64_t address) {
    ms_anchor *anchor = ms_anchors_find(&n->anchors, address);
    n->moving =
        ms_memory_grow(n->moving, n->moving_count + 1, &n->moving_capacity, sizeof *n->moving);
    n->moving[n->moving_count++] = *anchor;
    anchor->variables = anchor->reference = anchor->passport = anchor->container = 0;
    anchor->tagged = 0;
    ms_anchors_take_out(&n->anchors, anchor);
    ms_anchors_tidy(&n->anchors, anchor);
}

/* Takes off what hangs on an address, and within the block there. */
static void lift(ms_replay *r, uint64_t old) {
    ms_notes *n = &r->notes;
    const ms_anchor *anchor = ms_anchors_find(&n->anchors, old);
    n->moving_count = 0;
    if (!anchor)
        return;
    for (uint64_t inside; anchor && (inside = ms_anchors_inside(&n->anchors, anchor));
         anchor = ms_anchors_find(&n->anchors, old))
        take_off(n, inside);
    if (anchor)
        take_off(n, old);
}

static void set_down(ms_replay *r, const ms_anchor *moving, const ms_said *said) {
    ms_notes *n = &r->notes;
    ms_anchor *to = ms_anchors_at(&n->anchors, said->address, said->block);
    ms_variables_move(&n->variables, moving->variables, to, said);
    to->reference = moving->reference;
    to->passport = moving->passport;
    to->container = moving->container;
    to->tagged = moving->tagged;
    if (moving->tagged && ms_said_is_block(said))
        ms_tags_resize(&n->tags, moving->tagged, said->block_size, said->peak);
    to->speaker = to->speaker && to->speaker != moving->speaker ? MS_SPEAKERS : moving->speaker;
    if (moving->reference)
        n->references.items[moving->reference - 1].address = said->address;
    if (moving->passport)
        n->passports.items[moving->passport - 1].address = said->address;
    if (moving->container)
        n->containers.items[moving->container - 1].address = said->address;
}

/* What was lifted goes where the block is now. What lies behind its end, for it is smaller, has ended. */
static void lower(ms_replay *r, const ms_said *said) {
    ms_notes *n = &r->notes;
    for (size_t i = 0; i < n->moving_count; i++) {
        ms_anchor *moving = &n->moving[i];
        ms_said at = *said;
        uint64_t offset = moving->address - said->old;
        at.old = moving->address;
        at.address = said->address + offset;
        if (offset && offset >= said->block_size)
            end_anchor(r, moving, said->thread, MS_CHANGE_FREED);
        else
            set_down(r, moving, &at);
    }
    n->moving_count = 0;
}

/* By other means than realloc. */
static void carry(ms_replay *r, const ms_said *said) {
    if (said->address == 0)
        return;
    lift(r, said->old);
    if (r->notes.moving_count == 0)
        return;
    end_all(r, said->address, said->thread, MS_CHANGE_REPLACED);
    lower(r, said);
}

/* ---- variables -------------------------------------------------------------------------- */

/* What all say of a site whose blocks they speak of, or that they do not agree. */
static void note_name(const ms_replay *r, uint32_t *named, uint32_t place) {
    if (*named == 0)
        *named = place;
    else if (*named != MS_NAMED_VARIOUSLY && !ms_places_agree(&r->notes.places, *named, place))
        *named = MS_NAMED_VARIOUSLY;
}

/* A site whose blocks all are of one variable, as far as they are tracked, is that variable's. */
static void name_site(ms_replay *r, const ms_said *said) {
    if (ms_said_is_block(said) && said->place)
        note_name(r, &r->sites.items[said->block_site].named, said->place);
}

/* A counted object is the variable's that is tracked where it is, whichever is heard of first. */
static void name_object(ms_notes *n, uint64_t address) {
    const ms_anchor *anchor = ms_anchors_find(&n->anchors, address);
    ms_reference_count *object =
        anchor && anchor->reference ? &n->references.items[anchor->reference - 1] : NULL;
    if (object && !object->variable && !object->dead)
        object->variable = anchor->variables;
}

/* Memory that was taken and given back, and is nobody's now. */
static bool is_freed(const ms_replay *r, const ms_said *said) {
    return said->old && !said->block &&
           (r->last_freed == said->address ||
            ms_variables_freed(&r->notes.variables, said->address));
}

static void track(ms_replay *r, const ms_said *said) {
    ms_notes *n = &r->notes;
    if (is_exact(r) && is_freed(r, said))
        misuse(r, MS_MISUSE_TRACKED_FREED, said);
    name_site(r, said);
    ms_variables_track(&n->variables, &n->anchors, &n->places, said);
    name_object(n, said->address);
}

static void untrack(ms_replay *r, const ms_said *said) {
    ms_notes *n = &r->notes;
    bool known = ms_variables_untrack(&n->variables, &n->anchors, &n->places, said);
    if (!known && !r->level.sampled) /* it may be where a realloc went that was not sampled */
        misuse(r, MS_MISUSE_UNTRACK_UNKNOWN, said);
}

/* It is the variable's own misuse: whoever spoke last knows nothing of it. */
static void leave_behind(ms_replay *r, const ms_said *said) {
    ms_notes *n = &r->notes;
    ms_said about = *said;
    about.place = ms_variables_leave(&n->variables, &n->anchors, said);
    if (about.place)
        misuse(r, MS_MISUSE_OUT_OF_SCOPE, &about);
}

/* Without a name the owner stays, and it is the block that is elsewhere. */
static void give(ms_replay *r, const ms_said *said) {
    ms_notes *n = &r->notes;
    if (!said->place) {
        carry(r, said);
        return;
    }
    ms_variables_give(&n->variables, &n->anchors, &n->places, said);
}

static void share(ms_replay *r, const ms_said *said) {
    ms_notes *n = &r->notes;
    ms_variables_share(&n->variables, &n->anchors, &n->places, said);
}

/* Is the block tracked that it is a part of? */
static bool is_part(const ms_replay *r, const ms_said *said) {
    const ms_anchor *whole = said->block ? ms_anchors_find(&r->notes.anchors, said->block) : NULL;
    return whole && whole->variables;
}

static void borrow(ms_replay *r, const ms_said *said) {
    const ms_anchor *anchor = ms_anchors_find(&r->notes.anchors, said->address);
    bool is_tracked = anchor && anchor->variables;
    bool is_unknown = !is_tracked && said->address && !is_part(r, said);
    if (is_unknown && is_exact(r) && !r->notes.variables.left_out)
        misuse(r, MS_MISUSE_BORROW_UNKNOWN, said);
    if (is_tracked && !ms_variables_borrow(&r->notes.variables, anchor, said))
        misuse(r, MS_MISUSE_BORROW_CONFLICT, said);
}

static void give_back(ms_replay *r, const ms_said *said) {
    const ms_anchor *anchor = ms_anchors_find(&r->notes.anchors, said->address);
    if (anchor)
        ms_variables_return(&r->notes.variables, anchor, said);
}

/* ---- references, passports, containers -------------------------------------------------- */

static void count_reference(ms_replay *r, uint8_t what, const ms_said *said) {
    ms_notes *n = &r->notes;
    if (said->address && !ms_references_note(&n->references, &n->anchors, &n->acts, what, said))
        misuse(r, MS_MISUSE_COUNT_WRONG, said);
    name_object(n, said->address);
}

static void stamp_passport(ms_replay *r, uint8_t what, const ms_said *said) {
    ms_notes *n = &r->notes;
    const ms_anchor *anchor = ms_anchors_find(&n->anchors, said->address);
    if (what == MS_NOTE_HANDOVER && !said->block && is_exact(r))
        misuse(r, MS_MISUSE_NO_BLOCK, said);
    if (anchor)
        ms_variables_note(&n->variables, anchor,
                          what == MS_NOTE_RECLAIM ? MS_CHANGE_RECLAIMED : MS_CHANGE_HANDED, said);
    bool fine =
        !said->address || ms_passports_note(&n->passports, &n->anchors, &n->acts, what, said);
    if (!fine && is_exact(r))
        misuse(r, MS_MISUSE_NO_BLOCK, said);
}

/* One that does not know its room has that of the block its elements are in. */
static void note_container(ms_replay *r, const ms_said *note) {
    const ms_block *block = ms_live_at(&r->live, note->old);
    ms_said said = *note;
    if (said.size == MS_NOT_TOLD && block)
        said.size = block->size;
    ms_containers_note(&r->notes.containers, &r->notes.anchors, &r->notes.places, &said);
}

/* A block from before a gap may have died in it. */
static bool is_live(ms_replay *r, uint64_t address) {
    const ms_block *block = block_of(r, address);
    return block && ms_born_us(block) >= r->history.gap_until_us;
}

static void settle_passports(ms_replay *r) {
    ms_passports *passports = &r->notes.passports;
    for (size_t i = 0; i < passports->count; i++)
        if (passports->items[i].custody == MS_CUSTODY_LET_GO)
            ms_passports_settle(&passports->items[i], is_live(r, passports->items[i].address));
}

/* What nobody could know before all was read: the words of threads come in no certain order. */
static void find_overreleased(ms_replay *r) {
    ms_references *references = &r->notes.references;
    for (size_t i = 0; i < references->count; i++) {
        const ms_reference_count *object = &references->items[i];
        ms_said said = {.now_us = object->died_us, .thread = MS_NOBODY, .place = object->place};
        if (ms_reference_wrong(object) && !object->wrong)
            misuse(r, MS_MISUSE_COUNT_WRONG, &said);
    }
}

/* ---- tags ------------------------------------------------------------------------------- */

/* It is the whole block that is tagged, wherever in it the pointer points. */
static void tag(ms_replay *r, const ms_said *said) {
    ms_notes *n = &r->notes;
    if (!said->place)
        return;
    if (!said->block) {
        ms_tags_miss(&n->tags, said);
        return;
    }
    ms_anchor *anchor = ms_anchors_at(&n->anchors, said->block, 0);
    anchor->tagged = ms_tags_put(&n->tags, anchor->tagged, said);
    note_name(r, &r->sites.items[said->block_site].tagged, said->place);
    ms_anchors_tidy(&n->anchors, anchor);
}

/* ---- scopes and tasks ------------------------------------------------------------------- */

static void enter_scope(ms_replay *r, const ms_said *said) {
    if (!said->place)
        return;
    ms_scope_tree_enter(&r->notes.scopes, said->thread, said->place, said->now_us);
    ms_attribute_scope(r, said->thread, ms_scope_tree_now(&r->notes.scopes, said->thread));
}

static void leave_scope(ms_replay *r, const ms_said *said) {
    ms_notes *n = &r->notes;
    if (!ms_scope_tree_leave(&n->scopes, &n->places, said->thread, said->place, said->now_us))
        misuse(r, MS_MISUSE_SCOPE_ORDER, said);
    ms_attribute_scope(r, said->thread, ms_scope_tree_now(&r->notes.scopes, said->thread));
}

static void begin_task(ms_replay *r, const ms_said *said) {
    uint32_t task = ms_tasks_of(&r->tasks, said->number, said->now_us);
    r->changes_left_out += said->number && !task;
    if (task)
        ms_task_begin(&r->tasks.items[task - 1], said);
}

static void end_task(ms_replay *r, const ms_said *said) {
    uint32_t task = ms_tasks_of(&r->tasks, said->number, said->now_us);
    if (!said->number || (task && !ms_task_end(&r->tasks.items[task - 1], said->now_us)))
        misuse(r, MS_MISUSE_TASK_ENDED, said);
}

static void take_snapshot(ms_replay *r, const ms_said *said) {
    ms_notes *n = &r->notes;
    if (n->snapshot_count == MS_SNAPSHOTS_MAX) {
        n->snapshots_left_out++;
        return;
    }
    n->snapshots = ms_memory_grow(n->snapshots, n->snapshot_count + 1, &n->snapshot_capacity,
                                  sizeof *n->snapshots);
    n->snapshots[n->snapshot_count++] = (ms_snapshot_count){
        .time_us = said->now_us,
        .live_bytes = ms_level_bytes(&r->level),
        .live_blocks = ms_estimated(r->level.live_blocks, r->level.held.blocks.excess),
        .bytes_variance = r->level.held.bytes.variance,
        .blocks_variance = r->level.held.blocks.variance,
        .place = said->place,
        .thread = said->thread};
}

/* Whoever ends what is there may have to wait for the words of others: fit.h. */
static void note_speaker(ms_replay *r, uint64_t address, uint32_t thread) {
    ms_anchor *anchor = ms_anchors_find(&r->notes.anchors, address);
    if (anchor)
        anchor->speaker = anchor->speaker && anchor->speaker != thread ? MS_SPEAKERS : thread;
}

static void take(ms_replay *r, const ms_event *event, const ms_said *said) {
    switch (event->family) {
    case MS_NOTE_TRACK: track(r, said); break;
    case MS_NOTE_UNTRACK: untrack(r, said); break;
    case MS_NOTE_OUT_OF_SCOPE: leave_behind(r, said); break;
    case MS_NOTE_MOVE: give(r, said); break;
    case MS_NOTE_SHARE: share(r, said); break;
    case MS_NOTE_BORROW: borrow(r, said); break;
    case MS_NOTE_RETURN: give_back(r, said); break;
    case MS_NOTE_SCOPE_ENTER: enter_scope(r, said); break;
    case MS_NOTE_SCOPE_LEAVE: leave_scope(r, said); break;
    case MS_NOTE_TAG: tag(r, said); break;
    case MS_NOTE_TYPE: ms_declared_take_type(&r->notes.declared, said); break;
    case MS_NOTE_FIELD: ms_declared_take_field(&r->notes.declared, said); break;
    case MS_NOTE_TASK_BEGIN: begin_task(r, said); break;
    case MS_NOTE_TASK_END: end_task(r, said); break;
    case MS_NOTE_REF_NEW:
    case MS_NOTE_REF:
    case MS_NOTE_UNREF:
    case MS_NOTE_WEAK:
    case MS_NOTE_UNWEAK:
    case MS_NOTE_REF_CHANGED: count_reference(r, event->family, said); break;
    case MS_NOTE_HANDOVER:
    case MS_NOTE_RECLAIM:
    case MS_NOTE_FREED_ABROAD: stamp_passport(r, event->family, said); break;
    case MS_NOTE_CONTAINER: note_container(r, said); break;
    case MS_NOTE_CONTAINER_FILLED:
        ms_containers_filled(&r->notes.containers, &r->notes.anchors, said);
        break;
    case MS_NOTE_CONTAINER_GONE:
        ms_containers_gone(&r->notes.containers, &r->notes.anchors, said);
        break;
    case MS_NOTE_SNAPSHOT: take_snapshot(r, said); break;
    case MS_NOTE_MISUSE: ms_misuses_add(&r->notes.misuses, said->number, said); break;
    default: break;
    }
}

void ms_notes_event(ms_replay *r, const ms_event *event, uint32_t thread) {
    r->notes.count++;
    ms_said said = said_in(r, event, thread);
    take(r, event, &said);
    note_speaker(r, said.address, event->thread);
    if (said.block)
        note_speaker(r, said.block, event->thread);
}

/* ---- blocks ----------------------------------------------------------------------------- */

void ms_notes_born(ms_replay *r, uint64_t address, uint32_t thread) {
    end_all(r, address, thread, MS_CHANGE_REPLACED);
}

void ms_notes_died(ms_replay *r, uint64_t address, uint32_t thread, bool is_free) {
    end_all(r, address, thread, is_free ? MS_CHANGE_FREED : MS_CHANGE_LOST);
}

void ms_notes_lift(ms_replay *r, uint64_t old) {
    lift(r, old);
}

void ms_notes_lower(ms_replay *r, const ms_event *realloc, uint32_t thread) {
    if (r->notes.moving_count == 0)
        return;
    const ms_block *block = ms_live_at(&r->live, realloc->address);
    ms_said said = {.now_us = r->now_us,
                    .peak = r->peak,
                    .thread = thread,
                    .address = realloc->address,
                    .old = realloc->old,
                    .size = realloc->size,
                    .block = realloc->address,
                    .block_size = realloc->size,
                    .block_site = block ? block->site : MS_NO_SITE};
    lower(r, &said);
    if (!ms_live_at(&r->live, said.address)) /* it was born late: its death had been read before */
        ms_notes_died(r, said.address, MS_NOBODY, true);
}

void ms_notes_finish(ms_replay *r) {
    ms_variables_finish(&r->notes.variables, r->peak);
    ms_tags_finish(&r->notes.tags, r->peak);
    find_overreleased(r);
    settle_passports(r);
    ms_scope_tree_finish(&r->notes.scopes, r->now_us);
    ms_tasks_finish(&r->tasks, r->now_us);
    for (size_t i = 0; i < r->tasks.count; i++) {
        const ms_task_count *task = &r->tasks.items[i];
        ms_said said = {.now_us = task->ended_us, .thread = MS_NOBODY, .place = task->place};
        if (task->ended && !task->begun)
            misuse(r, MS_MISUSE_TASK_ENDED, &said);
    }
}
