/* SPDX-License-Identifier: Apache-2.0
 *
 * libjinzai against a jinzaid that listens on JINZAI_CONNECT and serves the caller as an
 * administrator, directly and through a proxy that loses answers; and against servers that behave
 * as no jinzaid would.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "address.h"
#include "jinzai.h"

enum { WAIT_MS = 10000, MANY = 300, WRITES = 40, BUFFER = 65536 };

/* A server in a process of its own: handler is called for each connection, numbered from 1. */
struct server {
    pid_t pid;
    char directory[64], path[96], address[112];
};

typedef void handler(int fd, int number);

static const char *daemon_address;

static int64_t
now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int
listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_true(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    unlink(path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

static void
server_run(struct server *server, handler *handle)
{
    int listener = listen_at(server->path);

    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid > 0) {
        close(listener);
        return;
    }
    for (int number = 1;; number++) {
        int fd = accept(listener, NULL, NULL);

        if (fd < 0)
            _exit(1);
        handle(fd, number);
        close(fd);
    }
}

static void
server_start(struct server *server, handler *handle)
{
    strcpy(server->directory, "/tmp/jinzai-test-XXXXXX");
    assert_non_null(mkdtemp(server->directory));
    snprintf(server->path, sizeof server->path, "%s/socket", server->directory);
    snprintf(server->address, sizeof server->address, "unix:%s", server->path);
    server_run(server, handle);
}

static void
server_kill(struct server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
}

static void
server_stop(struct server *server)
{
    server_kill(server);
    unlink(server->path);
    rmdir(server->directory);
}

static int
connect_daemon(void)
{
    struct jinzai_address address;
    struct jinzai_endpoint endpoint[JINZAI_ADDRESS_MAX];
    int count, fd = -1;

    if (jinzai_address_parse(&address, daemon_address, NULL) != 0)
        _exit(1);
    count = jinzai_address_resolve(&address, endpoint, NULL);
    for (int i = 0; i < count; i++) {
        fd = socket(endpoint[i].address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (const struct sockaddr *)&endpoint[i].address, endpoint[i].size) == 0)
            return fd;
        close(fd);
    }
    _exit(1);
}

static int
copy(int from, int to)
{
    char bytes[BUFFER];
    ssize_t size = read(from, bytes, sizeof bytes);

    for (ssize_t at = 0, sent; at < size; at += sent) {
        sent = send(to, bytes + at, (size_t)(size - at), MSG_NOSIGNAL);
        if (sent <= 0)
            return -1;
    }
    return size > 0 ? 0 : -1;
}

/* Passes requests on; with lose, the first answer is thrown away with the connection: the daemon
 * has done what was asked and the client cannot know. */
static void
proxy(int fd, bool lose)
{
    int daemon = connect_daemon();
    struct pollfd ready[2] = {{.fd = fd, .events = POLLIN}, {.fd = daemon, .events = POLLIN}};

    for (;;) {
        if (poll(ready, 2, -1) < 0)
            break;
        if (ready[0].revents != 0 && copy(fd, daemon) != 0)
            break;
        if (ready[1].revents != 0 && (lose || copy(daemon, fd) != 0))
            break;
    }
    close(daemon);
}

static void
lose_three(int fd, int number)
{
    proxy(fd, number <= 3);
}

static void
lose_first(int fd, int number)
{
    proxy(fd, number == 1);
}

static void
pass(int fd, int number)
{
    (void)number;
    proxy(fd, false);
}

static struct jinzai *
open_at(const char *address)
{
    struct jinzai_error error = {.code = 0};
    struct jinzai *conn = jinzai_open(address, WAIT_MS, &error);

    if (conn == NULL)
        print_error("%s: %s\n", address, error.message);
    assert_non_null(conn);
    return conn;
}

/* An organization that no other test has. */
static json_t *
organization(void)
{
    static int count;
    char code[64];

    snprintf(code, sizeof code, "lib-%llx-%x-%x", (unsigned long long)now_ms(), (unsigned)getpid(),
             ++count);
    return json_pack("{s:s,s:{s:s},s:s,s:s,s:b}", "code", code, "name", "en", code, "kind",
                     "company", "country", "JP", "synthetic", 1);
}

