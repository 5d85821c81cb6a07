/* SPDX-License-Identifier: Apache-2.0 */
#include "model/said.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRECISION = 12 }; /* figures are rounded to a millionth already */

int
said_ask(gap_json *model, const json_t *input, const struct stop *stop, struct model_answer *answer,
         json_t **result)
{
    char *question = json_dumps(input, JSON_COMPACT), *text = NULL;
    char reason[MODEL_REASON_BYTES] = "";
    int rc = MODEL_MEMORY;

    *result = NULL;
    if (question != NULL)
        rc = model(question, strlen(question), stop, &text, reason);
    if (rc == MODEL_OK) {
        *result = json_loads(text, 0, NULL);
        rc = *result != NULL ? MODEL_OK : MODEL_MEMORY;
    } else {
        snprintf(answer->reason, sizeof answer->reason, "%s", reason);
    }
    free(question);
    free(text);
    return rc;
}

int
said_answer(const json_t *said, json_t *result, struct model_answer *answer)
{
    json_t *document = json_copy((json_t *)said); /* shallow: said itself stays as it is */
    char *text = NULL;
    int rc = MODEL_MEMORY;

    if (document != NULL && result != NULL && json_object_update(document, result) == 0)
        text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(PRECISION));
    if (text != NULL && model_answer_put(text, strlen(text), answer) == 0)
        rc = MODEL_OK;
    free(text);
    json_decref(document);
    json_decref(result);
    return rc;
}

json_t *
said_of(const json_t *about, const json_t *code)
{
    json_t *found = json_is_string(code) ? json_object_get(about, json_string_value(code)) : NULL;

    return found != NULL ? json_incref(found) : json_null();
}
