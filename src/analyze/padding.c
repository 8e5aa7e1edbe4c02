/* Structures that would be smaller with their members in another order. What no order avoids is no finding. */
#include "analyze/analyze.h"

#include <string.h>

#include "util/arena.h"
#include "util/human.h"

/* Less is not worth a change of the program. */
#define WORTH_BYTES 1024u

#define NAMES_MAX 16u

/* What glibc takes for a block: steps of 16, 8 of them its own. */
static uint64_t in_glibc(uint64_t size) {
    uint64_t taken = (size + 8 + 15) / 16 * 16;
    return taken < 32 ? 32 : taken;
}

/* A block of its own is rounded, so that fewer bytes asked for may be as many taken. */
static bool is_rounded_away(const ms_type *t) {
    return t->form && strcmp(t->form, "single") == 0 &&
           in_glibc(t->size) == in_glibc(t->reordered_size);
}

/* "b, d, f, e, a, c": what stands behind NAMES_MAX is left out. */
static const char *order(ms_arena *arena, const ms_type *t) {
    const char *text = "";
    for (size_t i = 0; i < t->reordered.count && i <= NAMES_MAX; i++) {
        const ms_member *m = &t->reordered.items[i];
        const char *name = m->name ? m->name : m->base ? m->type : "(unnamed)";
        text = ms_arena_printf(arena, "%s%s%s", text, i ? ", " : "", i < NAMES_MAX ? name : "...");
    }
    return text;
}

static const char *detail(ms_arena *arena, const ms_type *t, uint64_t saved) {
    return ms_arena_printf(
        arena,
        "%s live at the peak, %s bytes each, have %s bytes of padding; of %s bytes each they would "
        "need %s bytes less",
        ms_human_count(t->peak_count).text, ms_human_count(t->size).text,
        ms_human_count(t->peak_padding_bytes).text, ms_human_count(t->reordered_size).text,
        ms_human_count(saved).text);
}

static const char *advice(ms_arena *arena, const ms_type *t) {
    const char *text =
        ms_arena_printf(arena, "declare its members in the order %s", order(arena, t));
    if (!is_rounded_away(t))
        return text;
    return ms_arena_printf(
        arena,
        "%s: for arrays of it and as a member; as blocks of their own both sizes "
        "take %s bytes with glibc's malloc",
        text, ms_human_count(in_glibc(t->size)).text);
}

/* Its members are not for the program to order. */
static bool is_of_library(const char *name) {
    static const char *const homes[] = {"std::", "__gnu_cxx::", "alloc::", "core::", "hashbrown::"};
    for (size_t i = 0; i < sizeof homes / sizeof *homes; i++)
        if (strncmp(name, homes[i], strlen(homes[i])) == 0)
            return true;
    return false;
}

/* Of blocks with something unknown behind a header the size does not confirm the type. */
static bool is_sure(const ms_type *t) {
    return t->form && strcmp(t->form, "header") != 0 && strcmp(t->form, "partial") != 0;
}

static void look_at(ms_findings *f, const ms_type *t) {
    uint64_t saved = t->saved_bytes * t->peak_count;
    if (saved < WORTH_BYTES || !is_sure(t) || is_of_library(t->name))
        return;
    ms_arena *arena = f->model->arena;
    bool estimated = t->peak_count_error != MS_UNKNOWN;
    ms_finding finding =
        ms_finding_of("padding", is_rounded_away(t) ? "info" : ms_severity_of(f->model, saved));
    finding.evidence = estimated ? "estimated" : "derived";
    finding.bytes = saved;
    finding.blocks = t->peak_blocks;
    finding.type = t->name;
    finding.title =
        ms_arena_printf(arena, "%s: %s of its %s bytes could be saved by the order of its members",
                        t->name, ms_human_count(t->saved_bytes).text, ms_human_count(t->size).text);
    finding.detail = detail(arena, t, saved);
    finding.advice = advice(arena, t);
    ms_findings_add(f, finding);
}

static void detect(ms_findings *f) {
    for (size_t i = 0; i < f->model->types.count; i++)
        look_at(f, &f->model->types.items[i]);
}

const ms_detector ms_detector_padding = {.name = "padding", .detect = detect};
