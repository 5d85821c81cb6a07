/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

enum {
    SOCKETS_MAX = 16,    /* addresses of one host */
    ACCEPTS_A_TURN = 64, /* so that a flood of newcomers leaves time for those who are there */
    BACKLOG = 4096,      /* the kernel cuts it to net.core.somaxconn */
    ADDRESS_SIZE = LISTENER_ADDRESS_SIZE,
    DIRECTORY_MODE = 0755,
    SOCKET_MODE = 0666,
};

/* How long accepting rests after file descriptors or memory have run out. */
static const struct timeval rest = {0, 100000};

struct listener {
    struct connections *connections;
    struct tls *tls;
    bool secure; /* speaks TLS */
    int fds[SOCKETS_MAX];
    struct event *events[SOCKETS_MAX];
    int count;
    struct event *wake; /* ends a rest */
    char *path;         /* the file of a unix socket that we made */
    dev_t device;       /* which file that is: another daemon may have put its own there since */
    ino_t inode;
};

static void fail(char **error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
fail(char **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(error, format, arguments) < 0)
        *error = NULL;
    va_end(arguments);
}

/* Writes a socket's own address as the configuration would. */
static void
write_address(int fd, char address[ADDRESS_SIZE])
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    char host[NI_MAXHOST], port[NI_MAXSERV];

    memset(&name, 0, sizeof name);
    snprintf(address, ADDRESS_SIZE, "unknown");
    if (getsockname(fd, (struct sockaddr *)&name, &size) != 0)
        return;
    if (name.ss_family == AF_UNIX) {
        snprintf(address, ADDRESS_SIZE, "unix:%s", ((struct sockaddr_un *)&name)->sun_path);
        return;
    }
    if (getnameinfo((struct sockaddr *)&name, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(address, ADDRESS_SIZE,
                 strchr(host, ':') != NULL ? "tcp:[%.200s]:%.32s" : "tcp:%.200s:%.32s", host, port);
}

static void
add(struct listener *listener, int fd)
{
    char address[ADDRESS_SIZE];

    listener->fds[listener->count++] = fd;
    write_address(fd, address);
    if (listener->secure)
        memcpy(address, "tls", 3);
    log_write(LOG_NOTICE, "listening address=%s", address);
}

/* Whether somebody answers at a unix socket's file. */
static bool
answers(const struct sockaddr_un *name)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int rc, error;

    if (fd < 0)
        return true; /* unknown, and then the file is left alone */
    rc = connect(fd, (const struct sockaddr *)name, sizeof *name);
    error = errno;
    close(fd);
    return rc == 0 || error != ECONNREFUSED;
}

/* Binds to a path, in the place of a file that a daemon left behind. Returns 0 or -1 with the
 * error. */
static int
bind_path(int fd, const struct sockaddr_un *name, char **error)
{
    struct stat status;

    if (bind(fd, (const struct sockaddr *)name, sizeof *name) == 0)
        return 0;
    if (errno != EADDRINUSE)
        goto fail;
    if (lstat(name->sun_path, &status) != 0)
        goto fail;
    if (!S_ISSOCK(status.st_mode)) {
        fail(error, "cannot listen on unix:%s: a file of that name exists and is no socket",
             name->sun_path);
        return -1;
    }
    if (answers(name)) {
        fail(error, "cannot listen on unix:%s: another program answers there", name->sun_path);
        return -1;
    }
    if (unlink(name->sun_path) == 0 && bind(fd, (const struct sockaddr *)name, sizeof *name) == 0)
        return 0;
fail:
    fail(error, "cannot listen on unix:%s: %s", name->sun_path, strerror(errno));
    return -1;
}

static int
make_directory(const char *path, char **error)
{
    const char *slash = strrchr(path, '/');
    char *directory;
    int rc = 0;

    if (slash == NULL || slash == path)
        return 0;
    directory = strndup(path, (size_t)(slash - path));
    if (directory == NULL || (mkdir(directory, DIRECTORY_MODE) != 0 && errno != EEXIST)) {
        fail(error, "cannot listen on unix:%s: its directory cannot be made: %s", path,
             strerror(errno));
        rc = -1;
    }
    free(directory);
    return rc;
}

