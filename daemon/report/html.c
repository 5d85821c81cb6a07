/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html.h"

#include <string.h>

/* Printed, the running line is a table's head and foot, which browsers repeat on every page. Shades are told apart without
 * colour. */
static const char style[] =
    "html{font:16px/1.55 'Noto Sans','Noto Sans CJK JP','Hiragino Sans','Yu Gothic',Meiryo,'Helvetica Neue',Arial,sans-serif;"
    "color:#1a1a1a;background:#fff}"
    "body{max-width:60rem;margin:0 auto;padding:0 1.5rem 3rem}"
    "h1{font-size:1.7rem;line-height:1.25;margin:1.5rem 0 1rem}"
    "h2{font-size:1.3rem;margin:2.4rem 0 .6rem;border-bottom:2px solid #444;padding-bottom:.2rem}"
    "h3{font-size:1.05rem;margin:1.6rem 0 .4rem}"
    "p{margin:.6rem 0}"
    "ul{margin:.6rem 0;padding-left:1.4rem}li{margin:.3rem 0}"
    ".mark{border:1px solid #444;border-left-width:.5rem;padding:.3rem .7rem;font-weight:600;font-size:.85rem;background:#f2f2f2}"
    ".running{position:sticky;top:0;background:#fff;border-bottom:1px solid #444;padding:.3rem 0;font-size:.8rem;font-weight:600}"
    ".foot{display:none}"
    ".wide{overflow-x:auto}"
    "table{border-collapse:collapse;margin:.8rem 0;font-size:.88rem;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;font-weight:600;padding:.2rem 0}"
    "th,td{border-bottom:1px solid #bbb;padding:.25rem .6rem;text-align:left;vertical-align:top}"
    "thead th{border-bottom:2px solid #444}"
    "tbody th{font-weight:400}"
    ".n{text-align:right;white-space:nowrap}"
    "figure{margin:1rem 0;break-inside:avoid}"
    "figure svg{max-width:100%;height:auto;display:block}"
    "figcaption{font-weight:600;font-size:.9rem;margin-bottom:.3rem}"
    "@media print{@page{size:A4;margin:14mm}html{font-size:10.5pt}"
    "body{max-width:none;padding:0;display:table;width:100%}"
    ".running{display:table-header-group;position:static;border:0}"
    ".foot{display:table-footer-group;font-size:.8rem;font-weight:600}"
    "main{display:table-row-group}"
    "h2,h3,caption,figcaption{break-after:avoid}tr,li,figure{break-inside:avoid}"
    ".wide{overflow:visible}"
    ".mark,svg *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

void
html_escape(struct text *text, const char *what)
{
    for (const char *c = what; *c != '\0'; c++) {
        switch (*c) {
        case '<':
            text_put(text, "&lt;");
            break;
        case '>':
            text_put(text, "&gt;");
            break;
        case '&':
            text_put(text, "&amp;");
            break;
        case '"':
            text_put(text, "&quot;");
            break;
        case '\'':
            text_put(text, "&#39;");
            break;
        default:
            text_put_bytes(text, c, 1);
        }
    }
}

static void
element(struct text *text, const char *name, const char *attributes, const char *what)
{
    if (*what == '\0')
        return;
    text_print(text, "<%s%s>", name, attributes);
    html_escape(text, what);
    text_print(text, "</%s>\n", name);
}

static void
table(struct text *text, const char *caption, const struct table *table)
{
    text_put(text, "<div class=\"wide\"><table>\n");
    element(text, "caption", "", caption);
    text_put(text, "<thead><tr>");
    for (int i = 0; i < table->columns; i++) {
        text_print(text, "<th scope=\"col\"%s>", table->right[i] ? " class=\"n\"" : "");
        html_escape(text, table->head[i]);
        text_put(text, "</th>");
    }
    text_put(text, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < table->cells; i++) {
        size_t column = i % (size_t)table->columns;
        const char *name = column == 0 ? "th" : "td";

        text_print(text, "%s<%s%s%s>", column == 0 ? "<tr>" : "", name, column == 0 ? " scope=\"row\"" : "",
                   table->right[column] ? " class=\"n\"" : "");
        html_escape(text, table->cell[i]);
        text_print(text, "</%s>%s", name, column + 1 == (size_t)table->columns ? "</tr>\n" : "");
    }
    text_put(text, "</tbody></table></div>\n");
}

static void
item(struct text *text, const struct block *block)
{
    text_put(text, "<li>");
    if (*block->note != '\0') {
        text_put(text, "<strong>");
        html_escape(text, block->note);
        text_put(text, "</strong> ");
    }
    html_escape(text, block->text);
    text_put(text, "</li>\n");
}

static void
block(struct text *text, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_SECTION:
        element(text, "h2", "", block->text);
        element(text, "p", " class=\"mark\"", block->note);
        break;
    case BLOCK_HEADING:
        element(text, "h3", "", block->text);
        break;
    case BLOCK_PARAGRAPH:
        element(text, "p", "", block->text);
        break;
    case BLOCK_ITEM:
        item(text, block);
        break;
    case BLOCK_TABLE:
        table(text, block->text, block->table);
        break;
    case BLOCK_FIGURE:
        text_put(text, "<figure>");
        element(text, "figcaption", "", block->text);
        text_put(text, block->svg);
        text_put(text, "</figure>\n");
        break;
    }
}

void
html_write(struct text *text, const struct document *document)
{
    bool listed = false;

    text_print(text, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\"/>\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n", document->lang);
    element(text, "title", "", document->title);
    text_print(text, "<style>%s</style>\n</head>\n<body>\n", style);
    element(text, "div", " class=\"running\" role=\"note\"", document->running);
    text_put(text, "<main>\n");
    element(text, "h1", "", document->title);
    for (size_t i = 0; i < document->blocks; i++) {
        bool is_item = document->block[i].kind == BLOCK_ITEM;

        if (is_item != listed)
            text_put(text, is_item ? "<ul>\n" : "</ul>\n");
        listed = is_item;
        block(text, &document->block[i]);
    }
    text_put(text, listed ? "</ul>\n</main>\n" : "</main>\n");
    element(text, "div", " class=\"foot\" aria-hidden=\"true\"", document->running);
    text_put(text, "</body>\n</html>\n");
}
