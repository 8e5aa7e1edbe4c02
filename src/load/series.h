/* series.h - what each site had live over time, at moments that are some of the timeline's.
 *
 * Kept are steps: from a moment on a site has so much. A site without a step at a moment has what it had at
 * the one before, so a program's quiet sites, and those that release all they allocate between two moments, cost
 * nothing. Moments are at even distances, which double, so that every other one goes, whenever there are too many
 * moments or steps: memory is bounded by MS_SERIES_STEPS and a few steps for each site, never by time.
 *
 * An event costs a compare: the first one of a site after a moment puts it on the list of those that have changed. */
#ifndef MS_LOAD_SERIES_H
#define MS_LOAD_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/sites.h"

#define MS_SERIES_MOMENTS 128u /* less than MS_TIMELINE_MAX: so all of them are the timeline's */
#define MS_SERIES_STEPS (1u << 19)

/* Estimated where births were missed. */
typedef struct ms_site_level {
    uint64_t bytes, blocks;
    uint64_t bytes_error, blocks_error; /* MS_UNKNOWN: exact */
} ms_site_level;

typedef struct ms_series_step {
    ms_site_level level;
    uint32_t moment, site; /* index of the site before sites are resolved */
} ms_series_step;

typedef struct ms_series {
    ms_series_step *steps; /* by moment */
    size_t count, capacity;
    uint32_t *changed; /* sites, since the latest moment */
    size_t changed_count, changed_capacity;
    uint32_t *latest; /* of a site: its last step + 1; 0: it has none, and never had anything */
    size_t latest_count;
    uint32_t now;         /* grows with each moment; a site that is on the list has it */
    uint32_t moments;     /* so far: see ms_series_us() */
    uint64_t interval_us; /* 0: what was before a checkpoint is not known, and nothing is kept */
} ms_series;

void ms_series_init(ms_series *series);
void ms_series_deinit(ms_series *series);

/* Puts the site on the list: see ms_series_touch(). */
void ms_series_list(ms_series *series, ms_site_count *site, uint32_t index);

/* To be called when what the site of that index has live changes. */
static inline void ms_series_touch(ms_series *series, ms_site_count *site, uint32_t index) {
    if (site->changed != series->now)
        ms_series_list(series, site, index);
}

/* To be called before an event at `time_us` changes anything, wherever the timeline has a moment due. `sampled`: births
 * were missed. */
void ms_series_due(ms_series *series, uint64_t time_us, ms_sites *sites, bool sampled);

/* When the moment of that number is. */
static inline uint64_t ms_series_us(const ms_series *series, uint64_t moment) {
    return (moment + 1) * series->interval_us;
}

/* After the last event, before the sites are resolved: the steps up to the end. What changes after it is not taken. */
void ms_series_close(ms_series *series, const ms_sites *sites, bool sampled);

/* Then the moments up to `end_us`, in which nothing happens. Steps of the number `moments`, if there are, are the
 * end's. */
void ms_series_finish(ms_series *series, uint64_t end_us);

/* Every other moment goes. False: so few are left that they stay. */
bool ms_series_halve(ms_series *series, ms_sites *sites);

/* Appends a step that a checkpoint holds, behind those before it. */
void ms_series_restore(ms_series *series, const ms_series_step *step);

#endif
