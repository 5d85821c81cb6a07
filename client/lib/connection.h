/* SPDX-License-Identifier: Apache-2.0
 *
 * What a connection holds, and the turn that moves it on: connect, write what waits, read, settle
 * what was answered. A request is in exactly one of two lists: pending until it has an answer or a
 * failure, then answered until the caller receives it.
 */
#ifndef JINZAI_LIB_CONNECTION_H
#define JINZAI_LIB_CONNECTION_H

#include <stdbool.h>

#include "frame.h"
#include "jinzai.h"
#include "link.h"
#include "request.h"

struct jinzai {
    struct jinzai_link link;
    char address[512];
    char *token;          /* signs each connection in; NULL: none does */
    unsigned signed_made; /* which connection is signed in, as link.made counts them */
    unsigned asked_made;  /* for which one that has been asked */
    struct jinzai_request_list pending, answered;
    int64_t last_ticket;
    struct jinzai_frame frame;
    char *in; /* in_size bytes of a message that is not complete, all of them scanned */
    size_t in_size, in_room;
    bool skipping; /* the message is too long: only its beginning is in in */
    size_t answer_bytes;
    struct jinzai_error
        refusal; /* why the daemon turned the whole connection away, where it said so */
    jinzai_notification *notification;
    void *context;
};

/* Writes what waits as far as that goes; a broken connection is left for the next turn to find,
 * since the caller may be in the middle of reading. */
void jinzai_connection_push(struct jinzai *conn);

/* Fills error with why there is no connection. */
void jinzai_connection_explain(const struct jinzai *conn, struct jinzai_error *error);

#endif
