/* passports.h - blocks that cross a boundary, as the program says: to another language, another library.
 * One thread at a time. */
#ifndef MS_LOAD_PASSPORTS_H
#define MS_LOAD_PASSPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/acts.h"
#include "load/anchors.h"

#define MS_PASSPORTS_MAX (1u << 20)

/* Whose the block is, and what became of it. Checkpoints hold these numbers: they never change. */
typedef enum ms_custody {
    MS_CUSTODY_FOREIGN,          /* handed over, and not come back */
    MS_CUSTODY_RECLAIMED,        /* taken back */
    MS_CUSTODY_FREED_BY_OWNER,   /* freed after it was taken back */
    MS_CUSTODY_FREED_BY_FOREIGN, /* freed while it was abroad */
    MS_CUSTODY_LOST,             /* went out of sight */
    MS_CUSTODY_KINDS
} ms_custody;

typedef struct ms_passport_count {
    uint64_t address;
    uint64_t size; /* of the block; UINT64_MAX: none was recorded there */
    uint64_t born_us;
    uint64_t stack; /* id; where the block was made */
    ms_act_list acts;
    uint32_t place; /* names the other side: index + 1; 0: none */
    uint32_t thread;
    uint32_t freer; /* who released it: see crossings.h */
    uint8_t custody;
    bool told; /* the other side says that it released it */
} ms_passport_count;

typedef struct ms_passports {
    ms_passport_count *items; /* in the order of their issue */
    size_t count, capacity;
    uint64_t left_out;
} ms_passports;

void ms_passports_deinit(ms_passports *passports);

/* Takes a note of kind HANDOVER, RECLAIM or FREED_ABROAD. */
void ms_passports_note(ms_passports *passports, ms_anchors *anchors, ms_acts *acts, uint8_t what,
                       const ms_said *said);

/* The block is freed, or lost from sight. */
void ms_passports_end(ms_passports *passports, ms_acts *acts, ms_anchor *anchor, bool is_free,
                      const ms_said *said);

#endif
