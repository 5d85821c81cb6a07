/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses: "unix:/path", "tcp:host:port" and "tls:host:port".
 */
#ifndef JINZAI_LIB_ADDRESS_H
#define JINZAI_LIB_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "jinzai.h"

enum {
    JINZAI_ADDRESS_HOST = 256,
    JINZAI_ADDRESS_PORT = 32,
    JINZAI_ADDRESS_PATH = 108, /* the size of sun_path */
    JINZAI_ADDRESS_MAX = 8,    /* addresses of one host that are tried */
};

/* An address taken apart: path is empty for TCP and TLS. */
struct jinzai_address {
    bool tls;
    char path[JINZAI_ADDRESS_PATH];
    char host[JINZAI_ADDRESS_HOST], port[JINZAI_ADDRESS_PORT];
};

/* Takes text apart. Returns 0, or -1 with JINZAI_BAD_ADDRESS. */
int
jinzai_address_parse(struct jinzai_address *address, const char *text, struct jinzai_error *error);

struct jinzai_endpoint {
    struct sockaddr_storage address;
    socklen_t size;
};

/* Finds the socket addresses, in the order in which they are to be tried. May wait for the name
 * service. Returns how many there are, or -1 with JINZAI_BAD_ADDRESS. */
int jinzai_address_resolve(const struct jinzai_address *address,
                           struct jinzai_endpoint endpoint[JINZAI_ADDRESS_MAX],
                           struct jinzai_error *error);

#endif
