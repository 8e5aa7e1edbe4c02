#include "load/build.h"

#include <stdlib.h>
#include <string.h>

#include "load/build_arrays.h"
#include "load/build_holders.h"
#include "load/build_keepers.h"
#include "load/build_notes.h"
#include "load/build_tasks.h"
#include "load/build_crossings.h"
#include "load/build_objects.h"
#include "load/build_series.h"
#include "load/build_tags.h"
#include "load/build_types.h"
#include "load/frames.h"
#include "load/listing.h"
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

/* The error of an estimate; of what is exact there is none. */
static uint64_t error(bool estimated, double variance) {
    return estimated ? ms_standard_error(variance) : MS_UNKNOWN;
}

static const char *evidence(const ms_replay *r) {
    if (r->level.sampled)
        return "estimated";
    return r->history.gap_changes ? "derived" : "recorded";
}

/* A peak of estimates is the highest that is sure; one whose error was larger may have been higher. Yet
 * where another number says that so much was live, no less was the peak. */
typedef struct peak {
    uint64_t bytes;
    double variance;
} peak;

static peak higher(peak a, peak b) {
    return b.bytes > a.bytes ? b : a;
}

/* ---- sites ------------------------------------------------------------------------------ */

static const ms_site_excess *excess_of(const ms_site_count *count) {
    static const ms_site_excess none;
    return count->excess ? count->excess : &none;
}

static uint64_t peak_bytes(const ms_site_count *count) {
    return ms_estimated(count->live.peak_bytes, excess_of(count)->live.at_peak.bytes.excess);
}

static uint64_t bytes_allocated(const ms_site_count *count) {
    return ms_estimated(count->bytes_allocated, excess_of(count)->bytes_allocated.excess);
}

/* Most peak bytes first; the rest makes the order the same every time. */
static int by_peak(const void *a, const void *b) {
    const ms_site_count *x = *(const ms_site_count *const *)a;
    const ms_site_count *y = *(const ms_site_count *const *)b;
    uint64_t x_peak = peak_bytes(x), y_peak = peak_bytes(y);
    if (x_peak != y_peak)
        return x_peak < y_peak ? 1 : -1;
    uint64_t x_bytes = bytes_allocated(x), y_bytes = bytes_allocated(y);
    if (x_bytes != y_bytes)
        return x_bytes < y_bytes ? 1 : -1;
    return (x->stack > y->stack) - (x->stack < y->stack);
}

static ms_lifetime lifetime(const ms_lifetimes *lifetimes) {
    return (ms_lifetime){.p50 = ns(ms_lifetimes_at(lifetimes, 50)),
                         .p90 = ns(ms_lifetimes_at(lifetimes, 90)),
                         .p99 = ns(ms_lifetimes_at(lifetimes, 99)),
                         .max = lifetimes->count ? ns(lifetimes->max_us) : MS_UNKNOWN,
                         .recorded_deaths = lifetimes->count};
}

static ms_site site(const ms_replay *r, const ms_site_count *count) {
    const ms_site_excess *excess = excess_of(count);
    const ms_held *at_peak = &excess->live.at_peak, *live = &excess->live.now;
    uint64_t live_bytes = ms_estimated(count->live.bytes, live->bytes.excess);
    peak own = {count->own_peak_bytes, excess->own_peak_variance};
    own = higher(own, (peak){peak_bytes(count), at_peak->bytes.variance});
    own = higher(own, (peak){live_bytes, live->bytes.variance});
    bool sampled = r->level.sampled;
    return (ms_site){
        .family = family_name(count->family),
        .allocations = ms_estimated(count->allocations, excess->allocations.excess),
        .reallocations = ms_estimated(count->reallocations, excess->reallocations.excess),
        .frees = ms_estimated(count->frees, excess->frees.excess),
        .bytes_allocated = bytes_allocated(count),
        .peak_bytes = peak_bytes(count),
        .peak_blocks = ms_estimated(count->live.peak_blocks, at_peak->blocks.excess),
        .own_peak_bytes = own.bytes,
        .live_bytes = live_bytes,
        .live_blocks = ms_estimated(count->live.blocks, live->blocks.excess),
        .temporary = sampled ? MS_UNKNOWN : count->temporary,
        .min_size = count->min_size,
        .max_size = count->max_size,
        .first_ns = ns(count->first_us),
        .last_ns = ns(count->last_us),
        .lifetime_ns = lifetime(&count->lifetimes),
        .evidence = evidence(r),
        .recorded_births = count->allocations + count->reallocations,
        .allocations_error = error(sampled, excess->allocations.variance),
        .reallocations_error = error(sampled, excess->reallocations.variance),
        .frees_error = error(sampled, excess->frees.variance),
        .bytes_allocated_error = error(sampled, excess->bytes_allocated.variance),
        .peak_bytes_error = error(sampled, at_peak->bytes.variance),
        .peak_blocks_error = error(sampled, at_peak->blocks.variance),
        .own_peak_bytes_error = error(sampled, own.variance),
        .live_bytes_error = error(sampled, live->bytes.variance),
        .live_blocks_error = error(sampled, live->blocks.variance),
    };
}

