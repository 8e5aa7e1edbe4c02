/* event_web.c - libevent's HTTP, names, filters and older calls on one base, of a program that knows nothing of tasks
 * but for one that it begins by a word. What each callback allocates and keeps, test_adapters.py knows by heart.
 * Without memscope, and however often it is run, it says "event_web done". */
#include <memscope.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_compat.h>
#include <event2/dns.h>
#include <event2/dns_struct.h>
#include <event2/event.h>
#include <event2/event_compat.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "victim.h"

static struct event_base *base;
static int left; /* callbacks that are to come before all is over */

static void gone(void) {
    if (--left == 0)
        event_base_loopbreak(base);
}

static unsigned port_of(evutil_socket_t fd) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    EXPECT(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    return ntohs(address.sin_port);
}

/* ---- a server: 15 bytes for its only connection; 100 for what is asked for in pieces, 101 when the first has gone
 * and 102 when all have; 200 for all else ------------------------------------------------------------------- */

static struct evhttp *http;

static struct bufferevent *on_buffer(struct event_base *on, void *argument) {
    EXPECT(on == base && argument == &http);
    take(15);
    return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
}

static void on_sent(struct evhttp_connection *connection, void *request) {
    EXPECT(connection == evhttp_request_get_connection(request));
    take(101);
    evhttp_send_reply_end(request);
}

static void on_complete(struct evhttp_request *request, void *argument) {
    EXPECT(request && argument == &port_of);
    take(102);
}

static void on_pieces(struct evhttp_request *request, void *argument) {
    EXPECT(request && argument == &left);
    take(100);
    struct evbuffer *piece = evbuffer_new();
    evhttp_request_set_on_complete_cb(request, on_complete, &port_of);
    evhttp_send_reply_start(request, 200, "fine");
    evhttp_send_reply_chunk_with_cb(request, piece, on_sent, NULL); /* empty: is not sent */
    evbuffer_add(piece, "piece", 5);
    evhttp_send_reply_chunk_with_cb(request, piece, on_sent, request);
    evbuffer_free(piece);
}

static void on_request(struct evhttp_request *request, void *argument) {
    EXPECT(request && argument == &base);
    take(200);
    evhttp_send_reply(request, 200, "fine", NULL);
}

static unsigned serve(void) {
    http = evhttp_new(base);
    evhttp_set_bevcb(http, on_buffer, &http);
    EXPECT(evhttp_set_cb(http, "/gone", on_pieces, NULL) == 0);
    EXPECT(evhttp_set_cb(http, "/pieces", on_pieces, &left) == 0);
    EXPECT(evhttp_set_cb(http, "/pieces", on_request, NULL) == -1);
    EXPECT(evhttp_del_cb(http, "/gone") == 0 && evhttp_del_cb(http, "/gone") == -1);
    evhttp_set_gencb(http, on_pieces, NULL);
    evhttp_set_gencb(http, on_request, &base);
    return port_of(
        evhttp_bound_socket_get_fd(evhttp_bind_socket_with_handle(http, "127.0.0.1", 0)));
}

/* ---- requests: of the first, 41 bytes for its piece, 42 for its header and 40 in the end; of the second, which the
 * program keeps, 50; and when their connection ends 51 ------------------------------------------------------- */

static struct evhttp_connection *connection;
static struct evhttp_request *second;

static void on_closed(struct evhttp_connection *of, void *argument) {
    EXPECT(of == connection && argument == &second);
    take(51);
}

static void on_chunk(struct evhttp_request *request, void *argument) {
    EXPECT(evbuffer_get_length(evhttp_request_get_input_buffer(request)) == 5);
    EXPECT(argument == &http);
    take(41);
}

static int on_header(struct evhttp_request *request, void *argument) {
    EXPECT(evhttp_request_get_response_code(request) == 200 && argument == &http);
    take(42);
    return 0;
}

static void on_answer(struct evhttp_request *request, void *argument) {
    EXPECT(evhttp_request_get_response_code(request) == 200 && argument == &http);
    take(40);
    gone();
}

static void on_second(struct evhttp_request *request, void *argument) {
    EXPECT(request == second && argument == &second);
    take(50);
    evhttp_request_own(request);
    gone();
}

