#include "load/build.h"

#include <stdlib.h>
#include <string.h>

#include "load/frames.h"
#include "model/lift.h"
#include "util/arena.h"
#include "util/memory.h"

static uint64_t ns(uint64_t us) {
    return us == UINT64_MAX ? MS_UNKNOWN : us * 1000;
}

static const char *family_name(unsigned family) {
    static const char *const names[MS_FAMILY_COUNT] = {
#define MS_FAMILY(NAME, code, text, releases, doc) [code] = text,
#include "trace/families.def"
    };
    return family < MS_FAMILY_COUNT ? names[family] : NULL;
}

/* ---- sites ------------------------------------------------------------------------------ */

/* Most peak bytes first; the rest makes the order the same every time. */
static int by_peak(const void *a, const void *b) {
    const ms_site_count *x = *(const ms_site_count *const *)a;
    const ms_site_count *y = *(const ms_site_count *const *)b;
    if (x->live.peak_bytes != y->live.peak_bytes)
        return x->live.peak_bytes < y->live.peak_bytes ? 1 : -1;
    if (x->bytes_allocated != y->bytes_allocated)
        return x->bytes_allocated < y->bytes_allocated ? 1 : -1;
    return (x->stack > y->stack) - (x->stack < y->stack);
}

static ms_lifetime lifetime(const ms_lifetimes *lifetimes) {
    return (ms_lifetime){.p50 = ns(ms_lifetimes_at(lifetimes, 50)),
                         .p90 = ns(ms_lifetimes_at(lifetimes, 90)),
                         .p99 = ns(ms_lifetimes_at(lifetimes, 99)),
                         .max = lifetimes->count ? ns(lifetimes->max_us) : MS_UNKNOWN};
}

static ms_site site(const ms_site_count *count) {
    return (ms_site){.family = family_name(count->family),
                     .allocations = count->allocations,
                     .reallocations = count->reallocations,
                     .frees = count->frees,
                     .bytes_allocated = count->bytes_allocated,
                     .peak_bytes = count->live.peak_bytes,
                     .peak_blocks = count->live.peak_blocks,
                     .own_peak_bytes = count->own_peak_bytes,
                     .live_bytes = count->live.bytes,
                     .live_blocks = count->live.blocks,
                     .temporary = count->temporary,
                     .min_size = count->min_size,
                     .max_size = count->max_size,
                     .first_ns = ns(count->first_us),
                     .last_ns = ns(count->last_us),
                     .lifetime_ns = lifetime(&count->lifetimes)};
}

static void count_in_module(ms_module *module, const ms_site *s) {
    module->allocations += s->allocations;
    module->bytes_allocated += s->bytes_allocated;
    module->live_bytes += s->live_bytes;
    module->peak_bytes += s->peak_bytes;
}

static void build_sites(ms_model *model, const ms_sites *sites, ms_frames *frames) {
    const ms_site_count **order = ms_memory_zeroed(sites->count, sizeof(ms_site_count *));
    for (size_t i = 0; i < sites->count; i++)
        order[i] = &sites->items[i];
    qsort(order, sites->count, sizeof(ms_site_count *), by_peak);

    model->sites.items = ms_arena_alloc(model->arena, sites->count * sizeof *model->sites.items);
    model->sites.count = sites->count;
    for (size_t i = 0; i < sites->count; i++) {
        uint32_t module;
        ms_site *s = &model->sites.items[i];
        *s = site(order[i]);
        s->id = i + 1;
        s->stack = ms_frames_stack(frames, order[i]->node, &module);
        if (module != MS_NO_MODULE)
            count_in_module(ms_frames_module(frames, module), s);
    }
    free(order);
}

/* ---- threads ---------------------------------------------------------------------------- */

