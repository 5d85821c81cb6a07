/* SPDX-License-Identifier: Apache-2.0
 *
 * A document as Markdown: CommonMark with the tables of GitHub's.
 */
#ifndef JINZAI_REPORT_MARKDOWN_H
#define JINZAI_REPORT_MARKDOWN_H

#include "report/document.h"
#include "report/text.h"

/* Appends what, with every sign escaped that means something to Markdown or HTML. */
void markdown_escape(struct text *text, const char *what);

/* Writes the document. What stands on every page of a printed one follows each section's heading here. Figures are left out:
 * the tables after them say the same. */
void markdown_write(struct text *text, const struct document *document);

#endif
