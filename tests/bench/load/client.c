/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

enum { INPUT_BYTES = 8192, GRACE_S = 10, SHOWN_BYTES = 400 };

struct asked {
    bool waiting;
    uint64_t since_ns;
    struct draw draw;
};

struct run;

struct client {
    struct run *run;
    int number;
    int fd;
    struct event *readable;
    struct event *writable;
    struct asked *asked; /* one for each request in flight, found by id */
    char *input;
    size_t input_size, input_room, scanned;
    char *output;
    size_t output_size, output_room;
    uint64_t answers;
};

struct run {
    const struct load *load;
    struct event_base *base;
    struct client *clients;
    struct event *start, *stop;
    bool counting, stopped, shown;
    struct tally tally;
    uint64_t started_ns;
    double cpu_s;
};

static uint64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static double
cpu_s(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Blocking, since a full backlog would refuse a connection that does not wait. */
static int
open_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || strlen(path) >= sizeof address.sun_path)
        return fd;
    strcpy(address.sun_path, path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int
open_tcp(const char *rest)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    const char *colon = strrchr(rest, ':');
    char host[256];
    int fd = -1, on = 1;

    if (colon == NULL)
        return -1;
    snprintf(host, sizeof host, "%.*s", (int)(colon - rest), rest);
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        return -1;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        close(fd);
        fd = -1;
    }
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    freeaddrinfo(found);
    return fd;
}

static int
open_address(const char *address)
{
    int fd = strncmp(address, "unix:", 5) == 0 ? open_unix(address + 5) : open_tcp(address + 4);

    if (fd < 0)
        fprintf(stderr, "load: cannot connect to %s: %s\n", address, strerror(errno));
    else
        evutil_make_socket_nonblocking(fd);
    return fd;
}

static void
flush(struct client *client)
{
    size_t sent = 0;

    while (sent < client->output_size) {
        ssize_t wrote = send(client->fd, client->output + sent, client->output_size - sent, MSG_NOSIGNAL);

        if (wrote < 0)
            break; /* a lost connection is noticed where it is read */
        sent += (size_t)wrote;
    }
    client->output_size -= sent;
    if (client->output_size > 0) {
        memmove(client->output, client->output + sent, client->output_size);
        event_add(client->writable, NULL);
    }
}

/* Puts the request of this number into the output, which holds one of each. */
static void
ask(struct client *client, unsigned id)
{
    const struct load *load = client->run->load;
    struct asked *asked = &client->asked[id];

    ranges_draw(&load->ranges, &asked->draw);
    asked->draw.id = id;
    asked->waiting = true;
    asked->since_ns = now_ns();
    client->output_size += template_write(load->request, &asked->draw, client->output + client->output_size,
                                          client->output_room - client->output_size);
}

static void
show(struct run *run, const char *bytes, size_t size)
{
    if (!run->shown)
        fprintf(stderr, "load: wrong answer: %.*s\n", (int)(size < SHOWN_BYTES ? size : SHOWN_BYTES), bytes);
    run->shown = true;
}

static void
log_answer(struct client *client, uint64_t latency_ns)
{
    const struct load *load = client->run->load;
    struct timespec now;

    if (load->log == NULL || (double)(random_bits() >> 11) * 0x1p-53 >= load->sampling_rate)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    fprintf(load->log, "%d %llu %llu 0 %lld %ld\n", client->number, (unsigned long long)client->answers,
            (unsigned long long)(latency_ns / 1000), (long long)now.tv_sec, now.tv_nsec / 1000);
}

static void
count(struct client *client, const struct answer *answer, struct asked *asked)
{
    struct run *run = client->run;
    bool right = answer_right(answer, &run->load->checks, &asked->draw);

    asked->waiting = false;
    client->answers++;
    run->tally.answered += right;
    if (!right)
        show(run, client->input, answer->size);
    if (run->stopped || !run->counting)
        return;
    run->tally.right += right;
    run->tally.wrong += !right;
    if (right)
        log_answer(client, now_ns() - asked->since_ns);
}

static void
client_close(struct client *client)
{
    if (client->readable != NULL)
        event_free(client->readable);
    if (client->writable != NULL)
        event_free(client->writable);
    client->readable = client->writable = NULL;
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
    client->input_size = client->output_size = client->scanned = 0;
}

static void on_readable(evutil_socket_t fd, short what, void *context);
static void on_writable(evutil_socket_t fd, short what, void *context);

static int
client_open(struct client *client)
{
    struct run *run = client->run;

    client->fd = open_address(run->load->addresses[(size_t)client->number % run->load->address_count]);
    if (client->fd < 0)
        return -1;
    client->readable = event_new(run->base, client->fd, EV_READ | EV_PERSIST, on_readable, client);
    client->writable = event_new(run->base, client->fd, EV_WRITE, on_writable, client);
    return event_add(client->readable, NULL);
}

static void
client_lost(struct client *client)
{
    struct run *run = client->run;

    for (int i = 0; i < run->load->pipeline; i++)
        run->tally.lost += client->asked[i].waiting;
    client_close(client);
}

