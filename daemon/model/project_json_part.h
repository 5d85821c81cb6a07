/* SPDX-License-Identifier: Apache-2.0
 *
 * What reading and writing the projection's JSON share.
 */
#ifndef JINZAI_MODEL_PROJECT_JSON_PART_H
#define JINZAI_MODEL_PROJECT_JSON_PART_H

#include <jansson.h>

#include "model/project_json.h"

struct project_json {
    struct project_input input;
    struct project_parameter *parameter;
    struct project_regime *regime;
    struct project_series *series;
    json_t *root;
    json_t *parameters, *regimes,
        *names; /* codes of parameters, regimes and series, to their numbers */
};

#endif