static void
a_call_gets_its_result(void **state)
{
    struct jinzai *conn = open_at(daemon_address);
    struct jinzai_error error;
    json_t *result = NULL;

    (void)state;
    assert_int_equal(jinzai_call(conn, "server.info", NULL, WAIT_MS, &result, &error), 0);
    assert_true(json_is_object(result));
    assert_int_equal(jinzai_connections(conn), 1);
    json_decref(result);
    assert_int_equal(jinzai_call(conn, "server.info", NULL, WAIT_MS, NULL, NULL), 0);
    jinzai_close(conn);
}

static void
an_error_is_a_value_that_names_the_parameter(void **state)
{
    struct jinzai *conn = open_at(daemon_address);
    json_t *params = json_pack("{s:s}", "ref", "no-such-organization"), *result = params;
    struct jinzai_error error;

    (void)state;
    assert_int_equal(jinzai_call(conn, "organization.get", params, WAIT_MS, &result, &error), -1);
    assert_null(result);
    assert_int_equal(error.code, JINZAI_NOT_FOUND);
    assert_string_equal(error.name, "not_found");
    assert_string_equal(error.parameter, "ref");
    assert_string_not_equal(error.message, "");
    assert_int_equal(strlen(error.trace), 16);
    assert_int_equal(jinzai_call(conn, "no.such_method", NULL, WAIT_MS, NULL, &error), -1);
    assert_int_equal(error.code, JINZAI_METHOD_NOT_FOUND);
    assert_int_equal(jinzai_write(conn, "organization.create", NULL, WAIT_MS, NULL, &error), -1);
    assert_int_equal(error.code, JINZAI_INVALID_PARAMS);
    assert_string_not_equal(error.parameter, "");
    assert_int_equal(jinzai_call(conn, "no.such_method", NULL, WAIT_MS, NULL, NULL), -1);
    json_decref(params);
    jinzai_close(conn);
}

static void
tickets_are_received_in_any_order(void **state)
{
    struct jinzai *conn = open_at(daemon_address);
    int64_t ticket[MANY];
    struct jinzai_error error;
    json_t *result;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        ticket[i] = jinzai_send(conn, i % 2 == 0 ? "server.info" : "no.such_method", NULL, 0,
                                WAIT_MS, &error);
        assert_true(ticket[i] > 0);
    }
    for (int i = MANY - 1; i >= 0; i--) {
        assert_int_equal(jinzai_receive(conn, ticket[i], &result, &error), i % 2 == 0 ? 0 : -1);
        json_decref(result);
    }
    assert_int_equal(jinzai_receive(conn, ticket[0], &result, &error), -1);
    assert_int_equal(error.code, JINZAI_BAD_CALL);
    jinzai_close(conn);
}

static void
another_event_loop_takes_answers_as_they_come(void **state)
{
    struct jinzai *conn = open_at(daemon_address);
    struct jinzai_error error;
    json_t *result;
    int left = MANY;

    (void)state;
    for (int i = 0; i < MANY; i++)
        assert_true(jinzai_send(conn, "server.info", NULL, 0, WAIT_MS, &error) > 0);
    while (left > 0) {
        unsigned events = jinzai_events(conn);
        struct pollfd ready = {.fd = jinzai_fd(conn)};

        ready.events = (short)(((events & JINZAI_READABLE) != 0 ? POLLIN : 0) |
                               ((events & JINZAI_WRITABLE) != 0 ? POLLOUT : 0));
        poll(&ready, 1, jinzai_wait_ms(conn));
        jinzai_process(conn);
        while (jinzai_receive_any(conn, 0, &result, &error) > 0) {
            assert_non_null(result);
            json_decref(result);
            left--;
        }
    }
    assert_int_equal(jinzai_receive_any(conn, 0, &result, &error), 0);
    assert_int_equal(jinzai_wait_ms(conn), -1);
    jinzai_close(conn);
}

