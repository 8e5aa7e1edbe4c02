/* libuv's handles, streams and requests. What belongs together is one unit: a timer and all it is ever called
 * for; a connection with what is read, written and closed on it. */
#include "adapt/uv.h"

#include "adapt/thread.h"
#include "adapt/thunk.h"
#include "capture/home.h"
#include "capture/hooks.h"
#include "track/task.h"

/* Declares `start`, and `ours`: what libuv is to be given in the place of `callback`. */
#define HANDLE(name, handle, callback)                                                             \
    ms_uv_start start;                                                                             \
    void *ours = ms_uv_handle(&start, handle, MS_UV_MAIN, (void *)callback, MS_KIND(name), MS_FRAME)
#define REQUEST(name, request, owner, callback)                                                    \
    ms_uv_start start;                                                                             \
    void *ours = ms_uv_request(&start, request, owner, (void *)callback, MS_KIND(name), MS_FRAME)

/* ---- handles with one callback ------------------------------------------------------------------- */

int ms_adapt_uv_timer_start(uv_timer_t *handle, uv_timer_cb callback, uint64_t timeout,
                            uint64_t repeat) {
    HANDLE("uv_timer", handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_timer_start)(handle, ours, timeout, repeat));
}

int ms_adapt_uv_idle_start(uv_idle_t *handle, uv_idle_cb callback) {
    HANDLE("uv_idle", handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_idle_start)(handle, ours));
}

int ms_adapt_uv_prepare_start(uv_prepare_t *handle, uv_prepare_cb callback) {
    HANDLE("uv_prepare", handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_prepare_start)(handle, ours));
}

int ms_adapt_uv_check_start(uv_check_t *handle, uv_check_cb callback) {
    HANDLE("uv_check", handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_check_start)(handle, ours));
}

int ms_adapt_uv_async_init(uv_loop_t *loop, uv_async_t *handle, uv_async_cb callback) {
    HANDLE("uv_async", handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_async_init)(loop, handle, ours));
}

int ms_adapt_uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback) {
    HANDLE("uv_poll", handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_poll_start)(handle, events, ours));
}

int ms_adapt_uv_signal_start(uv_signal_t *handle, uv_signal_cb callback, int signal) {
    HANDLE("uv_signal", handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_signal_start)(handle, ours, signal));
}

int ms_adapt_uv_signal_start_oneshot(uv_signal_t *handle, uv_signal_cb callback, int signal) {
    HANDLE("uv_signal", handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_signal_start_oneshot)(handle, ours, signal));
}

int ms_adapt_uv_fs_event_start(uv_fs_event_t *handle, uv_fs_event_cb callback, const char *path,
                               unsigned flags) {
    HANDLE("uv_fs_event", handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_fs_event_start)(handle, ours, path, flags));
}

int ms_adapt_uv_fs_poll_start(uv_fs_poll_t *handle, uv_fs_poll_cb callback, const char *path,
                              unsigned interval) {
    HANDLE("uv_fs_poll", handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_fs_poll_start)(handle, ours, path, interval));
}

int ms_adapt_uv_spawn(uv_loop_t *loop, uv_process_t *handle, const uv_process_options_t *options) {
    ms_uv_process_options copy = *(const ms_uv_process_options *)options;
    HANDLE("uv_process", handle, copy.exit_callback);
    copy.exit_callback = ours;
    return ms_uv_started(&start,
                         MS_REAL(uv_spawn)(loop, handle, (const uv_process_options_t *)&copy));
}

static __thread ms_callback *once; /* what the thread is about to call, if it is the first */

static void on_once(void) {
    ms_thunk_call(0, 0, 0, 0, 0, 0, once);
}

void ms_adapt_uv_once(uv_once_t *guard, void (*callback)(void)) {
    once = (ms_callback *)(void *)callback;
    MS_REAL(uv_once)(guard, on_once);
}

