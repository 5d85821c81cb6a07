/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 2048 };

static int log_level = LOG_INFO;
static bool log_to_journal;

static const char *const priority_names[] = {"emergency", "alert",  "critical", "error",
                                             "warning",   "notice", "info",     "debug"};

/* systemd names the device and inode of the journal's stream, so that a service whose standard error was redirected
 * elsewhere does not write priorities into a file for people. */
static bool
stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat status;

    return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &status) == 0 &&
           status.st_dev == (dev_t)device && status.st_ino == (ino_t)inode;
}

void
log_open(int level)
{
    log_level = level;
    log_to_journal = stderr_is_journal();
}

static int
line_begin(char *line, size_t size, int priority)
{
    char when[32] = "";
    struct tm utc;
    time_t now;

    if (log_to_journal)
        return snprintf(line, size, "<%d>", priority);
    now = time(NULL);
    if (gmtime_r(&now, &utc) != NULL)
        strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return snprintf(line, size, "%s %s: ", when, priority_names[priority]);
}

void
log_write(int priority, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list arguments;
    size_t size;
    int begin, rest;

    priority = LOG_PRI(priority);
    if (priority > log_level)
        return;
    begin = line_begin(line, sizeof(line), priority);
    va_start(arguments, format);
    rest = vsnprintf(line + begin, sizeof(line) - (size_t)begin, format, arguments);
    va_end(arguments);
    if (rest < 0)
        return;
    size = (size_t)begin + (size_t)rest;
    if (size > sizeof(line) - 1)
        size = sizeof(line) - 1;
    /* A line end inside a message, as PostgreSQL sends, would let its text pass for a line of ours. */
    for (size_t i = (size_t)begin; i < size; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = ' ';
    while (size > (size_t)begin && line[size - 1] == ' ')
        size--;
    line[size++] = '\n';
    /* One write a line, so that lines of the daemon and of PostgreSQL's postmaster do not mix. */
    if (write(STDERR_FILENO, line, size) < 0)
        return;
}
