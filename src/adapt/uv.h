/* uv.h - libuv, as far as adapters need it: uv.def, with types that say no more than their size, or in which
 * register they go. Where libuv's own header has been included before, as in the test that compares the two,
 * those are its own. */
#ifndef MS_ADAPT_UV_H
#define MS_ADAPT_UV_H

#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "adapt/route.h"
#include "adapt/table.h"

typedef int uv_file;
typedef uid_t uv_uid_t;
typedef gid_t uv_gid_t;
typedef pthread_t uv_thread_t;
typedef pthread_once_t uv_once_t;

#ifndef UV_H
#define MS_UV_OPAQUE(name) typedef struct uv_##name##_s uv_##name##_t;
MS_UV_OPAQUE(loop)
MS_UV_OPAQUE(handle)
MS_UV_OPAQUE(stream)
MS_UV_OPAQUE(tcp)
MS_UV_OPAQUE(pipe)
MS_UV_OPAQUE(udp)
MS_UV_OPAQUE(poll)
MS_UV_OPAQUE(timer)
MS_UV_OPAQUE(prepare)
MS_UV_OPAQUE(check)
MS_UV_OPAQUE(idle)
MS_UV_OPAQUE(async)
MS_UV_OPAQUE(process)
MS_UV_OPAQUE(process_options)
MS_UV_OPAQUE(fs_event)
MS_UV_OPAQUE(fs_poll)
MS_UV_OPAQUE(signal)
MS_UV_OPAQUE(shutdown)
MS_UV_OPAQUE(write)
MS_UV_OPAQUE(connect)
MS_UV_OPAQUE(udp_send)
MS_UV_OPAQUE(getaddrinfo)
MS_UV_OPAQUE(getnameinfo)
MS_UV_OPAQUE(work)
MS_UV_OPAQUE(random)
MS_UV_OPAQUE(fs)
MS_UV_OPAQUE(dir)
MS_UV_OPAQUE(buf)
MS_UV_OPAQUE(thread_options)
#undef MS_UV_OPAQUE
typedef ms_callback *uv_alloc_cb, *uv_read_cb, *uv_write_cb, *uv_connect_cb, *uv_shutdown_cb,
    *uv_connection_cb, *uv_close_cb, *uv_poll_cb, *uv_timer_cb, *uv_async_cb, *uv_prepare_cb,
    *uv_check_cb, *uv_idle_cb, *uv_exit_cb, *uv_walk_cb, *uv_fs_cb, *uv_work_cb, *uv_after_work_cb,
    *uv_getaddrinfo_cb, *uv_getnameinfo_cb, *uv_random_cb, *uv_fs_event_cb, *uv_fs_poll_cb,
    *uv_signal_cb, *uv_udp_send_cb, *uv_udp_recv_cb;
typedef void (*uv_thread_cb)(void *);
#endif

/* uv_process_options_t: the program's, so libuv cannot change its layout. */
typedef struct ms_uv_process_options {
    void *exit_callback;
    const char *file;
    char **arguments, **environment;
    const char *directory;
    unsigned flags;
    int stdio_count;
    void *stdio;
    uid_t uid;
    gid_t gid;
} ms_uv_process_options;

#define MS_ENTRY MS_DECLARE_ENTRY
#define MS_NEEDED MS_DECLARE_NEEDED
#include "adapt/uv.def"
#undef MS_ENTRY
#undef MS_NEEDED

/* ---- callbacks: uv_start.c ------------------------------------------------------------------ */

/* A handle or request that is about to be started: as it is followed from now on, and was before. */
typedef struct ms_uv_start {
    ms_followed now, before;
    bool was_followed;
} ms_uv_start;

/* Which of ms_followed.callbacks is what: of a handle, and of a request. */
enum { MS_UV_MAIN = 0, MS_UV_ALLOC = 1, MS_UV_CLOSE = 2, MS_UV_DONE = 0, MS_UV_WORK = 1 };

/* From now on `callback` is ours to call, in the unit of the handle or request, which is found or made.
 * Returns what libuv is to be given in its place: without memory the callback itself, for NULL NULL. `owner`:
 * the handle that a request is made of, NULL: none. */
void *ms_uv_handle(ms_uv_start *start, const void *handle, unsigned which, void *callback,
                   struct memscope_place *kind, const uint64_t *frame);
void *ms_uv_request(ms_uv_start *start, const void *request, const void *owner, void *callback,
                    struct memscope_place *kind, const uint64_t *frame);

/* The second callback of a handle, or of a request, that is about to be started. */
void *ms_uv_handle_more(ms_uv_start *start, unsigned which, void *callback);
void *ms_uv_request_more(ms_uv_start *start, unsigned which, void *callback);

/* It was started, or `result` is an error and all is as it was before. Returns `result`. */
int ms_uv_started(ms_uv_start *start, int result);

#endif
