/* SPDX-License-Identifier: Apache-2.0
 *
 * What jinzaid tells systemd and gets from it. Without systemd each of these does nothing.
 */
#ifndef JINZAI_SERVICE_SYSTEMD_H
#define JINZAI_SERVICE_SYSTEMD_H

#include <stdbool.h>
#include <stdint.h>

/* The sockets that systemd hands over, as first file descriptor, with their names (FileDescriptorName=), which
 * systemd_free_names frees; returns how many there are, 0 without systemd. They are marked close-on-exec, and the
 * environment no longer names them, so that PostgreSQL does not take them. */
int systemd_listen_fds(int *first, char ***names);
void systemd_free_names(char **names);

/* Whether one of those count sockets listens at a unix socket's path. */
bool systemd_listens_at(int first, int count, const char *path);

/* The service serves (again): it has started, or has read its configuration again. */
void systemd_ready(void);

/* The configuration is being read again; systemd_ready ends it. */
void systemd_reloading(void);

/* The service is draining and will end. */
void systemd_stopping(void);

/* Shows one line in systemctl status. */
void systemd_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Asks for more time to start or stop, as the crash recovery of a large database needs. */
void systemd_extend(uint64_t more_ms);

/* How often systemd wants a sign of life, in milliseconds; 0 where it wants none. */
uint64_t systemd_watchdog_ms(void);

/* Gives the sign of life. */
void systemd_alive(void);

#endif
