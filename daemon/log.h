/* SPDX-License-Identifier: Apache-2.0
 *
 * The log: lines on standard error. Under systemd each begins with its <priority>, and fields follow the sentence as
 * key=value, so that journald and grep read the same text. No parameter of a request is ever logged.
 */
#ifndef JINZAI_LOG_H
#define JINZAI_LOG_H

#include <syslog.h>

/* Sets the least important priority that is written, LOG_ERR to LOG_DEBUG. */
void log_open(int level);

/* Writes one line: a sentence without its full stop, then fields, as
 * log_write(LOG_NOTICE, "listening address=%s", address). */
void log_write(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