static void ask(unsigned port) {
    connection = evhttp_connection_base_new(base, NULL, "127.0.0.1", (ev_uint16_t)port);
    struct evhttp_request *first = evhttp_request_new(on_answer, &http);
    evhttp_request_set_chunked_cb(first, on_chunk);
    evhttp_request_set_header_cb(first, on_header);
    EXPECT(evhttp_make_request(connection, first, EVHTTP_REQ_GET, "/pieces") == 0);
    {
        MEMSCOPE_TASK("second");
        evhttp_connection_set_closecb(connection, on_closed, &second);
        second = evhttp_request_new(on_second, &second);
        EXPECT(evhttp_make_request(connection, second, EVHTTP_REQ_GET, "/all else") == 0);
    }
    left += 2;
}

/* ---- requests that nobody answers: 43 bytes for the failure of one and 44 in its end, 45 for another, which is
 * cancelled; a third one is never sent ------------------------------------------------------------------------- */

static void on_failure(enum evhttp_request_error error, void *argument) {
    bool cancelled = argument == &connection;
    EXPECT(error != EVREQ_HTTP_TIMEOUT && (error == EVREQ_HTTP_REQUEST_CANCEL) == cancelled);
    take(cancelled ? 45 : 43);
}

static void on_nothing(struct evhttp_request *request, void *argument) {
    EXPECT(!request && argument == &on_failure);
    take(44);
    gone();
}

static struct evhttp_request *request_to(struct evhttp_connection *nobody, void *argument) {
    struct evhttp_request *request = evhttp_request_new(on_nothing, argument);
    evhttp_request_set_error_cb(request, on_failure);
    EXPECT(evhttp_make_request(nobody, request, EVHTTP_REQ_GET, "/") == 0);
    return request;
}

/* Takes what is sent, and says nothing. */
static void on_silence(struct evconnlistener *listener, evutil_socket_t fd,
                       struct sockaddr *address, int size, void *argument) {
    (void)listener, (void)address, (void)size, (void)argument;
    close(fd);
}

static struct evconnlistener *silent;
static struct evhttp_connection *nobodys[2];

static void ask_nobody(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    silent = evconnlistener_new_bind(base, on_silence, NULL, LEV_OPT_CLOSE_ON_FREE, 8,
                                     (struct sockaddr *)&address, sizeof address);
    unsigned port = port_of(evconnlistener_get_fd(silent));
    for (int i = 0; i < 2; i++) {
        nobodys[i] = evhttp_connection_base_new(base, NULL, "127.0.0.1", (ev_uint16_t)port);
        evhttp_connection_set_retries(nobodys[i], 0);
    }
    request_to(nobodys[0], &on_failure);
    evhttp_cancel_request(request_to(nobodys[1], &connection));
    evhttp_request_free(evhttp_request_new(on_nothing, NULL));
    left++;
}

/* ---- names: 60 bytes for an answer, 66 of the server for the question, 61 for what needs no question, 62 for one
 * that is cancelled ---------------------------------------------------------------------------------------------- */

static struct evdns_base *dns;
static struct evdns_server_port *names;

static void on_query(struct evdns_server_request *request, void *argument) {
    static const ev_uint32_t loopback = 0x0100007f;
    EXPECT(argument == &names && request->nquestions == 1);
    take(66);
    evdns_server_request_add_a_reply(request, request->questions[0]->name, 1, &loopback, 10);
    EXPECT(evdns_server_request_respond(request, 0) == 0);
}

static void on_address(int result, char type, int count, int ttl, void *addresses, void *argument) {
    EXPECT(result == DNS_ERR_NONE && type == DNS_IPv4_A && count == 1 && ttl == 10 && addresses);
    EXPECT(argument == &dns);
    take(60);
    gone();
}

static void on_cancelled(int result, char type, int count, int ttl, void *addresses,
                         void *argument) {
    (void)type, (void)ttl, (void)addresses;
    EXPECT(result == DNS_ERR_CANCEL && count == 0 && argument == &names);
    take(62);
    gone();
}

static void on_number(int result, struct evutil_addrinfo *list, void *argument) {
    EXPECT(result == 0 && list && argument == base);
    take(61);
    evutil_freeaddrinfo(list);
}

