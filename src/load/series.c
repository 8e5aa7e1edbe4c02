#include "load/series.h"

#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "util/memory.h"

#define FIRST_INTERVAL_US 1000 /* as the timeline's */
#define FEWEST_MOMENTS 4u

void ms_series_init(ms_series *s) {
    *s = (ms_series){.now = 1, .interval_us = FIRST_INTERVAL_US};
}

void ms_series_deinit(ms_series *s) {
    free(s->steps);
    free(s->changed);
    free(s->latest);
}

void ms_series_list(ms_series *s, ms_site_count *site, uint32_t index) {
    site->changed = s->now;
    s->changed =
        ms_memory_grow(s->changed, s->changed_count + 1, &s->changed_capacity, sizeof *s->changed);
    s->changed[s->changed_count++] = index;
}

/* ---- steps ------------------------------------------------------------------------------ */

static uint32_t *latest_of(ms_series *s, uint32_t site) {
    size_t had = s->latest_count;
    s->latest = ms_memory_grow(s->latest, (size_t)site + 1, &s->latest_count, sizeof *s->latest);
    if (s->latest_count > had)
        memset(s->latest + had, 0, (s->latest_count - had) * sizeof *s->latest);
    return &s->latest[site];
}

void ms_series_restore(ms_series *s, const ms_series_step *step) {
    s->steps = ms_memory_grow(s->steps, s->count + 1, &s->capacity, sizeof *s->steps);
    s->steps[s->count] = *step;
    *latest_of(s, step->site) = (uint32_t)++s->count;
}

static ms_site_level level_of(const ms_site_count *site, bool sampled) {
    const ms_held held = site->excess ? site->excess->live.now : (ms_held){0};
    return (ms_site_level){
        .bytes = ms_estimated(site->live.bytes, held.bytes.excess),
        .blocks = ms_estimated(site->live.blocks, held.blocks.excess),
        .bytes_error = sampled ? ms_standard_error(held.bytes.variance) : MS_UNKNOWN,
        .blocks_error = sampled ? ms_standard_error(held.blocks.variance) : MS_UNKNOWN,
    };
}

static bool is_same(const ms_site_level *a, const ms_site_level *b) {
    return a->bytes == b->bytes && a->blocks == b->blocks && a->bytes_error == b->bytes_error &&
           a->blocks_error == b->blocks_error;
}

/* Of what has come and gone since the moment before nothing is to be said. */
static void take_step(ms_series *s, const ms_site_count *site, uint32_t index, bool sampled) {
    static const ms_site_level nothing = {0, 0, MS_UNKNOWN, MS_UNKNOWN};
    ms_site_level level = level_of(site, sampled);
    uint32_t latest = *latest_of(s, index);
    if (!is_same(&level, latest ? &s->steps[latest - 1].level : &nothing))
        ms_series_restore(s, &(ms_series_step){level, s->moments, index});
}

static void take_moment(ms_series *s, const ms_sites *sites, bool sampled) {
    for (size_t i = 0; i < s->changed_count; i++)
        take_step(s, &sites->items[s->changed[i]], s->changed[i], sampled);
    s->changed_count = 0;
    s->now++;
}

/* Of each pair of moments the second stays, with what each site has stepped to last. */
static void join_pairs(ms_series *s) {
    size_t to = s->count;
    memset(s->latest, 0, s->latest_count * sizeof *s->latest); /* a site's earliest pair yet + 1 */
    for (size_t i = s->count; i-- > 0;) {
        ms_series_step step = s->steps[i];
        step.moment /= 2;
        if (s->latest[step.site] == step.moment + 1)
            continue;
        s->latest[step.site] = step.moment + 1;
        s->steps[--to] = step;
    }
    s->count -= to;
    memmove(s->steps, s->steps + to, s->count * sizeof *s->steps);
    for (size_t i = 0; i < s->count; i++)
        s->latest[s->steps[i].site] = (uint32_t)i + 1;
    s->moments /= 2;
    s->interval_us *= 2;
}

/* The last moment is as if it had not been: what changed before it has yet to be taken. */
static void take_back(ms_series *s, ms_sites *sites) {
    s->moments--;
    for (; s->count && s->steps[s->count - 1].moment == s->moments; s->count--) {
        uint32_t site = s->steps[s->count - 1].site;
        ms_series_touch(s, &sites->items[site], site);
    }
}

bool ms_series_halve(ms_series *s, ms_sites *sites) {
    if (s->moments < FEWEST_MOMENTS)
        return false;
    if (s->moments % 2)
        take_back(s, sites);
    join_pairs(s);
    return true;
}

/* ---- moments ---------------------------------------------------------------------------- */

static bool is_due(const ms_series *s, uint64_t time_us) {
    return s->interval_us && time_us >= ms_series_us(s, s->moments);
}

static void pass_moment(ms_series *s, ms_sites *sites) {
    s->moments++;
    if (s->moments == MS_SERIES_MOMENTS || s->count > MS_SERIES_STEPS)
        ms_series_halve(s, sites);
}

void ms_series_due(ms_series *s, uint64_t time_us, ms_sites *sites, bool sampled) {
    for (; is_due(s, time_us); pass_moment(s, sites))
        take_moment(s, sites, sampled);
}

void ms_series_close(ms_series *s, const ms_sites *sites, bool sampled) {
    if (s->interval_us)
        take_moment(s, sites, sampled);
}

void ms_series_finish(ms_series *s, uint64_t end_us) {
    while (is_due(s, end_us))
        if (++s->moments == MS_SERIES_MOMENTS)
            join_pairs(s);
}
