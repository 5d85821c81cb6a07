/* SPDX-License-Identifier: Apache-2.0 */
#include "store/postmaster.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "log.h"
#include "service/systemd.h"
#include "store/child.h"
#include "store/connector.h"
#include "store/private_cluster.h"
#include "store/request.h"

enum {
    POLL_MS = 25,             /* between two looks at a server that starts or stops */
    LOOK_MS = 200,            /* between two looks at one that serves */
    EXTEND_MS = 10000,        /* how much more time systemd is asked for at each look */
    LEFTOVER_WAIT_MS = 30000, /* for the sessions of a killed server, which hold its memory until they end */
    LEFTOVER_PAUSE_MS = 500,
    STEADY_MS = 10000,        /* who has run this long did not fail at starting */
    FAST_STOP_MS = 60000,     /* for the last checkpoint */
    HARD_STOP_MS = 10000,
};

struct postmaster {
    char *program, *data, *socket;
    pid_t pid; /* 0 where none runs */
    bool adopted; /* the child of a daemon that was killed */
    int64_t since_ms;
    int attempt;
    const struct config *conf;
    struct event *look, *again;
};

static int fail(char **error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int
fail(char **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(error, format, arguments) < 0)
        *error = NULL;
    va_end(arguments);
    return -1;
}

struct postmaster *
postmaster_new(const char *program, const char *data, const char *socket)
{
    struct postmaster *postmaster = calloc(1, sizeof(*postmaster));

    if (postmaster == NULL)
        return NULL;
    postmaster->program = strdup(program);
    postmaster->data = strdup(data);
    postmaster->socket = strdup(socket);
    if (postmaster->program == NULL || postmaster->data == NULL || postmaster->socket == NULL) {
        postmaster_free(postmaster);
        return NULL;
    }
    return postmaster;
}

static void
hold(struct postmaster *postmaster, pid_t pid, bool adopted)
{
    postmaster->pid = pid;
    postmaster->adopted = adopted;
    postmaster->since_ms = request_clock_ms();
}

/* The process that the cluster's lock file names, or 0. */
static pid_t
lock_file_pid(const struct postmaster *postmaster)
{
    char path[PATH_MAX];
    FILE *file;
    int pid = 0;

    snprintf(path, sizeof(path), "%s/postmaster.pid", postmaster->data);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%d", &pid) != 1 || pid <= 1)
        pid = 0;
    fclose(file);
    return pid;
}

/* Whether that process is this cluster's server: it works in the data directory. After a reboot the number may be
 * anybody's. */
static bool
works_here(const struct postmaster *postmaster, pid_t pid)
{
    char link[64], there[PATH_MAX], here[PATH_MAX];
    ssize_t size;

    snprintf(link, sizeof(link), "/proc/%d/cwd", (int)pid);
    size = readlink(link, there, sizeof(there) - 1);
    if (size < 0 || realpath(postmaster->data, here) == NULL)
        return false;
    there[size] = '\0';
    return strcmp(there, here) == 0;
}

static bool
adopt(struct postmaster *postmaster)
{
    pid_t pid = lock_file_pid(postmaster);

    if (pid == 0 || !works_here(postmaster, pid))
        return false;
    hold(postmaster, pid, true);
    log_write(LOG_NOTICE, "adopted a running PostgreSQL pid=%d", (int)pid);
    return true;
}

static int
spawn(struct postmaster *postmaster)
{
    char *argv[] = {postmaster->program, "-D", postmaster->data, NULL};
    pid_t pid = child_start(argv, -1);

    if (pid < 0)
        return -1;
    hold(postmaster, pid, false);
    log_write(LOG_INFO, "PostgreSQL starts pid=%d", (int)pid);
    return 0;
}

/* Whether it has ended, and then takes leave of it. A child is asked for by waitpid. Of one that was adopted its
 * directory is looked at, which is gone as soon as it has ended, even where nobody collects its exit status. */
static bool
has_ended(struct postmaster *postmaster)
{
    if (postmaster->adopted ? works_here(postmaster, postmaster->pid)
                            : waitpid(postmaster->pid, NULL, WNOHANG) == 0)
        return false;
    postmaster->pid = 0;
    return true;
}

static bool
ends_within(struct postmaster *postmaster, int wait_ms)
{
    int64_t until_ms = request_clock_ms() + wait_ms;

    while (!has_ended(postmaster)) {
        if (request_clock_ms() >= until_ms)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    }
    return true;
}

static bool
answers(const struct postmaster *postmaster)
{
    const char *const keywords[] = {"host", "port", "dbname", "user", "connect_timeout", NULL};
    const char *const values[] = {postmaster->socket, PRIVATE_CLUSTER_PORT, "postgres", "postgres", "5", NULL};

    return PQpingParams(keywords, values, 0) == PQPING_OK;
}

