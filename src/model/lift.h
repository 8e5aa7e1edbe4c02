/* lift.h - finds the allocator wrappers on the model's stacks and lifts attribution past them.
 *
 * In a program that allocates through xmalloc() every site ends in xmalloc(), and a report that
 * blames the innermost frame says nothing. Which functions are such wrappers is seen from how they
 * behave over all sites together. For a function F:
 *
 *      site:   main  parse  add_rule | xmalloc  malloc       paths    ways from F inwards
 *      site:   main  load   read     | xmalloc  malloc       calls    places that call F
 *                             caller ^ F        ^ allocator  callers  functions those are in
 *
 *   - F is near the allocator: on most stacks that have it, only few frames are further inside;
 *   - F is a funnel: many calls (from several functions) share few paths;
 *   - F passes on what its callers want: different calls ask for sizes that differ widely, and
 *     mostly each call always for its own. Where sizes vary within each call (strings) more callers
 *     are needed.
 *
 * That separates xmalloc() from a parser (many paths, few callers), from an evaluator or main() (far
 * from the allocator on most stacks) and from a constructor (always the same size, or that and a bit
 * at its end: it is to blame).
 * Found wrappers count as the allocator in the next round, until nothing changes, so stacks of
 * wrappers collapse whatever the fan-in of the inner ones is.
 *
 * Names only help: what allocates for its callers by definition (operator new, std::, strdup,
 * alloc::raw_vec, the C library as a whole) is glue and lifted where it stands next to the allocator
 * or a wrapper, and a function with "alloc" in its name needs less evidence. A function without a
 * name counts as one per return address. The numbers stand at the top of lift.c.
 *
 * Limits: a wrapper with one caller, or one asked for a single size only, stays; a container's
 * append() that many functions use with different sizes is lifted. main() and thread entry points
 * are never lifted, the start-up code of libc is never blamed, and a stack keeps a frame to blame: where all of it is
 * glue, nothing is lifted. */
#ifndef MS_MODEL_LIFT_H
#define MS_MODEL_LIFT_H

#include "model/model.h"

/* Sets depth_lifted of every stack and `wrapper` of the frames below it. To be called once, by who
 * builds the model, when sites and stacks are complete (with symbols or without). Cost: a few passes
 * over the frames of all stacks. */
void ms_lift(ms_model *model);

#endif
