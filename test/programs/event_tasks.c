/* event_tasks.c - one event base of libevent, that knows nothing of tasks but for one that it begins by a word.
 * What each callback allocates, test_adapters.py knows by heart; it keeps all, unless it says so. Without
 * memscope, and however often it is run, it says "event_tasks done". */
#include <memscope.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "victim.h"

enum { CLIENTS = 3 };

static struct event_base *base;
static const struct timeval soon = {0, 1000};

/* ---- a timer: three times 10 bytes; the first starts another, whose 20 bytes main() frees; 21 bytes of
 * what is to be called but once ---------------------------------------------------------------------- */

static void *of_child;

static void on_child(evutil_socket_t fd, short what, void *argument) {
    struct event *self = argument;
    EXPECT(fd == -1 && what == EV_TIMEOUT && event_get_callback(self) == on_child);
    EXPECT(event_get_callback_arg(self) == self);
    of_child = take(20);
    event_free(self);
}

static void on_once(evutil_socket_t fd, short what, void *argument) {
    EXPECT(fd == -1 && what == EV_TIMEOUT && argument == &of_child);
    take(21);
}

static struct event *tick;

static void on_tick(evutil_socket_t fd, short what, void *argument) {
    int *ticks = argument;
    EXPECT(fd == -1 && what == EV_TIMEOUT);
    take(10);
    if (*ticks == 0) {
        struct event *child = event_new(base, -1, 0, on_child, event_self_cbarg());
        EXPECT(event_add(child, &soon) == 0);
    }
    if (++*ticks == 3)
        event_free(tick);
}

/* ---- the program's own memory: 50 bytes, and assigned anew for another callback 51 ----------------- */

static struct event own;

static void on_own_again(evutil_socket_t fd, short what, void *argument) {
    EXPECT(fd == -1 && what == EV_TIMEOUT && argument == &own);
    take(51);
}

static void on_own(evutil_socket_t fd, short what, void *argument) {
    struct event_base *on;
    event_callback_fn callback;
    void *data;
    EXPECT(fd == -1 && what == EV_TIMEOUT && argument == NULL);
    event_get_assignment(&own, &on, NULL, NULL, &callback, &data);
    EXPECT(on == base && callback == on_own && data == NULL);
    take(50);
    EXPECT(event_assign(&own, base, -1, 0, on_own_again, &own) == 0);
    EXPECT(event_add(&own, &soon) == 0);
}

/* ---- memory that is another event's by and by: 60 bytes, and 61; the second one is deleted before it comes, added
 * again and comes then. And one that never comes; it is told of its end, and takes 62 bytes there ---------------- */

static struct event reused, never;
static const struct timeval later = {1000, 0};

static void on_reused(evutil_socket_t fd, short what, void *argument) {
    EXPECT(fd == -1 && what == EV_TIMEOUT && (argument == &reused || argument == &never));
    take(argument == &reused ? 60 : 61);
}

static void on_never(evutil_socket_t fd, short what, void *argument) {
    EXPECT(fd < 0 && what < 0 && argument == NULL);
}

static void on_final(struct event *event, void *argument) {
    EXPECT(event == &never && argument == &later);
    take(62);
}

static void on_reuse(evutil_socket_t fd, short what, void *argument) {
    EXPECT(fd == -1 && what == EV_TIMEOUT && argument == NULL);
    EXPECT(event_assign(&reused, base, -1, 0, on_reused, &never) == 0);
    EXPECT(event_add(&reused, &later) == 0 && event_del(&reused) == 0);
    EXPECT(event_add(&reused, &soon) == 0);
    EXPECT(event_finalize(0, &never, on_final) == 0);
}

static void start_reused(void) {
    static const struct timeval then = {0, 20000};
    EXPECT(event_assign(&reused, base, -1, 0, on_reused, &reused) == 0);
    EXPECT(event_add(&reused, &soon) == 0);
    EXPECT(event_assign(&never, base, -1, 0, on_never, (void *)(uintptr_t)&later) == 0);
    EXPECT(event_add(&never, &later) == 0);
    EXPECT(event_base_once(base, -1, EV_TIMEOUT, on_reuse, NULL, &then) == 0);
}

/* ---- from outside: 95 bytes for a signal, 96 for a pipe -------------------------------------------- */

