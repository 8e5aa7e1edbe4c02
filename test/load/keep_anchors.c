/* The tests of build_tags.c once more: a checkpoint behind any event changes nothing. */
#define THROUGH_CHECKPOINTS
#include "build_tags.c"
