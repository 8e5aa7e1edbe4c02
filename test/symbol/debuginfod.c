#include "symbol/debuginfod.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "fixture.h"

/* A server on the loopback that knows one file: the debug half of `prog`. */
typedef struct ms_server {
    int socket;
    unsigned port;
} ms_server;

static uint64_t wanted;

static int make_program(void **state) {
    if (enter_directory(state) != 0) {
        return -1;
    }
    write_text("prog.c", "#include <stdlib.h>\n"
                         "static __attribute__((noinline)) void *wanted(size_t n) {\n"
                         "    return malloc(n + 1);\n"
                         "}\n"
                         "int main(int argc, char **argv) { return wanted(argc) == argv; }\n");
    run("gcc -g -O1 -Wl,--build-id prog.c -o full && strip -o prog full");
    run("objcopy --only-keep-debug full prog.debug && mkdir -p cache");
    wanted = first_call("full", "wanted");
    return 0;
}

static ms_server start_listening(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    ms_server server = {.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(server.socket >= 0);
    assert_int_equal(bind(server.socket, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server.socket, 8), 0);
    assert_int_equal(getsockname(server.socket, (struct sockaddr *)&address, &size), 0);
    server.port = ntohs(address.sin_port);
    return server;
}

static void point_to(const ms_server *server) {
    char url[64], cache[FIXTURE_PATH];
    snprintf(url, sizeof url, "http://127.0.0.1:%u", server->port);
    assert_non_null(getcwd(cache, sizeof cache - 8));
    strcat(cache, "/cache");
    setenv("DEBUGINFOD_URLS", url, 1);
    setenv("DEBUGINFOD_CACHE_PATH", cache, 1);
    setenv("DEBUGINFOD_TIMEOUT", "10", 1);
    unsetenv("http_proxy");
    setenv("no_proxy", "127.0.0.1", 1);
}

/* Answers every request for debug info with the file, in a process of its own. */
static pid_t serve(const ms_server *server) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child != 0) {
        return child;
    }
    alarm(60);
    for (;;) {
        char request[4096] = "", bytes[65536];
        int client = accept(server->socket, NULL, NULL);
        ssize_t size = read(client, request, sizeof request - 1);
        FILE *file = size > 0 && strstr(request, "/debuginfo") ? fopen("prog.debug", "rb") : NULL;
        size_t count = file ? fread(bytes, 1, sizeof bytes, file) : 0;
        dprintf(client, "HTTP/1.0 %s\r\nContent-Length: %zu\r\n\r\n",
                file ? "200 OK" : "404 Not Found", count);
        if (write(client, bytes, count) != (ssize_t)count) {
            _exit(1);
        }
        close(client);
    }
}

static const char *look_up(const ms_symbols_options *options) {
    static char name[64];
    ms_symbols *symbols = ms_symbols_new(options);
    size_t module = add_file(symbols, "prog");
    snprintf(name, sizeof name, "%s", function_at(symbols, module, wanted));
    ms_symbols_free(symbols);
    return name;
}

static void nobody_is_asked_by_default(void **state) {
    (void)state;
    ms_server server = start_listening();
    point_to(&server);
    assert_string_equal(look_up(NULL), "");
    assert_string_equal(look_up(&(ms_symbols_options){.inlines = true}), "");
    fcntl(server.socket, F_SETFL, O_NONBLOCK);
    assert_int_equal(accept(server.socket, NULL, NULL), -1); /* nobody has knocked */
    close(server.socket);
}

static void a_server_is_asked_when_the_options_say_so(void **state) {
    (void)state;
    void *library = dlopen("libdebuginfod.so.1", RTLD_NOW);
    if (!library) {
        print_message("no libdebuginfod on this machine\n");
        skip();
    }
    ms_server server = start_listening();
    point_to(&server);
    pid_t child = serve(&server);
    assert_string_equal(look_up(&(ms_symbols_options){.debuginfod = true}), "wanted");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(server.socket);
}

static void a_server_that_is_not_there_leaves_what_is_known(void **state) {
    (void)state;
    ms_server server = start_listening();
    point_to(&server);
    close(server.socket);
    run("rm -rf cache && mkdir cache");
    assert_string_equal(look_up(&(ms_symbols_options){.debuginfod = true}), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_asked_by_default),
        cmocka_unit_test(a_server_is_asked_when_the_options_say_so),
        cmocka_unit_test(a_server_that_is_not_there_leaves_what_is_known),
    };
    return cmocka_run_group_tests(tests, make_program, leave_directory);
}
