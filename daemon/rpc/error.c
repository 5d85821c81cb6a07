/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/error.h"

const struct error_row error_table[] = {
    {ERROR_PARSE, "parse_error", "What was sent is no JSON text"},
    {ERROR_INVALID_REQUEST, "invalid_request", "The JSON text is no JSON-RPC 2.0 request"},
    {ERROR_METHOD_NOT_FOUND, "method_not_found", "There is no such method"},
    {ERROR_INVALID_PARAMS, "invalid_params",
     "A parameter is missing, unknown, or not what was expected"},
    {ERROR_INTERNAL, "internal_error",
     "The daemon could not answer; its log says more under the trace id"},
    {ERROR_NOT_FOUND, "not_found", "There is no such record, or it may not be seen"},
    {ERROR_CONFLICT, "conflict", "It contradicts what is recorded already"},
    {ERROR_DENIED, "denied", "The caller is known but may not do this"},
    {ERROR_UNAUTHENTICATED, "unauthenticated", "The method needs a caller who has signed in"},
    {ERROR_LIMIT_EXCEEDED, "limit_exceeded", "A limit of the daemon was passed"},
    {ERROR_UNAVAILABLE, "unavailable",
     "It cannot be done at the moment; trying again later may help"},
    {ERROR_TIMEOUT, "timeout", "It took longer than the method's class of cost may"},
    {ERROR_STALE_VERSION, "stale_version",
     "The record has changed since the version that was given"},
    {ERROR_CONSENT_REQUIRED, "consent_required",
     "Personal data would cross a border without a recorded legal basis"},
    {ERROR_INVALID_TRANSITION, "invalid_transition", "The record's state does not allow this step"},
    {ERROR_DIVERGED, "diverged", "The log is not the one that the cursor is of: it lost batches, as after a restore"},
    {0, NULL, NULL},
};

const char *
error_name(int code)
{
    for (const struct error_row *row = error_table; row->name != NULL; row++)
        if (row->code == code)
            return row->name;
    return "internal_error";
}
