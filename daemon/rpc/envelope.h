/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON-RPC 2.0: from one JSON text to the messages in it. A pure function over bytes.
 */
#ifndef JINZAI_RPC_ENVELOPE_H
#define JINZAI_RPC_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "rpc/fault.h"

struct message {
    json_t *root;         /* owned by the envelope */
    const char *method;   /* points into root */
    const json_t *params; /* points into root: an object, an array, or NULL for none */
    const char
        *id; /* as it was sent, byte for byte; points into the text. NULL: no answer is wanted */
    size_t id_size;
    struct fault fault; /* where its code is not 0: answer this, with the id, and do nothing */
};

struct envelope {
    struct message *messages;
    size_t count;
    bool batch;
    struct fault
        fault; /* where its code is not 0: there are no messages, answer this once with id null */
};

/* Reads a text that lives longer than the envelope. A batch may hold max_items messages. Numbers
 * are read as reals, so that a large one is no mistake of the text. Returns 0, also where the text
 * is at fault, or -1 when out of memory. envelope_close is needed either way. */
int envelope_open(struct envelope *envelope, const char *text, size_t size, size_t max_items);

void envelope_close(struct envelope *envelope);

#endif
