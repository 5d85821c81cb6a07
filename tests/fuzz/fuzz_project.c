/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text is refused with a path that is valid UTF-8, or becomes an input that is refused or, where it is small, projected
 * and written.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include <jansson.h>

#include "model/project_json.h"

enum { SERIES_MAX = 4, DRAWS_MAX = 600 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_refusal(const struct project_refusal *refusal)
{
    json_t *texts = json_pack("[s, s, s]", refusal->name, refusal->path, refusal->expected);

    assert(texts != NULL); /* jansson takes valid UTF-8 alone */
    json_decref(texts);
}

static int
count(const char *text, size_t length, void *data)
{
    (void)text;
    *(size_t *)data += length;
    return 0;
}

static void
project_and_write(const struct project_json *json)
{
    struct project_refusal refusal;
    struct project *project = project_open(project_json_input(json), NULL, &refusal);
    struct project_wish wish = {0, 3};
    size_t written = 0;

    if (project == NULL) {
        check_refusal(&refusal);
        return;
    }
    assert(project_work(project, NULL) == 0);
    project_finish(project);
    assert(project_json_write(json, project, &wish, count, &written) == 0 && written > 0);
    project_close(project);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct project_refusal refusal;
    struct project_json *json = project_json_read((const char *)data, size, &refusal);

    if (json == NULL)
        check_refusal(&refusal);
    else if (project_json_input(json)->count <= SERIES_MAX && project_json_input(json)->draws <= DRAWS_MAX)
        project_and_write(json);
    project_json_free(json);
    return 0;
}