static void count_in_module(ms_module *module, const ms_site *s) {
    module->allocations += s->allocations;
    module->bytes_allocated += s->bytes_allocated;
    module->live_bytes += s->live_bytes;
    module->peak_bytes += s->peak_bytes;
    module->allocations_error = ms_error_join(module->allocations_error, s->allocations_error);
    module->bytes_allocated_error =
        ms_error_join(module->bytes_allocated_error, s->bytes_allocated_error);
    module->live_bytes_error = ms_error_join(module->live_bytes_error, s->live_bytes_error);
    module->peak_bytes_error = ms_error_join(module->peak_bytes_error, s->peak_bytes_error);
}

/* Returns the sites of the replay in the order of the model's, to be freed. */
static const ms_site_count **build_sites(ms_model *model, const ms_replay *replay,
                                         ms_frames *frames, ms_typing *typing) {
    const ms_sites *sites = &replay->sites;
    const ms_site_count **order = ms_memory_zeroed(sites->count, sizeof(ms_site_count *));
    for (size_t i = 0; i < sites->count; i++)
        order[i] = &sites->items[i];
    qsort(order, sites->count, sizeof(ms_site_count *), by_peak);

    model->sites.items = ms_arena_alloc(model->arena, sites->count * sizeof *model->sites.items);
    model->sites.count = sites->count;
    for (size_t i = 0; i < sites->count; i++) {
        uint32_t module;
        ms_site *s = &model->sites.items[i];
        *s = site(replay, order[i]);
        s->id = i + 1;
        typing->sites[i] = ms_build_site_name(model, replay, typing, order[i], s);
        s->stack = ms_frames_stack(frames, order[i]->node, &module);
        const ms_datatype *found = ms_frames_name(frames, order[i]->node, s);
        if (found)
            typing->sites[i] = found;
        if (module != MS_NO_MODULE)
            count_in_module(ms_frames_module(frames, module), s);
    }
    if (replay->rows)
        ms_list_finish(replay, order);
    return order;
}

/* ---- threads ---------------------------------------------------------------------------- */

static ms_thread thread(ms_model *model, const ms_replay *r, const ms_thread_count *count,
                        ms_samples *samples) {
    const ms_held *at_peak = &count->held.at_peak, *live = &count->held.now;
    const ms_estimate *freed = &count->freed_by_others_excess;
    bool sampled = r->level.sampled;
    return (ms_thread){
        .id = count->serial,
        .tid = count->tid,
        .thread = count->name[0] ? ms_arena_printf(model->arena, "%s", count->name) : NULL,
        .allocations = count->allocations,
        .reallocations = count->reallocations,
        .frees = count->frees,
        .bytes_allocated = count->bytes_allocated,
        .live_bytes = ms_estimated(count->live.bytes, live->bytes.excess),
        .live_blocks = ms_estimated(count->live.blocks, live->blocks.excess),
        .peak_bytes = ms_estimated(count->live.peak_bytes, at_peak->bytes.excess),
        .freed_by_others = ms_estimated(count->freed_by_others, freed->excess),
        .cpu_ns = ms_samples_cpu_ns(samples, count->tid),
        .first_ns = ns(count->first_us),
        .last_ns = ns(count->last_us),
        .ended = count->ended,
        .live_bytes_error = error(sampled, live->bytes.variance),
        .live_blocks_error = error(sampled, live->blocks.variance),
        .peak_bytes_error = error(sampled, at_peak->bytes.variance),
        .freed_by_others_error = error(sampled, freed->variance),
    };
}

