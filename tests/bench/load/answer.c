/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NEEDLE_ROOM = 512 };

static bool
starts(const char *at, const char *end, const char *text)
{
    size_t size = strlen(text);

    return (size_t)(end - at) >= size && memcmp(at, text, size) == 0;
}

enum found
answer_find_rpc(const char *bytes, size_t size, size_t *scanned, struct answer *answer)
{
    static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":", result[] = ",\"result\":";
    const char *end = memchr(bytes + *scanned, '\n', size - *scanned), *at = bytes;

    if (end == NULL) {
        *scanned = size;
        return FOUND_NOTHING;
    }
    *answer = (struct answer){.size = (size_t)(end - bytes) + 1};
    *scanned = 0;
    if (!starts(at, end, head))
        return FOUND_NONSENSE;
    at += sizeof head - 1;
    if (*at < '0' || *at > '9')
        return FOUND_NONSENSE; /* an answer to no request of ours */
    while (*at >= '0' && *at <= '9')
        answer->id = answer->id * 10 + (unsigned)(*at++ - '0');
    answer->good = starts(at, end, result);
    if (answer->good)
        at += sizeof result - 1;
    answer->body = at;
    answer->body_size = (size_t)(end - at);
    return FOUND_ANSWER;
}

/* The value of a header, or NULL. */
static const char *
header(const char *at, const char *end, const char *name)
{
    size_t size = strlen(name);

    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL && ++at < end)
        if ((size_t)(end - at) > size && strncasecmp(at, name, size) == 0 && at[size] == ':') {
            at += size + 1;
            while (at < end && *at == ' ')
                at++;
            return at;
        }
    return NULL;
}

/* Joins chunks in place. Returns how many bytes they took, 0 where they are not complete. */
static size_t
join_chunks(char *body, size_t size, size_t *joined)
{
    const char *end = body + size;
    char *to = body, *at = body;

    /* Looked through first: what is not complete must stay as it is. */
    for (const char *look = body;;) {
        char *rest;
        unsigned long chunk;

        if (memchr(look, '\n', (size_t)(end - look)) == NULL)
            return 0;
        chunk = strtoul(look, &rest, 16);
        look = (const char *)memchr(look, '\n', (size_t)(end - look)) + 1;
        if ((size_t)(end - look) < chunk + 2)
            return 0;
        look += chunk + 2;
        if (chunk == 0)
            break;
    }
    for (;;) {
        unsigned long chunk = strtoul(at, NULL, 16);

        at = (char *)memchr(at, '\n', (size_t)(end - at)) + 1;
        memmove(to, at, chunk);
        to += chunk;
        at += chunk + 2;
        if (chunk == 0)
            break;
    }
    *joined = (size_t)(to - body);
    return (size_t)(at - body);
}

enum found
answer_find_http(char *bytes, size_t size, struct answer *answer)
{
    static const char blank[] = "\r\n\r\n";
    char *end = memmem(bytes, size, blank, sizeof blank - 1);
    const char *value;

    if (end == NULL)
        return FOUND_NOTHING;
    *answer = (struct answer){0};
    if (!starts(bytes, end, "HTTP/1."))
        return FOUND_NONSENSE;
    answer->good = starts(bytes + sizeof "HTTP/1.1" - 1, end, " 200");
    answer->body = end + sizeof blank - 1;
    value = header(bytes, end, "Connection");
    answer->last = value != NULL && strncasecmp(value, "close", 5) == 0;
    if ((value = header(bytes, end, "Content-Length")) != NULL) {
        answer->body_size = strtoul(value, NULL, 10);
        answer->size = (size_t)(answer->body - bytes) + answer->body_size;
        return answer->size <= size ? FOUND_ANSWER : FOUND_NOTHING;
    }
    if ((value = header(bytes, end, "Transfer-Encoding")) != NULL && strncasecmp(value, "chunked", 7) == 0) {
        char *body = end + sizeof blank - 1;
        size_t taken = join_chunks(body, size - (size_t)(body - bytes), &answer->body_size);

        answer->size = (size_t)(body - bytes) + taken;
        return taken > 0 ? FOUND_ANSWER : FOUND_NOTHING;
    }
    return FOUND_NONSENSE;
}

bool
answer_right(const struct answer *answer, const struct checks *checks, const struct draw *draw)
{
    if (!answer->good)
        return false;
    for (size_t i = 0; i < checks->count; i++) {
        const struct check *check = &checks->rows[i];
        const char *at = answer->body, *end = answer->body + answer->body_size;
        char needle[NEEDLE_ROOM];
        size_t size = template_write(check->text, draw, needle, sizeof needle), times = 0;

        while (size > 0 && at < end && (at = memmem(at, (size_t)(end - at), needle, size)) != NULL) {
            times++;
            at += size;
            if (check->times == 0)
                break;
        }
        if (times == 0 || (check->times > 0 && times != check->times))
            return false;
    }
    return true;
}
