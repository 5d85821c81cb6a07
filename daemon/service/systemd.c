/* SPDX-License-Identifier: Apache-2.0 */
#include "service/systemd.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <systemd/sd-daemon.h>

int
systemd_listen_fds(int *first)
{
    int count = sd_listen_fds(1);

    *first = SD_LISTEN_FDS_START;
    return count > 0 ? count : 0;
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
    char line[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    sd_notifyf(0, "STATUS=%s", line);
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
    sd_notify(0, "WATCHDOG=1");
}