static int
open_unix(struct listener *listener, const char *path, char **error)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct stat status;
    int fd = -1;

    if (path[0] == '\0' || strlen(path) >= sizeof name.sun_path) {
        fail(error, "cannot listen on unix:%s: a path of 1 to %zu bytes is expected", path,
             sizeof name.sun_path - 1);
        return -1;
    }
    memcpy(name.sun_path, path, strlen(path) + 1);
    if (make_directory(path, error) != 0)
        return -1;
    listener->path = strdup(path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || listener->path == NULL) {
        fail(error, "cannot listen on unix:%s: %s", path, strerror(errno));
        goto fail;
    }
    if (bind_path(fd, &name, error) != 0)
        goto fail;
    if (chmod(path, SOCKET_MODE) != 0 || listen(fd, BACKLOG) != 0 || lstat(path, &status) != 0) {
        fail(error, "cannot listen on unix:%s: %s", path, strerror(errno));
        unlink(path);
        goto fail;
    }
    listener->device = status.st_dev;
    listener->inode = status.st_ino;
    add(listener, fd);
    return 0;
fail:
    free(listener->path);
    listener->path = NULL;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Splits HOST:PORT, where an IPv6 address stands in brackets; no host or * is every address. */
static int
split_host(const char *address, char host[NI_MAXHOST], char port[NI_MAXSERV])
{
    const char *colon = strrchr(address, ':');
    size_t length;

    if (colon == NULL || colon[1] == '\0')
        return -1;
    length = (size_t)(colon - address);
    if (address[0] == '[') {
        if (length < 2 || address[length - 1] != ']')
            return -1;
        address++;
        length -= 2;
    } else if (memchr(address, ':', length) != NULL) {
        return -1;
    }
    if (length >= NI_MAXHOST || strlen(colon + 1) >= NI_MAXSERV)
        return -1;
    snprintf(host, NI_MAXHOST, "%.*s", (int)length, address);
    snprintf(port, NI_MAXSERV, "%s", colon + 1);
    if (strcmp(host, "*") == 0)
        host[0] = '\0';
    return 0;
}

/* Opens a socket for one resolved address. Returns it, or -1 with errno set. */
static int
open_address(const struct addrinfo *info)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, saved;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (info->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int
open_tcp(struct listener *listener, const char *address, char **error)
{
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    int rc;

    if (split_host(address, host, port) != 0) {
        fail(error, "cannot listen on tcp:%s: tcp:HOST:PORT is expected, with IPv6 in brackets",
             address);
        return -1;
    }
    rc = getaddrinfo(host[0] != '\0' ? host : NULL, port, &hints, &found);
    if (rc != 0) {
        fail(error, "cannot listen on tcp:%s: %s", address, gai_strerror(rc));
        return -1;
    }
    for (const struct addrinfo *info = found; info != NULL && listener->count < SOCKETS_MAX;
         info = info->ai_next) {
        int fd = open_address(info);

        if (fd >= 0) {
            add(listener, fd);
            continue;
        }
        fail(error, "cannot listen on tcp:%s: %s", address, strerror(errno));
        /* localhost also names ::1 where the machine has no IPv6. */
        if (errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT) {
            listener_stop(listener);
            break;
        }
        if (info->ai_next != NULL || listener->count > 0) {
            free(*error);
            *error = NULL;
        }
    }
    freeaddrinfo(found);
    return listener->count > 0 ? 0 : -1;
}

struct listener *
listener_open(const char *address, char **error)
{
    struct listener *listener = calloc(1, sizeof *listener);
    int rc = -1;

    *error = NULL;
    if (listener == NULL)
        fail(error, "cannot listen on %s: out of memory", address);
    else if (strncmp(address, "unix:", 5) == 0)
        rc = open_unix(listener, address + 5, error);
    else if (strncmp(address, "tcp:", 4) == 0 || strncmp(address, "tls:", 4) == 0) {
        listener->secure = address[1] == 'l';
        rc = open_tcp(listener, address + 4, error);
    } else
        fail(error, "cannot listen on %s: unix:PATH, tcp:HOST:PORT or tls:HOST:PORT is expected", address);
    if (rc == 0)
        return listener;
    listener_free(listener);
    return NULL;
}

struct listener *
listener_adopt(int fd, bool secure, char **error)
{
    struct listener *listener = NULL;
    int listening = 0;
    socklen_t size = sizeof listening;

    *error = NULL;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening) {
        fail(error, "the file descriptor %d that was handed over is no listening stream socket",
             fd);
        return NULL;
    }
    listener = calloc(1, sizeof *listener);
    if (listener == NULL || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        fail(error, "the socket %d that was handed over cannot be used: %s", fd, strerror(errno));
        free(listener);
        return NULL;
    }
    listener->secure = secure;
    add(listener, fd);
    return listener;
}