/* Whoever calls uv_close() from there, or jumps to it, is not libuv. */
void ms_adapt_uv_walk(uv_loop_t *loop, uv_walk_cb callback, void *argument) {
    ms_closure *closure =
        ms_closure_new((ms_unit){.task = ms_home_task()}, (void *)callback, argument);
    if (!closure) {
        MS_REAL(uv_walk)(loop, callback, argument);
        return;
    }
    MS_REAL(uv_walk)(loop, (uv_walk_cb)(void *)ms_closure_call, closure);
    ms_closure_unref(closure);
}

/* ---- the end of a handle --------------------------------------------------------------------- */

/* One that is not followed may still be closed in a task, which its callback then runs in. */
static void *closing(ms_uv_start *start, const void *handle, void *callback) {
    start->was_followed = ms_table_get(handle, &start->before);
    if (start->was_followed)
        start->now = start->before;
    else
        start->now = (ms_followed){.key = handle, .unit = {.task = ms_home_task()}};
    if (!start->was_followed && !(callback && ms_home_task()))
        return callback;
    return ms_uv_handle_more(start, MS_UV_CLOSE, callback);
}

void ms_adapt_uv_close(uv_handle_t *handle, uv_close_cb callback) {
    ms_uv_start start;
    MS_REAL(uv_close)(handle, closing(&start, handle, (void *)callback));
}

int ms_adapt_uv_tcp_close_reset(uv_tcp_t *handle, uv_close_cb callback) {
    ms_uv_start start;
    void *ours = closing(&start, handle, (void *)callback);
    return ms_uv_started(&start, MS_REAL(uv_tcp_close_reset)(handle, ours));
}

/* ---- streams and datagrams --------------------------------------------------------------------- */

int ms_adapt_uv_listen(uv_stream_t *handle, int backlog, uv_connection_cb callback) {
    HANDLE("uv_listen", handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_listen)(handle, backlog, ours));
}

/* Each connection is a unit of its own, a child of the one that listens, and named by what that calls. */
int ms_adapt_uv_accept(uv_stream_t *server, uv_stream_t *client) {
    int result = MS_REAL(uv_accept)(server, client);
    if (result != 0)
        return result;
    ms_followed listener = {.unit.task = ms_home_task()};
    ms_table_get(server, &listener);
    ms_followed connection = {.key = client,
                              .unit = ms_unit_found(MS_KIND("uv_connection"),
                                                    listener.callbacks[MS_UV_MAIN],
                                                    listener.unit.task, MS_FRAME)};
    ms_table_put(&connection);
    return result;
}

int ms_adapt_uv_read_start(uv_stream_t *handle, uv_alloc_cb alloc, uv_read_cb callback) {
    HANDLE("uv_read", handle, callback);
    void *our_alloc = ms_uv_handle_more(&start, MS_UV_ALLOC, (void *)alloc);
    return ms_uv_started(&start, MS_REAL(uv_read_start)(handle, our_alloc, ours));
}

int ms_adapt_uv_udp_recv_start(uv_udp_t *handle, uv_alloc_cb alloc, uv_udp_recv_cb callback) {
    HANDLE("uv_udp_recv", handle, callback);
    void *our_alloc = ms_uv_handle_more(&start, MS_UV_ALLOC, (void *)alloc);
    return ms_uv_started(&start, MS_REAL(uv_udp_recv_start)(handle, our_alloc, ours));
}

int ms_adapt_uv_write(uv_write_t *request, uv_stream_t *handle, const uv_buf_t *buffers,
                      unsigned count, uv_write_cb callback) {
    REQUEST("uv_write", request, handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_write)(request, handle, buffers, count, ours));
}

int ms_adapt_uv_write2(uv_write_t *request, uv_stream_t *handle, const uv_buf_t *buffers,
                       unsigned count, uv_stream_t *sent, uv_write_cb callback) {
    REQUEST("uv_write2", request, handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_write2)(request, handle, buffers, count, sent, ours));
}

int ms_adapt_uv_shutdown(uv_shutdown_t *request, uv_stream_t *handle, uv_shutdown_cb callback) {
    REQUEST("uv_shutdown", request, handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_shutdown)(request, handle, ours));
}

