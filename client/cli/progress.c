/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 30, BAR_EVERY_MS = 100 };

static int64_t
now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void
progress_begin(struct progress *progress, long long total)
{
    *progress = (struct progress){.shown = isatty(STDERR_FILENO) == 1, .total = total};
}

static void
draw(struct progress *progress, const char *label)
{
    long long done = progress->done < progress->total ? progress->done : progress->total;
    int filled = progress->total > 0 ? (int)(done * BAR_WIDTH / progress->total) : BAR_WIDTH;

    progress->drawn_ms = now_ms();
    fputs("\r\033[K[", stderr);
    for (int i = 0; i < BAR_WIDTH; i++)
        fputc(i < filled ? '#' : '-', stderr);
    fprintf(stderr, "] %3d%% %s", progress->total > 0 ? (int)(done * 100 / progress->total) : 100, label);
    fflush(stderr);
}

void
progress_step(struct progress *progress, long long done, const char *label)
{
    progress->done = done;
    if (progress->shown && now_ms() - progress->drawn_ms >= BAR_EVERY_MS)
        draw(progress, label);
}

void
progress_say(struct progress *progress, const char *label)
{
    if (progress->shown)
        draw(progress, label);
}

void
progress_clear(const struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
}