static void
a_forgotten_ticket_leaves_its_neighbours_alone(void **state)
{
    struct jinzai *conn = open_at(daemon_address);
    int64_t first = jinzai_send(conn, "server.info", NULL, 0, WAIT_MS, NULL);
    int64_t second = jinzai_send(conn, "server.info", NULL, 0, WAIT_MS, NULL);

    (void)state;
    jinzai_forget(conn, first);
    jinzai_forget(conn, 12345);
    assert_int_equal(jinzai_receive(conn, second, NULL, NULL), 0);
    jinzai_close(conn);
}

static void
parameters_that_are_no_json_are_refused_before_they_are_sent(void **state)
{
    struct jinzai *conn = open_at(daemon_address);
    json_t *text = json_string("x");
    struct jinzai_error error;

    (void)state;
    assert_int_equal(jinzai_send_text(conn, "server.info", "{", 0, WAIT_MS, &error), -1);
    assert_int_equal(error.code, JINZAI_BAD_CALL);
    assert_int_equal(jinzai_send(conn, "server.info", text, 0, WAIT_MS, &error), -1);
    assert_int_equal(error.code, JINZAI_BAD_CALL);
    assert_int_equal(jinzai_call(conn, "server.info", NULL, WAIT_MS, NULL, &error), 0);
    json_decref(text);
    jinzai_close(conn);
}

static void
an_answer_past_the_limit_fails_alone(void **state)
{
    struct jinzai *conn = open_at(daemon_address);
    struct jinzai_error error;
    int64_t large, small;

    (void)state;
    jinzai_set_answer_bytes(conn, 4096);
    large = jinzai_send(conn, "rpc.discover", NULL, 0, WAIT_MS, &error);
    small = jinzai_send(conn, "no.such_method", NULL, 0, WAIT_MS, &error);
    assert_int_equal(jinzai_receive(conn, large, NULL, &error), -1);
    assert_int_equal(error.code, JINZAI_TOO_LARGE);
    assert_int_equal(jinzai_receive(conn, small, NULL, &error), -1);
    assert_int_equal(error.code, JINZAI_METHOD_NOT_FOUND);
    assert_int_equal(jinzai_connections(conn), 1);
    jinzai_close(conn);
}

static void
writes_happen_once_when_their_answers_are_lost(void **state)
{
    struct server server;
    struct jinzai *conn;
    json_t *params[WRITES], *result = NULL;
    int64_t ticket[WRITES];
    struct jinzai_error error;

    (void)state;
    server_start(&server, lose_three);
    conn = open_at(server.address);
    for (int i = 0; i < WRITES; i++) {
        params[i] = organization();
        ticket[i] =
            jinzai_send(conn, "organization.create", params[i], JINZAI_WRITE, WAIT_MS, &error);
        assert_true(ticket[i] > 0);
    }
    /* A write that was done twice would be refused the second time, since its code is taken. */
    for (int i = 0; i < WRITES; i++) {
        int rc = jinzai_receive(conn, ticket[i], &result, &error);

        if (rc != 0)
            print_error("%s: %s\n", error.name, error.message);
        assert_int_equal(rc, 0);
        assert_string_equal(json_string_value(json_object_get(result, "code")),
                            json_string_value(json_object_get(params[i], "code")));
        json_decref(result);
    }
    assert_int_equal(jinzai_connections(conn), 4);
    assert_int_equal(jinzai_write(conn, "organization.create", params[0], WAIT_MS, NULL, &error),
                     -1);
    assert_int_equal(error.code, JINZAI_CONFLICT);
    for (int i = 0; i < WRITES; i++)
        json_decref(params[i]);
    jinzai_close(conn);
    server_stop(&server);
}

static void
reads_are_sent_again_when_their_answers_are_lost(void **state)
{
    struct server server;
    struct jinzai *conn;
    struct jinzai_error error;

    (void)state;
    server_start(&server, lose_three);
    conn = open_at(server.address);
    assert_int_equal(jinzai_call(conn, "server.info", NULL, WAIT_MS, NULL, &error), 0);
    assert_int_equal(jinzai_connections(conn), 4);
    jinzai_close(conn);
    server_stop(&server);
}