/* The next answer in the input. */
static enum found
client_find(struct client *client, struct answer *answer)
{
    if (client->run->load->http)
        return answer_find_http(client->input, client->input_size, answer);
    return answer_find_rpc(client->input, client->input_size, &client->scanned, answer);
}

/* Counts the answers that have come and asks anew. Returns -1 where the connection is of no more use. */
static int
answers_take(struct client *client)
{
    struct run *run = client->run;
    struct answer answer;
    enum found found;

    while ((found = client_find(client, &answer)) == FOUND_ANSWER) {
        if (answer.id >= (unsigned)run->load->pipeline || !client->asked[answer.id].waiting)
            break;
        count(client, &answer, &client->asked[answer.id]);
        client->input_size -= answer.size;
        memmove(client->input, client->input + answer.size, client->input_size);
        client->scanned = 0;
        if (answer.last) {
            client_close(client);
            if (run->stopped)
                return 0;
            if (client_open(client) != 0)
                return -1;
        }
        if (!run->stopped)
            ask(client, answer.id);
    }
    if (found != FOUND_NOTHING) {
        show(run, client->input, client->input_size);
        run->tally.wrong++;
        return -1;
    }
    if (client->fd >= 0)
        flush(client);
    return 0;
}

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
    struct client *client = context;
    ssize_t got;

    (void)what;
    if (client->input_room - client->input_size <= INPUT_BYTES / 2) {
        char *more = realloc(client->input, client->input_room * 2);

        if (more == NULL)
            return;
        client->input = more;
        client->input_room *= 2;
    }
    /* A byte is kept for the end of the string. */
    got = read(fd, client->input + client->input_size, client->input_room - client->input_size - 1);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0) {
        client->input_size += (size_t)got;
        client->input[client->input_size] = '\0';
    }
    if (got <= 0 || answers_take(client) != 0)
        client_lost(client);
}

static void
on_writable(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    flush(context);
}

static void
on_start(evutil_socket_t fd, short what, void *context)
{
    struct run *run = context;

    (void)fd;
    (void)what;
    run->counting = true;
    run->started_ns = now_ns();
    run->cpu_s = cpu_s();
}

static void
on_stop(evutil_socket_t fd, short what, void *context)
{
    struct run *run = context;
    struct timeval grace = {.tv_sec = GRACE_S};

    (void)fd;
    (void)what;
    run->stopped = true;
    run->tally.seconds = (double)(now_ns() - run->started_ns) / 1e9;
    run->tally.cpu_s = cpu_s() - run->cpu_s;
    /* What is in flight is waited for, so that the next to be measured starts with an idle server. */
    event_base_loopexit(run->base, &grace);
}

static bool
all_answered(const struct run *run)
{
    for (int i = 0; i < run->load->connections; i++)
        for (int j = 0; j < run->load->pipeline && run->clients[i].fd >= 0; j++)
            if (run->clients[i].asked[j].waiting)
                return false;
    return true;
}

static int
client_start(struct run *run, struct client *client, int number)
{
    const struct load *load = run->load;

    client->run = run;
    client->number = number;
    client->input_room = INPUT_BYTES;
    client->output_room = template_room(load->request) * (size_t)(load->pipeline + 1);
    client->asked = calloc((size_t)load->pipeline, sizeof *client->asked);
    client->input = malloc(client->input_room);
    client->output = malloc(client->output_room);
    if (client->asked == NULL || client->input == NULL || client->output == NULL)
        return -1;
    return client_open(client);
}

static struct timeval
seconds(double number)
{
    return (struct timeval){.tv_sec = (time_t)number, .tv_usec = (suseconds_t)((number - (double)(time_t)number) * 1e6)};
}

int
load_run(const struct load *load, struct tally *tally)
{
    struct run run = {.load = load, .base = event_base_new()};
    struct timeval warm = seconds(load->warm_up_s), end = seconds(load->warm_up_s + load->seconds);
    int rc = -1;

    run.clients = calloc((size_t)load->connections, sizeof *run.clients);
    if (run.base == NULL || run.clients == NULL)
        return -1;
    for (int i = 0; i < load->connections; i++)
        run.clients[i].fd = -1;
    for (int i = 0; i < load->connections; i++)
        if (client_start(&run, &run.clients[i], i) != 0)
            goto out;
    run.start = evtimer_new(run.base, on_start, &run);
    run.stop = evtimer_new(run.base, on_stop, &run);
    evtimer_add(run.start, &warm);
    evtimer_add(run.stop, &end);
    for (int i = 0; i < load->connections; i++) {
        for (int j = 0; j < load->pipeline; j++)
            ask(&run.clients[i], (unsigned)j);
        flush(&run.clients[i]);
    }
    while (!(run.stopped && all_answered(&run)) && !event_base_got_exit(run.base))
        if (event_base_loop(run.base, EVLOOP_ONCE) != 0)
            break;
    *tally = run.tally;
    rc = 0;
out:
    for (int i = 0; i < load->connections; i++) {
        client_close(&run.clients[i]);
        free(run.clients[i].asked);
        free(run.clients[i].input);
        free(run.clients[i].output);
    }
    if (run.start != NULL)
        event_free(run.start);
    if (run.stop != NULL)
        event_free(run.stop);
    event_base_free(run.base);
    free(run.clients);
    return rc;
}