static void build_threads(ms_model *model, const ms_replay *replay, ms_samples *samples) {
    size_t count = replay->thread_count;
    model->threads.items = ms_arena_alloc(model->arena, count * sizeof *model->threads.items);
    model->threads.count = count;
    for (size_t i = 0; i < count; i++)
        model->threads.items[i] = thread(model, replay, &replay->threads[i], samples);
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

static void build_levels(ms_summary *s, const ms_replay *r) {
    const ms_level *live = &r->level, *last = &r->last_level;
    const ms_held *held = &live->held, *all = &last->held, *at_peak = &r->peak_held;
    bool sampled = live->sampled;
    s->peak_bytes = r->peak_bytes;
    s->peak_time_ns = ns(r->peak_us);
    s->peak_blocks = ms_estimated(r->peak_blocks, at_peak->blocks.excess);
    s->peak_bytes_error = error(sampled, at_peak->bytes.variance);
    s->peak_blocks_error = error(sampled, at_peak->blocks.variance);
    s->live_bytes = ms_level_bytes(live);
    s->live_blocks = ms_estimated(live->live_blocks, held->blocks.excess);
    s->live_bytes_error = error(sampled, held->bytes.variance);
    s->live_blocks_error = error(sampled, held->blocks.variance);
    s->uncertain_bytes =
        ms_estimated(last->live_bytes - live->live_bytes, all->bytes.excess - held->bytes.excess);
    s->uncertain_blocks = ms_estimated(last->live_blocks - live->live_blocks,
                                       all->blocks.excess - held->blocks.excess);
    s->uncertain_bytes_error = error(sampled, all->bytes.variance - held->bytes.variance);
    s->uncertain_blocks_error = error(sampled, all->blocks.variance - held->blocks.variance);
}

static void build_summary(ms_model *model, const ms_replay *r, bool forked) {
    ms_summary *s = &model->summary;
    s->allocations = r->allocations;
    s->reallocations = r->reallocations;
    s->frees = r->frees;
    s->bytes_allocated = r->bytes_allocated;
    build_levels(s, r);
    s->evidence = evidence(r);
    s->temporary_allocations = r->level.sampled ? MS_UNKNOWN : r->temporary;
    s->threads = r->thread_count;
    s->unmatched_frees = forked ? 0 : r->unmatched;
    s->inherited_frees = forked ? r->unmatched : 0;
    s->gap_frees = r->gap_frees;
    s->unsampled_frees = r->unsampled_frees;
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
    c->gap_deaths = r->gap_deaths;
    c->changes_left_out = r->changes_left_out;
    ms_history_finish(&r->history, model);
}

/* The numbers in the model of the replay's sites. */
static uint64_t *number_sites(const ms_model *model, const ms_replay *replay,
                              const ms_site_count **sites) {
    uint64_t *ids = ms_memory_zeroed(replay->sites.count + 1, sizeof *ids);
    for (size_t i = 0; i < replay->sites.count; i++)
        ids[i] = MS_UNKNOWN;
    for (size_t i = 0; i < model->sites.count; i++)
        ids[sites[i] - replay->sites.items] = model->sites.items[i].id;
    return ids;
}

void ms_build(ms_model *model, ms_replay *replay, const ms_info *info, ms_samples *samples,
              uint64_t end_us, const ms_load_options *options) {
    ms_info_finish(info, model);
    model->program.duration_ns = ns(end_us);
    build_summary(model, replay, info->forked);
    build_capture(model, replay);
    build_drops(model, replay, info);
    build_threads(model, replay, samples);
    ms_build_tasks(model, replay);
    ms_samples_finish(samples, model);
    ms_timeline_finish(&replay->timeline, end_us, &replay->last_level, model);

    ms_frames *frames = ms_frames_new(&replay->nodes, options, model);
    ms_typing typing;
    ms_typing_init(&typing, frames, &replay->notes.places, replay->sites.count);
    const ms_site_count **sites =
        frames ? build_sites(model, replay, frames, &typing) : NULL; /* one each of the model's */
    uint64_t *site_ids = sites ? number_sites(model, replay, sites) : NULL;
    ms_build_notes(model, replay, &typing, site_ids);
    ms_build_task_groups(model, replay);
    ms_build_crossings(model, replay, site_ids);
    ms_content *contents = ms_build_types(model, &typing);
    ms_build_series(model, replay, end_us, contents, site_ids);
    free(contents);
    free(site_ids);
    ms_name_declared(model);
    ms_build_arrays(model, replay, sites, model->sites.count);
    free(sites);
    if (frames)
        ms_frames_finish(frames);
    ms_typing_deinit(&typing);
    ms_frames_free(frames);
    ms_name_holders(model);
    ms_build_findings(model);
    if (!options || !options->no_lift)
        ms_lift(model);
    ms_build_keepers(model);
    ms_name_arrays(model);
    ms_list_tasks(model);
}