static void
what_may_be_sent_only_once_is_reported_lost(void **state)
{
    struct server server;
    struct jinzai *conn;
    struct jinzai_error error;
    json_t *params = organization();
    int64_t ticket;

    (void)state;
    server_start(&server, lose_first);
    conn = open_at(server.address);
    ticket = jinzai_send(conn, "organization.create", params, JINZAI_ONCE, WAIT_MS, &error);
    assert_int_equal(jinzai_receive(conn, ticket, NULL, &error), -1);
    assert_int_equal(error.code, JINZAI_LOST);
    /* The daemon had done it. */
    assert_int_equal(jinzai_write(conn, "organization.create", params, WAIT_MS, NULL, &error), -1);
    assert_int_equal(error.code, JINZAI_CONFLICT);
    json_decref(params);
    jinzai_close(conn);
    server_stop(&server);
}

static void
a_daemon_that_is_away_is_waited_for_until_the_deadline(void **state)
{
    struct server server;
    struct jinzai *conn;
    struct jinzai_error error;
    int64_t ticket;

    (void)state;
    server_start(&server, pass);
    conn = open_at(server.address);
    assert_int_equal(jinzai_call(conn, "server.info", NULL, WAIT_MS, NULL, &error), 0);
    server_kill(&server);
    assert_int_equal(jinzai_call(conn, "server.info", NULL, 300, NULL, &error), -1);
    assert_int_equal(error.code, JINZAI_CANNOT_CONNECT);
    ticket = jinzai_send(conn, "server.info", NULL, 0, WAIT_MS, &error);
    server_run(&server, pass);
    assert_int_equal(jinzai_receive(conn, ticket, NULL, &error), 0);
    jinzai_close(conn);
    server_stop(&server);
}

static void
no_daemon_at_the_address_is_said_at_once(void **state)
{
    struct jinzai_error error;
    int64_t begun_ms = now_ms();

    (void)state;
    assert_null(jinzai_open("unix:/nonexistent/socket", WAIT_MS, &error));
    assert_int_equal(error.code, JINZAI_CANNOT_CONNECT);
    assert_non_null(strstr(error.message, "/nonexistent/socket"));
    assert_null(jinzai_open("nonsense", WAIT_MS, &error));
    assert_int_equal(error.code, JINZAI_BAD_ADDRESS);
    assert_null(jinzai_open("nonsense", WAIT_MS, NULL));
    assert_true(now_ms() - begun_ms < WAIT_MS / 2);
}

/* Reads one line; returns its size, 0 at the end. */
static size_t
read_line(int fd, char *line, size_t size)
{
    size_t length = 0;

    while (length + 1 < size && read(fd, line + length, 1) == 1) {
        if (line[length++] == '\n')
            break;
    }
    line[length] = '\0';
    return length;
}

static void
say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        _exit(1);
}

static void
silent(int fd, int number)
{
    char line[BUFFER];

    (void)number;
    while (read_line(fd, line, sizeof line) > 0)
        ;
}

static void
silence_ends_at_the_deadline(void **state)
{
    struct server server;
    struct jinzai *conn;
    struct jinzai_error error;
    int64_t begun_ms = now_ms(), late, later;

    (void)state;
    server_start(&server, silent);
    conn = open_at(server.address);
    later = jinzai_send(conn, "a.b", NULL, 0, WAIT_MS, &error);
    late = jinzai_send(conn, "a.b", NULL, 0, 150, &error);
    assert_int_equal(jinzai_receive(conn, late, NULL, &error), -1);
    assert_int_equal(error.code, JINZAI_DEADLINE);
    assert_in_range(now_ms() - begun_ms, 150, WAIT_MS / 2);
    jinzai_forget(conn, later);
    jinzai_close(conn);
    server_stop(&server);
}

/* Answers "unavailable" twice, then whether all three requests were the same. */
static void
unavailable_twice(int fd, int number)
{
    char first[BUFFER] = "", line[BUFFER];

    (void)number;
    for (int i = 1; read_line(fd, line, sizeof line) > 0; i++) {
        if (i == 1)
            strcpy(first, line);
        if (i <= 2)
            say(fd, "{\"id\":1,\"error\":{\"code\":-32006,\"message\":\"try again\"}}\n");
        else if (strcmp(first, line) == 0 && strstr(line, "idempotency_key") != NULL)
            say(fd, "{\"id\":1,\"result\":{\"same\":true}}\n");
        else
            say(fd, "{\"id\":1,\"result\":{\"same\":false}}\n");
    }
}

