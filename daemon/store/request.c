/* SPDX-License-Identifier: Apache-2.0 */
#include "store/request.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct request *
request_new(size_t number, const char *const *values, int arguments, pool_answer *answer, void *context)
{
    size_t head_bytes = sizeof(struct request) + (size_t)arguments * sizeof(char *);
    size_t size_bytes = head_bytes;
    struct request *request;
    char *text;

    for (int i = 0; i < arguments; i++)
        size_bytes += values[i] != NULL ? strlen(values[i]) + 1 : 0;
    request = malloc(size_bytes);
    if (request == NULL)
        return NULL;
    *request = (struct request){.number = number,
                                .size_bytes = size_bytes,
                                .since_ms = request_clock_ms(),
                                .answer = answer,
                                .context = context,
                                .arguments = arguments};
    text = (char *)request + head_bytes;
    for (int i = 0; i < arguments; i++) {
        request->values[i] = values[i] != NULL ? text : NULL;
        if (values[i] != NULL)
            text = stpcpy(text, values[i]) + 1;
    }
    return request;
}

void
request_answer(struct request *request, struct reply *reply)
{
    if (request->answer != NULL)
        request->answer(reply, request->context);
    PQclear(reply->result);
    PQclear(request->result);
    free(request);
}

void
request_queue_answer(struct request_queue *queue, enum reply_status status)
{
    struct request *request = queue->head, *next;

    request_queue_init(queue);
    for (; request != NULL; request = next) {
        struct reply reply = {.status = status};

        next = request->next;
        request_answer(request, &reply);
    }
}

void
request_queue_init(struct request_queue *queue)
{
    *queue = (struct request_queue){.head = NULL, .tail = &queue->head};
}

void
request_queue_push(struct request_queue *queue, struct request *request)
{
    request->next = NULL;
    *queue->tail = request;
    queue->tail = &request->next;
    queue->count++;
    queue->size_bytes += request->size_bytes;
}

struct request *
request_queue_pop(struct request_queue *queue)
{
    struct request *request = queue->head;

    if (request == NULL)
        return NULL;
    queue->head = request->next;
    if (queue->head == NULL)
        queue->tail = &queue->head;
    queue->count--;
    queue->size_bytes -= request->size_bytes;
    request->next = NULL;
    return request;
}

int64_t
request_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
