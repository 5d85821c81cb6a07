/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include "day.h"

void
line_begin(struct line *line, FILE *out, const char *method)
{
    line->out = out;
    line->any = false;
    fprintf(out, "{\"method\": \"%s\", \"params\": {", method);
}

static void
name_write(struct line *line, const char *name)
{
    fprintf(line->out, "%s\"%s\": ", line->any ? ", " : "", name);
    line->any = true;
}

void
line_text(struct line *line, const char *name, const char *text)
{
    name_write(line, name);
    fprintf(line->out, "\"%s\"", text);
}

void
line_label(struct line *line, const char *name, const char *en, const char *ja)
{
    name_write(line, name);
    fprintf(line->out, "{\"en\": \"%s\", \"ja\": \"%s\"}", en, ja);
}

void
line_number(struct line *line, const char *name, int number)
{
    name_write(line, name);
    fprintf(line->out, "%d", number);
}

void
line_tenths(struct line *line, const char *name, int tenths)
{
    name_write(line, name);
    if (tenths % 10 == 0)
        fprintf(line->out, "%d", tenths / 10);
    else
        fprintf(line->out, "%d.%d", tenths / 10, tenths % 10);
}

void
line_day(struct line *line, const char *name, int day)
{
    char text[DAY_TEXT];

    line_text(line, name, day_write(day, text));
}

void
line_flag(struct line *line, const char *name, bool flag)
{
    name_write(line, name);
    fputs(flag ? "true" : "false", line->out);
}

void
line_json(struct line *line, const char *name, const char *json)
{
    name_write(line, name);
    fputs(json, line->out);
}

void
line_end_synthetic(struct line *line)
{
    line_flag(line, "synthetic", true);
    line_end(line);
}

void
line_end(struct line *line)
{
    fputs("}}\n", line->out);
}
