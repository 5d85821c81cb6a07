/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text becomes messages or a fault, and an id is a part of the text that is JSON by itself.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "rpc/envelope.h"

enum { MAX_ITEMS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct message *message)
{
    json_t *id;

    assert(message->fault.code != 0 || message->method != NULL);
    if (message->id == NULL) {
        assert(message->fault.code == 0);
        return;
    }
    id = json_loadb(message->id, message->id_size, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
    assert(json_is_string(id) || json_is_number(id) || json_is_null(id));
    json_decref(id);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct envelope envelope;

    if (envelope_open(&envelope, (const char *)data, size, MAX_ITEMS) == 0) {
        assert((envelope.fault.code != 0) == (envelope.count == 0));
        for (size_t i = 0; i < envelope.count; i++)
            check(&envelope.messages[i]);
    }
    envelope_close(&envelope);
    return 0;
}
