/* A new thread goes on with the task that its maker works for. */
#include "adapt/thread.h"

#include "capture/state.h"

int ms_adapt_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                            void *(*start)(void *), void *argument) {
    return MS_REAL(pthread_create)(thread, attributes, start, argument);
}
