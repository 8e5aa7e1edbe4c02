/* uv_tasks.c - one loop of libuv, that knows nothing of tasks but for one that it begins by a word. What each
 * callback allocates, test_adapters.py knows by heart; it keeps all, unless it says so. Without memscope, and
 * however often it is run, it says "uv_tasks done". */
#include <memscope.h>

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <uv.h>

#include "victim.h"

enum { CLIENTS = 3 };

static uv_loop_t *loop;
static int left; /* handles to be closed */

static void on_gone(uv_handle_t *handle) {
    (void)handle;
    left--;
}

#define CLOSE(handle) uv_close((uv_handle_t *)(handle), on_gone)
#define START(type, handle, ...)                                                                   \
    do {                                                                                           \
        EXPECT(uv_##type##_init(loop, handle) == 0);                                               \
        EXPECT(uv_##type##_start(handle, __VA_ARGS__) == 0);                                       \
        left++;                                                                                    \
    } while (0)

/* ---- timers: three ticks of 10 bytes; the first starts another, whose 20 bytes main() frees ------ */

static void *of_child;

static void on_child(uv_timer_t *timer) {
    of_child = take(20);
    CLOSE(timer);
}

static void on_tick_gone(uv_handle_t *handle) {
    take(11);
    on_gone(handle);
}

static void on_tick(uv_timer_t *timer) {
    static int ticks;
    static uv_timer_t child;
    take(10);
    if (ticks == 0)
        START(timer, &child, on_child, 1, 0);
    if (++ticks < 3)
        EXPECT(uv_timer_start(timer, on_tick, 1, 0) == 0);
    else
        uv_close((uv_handle_t *)timer, on_tick_gone);
}

/* ---- what is called in each turn of the loop: 1, 2 and 3 bytes ------------------------------------ */

static void on_prepare(uv_prepare_t *handle) {
    take(1);
    CLOSE(handle);
}

static void on_check(uv_check_t *handle) {
    take(2);
    CLOSE(handle);
}

static void on_idle(uv_idle_t *handle) {
    take(3);
    CLOSE(handle);
}

/* ---- from outside: 80 bytes for another thread's call, 95 for a signal, 96 for a pipe, 97 for a child */

static uv_async_t async;

static void on_async(uv_async_t *handle) {
    take(80);
    CLOSE(handle);
}

static void *call_in(void *unused) {
    EXPECT(uv_async_send(&async) == 0);
    return unused;
}

static void on_signal(uv_signal_t *handle, int signal) {
    EXPECT(signal == SIGUSR1);
    take(95);
    CLOSE(handle);
}

static void on_poll(uv_poll_t *handle, int status, int events) {
    EXPECT(status == 0 && events == UV_READABLE);
    take(96);
    CLOSE(handle);
}

static void on_exit_of_child(uv_process_t *process, int64_t status, int signal) {
    EXPECT(status == 7 && signal == 0);
    take(97);
    CLOSE(process);
}

static void start_outside(void) {
    static uv_signal_t usr1;
    static uv_poll_t poll;
    static uv_process_t child;
    static char *arguments[] = {"sh", "-c", "exit 7", NULL};
    int pair[2];
    pthread_t thread;
    EXPECT(uv_async_init(loop, &async, on_async) == 0);
    START(signal, &usr1, on_signal, SIGUSR1);
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && write(pair[1], "x", 1) == 1);
    EXPECT(uv_poll_init(loop, &poll, pair[0]) == 0);
    EXPECT(uv_poll_start(&poll, UV_READABLE, on_poll) == 0);
    uv_process_options_t options = {
        .exit_cb = on_exit_of_child, .file = "/bin/sh", .args = arguments};
    EXPECT(uv_spawn(loop, &child, &options) == 0);
    left += 3;
    EXPECT(pthread_create(&thread, NULL, call_in, NULL) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
    raise(SIGUSR1);
}

/* ---- requests: 40 bytes on the pool, freed on the loop's thread, where 41 come; 60 for a file ----- */

static void *digest;

static void on_work(uv_work_t *work) {
    (void)work;
    digest = take(40);
}

static void on_worked(uv_work_t *work, int status) {
    (void)work;
    EXPECT(status == 0);
    free(digest);
    take(41);
}

static void on_stat(uv_fs_t *request) {
    EXPECT(request->result == 0);
    take(60);
    uv_fs_req_cleanup(request);
}

static void on_address(uv_getaddrinfo_t *request, int status, struct addrinfo *found) {
    (void)request;
    EXPECT(status == 0);
    take(98);
    uv_freeaddrinfo(found);
}

static void start_requests(void) {
    static uv_work_t work, none;
    static uv_fs_t stat, missing;
    static uv_getaddrinfo_t address;
    EXPECT(uv_queue_work(loop, &work, on_work, on_worked) == 0);
    EXPECT(uv_queue_work(loop, &none, NULL, on_worked) == UV_EINVAL);
    EXPECT(uv_fs_stat(loop, &stat, "/", on_stat) == 0);
    EXPECT(uv_fs_stat(loop, &missing, "/", NULL) == 0);
    uv_fs_req_cleanup(&missing);
    EXPECT(uv_getaddrinfo(loop, &address, on_address, "127.0.0.1", NULL, NULL) == 0);
}

/* ---- a task begun by a word: 30, 31 and 32 bytes of what it sets off, 90 and 91 of its threads ---- */

static void on_planned(uv_timer_t *timer) {
    take(30);
    CLOSE(timer);
}

static void on_planned_work(uv_work_t *work) {
    (void)work;
    take(31);
}

static void on_planned_worked(uv_work_t *work, int status) {
    (void)work;
    EXPECT(status == 0);
    take(32);
}

static void run_thread(void *unused) {
    (void)unused;
    take(90);
}

static void *run_pthread(void *unused) {
    take(91);
    return unused;
}

static void plan(void) {
    static uv_timer_t timer;
    static uv_work_t work;
    uv_thread_t thread;
    pthread_t other;
    MEMSCOPE_TASK("plan");
    START(timer, &timer, on_planned, 5, 0);
    EXPECT(uv_queue_work(loop, &work, on_planned_work, on_planned_worked) == 0);
    EXPECT(uv_thread_create(&thread, run_thread, NULL) == 0);
    EXPECT(uv_thread_join(&thread) == 0);
    EXPECT(pthread_create(&other, NULL, run_pthread, NULL) == 0);
    EXPECT(pthread_join(other, NULL) == 0);
}

/* ---- a server and three clients: 500 bytes in the server for each connection, freed by it; in the
 * connection 100, freed when it closes, and as many as came in; in the client 70 --------------------- */

typedef struct connection {
    uv_tcp_t stream;
    char *buffer;
    void *memory;
} connection;

static uv_tcp_t server;
static connection connections[CLIENTS];
static int accepted, finished;

static void on_hung_up(uv_handle_t *handle) {
    connection *c = (connection *)handle;
    free(c->buffer);
    free(c->memory);
    left--;
    if (++finished == CLIENTS)
        CLOSE(&server);
}

static void on_buffer(uv_handle_t *handle, size_t size, uv_buf_t *buffer) {
    connection *c = (connection *)handle;
    (void)size;
    if (!c->buffer)
        c->buffer = take(100);
    *buffer = uv_buf_init(c->buffer, 100);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer) {
    (void)buffer;
    EXPECT(size >= 0 || size == UV_EOF);
    if (size > 0)
        take((size_t)size);
    else if (size < 0)
        uv_close((uv_handle_t *)stream, on_hung_up);
}

static void on_connection(uv_stream_t *stream, int status) {
    connection *c = &connections[accepted++];
    EXPECT(status == 0 && uv_tcp_init(loop, &c->stream) == 0);
    c->memory = take(500);
    EXPECT(uv_accept(stream, (uv_stream_t *)&c->stream) == 0);
    EXPECT(uv_read_start((uv_stream_t *)&c->stream, on_buffer, on_read) == 0);
    EXPECT(uv_read_start((uv_stream_t *)&c->stream, on_buffer, on_read) == UV_EALREADY);
    left++;
}

typedef struct client {
    uv_tcp_t stream;
    uv_connect_t connect;
    uv_write_t write;
} client;

static void on_written(uv_write_t *write, int status) {
    EXPECT(status == 0);
    CLOSE(write->handle);
}

static void on_connected(uv_connect_t *connect, int status) {
    static char text[64] = "hello";
    static int number;
    client *c = (client *)connect->handle;
    uv_buf_t buffer = uv_buf_init(text, (unsigned)(10 + number++));
    EXPECT(status == 0);
    take(70);
    EXPECT(uv_write(&c->write, connect->handle, &buffer, 1, on_written) == 0);
}

static void start_network(void) {
    static client clients[CLIENTS];
    struct sockaddr_in address;
    int size = sizeof address;
    EXPECT(uv_ip4_addr("127.0.0.1", 0, &address) == 0 && uv_tcp_init(loop, &server) == 0);
    EXPECT(uv_tcp_bind(&server, (struct sockaddr *)&address, 0) == 0);
    EXPECT(uv_listen((uv_stream_t *)&server, 8, on_connection) == 0);
    EXPECT(uv_tcp_getsockname(&server, (struct sockaddr *)&address, &size) == 0);
    for (int i = 0; i < CLIENTS; i++) {
        client *c = &clients[i];
        EXPECT(uv_tcp_init(loop, &c->stream) == 0);
        EXPECT(uv_tcp_connect(&c->connect, &c->stream, (struct sockaddr *)&address, on_connected) ==
               0);
    }
    left += 1 + CLIENTS;
}

int main(void) {
    static uv_timer_t tick;
    static uv_prepare_t prepare;
    static uv_check_t check;
    static uv_idle_t idle;
    loop = uv_default_loop();
    START(timer, &tick, on_tick, 1, 0);
    START(prepare, &prepare, on_prepare);
    START(check, &check, on_check);
    START(idle, &idle, on_idle);
    EXPECT(uv_timer_start(&tick, NULL, 1, 0) == UV_EINVAL);
    start_outside();
    start_requests();
    plan();
    start_network();
    EXPECT(uv_run(loop, UV_RUN_DEFAULT) == 0);
    EXPECT(uv_loop_close(loop) == 0);
    EXPECT(left == 0);
    free(of_child);
    say("uv_tasks done\n");
    return 0;
}
