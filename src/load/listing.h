/* listing.h - the blocks of a replay as rows (model/rows.h), for reports that list them. */
#ifndef MS_LOAD_LISTING_H
#define MS_LOAD_LISTING_H

#include "load/replay.h"

/* Lists a block that ends now, added to the live ones under `number`; `thread`: whose event it was,
 * UINT32_MAX: nobody's. The replay has rows, here and below. */
void ms_list_dead(ms_replay *replay, const ms_block *block, uint64_t number, ms_row_end end,
                  uint32_t thread);

/* After the last event: lists what is live. */
void ms_list_live(ms_replay *replay);

/* When sites are resolved: `order` is the order they have in the model. */
void ms_list_finish(const ms_replay *replay, const ms_site_count *const *order);

#endif
