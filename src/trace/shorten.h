/* shorten.h - the writer's side of recall.h: finds the short form of an event. Offline side. */
#ifndef MS_TRACE_SHORTEN_H
#define MS_TRACE_SHORTEN_H

#include "trace/event.h"
#include "trace/recall.h"

/* Starts as all zeros. */
typedef struct ms_shortener {
    ms_recall recall;
    uint32_t *by_address; /* 1 + index of the block last born there, and whether it is live */
    uint32_t *by_pair;    /* 1 + number of a combination; both open addressing, at most half full */
    size_t address_slots, pair_slots;
    size_t addresses;            /* slots used */
    size_t room;                 /* events for which all tables have room */
    size_t births, ahead, again; /* ALLOCs; of these in new places, and in freed ones, as guessed */
    size_t deaths, known;        /* FREEs and REALLOCs; of these those of blocks of the stream */
    bool blind;                  /* blocks are not looked up any more */
    bool over;                   /* the rest of the stream goes on in full */
} ms_shortener;

/* How an event is written: `kind` is its own where no short form fits. */
typedef struct ms_short {
    ms_event_kind kind;
    bool new_pair; /* size, stack and family are to be written, too */
    uint32_t pair, index;
} ms_short;

void ms_shortener_clear(ms_shortener *shortener);
void ms_shortener_deinit(ms_shortener *shortener);

/* Of an ALLOC, a FREE and a REALLOC. Each also remembers the event for those to come. */
ms_short ms_shorten_birth(ms_shortener *shortener, uint64_t address, ms_recall_pair pair);
ms_short ms_shorten_death(ms_shortener *shortener, uint64_t address, uint8_t family);
ms_short ms_shorten_move(ms_shortener *shortener, uint64_t address, uint64_t old,
                         ms_recall_pair pair);

#endif