/* Returns 0 when it answers, -1 when it has ended. */
static int
wait_ready(struct postmaster *postmaster)
{
    while (!ends_within(postmaster, POLL_MS)) {
        if (answers(postmaster))
            return 0;
        systemd_extend(EXTEND_MS);
    }
    return -1;
}

int
postmaster_start(struct postmaster *postmaster, char **error)
{
    int64_t give_up_ms = request_clock_ms() + LEFTOVER_WAIT_MS;

    if (adopt(postmaster) && wait_ready(postmaster) == 0)
        return 0;
    for (;;) {
        if (spawn(postmaster) != 0)
            return fail(error, "PostgreSQL cannot be started: %s", strerror(errno));
        if (wait_ready(postmaster) == 0)
            return 0;
        if (private_cluster_disk_full(postmaster->data))
            return fail(error, "the disk that holds %s is full", postmaster->data);
        /* A server that refuses removes its lock file. One that stays is that of a killed server whose sessions have
         * not ended. */
        if (lock_file_pid(postmaster) == 0 || request_clock_ms() > give_up_ms)
            return fail(error, "PostgreSQL does not start on %s; its own lines above say why", postmaster->data);
        nanosleep(&(struct timespec){.tv_nsec = LEFTOVER_PAUSE_MS * 1000000L}, NULL);
    }
}

/* In the event loop ------------------------------------------------------------------------------------------------ */

static void
again_after_pause(struct postmaster *postmaster)
{
    int pause_ms = connector_pause_ms(++postmaster->attempt, postmaster->conf->backoff_ms,
                                      postmaster->conf->backoff_max_ms, arc4random());
    struct timeval pause = {.tv_sec = pause_ms / 1000, .tv_usec = pause_ms % 1000 * 1000};

    event_add(postmaster->again, &pause);
}

static void
on_look(evutil_socket_t fd, short what, void *context)
{
    struct postmaster *postmaster = context;
    pid_t pid = postmaster->pid;

    (void)fd;
    (void)what;
    if (pid == 0 || !has_ended(postmaster))
        return;
    if (request_clock_ms() - postmaster->since_ms > STEADY_MS)
        postmaster->attempt = 0;
    log_write(LOG_ERR, "PostgreSQL ended and is started again pid=%d%s", (int)pid,
              private_cluster_disk_full(postmaster->data) ? " reason=\"the disk is full\"" : "");
    again_after_pause(postmaster);
}

static void
on_again(evutil_socket_t fd, short what, void *context)
{
    struct postmaster *postmaster = context;

    (void)fd;
    (void)what;
    if (spawn(postmaster) != 0) {
        log_write(LOG_ERR, "PostgreSQL cannot be started reason=\"%s\"", strerror(errno));
        again_after_pause(postmaster);
    }
}

int
postmaster_watch(struct postmaster *postmaster, struct event_base *base, const struct config *conf)
{
    struct timeval pause = {.tv_usec = LOOK_MS * 1000};

    postmaster->conf = conf;
    postmaster->again = evtimer_new(base, on_again, postmaster);
    postmaster->look = event_new(base, -1, EV_PERSIST, on_look, postmaster);
    if (postmaster->again == NULL || postmaster->look == NULL)
        return -1;
    return event_add(postmaster->look, &pause);
}

static void
unwatch(struct postmaster *postmaster)
{
    if (postmaster->look != NULL)
        event_free(postmaster->look);
    if (postmaster->again != NULL)
        event_free(postmaster->again);
    postmaster->look = postmaster->again = NULL;
}

void
postmaster_stop(struct postmaster *postmaster)
{
    pid_t pid = postmaster->pid;
    bool ended;

    unwatch(postmaster);
    if (pid == 0 || has_ended(postmaster))
        return;
    systemd_extend(FAST_STOP_MS + HARD_STOP_MS);
    kill(pid, SIGINT);
    ended = ends_within(postmaster, FAST_STOP_MS);
    if (!ended) {
        log_write(LOG_WARNING, "PostgreSQL takes too long to stop and is made to pid=%d", (int)pid);
        kill(pid, SIGQUIT);
        ended = ends_within(postmaster, HARD_STOP_MS);
    }
    log_write(ended ? LOG_INFO : LOG_ERR, "PostgreSQL %s pid=%d", ended ? "stopped" : "does not stop", (int)pid);
}

void
postmaster_free(struct postmaster *postmaster)
{
    if (postmaster == NULL)
        return;
    unwatch(postmaster);
    free(postmaster->program);
    free(postmaster->data);
    free(postmaster->socket);
    free(postmaster);
}
