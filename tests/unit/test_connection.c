/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_pool.h"
#include "rows.h"
#include "wire/connection.h"
#include "wire/listener.h"

enum { DEADLINE_MS = 5000, TURN_MS = 5, OUT_SIZE = 1 << 20 };

static struct event_base *base;
static struct dispatch *dispatch;
static struct principals *principals;
static struct connections *connections;
static struct limits limits;
static int emptied;

static int
set_up(void **state)
{
    char uid[32], *const names[] = {uid};
    json_t *start = json_loads(row_start, 0, NULL), *ids;
    struct dispatch_setup setup = {
        .limits = &limits, .tables = row_tables, .start = start, .version = "1.2.3"};
    char *error = NULL;

    (void)state;
    snprintf(uid, sizeof uid, "%u", (unsigned)getuid());
    ids = json_pack("{s:s}", uid, "11111111-1111-4111-8111-111111111111");
    limits = row_limits;
    base = event_base_new();
    dispatch = dispatch_new(&setup, &error);
    principals = principals_new(names, 1, ids);
    connections = connections_new(base, &limits, dispatch, principals);
    json_decref(start);
    json_decref(ids);
    fake_count = 0;
    emptied = 0;
    return base == NULL || dispatch == NULL || principals == NULL || connections == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    connections_free(connections);
    while (fake_count > 0)
        fake_answer(0, "0");
    dispatch_free(dispatch);
    principals_free(principals);
    event_base_free(base);
    return 0;
}

static void
turn(void)
{
    const struct timeval wait = {0, TURN_MS * 1000};

    event_base_loopexit(base, &wait);
    event_base_dispatch(base);
}

/* Turns the loop until the condition holds, which it must before the deadline. */
#define UNTIL(condition)                                                                           \
    do {                                                                                           \
        int turns_ = 0;                                                                            \
        while (!(condition) && turns_++ < DEADLINE_MS / TURN_MS)                                   \
            turn();                                                                                \
        assert_true(condition);                                                                    \
    } while (0)

/* A connection of our own: returns the peer's end. */
static int
attach(void)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    connections_accept(connections, pair[0]);
    return pair[1];
}

