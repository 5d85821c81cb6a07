/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of the configuration that says who users and groups of this machine are: "user:alice coordinator nifs",
 * "group:ccfe secretariat JP". Pure.
 */
#ifndef JINZAI_ACCESS_PEER_H
#define JINZAI_ACCESS_PEER_H

#include <stdbool.h>

#include "rpc/method.h"

enum { PEER_NAME_SIZE = 64, PEER_ORGANIZATION_SIZE = 64, PEER_COUNTRY_SIZE = 3 };

/* A plain value. */
struct peer {
    bool group;
    char name[PEER_NAME_SIZE]; /* of the user or group */
    enum role role;
    char organization[PEER_ORGANIZATION_SIZE]; /* its code, or "" */
    char country[PEER_COUNTRY_SIZE];           /* two capital letters, or "" */
};

/* Reads a line; its words are separated by spaces or commas. Returns NULL, or what is wrong with it. */
const char *peer_parse(struct peer *peer, const char *text);

#endif