static void name(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct evutil_addrinfo hints = {.ai_family = AF_INET, .ai_flags = EVUTIL_AI_NUMERICHOST};
    char server[32];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    EXPECT(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    snprintf(server, sizeof server, "127.0.0.1:%u", port_of(fd));
    names = evdns_add_server_port_with_base(base, fd, 0, on_query, &names);
    dns = evdns_base_new(base, 0);
    EXPECT(names && dns && evdns_base_nameserver_ip_add(dns, server) == 0);
    EXPECT(evdns_base_resolve_ipv4(dns, "a.test", DNS_QUERY_NO_SEARCH, on_address, &dns));
    evdns_cancel_request(
        dns, evdns_base_resolve_ipv4(dns, "b.test", DNS_QUERY_NO_SEARCH, on_cancelled, &names));
    EXPECT(!evdns_getaddrinfo(dns, "127.0.0.1", "80", &hints, on_number, base));
    left += 2;
}

/* ---- a filter: 70 bytes for what comes in, 71 for what goes out, 73 for what has come; 72 are freed by its end -- */

static struct bufferevent *filter, *pair[2];

static enum bufferevent_filter_result pass(struct evbuffer *from, struct evbuffer *to,
                                           ev_ssize_t limit, enum bufferevent_flush_mode mode,
                                           void *memory) {
    (void)limit, (void)mode;
    EXPECT(memory != NULL && evbuffer_get_length(from) > 0);
    evbuffer_add_buffer(to, from);
    return BEV_OK;
}

static enum bufferevent_filter_result filter_in(struct evbuffer *from, struct evbuffer *to,
                                                ev_ssize_t limit, enum bufferevent_flush_mode mode,
                                                void *memory) {
    take(70);
    return pass(from, to, limit, mode, memory);
}

static enum bufferevent_filter_result filter_out(struct evbuffer *from, struct evbuffer *to,
                                                 ev_ssize_t limit, enum bufferevent_flush_mode mode,
                                                 void *memory) {
    take(71);
    return pass(from, to, limit, mode, memory);
}

static void on_filtered(struct bufferevent *buffer, void *argument) {
    EXPECT(buffer == filter && argument == &pair);
    evbuffer_drain(bufferevent_get_input(buffer), 100);
    take(73);
    gone();
}

static void start_filter(void) {
    EXPECT(bufferevent_pair_new(base, 0, pair) == 0);
    filter = bufferevent_filter_new(pair[0], filter_in, filter_out, 0, free, take(72));
    EXPECT(filter != NULL);
    bufferevent_setcb(filter, on_filtered, NULL, NULL, &pair);
    EXPECT(bufferevent_enable(filter, EV_READ) == 0 && bufferevent_enable(pair[1], EV_READ) == 0);
    EXPECT(bufferevent_write(filter, "out", 3) == 0 && bufferevent_write(pair[1], "in", 2) == 0);
    left++;
}

/* ---- older calls: 75 bytes of a connection, 22 of what is called but once; and 80 of a listener that cannot --- */

static struct bufferevent *old;

static void on_old(struct bufferevent *buffer, void *argument) {
    EXPECT(buffer == old && argument == &old);
    evbuffer_drain(bufferevent_get_input(buffer), 100);
    take(75);
    gone();
}

static void on_once(evutil_socket_t fd, short what, void *argument) {
    EXPECT(fd == -1 && what == EV_TIMEOUT && argument == &old);
    take(22);
    gone();
}

static void on_error(struct evconnlistener *listener, void *argument) {
    EXPECT(argument == &left);
    take(80);
    evconnlistener_free(listener);
    gone();
}

static void start_old(void) {
    static const struct timeval soon = {0, 1000};
    static int ends[2], wrong[2];
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && write(ends[1], "x", 1) == 1);
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, wrong) == 0 && write(wrong[1], "x", 1) == 1);
    evutil_make_socket_nonblocking(ends[0]);
    evutil_make_socket_nonblocking(wrong[0]);
    old = bufferevent_new(ends[0], on_old, NULL, NULL, &old);
    EXPECT(old && bufferevent_enable(old, EV_READ) == 0);
    EXPECT(event_once(-1, EV_TIMEOUT, on_once, &old, &soon) == 0);
    struct evconnlistener *listener = evconnlistener_new(base, on_silence, &left, 0, 0, wrong[0]);
    evconnlistener_set_error_cb(listener, on_error);
    left += 3;
}

int main(void) {
    tzset(); /* takes memory, and would in whichever callback answers first */
    base = event_init();
    EXPECT(base != NULL);
    ask(serve());
    ask_nobody();
    name();
    start_filter();
    start_old();
    event_base_dispatch(base);
    EXPECT(left == 0);
    evhttp_request_free(second);
    for (int i = 0; i < 2; i++)
        evhttp_connection_free(nobodys[i]);
    evhttp_connection_free(connection);
    evhttp_free(http);
    evconnlistener_free(silent);
    evdns_base_free(dns, 0);
    evdns_close_server_port(names);
    bufferevent_free(filter);
    bufferevent_free(pair[0]);
    bufferevent_free(pair[1]);
    bufferevent_free(old);
    event_base_free(base);
    say("event_web done\n");
    return 0;
}
