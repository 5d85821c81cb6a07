/* SPDX-License-Identifier: Apache-2.0
 *
 * The models' questions and answers as JSON text: one text in, as one SQL statement can write it, one text out. Absent and
 * null members have their defaults; what is marked * must be there. Codes are any texts, listed once in their array.
 *
 * staffing
 *   {"skills": ["FS-TRI-01", …], "groups": ["JP", …],
 *    "roles": [{"code": "r1", "skills": [{"skill"*, "level"*}]}],
 *    "people": [{"skills": [["FS-TRI-01", 3], …], "fte": 1, "heads": 1, "group": null}],        rows of people who are alike
 *    "positions": [{"code": "p1", "role"*, "fte": 1, "group": null}],                       group null: open to all
 *    "training_steps": 3, "lift_most": 0, "waivers": 10}
 *   → {"asked", "filled", "binds": {"asked", "available", "targets": [n], "classes": [n]},
 *      "classes": [{"heads", "fte", "group", "skills": [[skill, level]], "binds"}],
 *      "targets": [{"role", "group", "asked", "filled", "binds"}], "shares": [{"class", "target", "fte"}],
 *      "positions": [{"code", "filled"}],
 *      "trainings": {"first_lift", "total", "filled", "least", "all", "plan": [{"class", "target", "people", "steps"}],
 *                    "lifts": [{"trainings_each", "fte"}], "skills": [{"skill", "trainings"}]},
 *      "without": [{"skill", "fte"}]}                                                        FTE that more are filled if it is not asked for
 *   n is a place in the answer's own classes or targets.
 *
 * fragile
 *   {"few": 5, "banded": false, "weights": {"scarcity", "retirement", "program", "concentration"},
 *    "skills": [{"code", "holders": null, "near_retirement": null, "programs": null, "organizations": null or [heads, …]}]}
 *   → {"weights": {…}, "skills": [{"skill", "score", "scarcity", "retirement", "program", "concentration", "single_organization",
 *      "holders": {"from", "below"}, "retirement_band", "concentration_band"}]}
 *
 * opportunity
 *   {"organizations": [{"code", "country"*: "JP"}], "skills": […],
 *    "instruments": [{"code", "kind"*: "visit|secondment|seat|facility", "months"*, "gain"*, "fixed": 0, "travel": 0,
 *                     "per_month": 0, "per_mentor": 1, "needs_facility": false, "approval_days": 0}],
 *    "cells": [{"organization"*, "skill"*, "gap": null, "surplus": null, "seats": 0, "facility": 0}],
 *    "pairs": [{"giver"*, "receiver"*, "language": 1, "agreement": false}],
 *    "weights": {"per_month", "per_cost", "closed", "feasibility", "complementarity"}, "without_agreement": 0.5,
 *    "patience_days": 365, "across": true, "within": true, "list": 20}
 *   → {"weights": {…}, "opportunities": [{"giver", "receiver", "skill", "instrument", "across", "participants", "closed",
 *      "person_months", "cost", "per_month", "per_cost", "facility", "language", "agreement", "time", "feasibility",
 *      "complementarity", "parts": {…}, "score"}]}
 *
 * plan                                                          by_year: a number, or an array with one for each year
 *   {"years"*, "seconds": 10, "prices": true,
 *    "resources": [{"code", "kind"*: "budget|capacity|mentors", "limit": by_year (null: none), "step": 1}],
 *    "actions": [{"code", "least": by_year (0), "most": by_year (1), "total": null,
 *                 "uses": [{"resource"*, "amount"*}], "gains": [{"cell"*, "amount"*, "lag": 0}]}],
 *    "cells": [{"code", "gap": by_year (null: unknown), "weight": by_year (1), "loss": 0, "ceiling": null}]}
 *   → {"objective", "before", "bound", "proven", "runs": [{"action", "year", "times"}],
 *      "resources": [{"resource", "year", "used", "limit", "one_more": null, "one_more_proven"}],
 *      "cells": [{"cell", "year", "remaining", "binds": "nothing|unknown|no_action|too_late|most|total|resource|choice", "action",
 *                 "resource", "in_year"}]}                                                  years count from 0
 *
 * pathway
 *   {"skills": […], "sources": […], "role": [{"skill"*, "level"*, "weight": 1}],
 *    "mappings": [{"from"*, "to"*, "strength"*}], "own": [{"skill"*, "level"*}], "held": [{"source"*, "level"*}],
 *    "programs": [{"code", "cost": 0, "days": 0, "needs": [{"skill"*, "level"*}], "teaches": […], "sessions": [[first day, last day]]}],
 *    "from_day"*, "latest_day"*, "order": "cheapest" or "soonest", "routes": 3, "labels_max": 1000000}
 *   → {"outcome": "found|nothing_missing|untaught|no_route|not_within", "untaught", "coverage", "all",
 *      "skills": [{"skill", "asked", "own", "carried", "level", "missing", "source"}],
 *      "routes": [{"cost", "end", "steps": [{"program", "session", "begin", "end"}]}]}       session: its place, from 0
 *
 * neighbors
 *   {"skills", "sources", "role", "mappings" as above, "occupations": [{"code", "profile": [["source", level], …]}], "list": 20}
 *   → {"occupations": [{"occupation", "coverage", "met", "missing"}]}
 *
 * Figures are rounded to a millionth; null is what cannot be said. Reasons name members by their path; that of an infeasible plan
 * names resources, actions and cells by their codes.
 */
#ifndef JINZAI_MODEL_GAP_JSON_H
#define JINZAI_MODEL_GAP_JSON_H

#include <stddef.h>

#include "model/stop.h"

/* Each answers MODEL_OK with *answer, which the caller frees, or a MODEL_ error with reason and *answer NULL. */
typedef int gap_json(const char *text, size_t length, const struct stop *stop, char **answer,
                     char reason[static MODEL_REASON_BYTES]);

gap_json staffing_json, fragile_json, opportunity_json, plan_json, pathway_json, neighbors_json;

#endif