int ms_adapt_uv_udp_send(uv_udp_send_t *request, uv_udp_t *handle, const uv_buf_t *buffers,
                         unsigned count, const struct sockaddr *address, uv_udp_send_cb callback) {
    REQUEST("uv_udp_send", request, handle, callback);
    return ms_uv_started(&start,
                         MS_REAL(uv_udp_send)(request, handle, buffers, count, address, ours));
}

int ms_adapt_uv_tcp_connect(uv_connect_t *request, uv_tcp_t *handle, const struct sockaddr *address,
                            uv_connect_cb callback) {
    REQUEST("uv_tcp_connect", request, handle, callback);
    return ms_uv_started(&start, MS_REAL(uv_tcp_connect)(request, handle, address, ours));
}

void ms_adapt_uv_pipe_connect(uv_connect_t *request, uv_pipe_t *handle, const char *name,
                              uv_connect_cb callback) {
    REQUEST("uv_pipe_connect", request, handle, callback);
    MS_REAL(uv_pipe_connect)(request, handle, name, ours);
}

/* ---- work, names, random numbers ---------------------------------------------------------------- */

/* On a thread of the pool, then back on the loop's. */
int ms_adapt_uv_queue_work(uv_loop_t *loop, uv_work_t *request, uv_work_cb work,
                           uv_after_work_cb after) {
    ms_uv_start start;
    ms_uv_request(&start, request, NULL, (void *)work, MS_KIND("uv_work"), MS_FRAME);
    void *our_after = ms_uv_request_more(&start, MS_UV_DONE, (void *)after);
    void *our_work = ms_uv_request_more(&start, MS_UV_WORK, (void *)work);
    return ms_uv_started(&start, MS_REAL(uv_queue_work)(loop, request, our_work, our_after));
}

int ms_adapt_uv_getaddrinfo(uv_loop_t *loop, uv_getaddrinfo_t *request, uv_getaddrinfo_cb callback,
                            const char *node, const char *service, const struct addrinfo *hints) {
    REQUEST("uv_getaddrinfo", request, NULL, callback);
    return ms_uv_started(&start,
                         MS_REAL(uv_getaddrinfo)(loop, request, ours, node, service, hints));
}

int ms_adapt_uv_getnameinfo(uv_loop_t *loop, uv_getnameinfo_t *request, uv_getnameinfo_cb callback,
                            const struct sockaddr *address, int flags) {
    REQUEST("uv_getnameinfo", request, NULL, callback);
    return ms_uv_started(&start, MS_REAL(uv_getnameinfo)(loop, request, ours, address, flags));
}

int ms_adapt_uv_random(uv_loop_t *loop, uv_random_t *request, void *buffer, size_t size,
                       unsigned flags, uv_random_cb callback) {
    REQUEST("uv_random", request, NULL, callback);
    return ms_uv_started(&start, MS_REAL(uv_random)(loop, request, buffer, size, flags, ours));
}

/* ---- threads --------------------------------------------------------------------------------- */

int ms_adapt_uv_thread_create(uv_thread_t *thread, uv_thread_cb entry, void *argument) {
    ms_closure *closure = ms_thread_closure(__builtin_return_address(0), (void *)entry, argument);
    if (!closure)
        return MS_REAL(uv_thread_create)(thread, entry, argument);
    return ms_thread_started(
        closure, MS_REAL(uv_thread_create)(thread, (uv_thread_cb)(void *)ms_thread_run, closure));
}

int ms_adapt_uv_thread_create_ex(uv_thread_t *thread, const uv_thread_options_t *options,
                                 uv_thread_cb entry, void *argument) {
    ms_closure *closure = ms_thread_closure(__builtin_return_address(0), (void *)entry, argument);
    if (!closure)
        return MS_REAL(uv_thread_create_ex)(thread, options, entry, argument);
    return ms_thread_started(
        closure, MS_REAL(uv_thread_create_ex)(thread, options, (uv_thread_cb)(void *)ms_thread_run,
                                              closure));
}
