/* SPDX-License-Identifier: Apache-2.0 */
#include "model/project_json_part.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 4096, NUMBER_BYTES = 40, THOUSANDTHS = 3, TEN_THOUSANDTHS = 4 };

struct writer {
    const struct project_json *json;
    const struct project *project;
    const struct project_wish *wish;
    project_put *put;
    void *data;
    bool failed, comma; /* comma: something stands before, so that the next is told apart */
    size_t used;
    char piece[PIECE];
};

static void
flush(struct writer *writer)
{
    if (!writer->failed && writer->used > 0 &&
        writer->put(writer->piece, writer->used, writer->data) != 0)
        writer->failed = true;
    writer->used = 0;
}

static void
text(struct writer *writer, const char *what)
{
    size_t length = strlen(what);

    while (length > 0 && !writer->failed) {
        size_t part = length < PIECE - writer->used ? length : PIECE - writer->used;

        memcpy(writer->piece + writer->used, what, part);
        writer->used += part;
        what += part;
        length -= part;
        if (writer->used == PIECE)
            flush(writer);
    }
}

__attribute__((format(printf, 2, 3))) static void
print(struct writer *writer, const char *format, ...)
{
    char line[PROJECT_TEXT_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    text(writer, line);
}

/* Rounded to so many decimals, no trailing zeros, "." whatever the locale, never "-0". */
static void
number(struct writer *writer, double value, int decimals)
{
    char digits[NUMBER_BYTES];
    long long scale = 1, whole;
    int length;

    if (!isfinite(value)) {
        text(writer, "null");
        return;
    }
    for (int i = 0; i < decimals; i++)
        scale *= 10;
    whole = llround(value * (double)scale);
    length = snprintf(digits, sizeof(digits), "%s%lld.%0*lld", whole < 0 ? "-" : "",
                      llabs(whole) / scale, decimals, llabs(whole) % scale);
    while (digits[length - 1] == '0')
        length--;
    if (digits[length - 1] == '.')
        length--;
    digits[length] = '\0';
    text(writer, digits);
}

static void
member(struct writer *writer, const char *name, double value, int decimals)
{
    print(writer, ",\"%s\":", name);
    number(writer, value, decimals);
}

/* A JSON value as it came; null where there is none. */
static void
dump(struct writer *writer, const json_t *value)
{
    char *string = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    if (value != NULL && string == NULL)
        writer->failed = true;
    text(writer, string != NULL ? string : "null");
    free(string);
}

static void
about(struct writer *writer, const char *list, int index)
{
    const json_t *item = json_array_get(json_object_get(writer->json->root, list), (size_t)index);

    text(writer, "\"code\":");
    dump(writer, json_object_get(item, "code"));
    text(writer, ",\"about\":");
    dump(writer, json_object_get(item, "about"));
}

static void
figure(struct writer *writer, const char *name, const struct project_figure *figure, bool known)
{
    print(writer, ",\"%s\":", name);
    if (!known) {
        text(writer, "null");
        return;
    }
    text(writer, "{\"mean\":");
    number(writer, figure->mean, THOUSANDTHS);
    member(writer, "p10", figure->p10, THOUSANDTHS);
    member(writer, "p50", figure->p50, THOUSANDTHS);
    member(writer, "p90", figure->p90, THOUSANDTHS);
    text(writer, "}");
}

static void
cell(struct writer *writer, int year, int level, const struct project_cell *cell)
{
    static const char *const states[] = {"known", "no_supply", "no_demand", "no_supply_no_demand"};
    bool supply = (cell->state & PROJECT_NO_SUPPLY) == 0,
         demand = (cell->state & PROJECT_NO_DEMAND) == 0;

    print(writer, ",\"level\":%d,\"year\":%d,\"state\":\"%s\"", level,
          writer->json->input.start_year + year, states[cell->state]);
    figure(writer, "supply", &cell->supply, supply);
    figure(writer, "demand", &cell->demand, demand);
    figure(writer, "gap", &cell->gap, supply && demand);
    member(writer, "gap_probability", cell->gap_probability, TEN_THOUSANDTHS);
    member(writer, "growth", cell->growth, THOUSANDTHS);
    member(writer, "replacement", cell->replacement, THOUSANDTHS);
    member(writer, "retired", cell->retired, THOUSANDTHS);
    member(writer, "quit", cell->quit, THOUSANDTHS);
    member(writer, "expired", cell->expired, THOUSANDTHS);
    member(writer, "moved", cell->moved, THOUSANDTHS);
    member(writer, "completed", cell->completed, THOUSANDTHS);
    member(writer, "returned", cell->returned, THOUSANDTHS);
    member(writer, "hired", cell->hired, THOUSANDTHS);
    member(writer, "departed", cell->departed, THOUSANDTHS);
}

static bool
wanted(const struct writer *writer, int level)
{
    return writer->wish->level == 0 || writer->wish->level == level;
}

static void
comma(struct writer *writer)
{
    if (writer->comma)
        text(writer, ",");
    writer->comma = true;
}

static void
items(struct writer *writer)
{
    const struct project_input *input = &writer->json->input;

    text(writer, ",\"items\":[");
    writer->comma = false;
    for (int s = 0; s < input->count && !writer->failed; s++)
        for (int level = 1; level <= PROJECT_LEVELS; level++)
            for (int year = 0; year <= input->horizon && wanted(writer, level); year++) {
                comma(writer);
                text(writer, "{");
                about(writer, "series", s);
                cell(writer, year, level, project_cell(writer->project, s, year, level));
                text(writer, "}");
            }
    text(writer, "]");
}

/* The name of parameter p, or of the demand's position, which has the number after the last. */
static void
assumption(struct writer *writer, int p)
{
    if (p < writer->json->input.parameters)
        about(writer, "parameters", p);
    else
        text(writer, "\"code\":\"demand\",\"about\":null");
}

/* Numbers of parameters by falling absolute value; ties in their own order; those without a value left out. */
static int
ranked(const double *value, int count, int *order)
{
    int filled = 0;

    for (int p = 0; p < count; p++) {
        int place = filled;

        if (isnan(value[p]))
            continue;
        while (place > 0 && fabs(value[order[place - 1]]) < fabs(value[p])) {
            order[place] = order[place - 1];
            place--;
        }
        order[place] = p;
        filled++;
    }
    return filled;
}

static void
influences(struct writer *writer)
{
    int count = writer->json->input.parameters + 1, order[PROJECT_PARAMETERS_MAX + 1], filled;
    double value[PROJECT_PARAMETERS_MAX + 1];

    for (int p = 0; p < count; p++)
        value[p] = project_influence(writer->project, p);
    filled = ranked(value, count, order);
    text(writer, ",\"influence\":[");
    for (int i = 0; i < filled; i++) {
        text(writer, i > 0 ? ",{" : "{");
        assumption(writer, order[i]);
        member(writer, "rank_correlation", value[order[i]], TEN_THOUSANDTHS);
        text(writer, "}");
    }
    text(writer, "]");
}

static void
sensitivity(struct writer *writer, int s, int level)
{
    int count = writer->json->input.parameters + 1, order[PROJECT_PARAMETERS_MAX + 1], filled;
    double value[PROJECT_PARAMETERS_MAX + 1];

    for (int p = 0; p < count; p++)
        value[p] = project_sensitivity(writer->project, s, level, p);
    filled = ranked(value, count, order);
    for (int i = 0; i < filled && i < writer->wish->top; i++) {
        comma(writer);
        text(writer, "{\"series\":");
        dump(writer,
             json_object_get(
                 json_array_get(json_object_get(writer->json->root, "series"), (size_t)s), "code"));
        print(writer, ",\"level\":%d,", level);
        assumption(writer, order[i]);
        member(writer, "rank_correlation", value[order[i]], TEN_THOUSANDTHS);
        text(writer, "}");
    }
}

static void
sensitivities(struct writer *writer)
{
    text(writer, ",\"sensitivity\":[");
    writer->comma = false;
    for (int s = 0; s < writer->json->input.count; s++)
        for (int level = 1; level <= PROJECT_LEVELS; level++)
            if (wanted(writer, level))
                sensitivity(writer, s, level);
    text(writer, "]");
}

int
project_json_write(const struct project_json *json, const struct project *project,
                   const struct project_wish *wish, project_put *put, void *data)
{
    struct writer *writer = calloc(1, sizeof(*writer));
    int rc;

    if (writer == NULL)
        return -1;
    writer->json = json;
    writer->project = project;
    writer->wish = wish;
    writer->put = put;
    writer->data = data;
    print(writer, "{\"start_year\":%d,\"years\":%d,\"draws\":%d,\"seed\":%" PRIu64,
          json->input.start_year, json->input.horizon, json->input.draws, json->input.seed);
    member(writer, "correlation_noise", 2 / sqrt(json->input.draws), TEN_THOUSANDTHS);
    influences(writer);
    sensitivities(writer);
    items(writer);
    text(writer, "}");
    flush(writer);
    rc = writer->failed ? -1 : 0;
    free(writer);
    return rc;
}
