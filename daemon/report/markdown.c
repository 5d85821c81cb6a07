/* SPDX-License-Identifier: Apache-2.0 */
#include "report/markdown.h"

#include <ctype.h>
#include <string.h>

void
markdown_escape(struct text *text, const char *what)
{
    /* A hyphen, plus or number means a list only where a line, or an item of a list, begins. */
    bool begins = text->size == 0 || text->at[text->size - 1] == '\n' ||
                  (text->size > 2 && memcmp(text->at + text->size - 3, "\n- ", 3) == 0);

    for (const char *c = what; *c != '\0'; c++) {
        if (*c == '<')
            text_put(text, "&lt;");
        else if (*c == '>')
            text_put(text, "&gt;");
        else if (*c == '&')
            text_put(text, "&amp;");
        else if (strncmp(c, "://", 3) == 0)
            text_put(text, "&#58;"); /* else some readers make a link of it */
        else if (strchr("\\`*_{}[]|#~$", *c) != NULL || (begins && c == what && strchr("-+=:", *c) != NULL) ||
                 (begins && (*c == '.' || *c == ')') && c > what && isdigit((unsigned char)c[-1])))
            text_print(text, "\\%c", *c);
        else
            text_put_bytes(text, c, 1);
        if (!isdigit((unsigned char)*c))
            begins = false;
    }
}

static void
table(struct text *text, const struct table *table)
{
    text_put(text, "|");
    for (int i = 0; i < table->columns; i++) {
        text_put(text, " ");
        markdown_escape(text, table->head[i]);
        text_put(text, " |");
    }
    text_put(text, "\n|");
    for (int i = 0; i < table->columns; i++)
        text_put(text, table->right[i] ? " ---: |" : " --- |");
    for (size_t i = 0; i < table->cells; i++) {
        text_put(text, i % (size_t)table->columns == 0 ? "\n| " : " ");
        markdown_escape(text, table->cell[i]);
        text_put(text, " |");
    }
    text_put(text, "\n\n");
}

static void
note(struct text *text, const char *what)
{
    if (*what == '\0')
        return;
    text_put(text, "> **");
    markdown_escape(text, what);
    text_put(text, "**\n\n");
}

static void
block(struct text *text, const struct block *block, bool last_item)
{
    switch (block->kind) {
    case BLOCK_SECTION:
    case BLOCK_HEADING:
        text_put(text, block->kind == BLOCK_SECTION ? "## " : "### ");
        markdown_escape(text, block->text);
        text_put(text, "\n\n");
        note(text, block->note);
        break;
    case BLOCK_PARAGRAPH:
        markdown_escape(text, block->text);
        text_put(text, "\n\n");
        break;
    case BLOCK_ITEM:
        text_put(text, "- ");
        if (*block->note != '\0') {
            text_put(text, "**");
            markdown_escape(text, block->note);
            text_put(text, "** ");
        }
        markdown_escape(text, block->text);
        text_put(text, last_item ? "\n\n" : "\n");
        break;
    case BLOCK_TABLE:
        if (*block->text != '\0') {
            markdown_escape(text, block->text);
            text_put(text, "\n\n");
        }
        table(text, block->table);
        break;
    case BLOCK_FIGURE:
        break;
    }
}

void
markdown_write(struct text *text, const struct document *document)
{
    text_put(text, "# ");
    markdown_escape(text, document->title);
    text_put(text, "\n\n");
    note(text, document->running);
    for (size_t i = 0; i < document->blocks; i++)
        block(text, &document->block[i], i + 1 == document->blocks || document->block[i + 1].kind != BLOCK_ITEM);
    /* One newline ends it. */
    if (!text->failed && text->size > 1 && text->at[text->size - 2] == '\n')
        text->at[--text->size] = '\0';
}
