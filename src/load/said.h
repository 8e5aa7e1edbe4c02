/* said.h - one thing that a program says, a NOTE, with what the replay knows of that moment. */
#ifndef MS_LOAD_SAID_H
#define MS_LOAD_SAID_H

#include <stdbool.h>
#include <stdint.h>

#define MS_NOBODY UINT32_MAX  /* a thread that is not known */
#define MS_NO_SITE UINT32_MAX /* a site that is not known */

typedef struct ms_said {
    uint64_t now_us;
    uint64_t peak;                              /* number of the latest: see sites.h */
    uint32_t thread;                            /* index, or MS_NOBODY */
    uint32_t task, scope;                       /* the thread is in: index + 1; 0: none */
    uint32_t freer;                             /* who releases a block now: see crossings.h */
    uint32_t place;                             /* that says so: index + 1; 0: none */
    uint64_t address, old, size, number, stack; /* of the note */
    uint64_t block;       /* the live one it lies in begins there; 0: in none */
    uint64_t block_size;  /* which has so many bytes, */
    uint32_t block_site;  /* of that site: index, */
    uint64_t block_stack; /* which has this stack: id; */
    uint64_t block_us;    /* it was born then, */
    uint32_t block_maker; /* made by this thread: index */
} ms_said;

/* Its stack, as small as the ids of traces are; 0: none. */
static inline uint32_t ms_said_stack(const ms_said *said) {
    return said->stack <= UINT32_MAX ? (uint32_t)said->stack : 0;
}

static inline bool ms_said_is_block(const ms_said *said) {
    return said->block && said->block == said->address;
}

/* Of what is spoken of: a pointer stands for the whole block that it points into. */
static inline uint64_t ms_said_size(const ms_said *said) {
    bool whole = said->block && (said->block == said->address || said->old);
    return whole ? said->block_size : said->size;
}

#endif
