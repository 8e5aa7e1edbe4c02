/* web_server.c - an HTTP server on the loopback interface, and the clients that ask it.
 *
 *     memscope run -- build/examples/web_server
 *
 * One thread serves all connections from one poll loop, so no stack tells for whom it allocates. A task
 * per connection does: it begins when the connection is accepted, is switched to for each event of it,
 * and ends when it is closed. The clients open all connections before any of them asks.
 *
 * Its books: what was allocated for each connection (its state, a request that grows as it comes in, a
 * response as long as the path says), and that nothing is left. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "memscope.h"
#include "example.h"

enum { CLIENTS = 40, REQUEST_START = 32, REQUEST_STEP = 32, HEADER_MAX = 96 };

struct connection {
    uint64_t task;
    char *request;
    size_t used, capacity;
    unsigned number;
};

static size_t body_size(unsigned number) {
    return 100 + number * 97 % 900;
}

/* ---- the server ------------------------------------------------------------------------------ */

static struct connection *new_connection(struct books *books) {
    uint64_t task = MEMSCOPE_TASK_BEGIN("connection");
    memscope_task_switch(task);
    struct connection *connection = take(books, sizeof *connection);
    MEMSCOPE_TRACK(connection);
    *connection = (struct connection){task, take(books, REQUEST_START), 0, REQUEST_START, 0};
    memscope_task_switch(0);
    return connection;
}

/* True: the request is whole. It grows by steps, whatever the network does: so its books hold. */
static int receive(struct connection *connection, int socket, struct books *books) {
    char byte;
    while (recv(socket, &byte, 1, MSG_DONTWAIT) == 1) {
        if (connection->used + 1 == connection->capacity) {
            connection->request = grow(books, connection->request, connection->capacity,
                                       connection->capacity + REQUEST_STEP);
            connection->capacity += REQUEST_STEP;
        }
        connection->request[connection->used++] = byte;
        connection->request[connection->used] = '\0';
        if (strstr(connection->request, "\r\n\r\n") != NULL)
            return 1;
    }
    return 0;
}

static void respond(struct connection *connection, int socket, struct books *books) {
    NEED(sscanf(connection->request, "GET /page/%u ", &connection->number) == 1);
    NEED(connection->number < CLIENTS);
    size_t body = body_size(connection->number), size = HEADER_MAX + body;
    char *response = take(books, size);
    MEMSCOPE_TRACK(response);
    int header =
        snprintf(response, HEADER_MAX,
                 "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", body);
    memset(response + header, 'x', body);
    size_t whole = (size_t)header + body;
    NEED(send(socket, response, whole, MSG_NOSIGNAL) == (ssize_t)whole);
    give_back(books, response, size);
}

/* True: the connection was closed. */
static int serve(struct connection *connection, int socket, struct books *books) {
    memscope_task_switch(connection->task);
    int whole = receive(connection, socket, books);
    if (whole) {
        const uint64_t task = connection->task;
        respond(connection, socket, books);
        give_back(books, connection->request, connection->capacity);
        give_back(books, connection, sizeof *connection);
        memscope_task_end(task);
        close(socket);
    }
    memscope_task_switch(0);
    return whole;
}

static struct books books[CLIENTS]; /* of the connections, as they were accepted */

static void *run_server(void *argument) {
    static struct pollfd polls[CLIENTS + 1];
    static struct connection *connections[CLIENTS];
    polls[0] = (struct pollfd){*(int *)argument, POLLIN, 0};
    pthread_setname_np(pthread_self(), "server");
    for (unsigned count = 0, closed = 0; closed < CLIENTS;) {
        NEED(poll(polls, count + 1, -1) > 0);
        for (unsigned i = 0; i < count; i++) {
            if (polls[i + 1].revents == 0 || !serve(connections[i], polls[i + 1].fd, &books[i]))
                continue;
            polls[i + 1].fd = -1; /* poll looks away */
            polls[i + 1].revents = 0;
            closed++;
        }
        if (polls[0].revents != 0 && count < CLIENTS) {
            int socket = accept(polls[0].fd, NULL, NULL);
            NEED(socket >= 0);
            connections[count] = new_connection(&books[count]);
            polls[++count] = (struct pollfd){socket, POLLIN, 0};
        }
    }
    return NULL;
}

/* ---- the clients ----------------------------------------------------------------------------- */

static void ask(int socket, unsigned number) {
    static const char accepts[] = "Accept: */*\r\nAccept: */*\r\nAccept: */*\r\n";
    char text[512];
    int size = snprintf(text, sizeof text, "GET /page/%u HTTP/1.1\r\n%.*s\r\n", number,
                        (int)(number % 4 * (sizeof accepts / 3)), accepts);
    NEED(send(socket, text, (size_t)size, MSG_NOSIGNAL) == size);
    size_t got = 0;
    ssize_t more;
    while ((more = recv(socket, text, sizeof text, 0)) > 0)
        got += (size_t)more;
    NEED(got > body_size(number) && got < body_size(number) + HEADER_MAX);
    close(socket);
}

static void run_clients(const struct sockaddr_in *address) {
    int sockets[CLIENTS];
    for (unsigned i = 0; i < CLIENTS; i++) {
        sockets[i] = socket(AF_INET, SOCK_STREAM, 0);
        NEED(sockets[i] >= 0);
        NEED(connect(sockets[i], (const struct sockaddr *)address, sizeof *address) == 0);
    }
    for (unsigned i = CLIENTS; i-- > 0;) /* the last one first */
        ask(sockets[i], i);
}

static int compare(const void *a, const void *b) {
    const struct books *left = a, *right = b;
    return left->bytes < right->bytes ? -1 : left->bytes > right->bytes;
}

int main(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    pthread_t server;
    NEED(bind(listener, (const struct sockaddr *)&address, size) == 0);
    NEED(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    NEED(listen(listener, CLIENTS) == 0);
    NEED(pthread_create(&server, NULL, run_server, &listener) == 0);
    run_clients(&address);
    NEED(pthread_join(server, NULL) == 0);

    struct books sum = {0};
    qsort(books, CLIENTS, sizeof *books, compare);
    printf("task.connection.each.bytes_allocated=");
    for (unsigned i = 0; i < CLIENTS; i++) {
        printf("%s%" PRIu64, i == 0 ? "" : ",", books[i].bytes);
        add_books(&sum, &books[i]);
    }
    printf("\ntask.connection.count=%d\n", CLIENTS);
    printf("task.connection.zombies=0\n");
    print_books("task.connection", &sum);
    print_books("thread.server", &sum);
    printf("variable.connection.count=%d\n", CLIENTS);
    printf("variable.connection.size=%zu\n", sizeof(struct connection));
    printf("variable.connection.alive=0\n");
    return 0;
}