static void on_signal(evutil_socket_t number, short what, void *argument) {
    EXPECT(number == SIGUSR1 && what == EV_SIGNAL);
    take(95);
    event_free(*(struct event **)argument);
}

static void on_readable(evutil_socket_t fd, short what, void *argument) {
    EXPECT(fd == *(int *)argument && what == EV_READ);
    take(96);
}

static struct event *readable, *usr1;

static void start_outside(void) {
    static int pair[2];
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && write(pair[1], "x", 1) == 1);
    readable = event_new(base, pair[0], EV_READ, on_readable, &pair[0]);
    usr1 = event_new(base, SIGUSR1, EV_SIGNAL, on_signal, &usr1);
    EXPECT(event_add(readable, NULL) == 0 && event_add(usr1, NULL) == 0);
    raise(SIGUSR1);
}

/* ---- a task begun by a word: 30 bytes ----------------------------------------------------------------- */

static struct event planned;

static void on_planned(evutil_socket_t fd, short what, void *argument) {
    EXPECT(fd == -1 && what == EV_TIMEOUT && argument == NULL);
    take(30);
}

static void plan(void) {
    MEMSCOPE_TASK("plan");
    EXPECT(event_assign(&planned, base, -1, 0, on_planned, NULL) == 0);
    EXPECT(event_add(&planned, &soon) == 0);
}

/* ---- a listener, 500 bytes for each connection, freed by it; of the connection 100 and as many as came in;
 * of each client 70 -------------------------------------------------------------------------------------- */

static struct evconnlistener *listener;
static int finished;

static void on_data(struct bufferevent *buffer, void *argument) {
    char bytes[64];
    EXPECT(argument != NULL);
    size_t size = bufferevent_read(buffer, bytes, sizeof bytes);
    take(100 + size);
}

static void on_end(struct bufferevent *buffer, short what, void *memory) {
    bufferevent_data_cb read;
    void *argument;
    EXPECT(what & BEV_EVENT_EOF);
    bufferevent_getcb(buffer, &read, NULL, NULL, &argument);
    EXPECT(read == on_data && argument == memory);
    free(memory);
    bufferevent_free(buffer);
    if (++finished == CLIENTS)
        evconnlistener_free(listener);
}

static void on_connection(struct evconnlistener *from, evutil_socket_t fd, struct sockaddr *address,
                          int size, void *argument) {
    EXPECT(from == listener && argument == &finished && address && size > 0);
    struct bufferevent *buffer = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(buffer, on_data, NULL, on_end, take(500));
    EXPECT(bufferevent_enable(buffer, EV_READ) == 0);
}

static void on_written(struct bufferevent *buffer, void *argument) {
    EXPECT(argument == base);
    bufferevent_free(buffer);
}

static void on_connected(struct bufferevent *buffer, short what, void *argument) {
    static int number;
    EXPECT(what == BEV_EVENT_CONNECTED && argument == base);
    take(70);
    EXPECT(bufferevent_write(buffer, "hello, hello", (size_t)(10 + number++)) == 0);
}

static void start_network(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    listener = evconnlistener_new_bind(base, on_connection, &finished, LEV_OPT_CLOSE_ON_FREE, 8,
                                       (struct sockaddr *)&address, sizeof address);
    EXPECT(listener != NULL);
    EXPECT(getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&address, &size) == 0);
    for (int i = 0; i < CLIENTS; i++) {
        struct bufferevent *buffer = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
        bufferevent_setcb(buffer, NULL, on_written, on_connected, base);
        EXPECT(bufferevent_socket_connect(buffer, (struct sockaddr *)&address, sizeof address) ==
               0);
    }
}

int main(void) {
    static int ticks;
    base = event_base_new();
    EXPECT(base != NULL);
    tick = event_new(base, -1, EV_PERSIST, on_tick, &ticks);
    EXPECT(event_add(tick, &soon) == 0);
    EXPECT(event_base_once(base, -1, EV_TIMEOUT, on_once, &of_child, &soon) == 0);
    EXPECT(event_assign(&own, base, -1, 0, on_own, NULL) == 0 && event_add(&own, &soon) == 0);
    start_reused();
    start_outside();
    plan();
    start_network();
    EXPECT(event_base_dispatch(base) == 1);
    event_free(readable);
    event_base_free(base);
    EXPECT(ticks == 3 && finished == CLIENTS);
    free(of_child);
    say("event_tasks done\n");
    return 0;
}
