/* SPDX-License-Identifier: Apache-2.0 */
#include "service/systemd.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

/* Sends a message that may be lost. sd_notify waits where systemd is slow to read, and what is sent again and again while
 * the event loop runs must not hold it up. */
static void
notify_or_drop(const char *message)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = path != NULL ? strlen(path) : 0;
    int fd;

    if (size == 0 || size >= sizeof(address.sun_path))
        return;
    memcpy(address.sun_path, path, size);
    if (address.sun_path[0] == '@')
        address.sun_path[0] = '\0'; /* an abstract name */
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    sendto(fd, message, strlen(message), MSG_NOSIGNAL, (const struct sockaddr *)&address,
           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size));
    close(fd);
}

int
systemd_listen_fds(int *first, char ***names)
{
    int count = sd_listen_fds_with_names(1, names);

    *first = SD_LISTEN_FDS_START;
    if (count <= 0)
        *names = NULL;
    return count > 0 ? count : 0;
}

void
systemd_free_names(char **names)
{
    for (char **name = names; name != NULL && *name != NULL; name++)
        free(*name);
    free(names);
}

bool
systemd_listens_at(int first, int count, const char *path)
{
    for (int fd = first; fd < first + count; fd++)
        if (sd_is_socket_unix(fd, SOCK_STREAM, 1, path, 0) > 0)
            return true;
    return false;
}

void
systemd_ready(void)
{
    sd_notify(0, "READY=1");
}

void
systemd_reloading(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
               (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}

void
systemd_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

void
systemd_status(const char *format, ...)
{
    char line[256] = "STATUS=";
    size_t begin = strlen(line);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line + begin, sizeof(line) - begin, format, arguments);
    va_end(arguments);
    notify_or_drop(line);
}

void
systemd_extend(uint64_t more_ms)
{
    sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRIu64, more_ms * 1000);
}

uint64_t
systemd_watchdog_ms(void)
{
    uint64_t usec = 0;

    return sd_watchdog_enabled(0, &usec) > 0 ? usec / 1000 : 0;
}

void
systemd_alive(void)
{
    notify_or_drop("WATCHDOG=1");
}
