/* SPDX-License-Identifier: Apache-2.0
 *
 * A document as one HTML page that needs nothing else: no script, no font, no picture from outside. It is well-formed XML too.
 */
#ifndef JINZAI_REPORT_HTML_H
#define JINZAI_REPORT_HTML_H

#include "report/document.h"
#include "report/text.h"

/* Appends what, with the signs escaped that mean something to HTML and XML, within elements and attributes. */
void html_escape(struct text *text, const char *what);

/* Writes the document. Printed, document->running stands at the head and the foot of every page. */
void html_write(struct text *text, const struct document *document);

#endif
