/* SPDX-License-Identifier: Apache-2.0
 *
 * A document as a list of blocks, free of any format: headings, marks, paragraphs, lists, tables and figures. markdown.h and
 * html.h write it down. Texts are plain: whatever stands in them is shown as it is and means nothing to a format.
 */
#ifndef JINZAI_REPORT_DOCUMENT_H
#define JINZAI_REPORT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

enum block_kind {
    BLOCK_SECTION,    /* text: its heading; note: what a reader must know of its data, or "" */
    BLOCK_HEADING,    /* below a section */
    BLOCK_PARAGRAPH,
    BLOCK_ITEM,       /* of a list; note: what it is about, set off; "" for none */
    BLOCK_TABLE,      /* text: its caption */
    BLOCK_FIGURE,     /* text: its caption; svg */
};

struct table {
    int columns;
    char **head;
    bool *right;  /* by column: whether it holds numbers */
    char **cell;  /* row by row */
    size_t cells, room;
};

struct block {
    enum block_kind kind;
    char *text, *note, *svg;
    struct table *table;
};

struct document {
    const char *lang; /* "en" or "ja"; the caller's */
    char *title;
    char *running; /* stands on every page, or "" */
    struct block *block;
    size_t blocks, room;
    bool failed; /* out of memory; what is added is dropped */
};

/* Texts are copied; control characters, and those that turn the direction of writing, are left out of them. NULL is "". */
void document_open(struct document *document, const char *lang, const char *title, const char *running);
void document_section(struct document *document, const char *heading, const char *note);
void document_heading(struct document *document, const char *heading);
void document_paragraph(struct document *document, const char *text);
void document_item(struct document *document, const char *lead, const char *text);

/* svg is malloc'ed and the document's from then on, also after a failure. Whoever shows a figure shows a table of the same
 * figures after it, for readers who cannot see it and for formats without pictures. */
void document_figure(struct document *document, const char *caption, char *svg);

/* A table; heads has a text for each column, right says which hold numbers. Its rows follow by document_cell. */
void document_table(struct document *document, const char *caption, int columns, const char *const heads[], const bool right[]);

/* The next cell of the last table. */
void document_cell(struct document *document, const char *text);

void document_close(struct document *document);

#endif