static void
unavailable_is_tried_again_with_the_same_key(void **state)
{
    struct server server;
    struct jinzai *conn;
    struct jinzai_error error;
    json_t *result = NULL;

    (void)state;
    server_start(&server, unavailable_twice);
    conn = open_at(server.address);
    assert_int_equal(jinzai_write(conn, "a.create", NULL, WAIT_MS, &result, &error), 0);
    assert_true(json_is_true(json_object_get(result, "same")));
    json_decref(result);
    jinzai_close(conn);
    conn = open_at(server.address);
    assert_int_equal(jinzai_write(conn, "a.create", NULL, 50, &result, &error), -1);
    assert_int_equal(error.code, JINZAI_UNAVAILABLE);
    jinzai_close(conn);
    server_stop(&server);
}

/* Answers "unavailable" once, and then nothing any more. */
static void
unavailable_and_silent(int fd, int number)
{
    char line[BUFFER];

    read_line(fd, line, sizeof line);
    say(fd, "{\"id\":1,\"error\":{\"code\":-32006,\"message\":\"the database is away\"}}\n");
    silent(fd, number);
}

static void
at_the_deadline_the_last_refusal_is_told(void **state)
{
    struct server server;
    struct jinzai *conn;
    struct jinzai_error error;

    (void)state;
    server_start(&server, unavailable_and_silent);
    conn = open_at(server.address);
    assert_int_equal(jinzai_call(conn, "a.b", NULL, 400, NULL, &error), -1);
    assert_int_equal(error.code, JINZAI_DEADLINE);
    assert_string_equal(error.message, "no answer came within the deadline; the attempt before was told: the database is away");
    jinzai_close(conn);
    server_stop(&server);
}

static void
not_json(int fd, int number)
{
    char line[BUFFER];

    read_line(fd, line, sizeof line);
    say(fd, number == 1 ? "HTTP/1.1 400 Bad Request\r\n" : "{\"nothing\": \"known\"}\n");
    silent(fd, number);
}

static void
a_server_that_speaks_otherwise_is_found_out(void **state)
{
    struct server server;
    struct jinzai *conn;
    struct jinzai_error error;

    (void)state;
    server_start(&server, not_json);
    conn = open_at(server.address);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(jinzai_call(conn, "a.b", NULL, WAIT_MS, NULL, &error), -1);
        assert_int_equal(error.code, JINZAI_BAD_ANSWER);
    }
    jinzai_close(conn);
    server_stop(&server);
}

/* Notifications around and inside an answer that comes byte by byte with newlines in it, then an
 * end. */
static void
notify(int fd, int number)
{
    static const char answer[] =
        "{\"id\":1,\n \"result\": [1,\n 2]}\n{\"method\":\"event\",\"params\":{\"n\":2}}\n";
    char line[BUFFER];

    (void)number;
    read_line(fd, line, sizeof line);
    say(fd, "{\"jsonrpc\":\"2.0\",\"method\":\"event\",\"params\":{\"n\":1}}\n");
    for (const char *at = answer; *at != '\0'; at++)
        say(fd, (const char[]){*at, '\0'});
}

static void
count(const char *method, const json_t *params, void *context)
{
    int *sum = context;

    assert_string_equal(method, "event");
    *sum = *sum * 10 + (int)json_integer_value(json_object_get(params, "n"));
}

static void
notifications_arrive_in_order_and_their_end_is_told(void **state)
{
    struct server server;
    struct jinzai *conn;
    struct jinzai_error error;
    json_t *result = NULL;
    int sum = 0;

    (void)state;
    server_start(&server, notify);
    conn = open_at(server.address);
    jinzai_set_notification(conn, count, &sum);
    assert_int_equal(jinzai_call(conn, "a.b", NULL, WAIT_MS, &result, &error), 0);
    assert_int_equal(json_array_size(result), 2);
    json_decref(result);
    assert_int_equal(jinzai_receive_any(conn, WAIT_MS, &result, &error), -1);
    assert_int_equal(error.code, JINZAI_LOST);
    assert_int_equal(sum, 12);
    jinzai_close(conn);
    server_stop(&server);
}

