/* SPDX-License-Identifier: Apache-2.0
 *
 * report.briefing: from what api.report_briefing answers to the document. Pure, and on any thread.
 *
 * The input holds "asked", and the answers of the methods that the document draws together under their names: "matrix",
 * "balance", "review" …; "project", "fragile" and "opportunity" are questions, which their models answer here. What is null
 * is left out with a sentence. The answer: {"document", "format", "lang", "date", "synthetic", "unverified", "perturbed", "release"}.
 */
#ifndef JINZAI_REPORT_BRIEFING_H
#define JINZAI_REPORT_BRIEFING_H

#include "model/answer.h"

model_run briefing_run;

#endif
