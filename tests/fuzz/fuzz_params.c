/* SPDX-License-Identifier: Apache-2.0
 *
 * Any params become as many values as the statement has arguments, or a fault that is valid UTF-8
 * and names what was expected.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "../unit/rows.h"
#include "rpc/params.h"
#include "rpc/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
count_arguments(const struct method *method)
{
    size_t count = 1 + (statement_clears(method) ? 1 : 0);

    for (const struct param *param = method->params; param != NULL && param->type != PARAM_END;
         param++)
        count += (size_t)statement_width(param);
    return count;
}

static void
check_fault(const struct fault *fault)
{
    json_t *texts = json_pack("[s, s, s]", fault->message, fault->parameter, fault->expected);

    assert(fault->code == ERROR_INVALID_PARAMS);
    assert(fault->message[0] != '\0' && fault->expected[0] != '\0');
    assert(texts != NULL); /* jansson takes valid UTF-8 alone */
    json_decref(texts);
}

static void
check_values(const struct method *method, const struct params *params)
{
    assert(params->count == count_arguments(method));
    for (size_t i = 1; i < params->count; i++) {
        json_t *text = params->values[i] != NULL ? json_string(params->values[i]) : json_null();

        assert(text != NULL);
        json_decref(text);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char secret[32];
    static const struct params_rules rules = {&row_limits, secret, sizeof secret};
    json_t *given = json_loadb((const char *)data, size,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
    struct fault fault;
    struct params params;

    for (const struct method *method = badge_methods; given != NULL && method->name != NULL;
         method++) {
        if (params_read(&params, &rules, method, given, &fault) != 0) {
            check_fault(&fault);
            continue;
        }
        check_values(method, &params);
        params_free(&params);
    }
    json_decref(given);
    return 0;
}
