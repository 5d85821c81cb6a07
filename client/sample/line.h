/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of a sample file: a JSON object {"method": …, "params": {…}}. Texts are the program's
 * own and hold nothing that JSON would have to escape.
 */
#ifndef JINZAI_SAMPLE_LINE_H
#define JINZAI_SAMPLE_LINE_H

#include <stdbool.h>
#include <stdio.h>

struct line {
    FILE *out;
    bool any; /* whether a parameter stands already */
};

/* Begins a line. Errors of writing stay with the file, to be seen when it is closed. */
void line_begin(struct line *line, FILE *out, const char *method);

void line_text(struct line *line, const char *name, const char *text);
void line_label(struct line *line, const char *name, const char *en, const char *ja);
void line_number(struct line *line, const char *name, int number);

/* A number that is given in tenths. */
void line_tenths(struct line *line, const char *name, int tenths);

/* A day, as 2026-04-01. */
void line_day(struct line *line, const char *name, int day);

void line_flag(struct line *line, const char *name, bool flag);

/* A value that is JSON already. */
void line_json(struct line *line, const char *name, const char *json);

/* Marks the record as made up, and ends the line. */
void line_end_synthetic(struct line *line);

void line_end(struct line *line);

#endif
