/* The tests of build_objects.c once more: a checkpoint behind any event changes nothing. */
#define THROUGH_CHECKPOINTS
#include "build_objects.c"