/* File descriptors or memory have run out. The socket stays readable, so that polling it would
 * spin. */
static void
take_rest(struct listener *listener)
{
    log_write(LOG_WARNING, "newcomers have to wait reason=\"%s\"", strerror(errno));
    for (int i = 0; i < listener->count; i++)
        event_del(listener->events[i]);
    evtimer_add(listener->wake, &rest);
}

static void
on_wake(evutil_socket_t fd, short events, void *context)
{
    struct listener *listener = context;

    (void)fd;
    (void)events;
    for (int i = 0; i < listener->count; i++)
        event_add(listener->events[i], NULL);
}

static void
on_newcomer(evutil_socket_t listening, short events, void *context)
{
    struct listener *listener = context;
    const int on = 1;

    (void)events;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        struct sockaddr_storage peer;
        socklen_t size = sizeof peer;
        int fd = accept4(listening, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
            continue;
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                take_rest(listener);
            return;
        }
        if (peer.ss_family != AF_UNIX) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        }
        if (listener->secure)
            connections_accept_tls(listener->connections, fd, tls_accept(listener->tls));
        else
            connections_accept(listener->connections, fd);
    }
}

bool
listener_is_secure(const struct listener *listener)
{
    return listener->secure;
}

static bool
is_beyond_loopback(int fd)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;

    memset(&name, 0, sizeof name);
    if (getsockname(fd, (struct sockaddr *)&name, &size) != 0)
        return true;
    if (name.ss_family == AF_INET)
        return (ntohl(((struct sockaddr_in *)&name)->sin_addr.s_addr) >> IN_CLASSA_NSHIFT) != IN_LOOPBACKNET;
    if (name.ss_family == AF_INET6)
        return !IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&name)->sin6_addr);
    return name.ss_family != AF_UNIX;
}

bool
listener_is_exposed(const struct listener *listener, char address[LISTENER_ADDRESS_SIZE])
{
    for (int i = 0; !listener->secure && i < listener->count; i++) {
        if (!is_beyond_loopback(listener->fds[i]))
            continue;
        write_address(listener->fds[i], address);
        return true;
    }
    return false;
}

int
listener_start(struct listener *listener, struct event_base *base, struct connections *connections, struct tls *tls)
{
    listener->tls = tls;
    listener->connections = connections;
    listener->wake = evtimer_new(base, on_wake, listener);
    if (listener->wake == NULL)
        return -1;
    for (int i = 0; i < listener->count; i++) {
        listener->events[i] =
            event_new(base, listener->fds[i], EV_READ | EV_PERSIST, on_newcomer, listener);
        if (listener->events[i] == NULL || event_add(listener->events[i], NULL) != 0)
            return -1;
    }
    return 0;
}

void
listener_stop(struct listener *listener)
{
    struct stat status;

    if (listener->wake != NULL)
        event_free(listener->wake);
    listener->wake = NULL;
    for (int i = 0; i < listener->count; i++) {
        if (listener->events[i] != NULL)
            event_free(listener->events[i]);
        listener->events[i] = NULL;
        close(listener->fds[i]);
    }
    listener->count = 0;
    if (listener->path != NULL && lstat(listener->path, &status) == 0 &&
        status.st_dev == listener->device && status.st_ino == listener->inode)
        unlink(listener->path);
    free(listener->path);
    listener->path = NULL;
}

void
listener_free(struct listener *listener)
{
    if (listener == NULL)
        return;
    listener_stop(listener);
    free(listener);
}