static ms_thread thread(ms_model *model, const ms_thread_count *count, ms_samples *samples) {
    return (ms_thread){.id = count->serial,
                       .tid = count->tid,
                       .thread =
                           count->name[0] ? ms_arena_printf(model->arena, "%s", count->name) : NULL,
                       .allocations = count->allocations,
                       .reallocations = count->reallocations,
                       .frees = count->frees,
                       .bytes_allocated = count->bytes_allocated,
                       .live_bytes = count->live.bytes,
                       .live_blocks = count->live.blocks,
                       .peak_bytes = count->live.peak_bytes,
                       .freed_by_others = count->freed_by_others,
                       .cpu_ns = ms_samples_cpu_ns(samples, count->tid),
                       .first_ns = ns(count->first_us),
                       .last_ns = ns(count->last_us),
                       .ended = count->ended};
}

static void build_threads(ms_model *model, const ms_replay *replay, ms_samples *samples) {
    size_t count = replay->thread_count;
    model->threads.items = ms_arena_alloc(model->arena, count * sizeof *model->threads.items);
    model->threads.count = count;
    for (size_t i = 0; i < count; i++)
        model->threads.items[i] = thread(model, &replay->threads[i], samples);
}

/* ---- totals ----------------------------------------------------------------------------- */

/* A cause may be counted by events, by the recorder, or by both. */
static uint64_t lost(const ms_replay *replay, const ms_info *info, unsigned cause) {
    return replay->lost[cause] > info->lost[cause] ? replay->lost[cause] : info->lost[cause];
}

/* The record's field of the cause's name. */
static uint64_t *drop_field(ms_drops *drops, const char *name) {
    const ms_record_info *info = &ms_record_drops;
    for (size_t i = 0; i < info->field_count; i++)
        if (strcmp(info->fields[i].name, name) == 0)
            return (uint64_t *)(void *)((char *)drops + info->fields[i].offset);
    return NULL;
}

static void build_drops(ms_model *model, const ms_replay *replay, const ms_info *info) {
    static const char *const names[MS_LOSS_COUNT] = {
#define MS_LOSS(NAME, code, name, doc) [code] = name,
#include "trace/losses.def"
    };
    for (unsigned cause = 0; cause < MS_LOSS_COUNT; cause++) {
        uint64_t *field = drop_field(&model->capture.dropped, names[cause]);
        if (field)
            *field = lost(replay, info, cause);
    }
}

static void build_summary(ms_model *model, const ms_replay *r, bool forked) {
    ms_summary *s = &model->summary;
    s->allocations = r->allocations;
    s->reallocations = r->reallocations;
    s->frees = r->frees;
    s->bytes_allocated = r->bytes_allocated;
    s->peak_bytes = r->peak_bytes;
    s->peak_time_ns = ns(r->peak_us);
    s->peak_blocks = r->peak_blocks;
    s->live_bytes = r->level.live_bytes;
    s->live_blocks = r->level.live_blocks;
    s->temporary_allocations = r->temporary;
    s->threads = r->thread_count;
    s->unmatched_frees = forked ? 0 : r->unmatched;
    s->inherited_frees = forked ? r->unmatched : 0;
    s->mapped_bytes = r->mappings.total_bytes;
    s->peak_mapped_bytes = r->mappings.peak_bytes;
}

static void build_capture(ms_model *model, const ms_replay *r) {
    ms_capture *c = &model->capture;
    c->events = r->events;
    c->stacks = r->nodes.count;
    c->sites = r->sites.count;
    c->order_uncertainty_bytes = r->order_uncertainty_bytes;
    c->implied_frees = r->implied;
}

void ms_build(ms_model *model, ms_replay *replay, const ms_info *info, ms_samples *samples,
              uint64_t end_us, const ms_load_options *options) {
    ms_info_finish(info, model);
    model->program.duration_ns = ns(end_us);
    build_summary(model, replay, info->forked);
    build_capture(model, replay);
    build_drops(model, replay, info);
    build_threads(model, replay, samples);
    ms_samples_finish(samples, model);
    ms_timeline_finish(&replay->timeline, end_us, &replay->level, model);

    ms_frames *frames = ms_frames_new(&replay->nodes, options, model);
    if (frames) {
        build_sites(model, &replay->sites, frames);
        ms_frames_finish(frames);
        ms_frames_free(frames);
    }
    if (!options || !options->no_lift)
        ms_lift(model);
}
