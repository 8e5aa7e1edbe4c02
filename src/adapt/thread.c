#include "adapt/thread.h"

#include "capture/home.h"

ms_closure *ms_thread_closure(const void *caller, void *start, void *argument) {
    if (!ms_home_task() || ms_route_is_inside(caller))
        return NULL;
    return ms_closure_new((ms_unit){.task = ms_home_task()}, start, argument);
}

void *ms_thread_run(void *pointer) {
    ms_closure *closure = pointer, begin = *closure;
    void *(*start)(void *) = (void *(*)(void *))begin.callback;
    ms_closure_free(closure);
    ms_unit_enter(&begin.unit);
    return start(begin.data);
}

int ms_thread_started(ms_closure *closure, int error) {
    if (error)
        ms_closure_free(closure);
    return error;
}

int ms_adapt_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                            void *(*start)(void *), void *argument) {
    ms_closure *closure = ms_thread_closure(__builtin_return_address(0), (void *)start, argument);
    if (!closure)
        return MS_REAL(pthread_create)(thread, attributes, start, argument);
    return ms_thread_started(closure,
                             MS_REAL(pthread_create)(thread, attributes, ms_thread_run, closure));
}
