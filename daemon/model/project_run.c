/* SPDX-License-Identifier: Apache-2.0 */
#include "model/runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "model/project_json.h"

enum { SENSITIVITIES = 5 }; /* of each series: what moves it most */

static int
refuse(struct model_answer *answer, const struct project_refusal *refusal)
{
    if (strcmp(refusal->name, "stopped") == 0)
        return MODEL_STOPPED;
    if (strcmp(refusal->name, "memory") == 0)
        return MODEL_MEMORY;
    snprintf(answer->reason, sizeof answer->reason, "what is asked for cannot be projected: %s", refusal->path);
    snprintf(answer->expected, sizeof answer->expected, "%s", refusal->expected);
    return MODEL_BAD;
}

/* The members of said, in front of those of the projection. */
static int
write_said(struct model_answer *answer, const json_t *said)
{
    char *text = json_dumps(said, JSON_COMPACT);
    size_t size = text != NULL ? strlen(text) : 0;
    int rc = -1;

    /* "{…}" becomes "{…," and the projection's own brace is left out. */
    if (size > 2 && model_answer_put(text, size - 1, answer) == 0 && model_answer_put(",", 1, answer) == 0)
        rc = 0;
    free(text);
    return rc;
}

/* Leaves out the first byte of all that is put, a brace. */
struct tail {
    struct model_answer *answer;
    bool begun;
};

static int
put_tail(const char *text, size_t size, void *data)
{
    struct tail *tail = data;
    size_t skip = tail->begun ? 0 : 1;

    tail->begun = true;
    return model_answer_put(text + skip, size - skip, tail->answer);
}

int
project_run(const char *text, size_t size, const struct stop *stop, struct model_answer *answer)
{
    struct project_refusal refusal = {.name = "memory"};
    struct project_json *json = NULL;
    struct project *project = NULL;
    json_t *root = json_loadb(text, size, 0, NULL);
    char *input = json_dumps(json_object_get(root, "input"), JSON_COMPACT);
    struct project_wish wish = {(int)json_integer_value(json_object_get(root, "level")), SENSITIVITIES};
    struct tail tail = {answer, false};
    int rc = MODEL_MEMORY;

    if (input == NULL)
        goto out;
    json = project_json_read(input, strlen(input), &refusal);
    if (json != NULL)
        project = project_open(project_json_input(json), stop, &refusal);
    if (project == NULL) {
        rc = refuse(answer, &refusal);
        goto out;
    }
    if (project_work(project, stop) != 0) {
        rc = stop_asked(stop) ? MODEL_STOPPED : MODEL_MEMORY;
        goto out;
    }
    project_finish(project);
    if (write_said(answer, json_object_get(root, "said")) == 0 &&
        project_json_write(json, project, &wish, put_tail, &tail) == 0)
        rc = MODEL_OK;
out:
    project_close(project);
    project_json_free(json);
    free(input);
    json_decref(root);
    return rc;
}
