/* What hangs on which address, and the tags of blocks, which are nowhere else. */
#include "load/keep.h"

#include <stdlib.h>

#include "util/memory.h"

_Static_assert(sizeof(ms_anchor) == 40 && sizeof(ms_anchors) == 64 && sizeof(ms_tag_count) == 64 &&
                   sizeof(ms_tagged) == 16 && sizeof(ms_tags) == 64,
               "anchors or tags have changed: does checkpoint_words.def have all of them?");

/* ---- tags ------------------------------------------------------------------------------- */

void ms_save_tags(ms_saving *s, ms_checkpoint *c) {
    ms_tags *tags = &c->replay->notes.tags;
    for (size_t i = 0; i < tags->count; i++) {
        ms_share_settle(&tags->items[i].live, c->replay->peak);
        if (tags->items[i].blocks || tags->items[i].strangers)
            MS_SAVE(s, ms_kept_tag, (uint32_t)i, tags->items[i]);
    }
}

bool ms_take_tags(ms_checkpoint *c, const ms_kept_tag *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        ms_tag_count *tag = ms_tags_of(&c->replay->notes.tags, rows[i].place);
        if (tag->blocks || tag->strangers)
            return false; /* twice */
        *tag = rows[i].tag;
        tag->live.peak = c->replay->peak;
    }
    return true;
}

/* ---- anchors ---------------------------------------------------------------------------- */

static ms_kept_anchor row_of(const ms_notes *n, const ms_anchor *anchor) {
    ms_kept_anchor row = {.address = anchor->address,
                          .reference = anchor->reference,
                          .passport = anchor->passport,
                          .container = anchor->container,
                          .speaker = anchor->speaker};
    if (anchor->inner)
        row.block = n->anchors.inners[anchor->inner - 1].block;
    if (anchor->tagged)
        row.tagged = n->tags.tagged[anchor->tagged - 1];
    return row;
}

void ms_save_anchors(ms_saving *s, ms_checkpoint *c) {
    const ms_notes *n = &c->replay->notes;
    uint64_t *addresses = ms_memory_zeroed(n->anchors.count, sizeof *addresses);
    ms_anchors_list(&n->anchors, addresses);
    for (size_t i = 0; i < n->anchors.count; i++)
        *(ms_kept_anchor *)ms_save_row(s) = row_of(n, ms_anchors_find(&n->anchors, addresses[i]));
    free(addresses);
}

static bool check_anchor(const ms_notes *n, const ms_kept_anchor *row) {
    bool fits =
        !row->block || (row->block < row->address && ms_anchors_find(&n->anchors, row->block));
    return row->address && fits && !ms_anchors_find(&n->anchors, row->address) &&
           row->reference <= n->references.count && row->passport <= n->passports.count &&
           row->container <= n->containers.count;
}

bool ms_take_anchors(ms_checkpoint *c, const ms_kept_anchor *rows, size_t count) {
    ms_notes *n = &c->replay->notes;
    for (size_t i = 0; i < count; i++) {
        if (!check_anchor(n, &rows[i]))
            return false;
        ms_anchor *anchor = ms_anchors_at(&n->anchors, rows[i].address, rows[i].block);
        anchor->reference = rows[i].reference;
        anchor->passport = rows[i].passport;
        anchor->container = rows[i].container;
        anchor->speaker = rows[i].speaker;
        if (rows[i].tagged.place)
            anchor->tagged = ms_tags_restore(&n->tags, rows[i].tagged, c->replay->peak);
    }
    return true;
}
