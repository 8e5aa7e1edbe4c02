/* leaky_server.c - a server as people write them, with the leak that they write, too: where a page is missing
 * it answers and forgets the headers of the request. A client in a thread of its own asks it.
 *
 * Usage: leaky_server REQUESTS. Every fifth page is missing. Prints "leaked BYTES in BLOCKS", of the headers'
 * values alone. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "victim.h"

enum { VALUE_SIZE = 240, MISSING_EVERY = 5 };

struct header {
    struct header *next;
    char *value;
};

struct request {
    unsigned page;
    struct header *headers;
};

static int sockets[2];
static unsigned requests;

/* ---- the server ------------------------------------------------------------------------------ */

__attribute__((noinline)) static void parse_header(struct request *request, unsigned char c) {
    struct header *header = malloc(sizeof *header);
    header->value = malloc(VALUE_SIZE);
    memset(header->value, c, VALUE_SIZE);
    header->next = request->headers;
    request->headers = header;
}

static void free_headers(struct request *request) {
    while (request->headers) {
        struct header *header = request->headers;
        request->headers = header->next;
        free(header->value);
        free(header);
    }
}

static bool answer(struct request *request) {
    char found = request->page % MISSING_EVERY != 0;
    EXPECT(send(sockets[0], &found, 1, 0) == 1);
    return found;
}

static void serve(unsigned page) {
    struct request *request = malloc(sizeof *request);
    *request = (struct request){page, NULL};
    parse_header(request, 'h');
    parse_header(request, 'u');
    if (!answer(request)) {
        free(request); /* the leak */
        return;
    }
    free_headers(request);
    free(request);
}

/* ---- the client ------------------------------------------------------------------------------ */

static void *ask(void *unused) {
    (void)unused;
    for (uint32_t page = 0; page < requests; page++) {
        char found;
        EXPECT(send(sockets[1], &page, sizeof page, 0) == sizeof page);
        EXPECT(recv(sockets[1], &found, 1, 0) == 1);
    }
    shutdown(sockets[1], SHUT_WR);
    return NULL;
}

int main(int argc, char **argv) {
    requests = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    pthread_t client;
    uint32_t page;
    EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets) == 0);
    EXPECT(pthread_create(&client, NULL, ask, NULL) == 0);
    while (recv(sockets[0], &page, sizeof page, 0) == sizeof page)
        serve(page);
    EXPECT(pthread_join(client, NULL) == 0);
    unsigned missing = (requests + MISSING_EVERY - 1) / MISSING_EVERY;
    say("leaked %u in %u\n", missing * 2 * VALUE_SIZE, missing * 2);
    return 0;
}