static void
say(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* What has arrived so far is added to text; true at the end of the stream. */
static bool
hear(int fd, char text[OUT_SIZE])
{
    size_t length = strlen(text);
    ssize_t size = read(fd, text + length, OUT_SIZE - 1 - length);

    if (size > 0)
        text[length + (size_t)size] = '\0';
    return size == 0 || (size < 0 && errno != EAGAIN);
}

static size_t
count_lines(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

static bool
lines_heard(int fd, char text[OUT_SIZE], size_t count)
{
    hear(fd, text);
    return count_lines(text) >= count;
}

static char heard[OUT_SIZE];

#define INFO(id) "{\"jsonrpc\":\"2.0\",\"method\":\"server.info\",\"id\":" id "}"
#define GET(id) "{\"jsonrpc\":\"2.0\",\"method\":\"badge.get\",\"params\":[\"B\"],\"id\":" id "}"

static void
requests_are_answered_with_or_without_newlines(void **state)
{
    int fd = attach();

    (void)state;
    heard[0] = '\0';
    say(fd, INFO("1") INFO("2") "\n" INFO("3"));
    UNTIL(lines_heard(fd, heard, 3));
    assert_non_null(strstr(heard, "\"id\":3,\"result\":{\"name\":\"jinzaid\""));
    assert_non_null(strstr(heard, "\"role\":\"admin\""));
    close(fd);
    UNTIL(connections_count(connections) == 0);
}

static void
malformed_long_and_deep_texts_leave_the_connection_open(void **state)
{
    char *longest = malloc(limits.request_bytes + 8);
    int fd = attach();
    size_t sent = 0;

    (void)state;
    heard[0] = '\0';
    say(fd, "{]\n");
    say(fd, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    UNTIL(lines_heard(fd, heard, 2));
    assert_non_null(strstr(heard, "parse_error"));
    assert_non_null(strstr(heard, "32 levels"));
    memset(longest, 'x', limits.request_bytes + 8);
    longest[0] = longest[limits.request_bytes + 7] = '"';
    while (sent < limits.request_bytes + 8) {
        ssize_t size = write(fd, longest + sent, limits.request_bytes + 8 - sent);

        sent += size > 0 ? (size_t)size : 0;
        turn();
    }
    say(fd, INFO("9"));
    UNTIL(lines_heard(fd, heard, 4));
    assert_non_null(strstr(heard, "1048576 bytes"));
    assert_non_null(strstr(heard, "\"id\":9"));
    close(fd);
    free(longest);
}

static void
what_was_asked_before_the_end_is_still_answered(void **state)
{
    int fd = attach();

    (void)state;
    heard[0] = '\0';
    say(fd, GET("1") "17");
    shutdown(fd, SHUT_WR);
    UNTIL(lines_heard(fd, heard, 1)); /* the lone number is no request */
    assert_int_equal(connections_count(connections), 1);
    assert_int_equal(fake_count, 1);
    fake_answer(0, "\"late\"");
    UNTIL(hear(fd, heard));
    assert_non_null(strstr(heard, "\"id\":1,\"result\":\"late\"}\n"));
    assert_int_equal(connections_count(connections), 0);
    close(fd);
}

static void
reading_pauses_while_too_much_is_in_flight(void **state)
{
    int fd = attach();

    (void)state;
    heard[0] = '\0';
    for (int i = 0; i < limits.requests_in_flight + 2; i++)
        say(fd, GET("1"));
    say(fd, INFO("2"));
    UNTIL(fake_count == (size_t)limits.requests_in_flight);
    turn();
    assert_int_equal(fake_count, limits.requests_in_flight);
    fake_answer(0, "1");
    assert_int_equal(fake_count, limits.requests_in_flight);
    fake_answer(0, "1");
    fake_answer(0, "1");
    UNTIL(lines_heard(fd, heard, 4));
    assert_non_null(strstr(heard, "\"id\":2"));
    close(fd);
}

static void
reading_pauses_while_output_waits_and_goes_on(void **state)
{
    enum { ASKED = 400 };
    static const char one[] = "{\"jsonrpc\":\"2.0\",\"method\":\"badge.gte\",\"id\":1}";
    static char all[ASKED * sizeof one];
    int fd;

    (void)state;
    limits.output_stall_ms = 60000;
    limits.output_bytes = 4096;
    fd = attach();
    heard[0] = '\0';
    for (int i = 0; i < ASKED; i++)
        memcpy(all + (size_t)i * (sizeof one - 1), one, sizeof one);
    say(fd, all);
    for (int i = 0; i < 5; i++)
        turn();
    UNTIL(lines_heard(fd, heard, ASKED));
    assert_int_equal(count_lines(heard), ASKED);
    close(fd);
}

static void
a_reader_that_takes_nothing_is_cut_off(void **state)
{
    static char text[1 << 18];
    char request[] = GET("1");
    int fd = attach(), small = 4096;

    (void)state;
    memset(text, ' ', sizeof text - 1);
    text[0] = '1';
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < 4; i++)
        say(fd, request);
    UNTIL(fake_count == 4);
    while (fake_count > 1)
        fake_answer(0, text);
    UNTIL(connections_count(connections) == 0);
    fake_answer(0, text); /* its asker has gone */
    close(fd);
}

static void
past_the_limit_a_newcomer_is_told_so(void **state)
{
    int fds[4];

    (void)state;
    heard[0] = '\0';
    for (int i = 0; i < 4; i++)
        fds[i] = attach();
    assert_int_equal(connections_count(connections), 3);
    assert_false(hear(fds[3], heard));
    assert_true(hear(fds[3], heard));
    assert_non_null(strstr(heard, "\"code\":-32005"));
    assert_non_null(strstr(heard, "limit_exceeded"));
    assert_int_equal(count_lines(heard), 1);
    heard[0] = '\0';
    say(fds[0], INFO("1"));
    UNTIL(lines_heard(fds[0], heard, 1));
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    UNTIL(connections_count(connections) == 0);
}

static void
a_peer_that_breaks_off_leaves_nothing(void **state)
{
    int fd = attach();

    (void)state;
    say(fd, GET("1") "[" GET("2") "," GET("3") "]");
    UNTIL(fake_count == 3);
    close(fd);
    turn();
    fake_answer(2, "1");
    fake_answer(0, "1");
    UNTIL(connections_count(connections) == 0);
    fake_answer(0, "1");
}

static void
on_empty(void *context)
{
    (void)context;
    emptied++;
}

static void
draining_answers_what_is_in_flight_and_closes(void **state)
{
    int busy = attach(), idle = attach(), late;

    (void)state;
    heard[0] = '\0';
    say(busy, GET("1"));
    UNTIL(fake_count == 1);
    connections_drain(connections, on_empty, NULL);
    UNTIL(connections_count(connections) == 1);
    UNTIL(hear(idle, heard));
    assert_int_equal(emptied, 0);
    late = attach();
    hear(late, heard);
    assert_non_null(strstr(heard, "unavailable"));
    say(busy, GET("2"));
    fake_answer(0, "\"done\"");
    UNTIL(emptied == 1);
    UNTIL(hear(busy, heard));
    assert_non_null(strstr(heard, "\"done\""));
    assert_int_equal(fake_count, 0);
    turn();
    assert_int_equal(emptied, 1);
    close(busy);
    close(idle);
    close(late);
}

static void
draining_without_connections_ends_at_once(void **state)
{
    (void)state;
    connections_drain(connections, on_empty, NULL);
    UNTIL(emptied == 1);
}

static int
call_path(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
    if (connect(fd, (struct sockaddr *)&name, sizeof name) == 0)
        return fd;
    close(fd);
    return -1;
}

static void
a_unix_socket_is_opened_replaced_and_removed(void **state)
{
    char directory[] = "/tmp/jinzai-test-XXXXXX", address[96], *path = address + 5, *error = NULL;
    struct listener *listener, *second;
    struct stat status;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(address, sizeof address, "unix:%s/run/jinzai.sock", directory);
    listener = listener_open(address, &error);
    assert_non_null(listener);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0666);
    /* Somebody answers there, if only the backlog. */
    assert_null(listener_open(address, &error));
    assert_non_null(strstr(error, "another program answers there"));
    free(error);
    assert_int_equal(listener_start(listener, base, connections, NULL), 0);
    fd = call_path(path);
    heard[0] = '\0';
    say(fd, INFO("1"));
    UNTIL(lines_heard(fd, heard, 1));
    close(fd);
    listener_stop(listener);
    assert_int_equal(stat(path, &status), -1);
    listener_free(listener);

    /* A file that a killed daemon left behind is replaced, and another program's is not removed. */
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    {
        struct sockaddr_un name = {.sun_family = AF_UNIX};

        snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
        assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    }
    close(fd);
    listener = listener_open(address, &error);
    assert_non_null(listener);
    unlink(path);
    second = listener_open(address, &error);
    assert_non_null(second);
    listener_free(listener);
    assert_int_equal(stat(path, &status), 0);
    listener_free(second);

    fd = open(path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_null(listener_open(address, &error));
    assert_non_null(strstr(error, "is no socket"));
    free(error);
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    rmdir(directory);
}

static void
an_address_that_cannot_be_is_said(void **state)
{
    static const char *const wrong[] = {"jinzai.sock",
                                        "unix:",
                                        "tcp:localhost",
                                        "tcp:::1:80",
                                        "tcp:[::1:80",
                                        "tcp:127.0.0.1:",
                                        "tcp:127.0.0.1:notaport",
                                        "unix:/nowhere/at/all/jinzai.sock",
                                        "tcp:192.0.2.1:0"};
    char *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(listener_open(wrong[i], &error));
        assert_non_null(strstr(error, "cannot listen on "));
        free(error);
    }
    assert_null(listener_adopt(0, false, &error));
    assert_non_null(strstr(error, "no listening stream socket"));
    free(error);
}

static void
a_tcp_address_is_opened(void **state)
{
    char *error = NULL;
    struct listener *listener = listener_open("tcp:127.0.0.1:0", &error);

    (void)state;
    assert_non_null(listener);
    assert_int_equal(listener_start(listener, base, connections, NULL), 0);
    listener_free(listener);
}

static void
a_socket_that_was_handed_over_is_served_and_its_file_left_alone(void **state)
{
    char path[] = "/tmp/jinzai-test-XXXXXX", *error = NULL;
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int handed = socket(AF_UNIX, SOCK_STREAM, 0), fd = mkstemp(path);
    struct listener *listener;
    struct stat status;

    (void)state;
    close(fd);
    unlink(path);
    snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
    assert_int_equal(bind(handed, (struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(handed, 1), 0);
    listener = listener_adopt(handed, false, &error);
    assert_non_null(listener);
    assert_int_equal(listener_start(listener, base, connections, NULL), 0);
    fd = call_path(path);
    heard[0] = '\0';
    say(fd, INFO("1"));
    UNTIL(lines_heard(fd, heard, 1));
    listener_free(listener);
    assert_int_equal(stat(path, &status), 0);
    unlink(path);
    close(fd);
}

static void
when_descriptors_run_out_newcomers_wait_until_there_are_some(void **state)
{
    char directory[] = "/tmp/jinzai-test-XXXXXX", address[96], *error = NULL;
    struct rlimit before, tight;
    struct listener *listener;
    int fd, last;

    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(address, sizeof address, "unix:%s/jinzai.sock", directory);
    listener = listener_open(address, &error);
    assert_non_null(listener);
    assert_int_equal(listener_start(listener, base, connections, NULL), 0);
    fd = call_path(address + strlen("unix:"));
    last = dup(fd);
    close(last);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)last;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    turn();
    turn();
    assert_int_equal(connections_count(connections), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    heard[0] = '\0';
    say(fd, INFO("1"));
    UNTIL(lines_heard(fd, heard, 1));
    close(fd);
    listener_free(listener);
    rmdir(directory);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_are_answered_with_or_without_newlines),
        TEST(malformed_long_and_deep_texts_leave_the_connection_open),
        TEST(what_was_asked_before_the_end_is_still_answered),
        TEST(reading_pauses_while_too_much_is_in_flight),
        TEST(reading_pauses_while_output_waits_and_goes_on),
        TEST(a_reader_that_takes_nothing_is_cut_off),
        TEST(past_the_limit_a_newcomer_is_told_so),
        TEST(a_peer_that_breaks_off_leaves_nothing),
        TEST(draining_answers_what_is_in_flight_and_closes),
        TEST(draining_without_connections_ends_at_once),
        TEST(a_unix_socket_is_opened_replaced_and_removed),
        TEST(an_address_that_cannot_be_is_said),
        TEST(a_tcp_address_is_opened),
        TEST(a_socket_that_was_handed_over_is_served_and_its_file_left_alone),
        TEST(when_descriptors_run_out_newcomers_wait_until_there_are_some),
    };

    signal(SIGPIPE, SIG_IGN); /* as the daemon does: a peer may go away at any time */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
