/* SPDX-License-Identifier: Apache-2.0 */
#include "report/document.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCKS = 64, FIRST_CELLS = 64 };

/* How many bytes the character at s takes where it must not be shown: controls, which XML forbids, and marks that turn the
 * direction of writing, by which a name could make a sentence read otherwise. 0 where it may be. */
static size_t
unwanted(const unsigned char *s)
{
    if ((*s < 0x20 && *s != '\t' && *s != '\n') || *s == 0x7f)
        return 1;
    if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f)
        return 2;
    if (s[0] == 0xe2 && s[1] == 0x80 && ((s[2] >= 0xaa && s[2] <= 0xae) || s[2] == 0x8e || s[2] == 0x8f))
        return 3;
    if (s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9)
        return 3;
    if (s[0] == 0xef && s[1] == 0xbf && (s[2] == 0xbe || s[2] == 0xbf))
        return 3;
    return 0;
}

/* A copy on one line. NULL when out of memory. */
static char *
cleaned(const char *text)
{
    char *copy = strdup(text != NULL ? text : "");
    const unsigned char *from = (const unsigned char *)copy;
    char *to = copy;

    if (copy == NULL)
        return NULL;
    while (*from != '\0') {
        size_t skip = unwanted(from);

        if (skip > 0) {
            from += skip;
            continue;
        }
        *to = *from == '\n' || *from == '\t' ? ' ' : (char)*from;
        from++;
        if (to > copy || *to != ' ') /* four spaces in front would be code to Markdown */
            to++;
    }
    while (to > copy && to[-1] == ' ')
        to--;
    *to = '\0';
    return copy;
}

static struct block *
add(struct document *document, enum block_kind kind, const char *text, const char *note)
{
    struct block *block;

    if (document->failed)
        return NULL;
    if (document->blocks == document->room) {
        size_t room = document->room > 0 ? 2 * document->room : FIRST_BLOCKS;
        struct block *more = realloc(document->block, room * sizeof *more);

        if (more == NULL) {
            document->failed = true;
            return NULL;
        }
        document->block = more;
        document->room = room;
    }
    block = &document->block[document->blocks++];
    *block = (struct block){.kind = kind, .text = cleaned(text), .note = cleaned(note)};
    if (block->text == NULL || block->note == NULL)
        document->failed = true;
    return document->failed ? NULL : block;
}

void
document_open(struct document *document, const char *lang, const char *title, const char *running)
{
    *document = (struct document){.lang = lang, .title = cleaned(title), .running = cleaned(running)};
    document->failed = document->title == NULL || document->running == NULL;
}

void
document_section(struct document *document, const char *heading, const char *note)
{
    add(document, BLOCK_SECTION, heading, note);
}

void
document_heading(struct document *document, const char *heading)
{
    add(document, BLOCK_HEADING, heading, NULL);
}

void
document_paragraph(struct document *document, const char *text)
{
    if (text != NULL && *text != '\0')
        add(document, BLOCK_PARAGRAPH, text, NULL);
    else if (text == NULL)
        document->failed = true;
}

void
document_item(struct document *document, const char *lead, const char *text)
{
    add(document, BLOCK_ITEM, text, lead);
}

void
document_figure(struct document *document, const char *caption, char *svg)
{
    struct block *block = add(document, BLOCK_FIGURE, caption, NULL);

    if (block == NULL)
        free(svg);
    else
        block->svg = svg;
    if (svg == NULL)
        document->failed = true;
}

static struct table *
table_new(int columns, const char *const heads[], const bool right[])
{
    struct table *table = calloc(1, sizeof *table);

    if (table == NULL)
        return NULL;
    table->head = calloc((size_t)columns, sizeof *table->head);
    table->right = calloc((size_t)columns, sizeof *table->right);
    if (table->head == NULL || table->right == NULL)
        return table;
    table->columns = columns;
    for (int i = 0; i < columns; i++) {
        table->head[i] = cleaned(heads[i]);
        table->right[i] = right[i];
    }
    return table;
}

void
document_table(struct document *document, const char *caption, int columns, const char *const heads[], const bool right[])
{
    struct block *block = add(document, BLOCK_TABLE, caption, NULL);

    if (block == NULL)
        return;
    block->table = table_new(columns, heads, right);
    if (block->table == NULL || block->table->columns == 0)
        document->failed = true;
}

void
document_cell(struct document *document, const char *text)
{
    struct table *table;
    char **more;

    if (document->failed || document->blocks == 0)
        return;
    table = document->block[document->blocks - 1].table;
    if (table == NULL)
        return;
    if (table->cells == table->room) {
        size_t room = table->room > 0 ? 2 * table->room : FIRST_CELLS;

        more = realloc(table->cell, room * sizeof *more);
        if (more == NULL) {
            document->failed = true;
            return;
        }
        table->cell = more;
        table->room = room;
    }
    table->cell[table->cells] = cleaned(text);
    if (table->cell[table->cells++] == NULL)
        document->failed = true;
}

static void
table_free(struct table *table)
{
    if (table == NULL)
        return;
    for (int i = 0; i < table->columns; i++)
        free(table->head[i]);
    for (size_t i = 0; i < table->cells; i++)
        free(table->cell[i]);
    free(table->head);
    free(table->right);
    free(table->cell);
    free(table);
}

void
document_close(struct document *document)
{
    for (size_t i = 0; i < document->blocks; i++) {
        free(document->block[i].text);
        free(document->block[i].note);
        free(document->block[i].svg);
        table_free(document->block[i].table);
    }
    free(document->block);
    free(document->title);
    free(document->running);
    *document = (struct document){.lang = NULL};
}
