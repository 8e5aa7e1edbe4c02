/* passports.h - blocks that cross a boundary, as the program says: to another language, another library.
 * One thread at a time.
 *
 * Where a block is, and what moves it on. A word about a block that has no passport issues one.
 *
 *   is            handover    reclaim    freed_abroad  it is freed       out of sight      end of trace
 *   -             abroad      reclaimed  let go        -                 -                 -
 *   abroad        abroad      reclaimed  let go        freed by foreign  lost              in foreign custody
 *   reclaimed     abroad      reclaimed  let go        freed by owner    lost              reclaimed
 *   let go        abroad      reclaimed  let go        freed by foreign  freed by foreign  lost; or see below
 *   freed, lost   (a new      (stays,    (stays, and
 *                 passport)   a stamp)   confirmed)
 *
 * It is freed: its release was recorded. Out of sight: another block was born where it was, so somebody has
 * released it unseen; what was let go before has only kept its word. A realloc that was not sampled took it
 * elsewhere: lost, whatever was said. The end of the trace: the other side says that it has let the block go,
 * its owner has not taken it back, and yet it is live - nobody has it, it is lost. Memory of which no block was
 * recorded, or that may have died in a gap, is believed to be freed by the other side, for nothing says
 * otherwise. */
#ifndef MS_LOAD_PASSPORTS_H
#define MS_LOAD_PASSPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/acts.h"
#include "load/anchors.h"
#include "util/map.h"

#define MS_PASSPORTS_MAX (1u << 20)

/* Codes of checkpoints: append only. */
typedef enum ms_custody {
    MS_CUSTODY_FOREIGN,
    MS_CUSTODY_RECLAIMED,
    MS_CUSTODY_FREED_BY_OWNER,
    MS_CUSTODY_FREED_BY_FOREIGN,
    MS_CUSTODY_LOST,
    MS_CUSTODY_LET_GO,
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
    uint32_t freer;  /* who released it: see crossings.h */
    uint8_t custody; /* ms_custody */
    bool told;       /* the other side says that it released it, and nobody has it since */
} ms_passport_count;

typedef struct ms_passports {
    ms_passport_count *items; /* in the order of their issue */
    size_t count, capacity;
    ms_map over; /* address -> the latest passport that is over there, index + 1 */
    uint64_t left_out;
} ms_passports;

/* `arena` is borrowed. */
void ms_passports_init(ms_passports *passports, ms_arena *arena);
void ms_passports_deinit(ms_passports *passports);

/* Takes a note of kind HANDOVER, RECLAIM or FREED_ABROAD. False: it takes back what is freed. */
bool ms_passports_note(ms_passports *passports, ms_anchors *anchors, ms_acts *acts, uint8_t what,
                       const ms_said *said);

/* How a block ends. */
typedef enum ms_passing {
    MS_PASSING_FREED,
    MS_PASSING_REPLACED, /* another one was born where it was */
    MS_PASSING_UNSEEN    /* a realloc that was not sampled took it elsewhere */
} ms_passing;

void ms_passports_end(ms_passports *passports, ms_acts *acts, ms_anchor *anchor, ms_passing passing,
                      const ms_said *said);

/* The trace is over, and the block of a passport that was let go is live, or not known to be. */
void ms_passports_settle(ms_passport_count *passport, bool is_live);

/* The passport of an index is over at the address: words may still come. */
void ms_passports_close(ms_passports *passports, uint64_t address, uint32_t index);

#endif
