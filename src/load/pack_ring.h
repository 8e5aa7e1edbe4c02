/* pack_ring.h - the ring file of a lone preload becomes a trace file. */
#ifndef MS_LOAD_PACK_RING_H
#define MS_LOAD_PACK_RING_H

#include <stdint.h>

#include "util/error.h"

/* Packs the RING form file at `path` of a lone preload in place, to a fraction of its size, when its
 * process is gone. Writes beside it (`path`.tmp, mode 0600) and renames at the end, so that whatever
 * happens one of the two is there whole. MS_ERR_OK also when there is nothing to do: the file is a
 * trace already, its process lives, or its recorder has not written all of it.
 * Cost: one pass over the file. Fails with MS_ERR_INPUT or MS_ERR_OUTPUT and leaves the ring as it
 * is; it can be loaded all the same. */
MS_MUST_CHECK ms_err ms_pack_ring(const char *path, ms_error *error);

/* Packs what the RING form file `fd`, of `size` bytes, holds now into the file `out`, likewise; it is closed.
 * Its process may go on writing to it. */
MS_MUST_CHECK ms_err ms_pack_ring_to(int fd, uint64_t size, const char *out, ms_error *error);

#endif