/* A log of three events, told over three connections: the first breaks after one, the second cuts the subscriber off, the third
 * says that the log is another. The first page comes with the answer, and each says what it was asked from. */
static void
log_of_three(int fd, int number)
{
    char line[BUFFER], *id;
    const char *since = number == 1 ? "\"0\"" : number == 2 ? "\"1:aa\"" : "\"2:bb\"";
    int place = number;

    read_line(fd, line, sizeof line);
    id = strstr(line, "\"id\":");
    if (id == NULL || strstr(line, since) == NULL || strstr(line, "\"noun\":\"exchange\"") == NULL)
        _exit(1);
    if (number == 3) {
        snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"error\":{\"code\":-32011,\"message\":\"another log\","
                 "\"data\":{\"name\":\"diverged\"}}}\n", atoi(id + 5));
        say(fd, line);
        silent(fd, number);
        return;
    }
    snprintf(line, sizeof line,
             "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{\"subscription\":%d,\"position\":%d,\"cursor\":%s}}\n"
             "{\"jsonrpc\":\"2.0\",\"method\":\"event.notify\",\"params\":{\"subscription\":99,\"cursor\":\"9:99\",\"events\":[9]}}\n"
             "{\"jsonrpc\":\"2.0\",\"method\":\"event.notify\",\"params\":{\"subscription\":%d,\"cursor\":\"%d:%s\",\"events\":[%d]}}\n",
             atoi(id + 5), number, place - 1, since, number, place, number == 1 ? "aa" : "bb", place);
    say(fd, line);
    if (number == 2)
        say(fd, "{\"jsonrpc\":\"2.0\",\"method\":\"event.ended\",\"params\":{\"subscription\":2,\"cursor\":\"2:bb\",\"error\":"
            "{\"code\":-32005,\"message\":\"slow\",\"data\":{\"name\":\"limit_exceeded\"}}}}\n");
}

static void
a_watch_resumes_from_its_cursor_and_ends_where_the_log_is_another(void **state)
{
    struct server server;
    struct jinzai *conn;
    struct jinzai_error error;
    struct jinzai_watch *watch;
    json_t *params = json_pack("{s:s, s:s}", "noun", "exchange", "since", "0"), *events = NULL;

    (void)state;
    server_start(&server, log_of_three);
    conn = open_at(server.address);
    watch = jinzai_watch_open(conn, params, WAIT_MS, &error);
    assert_non_null(watch);
    for (int place = 1; place <= 2; place++) {
        assert_int_equal(jinzai_watch_next(watch, WAIT_MS, &events, &error), 1);
        assert_int_equal(json_array_size(events), 1);
        assert_int_equal(json_integer_value(json_array_get(events, 0)), place);
        json_decref(events);
        assert_string_equal(jinzai_watch_cursor(watch), place == 1 ? "1:aa" : "2:bb");
    }
    assert_int_equal(jinzai_watch_next(watch, WAIT_MS, &events, &error), -1);
    assert_int_equal(error.code, JINZAI_DIVERGED);
    assert_string_equal(error.name, "diverged");
    assert_null(events);
    jinzai_watch_close(watch);
    jinzai_watch_close(NULL);
    json_decref(params);
    jinzai_close(conn);
    server_stop(&server);
}

static void
a_watch_that_hears_nothing_comes_back_in_time(void **state)
{
    struct jinzai *conn = open_at(daemon_address);
    struct jinzai_error error;
    json_t *params = json_pack("{s:s}", "since", "yesterday"), *events = NULL;
    struct jinzai_watch *watch = jinzai_watch_open(conn, params, WAIT_MS, &error);
    int64_t began;

    (void)state;
    assert_null(watch);
    assert_int_equal(error.code, JINZAI_INVALID_PARAMS);
    json_object_set_new(params, "since", json_string("now"));
    json_object_set_new(params, "noun", json_string("scheme"));
    watch = jinzai_watch_open(conn, params, WAIT_MS, &error);
    assert_non_null(watch);
    began = now_ms();
    assert_int_equal(jinzai_watch_next(watch, 0, &events, &error), 0);
    assert_int_equal(jinzai_watch_next(watch, 200, &events, &error), 0);
    assert_in_range(now_ms() - began, 200, 2000);
    assert_null(events);
    jinzai_watch_close(watch);
    assert_int_equal(jinzai_call(conn, "server.info", NULL, WAIT_MS, NULL, &error), 0);
    json_decref(params);
    jinzai_close(conn);
}

