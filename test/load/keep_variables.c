/* The tests of variables.c once more: a checkpoint behind any event changes nothing. */
#define THROUGH_CHECKPOINTS
#include "variables.c"
