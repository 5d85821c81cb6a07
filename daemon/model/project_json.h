/* SPDX-License-Identifier: Apache-2.0
 *
 * The projection's input from JSON text, as one SQL statement can write it, and its answer as JSON text.
 *
 * {"start_year": 2026, "years": 20, "draws": 10000, "seed": 7,        seed: a whole number of 0 or more
 *  "shape": "pert",                                                     or "triangular", the default
 *  "demand_growth": 0.0, "demand_between": "stated",                   or "linear": between stated years, never beyond
 *  "parameters": [{"code": "quit.JP", "low": 0.02, "mode": 0.04, "high": 0.09, "factor": 1, "about": …}],
 *  "regimes": [{"code": "JP", "quit": P, "expire": P, "move": P, "expiry_drop": 5,
 *               "retire": [{"age": 55, "parameter": "retire.55.JP"}], "retire_unknown": "retire.JP",
 *               "replace": "replace.JP", "entry_age": 25}],
 *  "series": [{"code": "FS-TRI-01/JP", "about": …, "regime": "JP", "supply_known": true, "fte": 0.9,
 *              "stock": [[cohort, level, heads]],                       cohort 0 or null: not known
 *              "arrivals": [{"kind": "completion", "at": 0.5, "level": 2, "cohort": 2000, "heads": 12,
 *                            "probability": "completion.JP", "retention": "retention.JP", "lag": "lag.session"}],
 *              "demand": [[year, level, low, mode, high]]}]}             calendar years; FTE at level or above
 *
 * P is a parameter's code for all levels, null for none, or an array of five (of move: four or five) such. Members with a
 * default (null is the default too): draws 10000, shape, demand_growth 0, demand_between, factor 1, quit, expire, move,
 * retire, retire_unknown, replace none, expiry_drop 5, entry_age 25, supply_known true, fte 1, stock, arrivals, demand
 * empty, cohort 0, probability, retention, lag none, about null. Unknown members are refused. Codes of parameters, and of
 * series, name their draws by FNV-1a (Fowler, Noll, Vo), so the same code draws the same in any company.
 *
 * "about" is given back as it came: subject, group, source, date, staleness.
 */
#ifndef JINZAI_MODEL_PROJECT_JSON_H
#define JINZAI_MODEL_PROJECT_JSON_H

#include <stddef.h>

#include "model/project.h"

struct project_json;

/* Takes what the answer is written to, a piece at a time. Returns 0, or -1 to end the writing. */
typedef int project_put(const char *text, size_t length, void *data);

/* What of the answer is written. */
struct project_wish {
    int level; /* 1 … 5; 0: all */
    int top;   /* so many of the most influential parameters of each series and level; 0: none */
};

/* Reads text. Returns NULL with refusal naming the member ("series[3].stock[0]") where it is not such a text. What the
 * values may be is for project_open to check. */
struct project_json *
project_json_read(const char *text, size_t length, struct project_refusal *refusal);

/* The input, for project_open. Belongs to json. */
const struct project_input *project_json_input(const struct project_json *json);

/* Writes the answer of a finished projection of json's input. Numbers are written alike everywhere: FTE to a thousandth,
 * probabilities and correlations to a ten-thousandth, null for what cannot be said. Returns 0, or -1 when put or memory
 * failed. */
int project_json_write(const struct project_json *json, const struct project *project,
                       const struct project_wish *wish, project_put *put, void *data);

/* NULL is fine. */
void project_json_free(struct project_json *json);

#endif