static void
too_many(int fd, int number)
{
    (void)number;
    say(fd, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32005,\"message\":\"too many "
            "connections\"}}\n");
}

static void
a_connection_that_is_turned_away_says_why(void **state)
{
    struct server server;
    struct jinzai *conn;
    struct jinzai_error error;

    (void)state;
    server_start(&server, too_many);
    conn = open_at(server.address);
    assert_int_equal(jinzai_call(conn, "a.b", NULL, 500, NULL, &error), -1);
    assert_int_equal(error.code, JINZAI_LIMIT_EXCEEDED);
    assert_string_equal(error.message, "too many connections");
    jinzai_close(conn);
    server_stop(&server);
}

static void
no_more_than_the_bound_is_outstanding(void **state)
{
    struct server server;
    struct jinzai *conn;
    struct jinzai_error error;

    (void)state;
    server_start(&server, silent);
    conn = open_at(server.address);
    for (int i = 0; i < JINZAI_OUTSTANDING_MAX; i++)
        assert_true(jinzai_send(conn, "a.b", NULL, 0, WAIT_MS, &error) > 0);
    assert_int_equal(jinzai_send(conn, "a.b", NULL, 0, WAIT_MS, &error), -1);
    assert_int_equal(error.code, JINZAI_BUSY);
    jinzai_close(conn);
    server_stop(&server);
}

int
main(void)
{
    const struct CMUnitTest with_daemon[] = {
        cmocka_unit_test(a_call_gets_its_result),
        cmocka_unit_test(a_watch_that_hears_nothing_comes_back_in_time),
        cmocka_unit_test(an_error_is_a_value_that_names_the_parameter),
        cmocka_unit_test(tickets_are_received_in_any_order),
        cmocka_unit_test(another_event_loop_takes_answers_as_they_come),
        cmocka_unit_test(a_forgotten_ticket_leaves_its_neighbours_alone),
        cmocka_unit_test(parameters_that_are_no_json_are_refused_before_they_are_sent),
        cmocka_unit_test(an_answer_past_the_limit_fails_alone),
        cmocka_unit_test(writes_happen_once_when_their_answers_are_lost),
        cmocka_unit_test(reads_are_sent_again_when_their_answers_are_lost),
        cmocka_unit_test(what_may_be_sent_only_once_is_reported_lost),
        cmocka_unit_test(a_daemon_that_is_away_is_waited_for_until_the_deadline),
    };
    const struct CMUnitTest alone[] = {
        cmocka_unit_test(no_daemon_at_the_address_is_said_at_once),
        cmocka_unit_test(silence_ends_at_the_deadline),
        cmocka_unit_test(unavailable_is_tried_again_with_the_same_key),
        cmocka_unit_test(at_the_deadline_the_last_refusal_is_told),
        cmocka_unit_test(a_server_that_speaks_otherwise_is_found_out),
        cmocka_unit_test(notifications_arrive_in_order_and_their_end_is_told),
        cmocka_unit_test(a_watch_resumes_from_its_cursor_and_ends_where_the_log_is_another),
        cmocka_unit_test(a_connection_that_is_turned_away_says_why),
        cmocka_unit_test(no_more_than_the_bound_is_outstanding),
    };
    int failed = cmocka_run_group_tests(alone, NULL, NULL);

    daemon_address = getenv("JINZAI_CONNECT");
    if (daemon_address == NULL) {
        fputs("JINZAI_CONNECT names no daemon to test with\n", stderr);
        return 1;
    }
    return cmocka_run_group_tests(with_daemon, NULL, NULL) + failed;
}
