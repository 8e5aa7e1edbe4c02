/* The tests of notes.c once more: a checkpoint behind any event changes nothing. */
#define THROUGH_CHECKPOINTS
#include "notes.c"
