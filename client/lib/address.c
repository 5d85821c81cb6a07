/* SPDX-License-Identifier: Apache-2.0 */

#include "address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "error.h"

static int
copy_part(char *field, size_t size, const char *begin, const char *end)
{
    size_t length = (size_t)(end - begin);

    if (length == 0 || length >= size)
        return -1;
    memcpy(field, begin, length);
    field[length] = '\0';
    return 0;
}

static int
parse_tcp(struct jinzai_address *address, const char *text)
{
    const char *colon = strrchr(text, ':'), *begin = text, *end = colon;

    if (colon == NULL)
        return -1;
    if (*text == '[') {
        if (colon == text || colon[-1] != ']')
            return -1;
        begin++;
        end--;
    } else if (memchr(text, ':', (size_t)(colon - text)) != NULL) {
        return -1; /* an IPv6 address without brackets: which colon begins the port? */
    }
    if (copy_part(address->host, sizeof address->host, begin, end) != 0)
        return -1;
    return copy_part(address->port, sizeof address->port, colon + 1, colon + 1 + strlen(colon + 1));
}

int
jinzai_address_parse(struct jinzai_address *address, const char *text, struct jinzai_error *error)
{
    int rc = -1;

    *address = (struct jinzai_address){.path = ""};
    if (text != NULL && strncmp(text, "unix:", 5) == 0)
        rc = copy_part(address->path, sizeof address->path, text + 5, text + strlen(text));
    else if (text != NULL && (strncmp(text, "tcp:", 4) == 0 || strncmp(text, "tls:", 4) == 0))
        rc = parse_tcp(address, text + 4);
    if (rc != 0) {
        jinzai_error_set(error, JINZAI_BAD_ADDRESS,
                         "the address \"%s\" is neither unix:/path, tcp:host:port nor tls:host:port",
                         text != NULL ? text : "");
    }
    address->tls = rc == 0 && strncmp(text, "tls:", 4) == 0;
    return rc;
}

static int
resolve_unix(const struct jinzai_address *address, struct jinzai_endpoint *endpoint)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};

    memcpy(local.sun_path, address->path, sizeof address->path);
    *endpoint = (struct jinzai_endpoint){.size = sizeof local};
    memcpy(&endpoint->address, &local, sizeof local);
    return 1;
}

int
jinzai_address_resolve(const struct jinzai_address *address,
                       struct jinzai_endpoint endpoint[JINZAI_ADDRESS_MAX],
                       struct jinzai_error *error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list = NULL;
    int count = 0, rc;

    if (address->path[0] != '\0')
        return resolve_unix(address, endpoint);
    rc = getaddrinfo(address->host, address->port, &hints, &list);
    if (rc == EAI_NONAME || rc == EAI_ADDRFAMILY) {
        /* AI_ADDRCONFIG does not count the loopback device: a machine without a network still has
         * localhost. */
        hints.ai_flags = 0;
        rc = getaddrinfo(address->host, address->port, &hints, &list);
    }
    if (rc != 0) {
        jinzai_error_set(error, JINZAI_BAD_ADDRESS, "no address for host %s, port %s: %s",
                         address->host, address->port, gai_strerror(rc));
        return -1;
    }
    for (const struct addrinfo *at = list; at != NULL && count < JINZAI_ADDRESS_MAX;
         at = at->ai_next) {
        memcpy(&endpoint[count].address, at->ai_addr, at->ai_addrlen);
        endpoint[count++].size = at->ai_addrlen;
    }
    freeaddrinfo(list);
    return count;
}
