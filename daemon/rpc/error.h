/* SPDX-License-Identifier: Apache-2.0
 *
 * The errors a caller can get: the five of JSON-RPC 2.0 and one numbered family. SQL raises the family with SQLSTATE
 * JZ001 … JZ011 (JZ000 is an invalid parameter) and a detail that is a JSON object with "parameter" and "expected".
 */
#ifndef JINZAI_RPC_ERROR_H
#define JINZAI_RPC_ERROR_H

#include <stddef.h>

enum error_code {
    ERROR_PARSE = -32700,
    ERROR_INVALID_REQUEST = -32600,
    ERROR_METHOD_NOT_FOUND = -32601,
    ERROR_INVALID_PARAMS = -32602,
    ERROR_INTERNAL = -32603,
    ERROR_NOT_FOUND = -32001,
    ERROR_CONFLICT = -32002,
    ERROR_DENIED = -32003,
    ERROR_UNAUTHENTICATED = -32004,
    ERROR_LIMIT_EXCEEDED = -32005,
    ERROR_UNAVAILABLE = -32006,
    ERROR_TIMEOUT = -32007,
    ERROR_STALE_VERSION = -32008,
    ERROR_CONSENT_REQUIRED = -32009,
    ERROR_INVALID_TRANSITION = -32010,
    ERROR_DIVERGED = -32011,
};

/* The stable name of a code, as "not_found"; "internal_error" for one that is not in the table. */
const char *error_name(int code);

/* One sentence on what the code means, for the reference page and rpc.discover; NULL past the end. */
struct error_row {
    int code;
    const char *name, *meaning;
};
extern const struct error_row error_table[]; /* ended by a row without a name */

#endif
