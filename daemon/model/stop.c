/* SPDX-License-Identifier: Apache-2.0 */
#include "model/stop.h"

#include <stddef.h>
#include <time.h>

int64_t
stop_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
stop_asked(const struct stop *stop)
{
    if (stop == NULL)
        return false;
    if (stop->cancel != NULL && atomic_load_explicit(stop->cancel, memory_order_relaxed))
        return true;
    return stop->deadline_ms != 0 && stop_clock_ms() >= stop->deadline_ms;
}
