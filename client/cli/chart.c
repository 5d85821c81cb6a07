/* SPDX-License-Identifier: Apache-2.0 */
#include "chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "wrap.h"

enum {
    FANS_MAX = 6,
    FAN_ROWS = 9,
    YEARS_MAX = 64,
    YEAR_WIDTH_MAX = 4,
    AXIS_WIDTH = 9,
    TERMINAL_WIDTH = 80,
    NAME_WIDTH_MAX = 36,
    LABEL_SIZE = 256,
    HEAT_COLUMNS_MAX = 24,
};

/* From supply that meets demand to less than half of it: what stands for it, and its colour. */
static const struct shade {
    double coverage; /* this or more */
    const char *mark, *colour;
} shades[] = {
    {1.0, " ", "\033[48;5;22m\033[97m"},  {0.9, "░", "\033[48;5;100m\033[97m"}, {0.75, "▒", "\033[48;5;136m\033[30m"},
    {0.5, "▓", "\033[48;5;166m\033[97m"}, {0, "█", "\033[48;5;124m\033[97m"},
};

static bool
wants_colour(FILE *stream)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fileno(stream)) == 1 && (no == NULL || *no == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

static int
width_of(FILE *stream)
{
    struct winsize size;

    if (isatty(fileno(stream)) != 1 || ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col < 40)
        return TERMINAL_WIDTH;
    return size.ws_col;
}

/* A name in the language, where the answer has both or is a text already. */
static const char *
name_of(const json_t *subject, enum language language)
{
    const json_t *name = json_object_get(subject, "name");
    const char *text = json_string_value(name);

    if (text == NULL)
        text = json_string_value(json_object_get(name, language_code(language)));
    if (text == NULL)
        text = json_string_value(json_object_get(name, language == LANGUAGE_JA ? "en" : "ja"));
    return text != NULL ? text : "";
}

/* Prints text in so many columns, cut where it is longer, and fills up with spaces. */
static void
print_padded(FILE *stream, const char *text, size_t width)
{
    char cut[LABEL_SIZE];

    snprintf(cut, sizeof cut, "%s", text);
    while (*cut != '\0' && wrap_width(cut) > width) {
        size_t end = strlen(cut) - 1;

        while (end > 0 && ((unsigned char)cut[end] & 0xc0) == 0x80)
            end--;
        cut[end] = '\0';
    }
    fprintf(stream, "%s%*s", cut, (int)(width - wrap_width(cut)), "");
}

/* Without the sign of a value that is written as zero. */
static double
unsigned_zero(double value)
{
    return fabs(value) < 0.05 ? 0 : value;
}

/* Fans ------------------------------------------------------------------------------------------- */

struct fan {
    const json_t *first; /* its first item, which names it */
    int level;
    int years;
    int year[YEARS_MAX];
    double p10[YEARS_MAX], p50[YEARS_MAX], p90[YEARS_MAX]; /* NAN: cannot be said */
    double last;                                           /* the last P50 that can be */
};

static double
figure(const json_t *item, const char *which)
{
    const json_t *value = json_object_get(json_object_get(item, "gap"), which);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

static int
fan_compare(const void *a, const void *b)
{
    const struct fan *left = a, *right = b;
    double l = isnan(left->last) ? -INFINITY : left->last, r = isnan(right->last) ? -INFINITY : right->last;

    if (l != r)
        return l < r ? 1 : -1;
    return left->first < right->first ? -1 : left->first > right->first;
}

/* The fans of items, which come series by series and level by level. NULL when out of memory. */
static struct fan *
fans_read(const json_t *items, size_t *count)
{
    struct fan *fans = calloc(json_array_size(items) + 1, sizeof *fans), *fan = NULL;
    const json_t *item;
    size_t index;

    *count = 0;
    if (fans == NULL)
        return NULL;
    json_array_foreach(items, index, item)
    {
        const char *code = json_string_value(json_object_get(item, "code"));
        int level = (int)json_integer_value(json_object_get(item, "level"));

        if (code == NULL)
            continue;
        if (fan == NULL || fan->level != level || strcmp(json_string_value(json_object_get(fan->first, "code")), code) != 0) {
            fan = &fans[(*count)++];
            *fan = (struct fan){.first = item, .level = level, .last = NAN};
        }
        if (fan->years == YEARS_MAX)
            continue;
        fan->year[fan->years] = (int)json_integer_value(json_object_get(item, "year"));
        fan->p10[fan->years] = figure(item, "p10");
        fan->p50[fan->years] = figure(item, "p50");
        fan->p90[fan->years] = figure(item, "p90");
        if (!isnan(fan->p50[fan->years]))
            fan->last = fan->p50[fan->years];
        fan->years++;
    }
    qsort(fans, *count, sizeof *fans, fan_compare);
    return fans;
}

static void
fan_title(FILE *stream, const struct fan *fan, enum language language)
{
    const json_t *about = json_object_get(fan->first, "about"), *subject = json_object_get(about, "subject");
    const char *code = json_string_value(json_object_get(subject, "code")),
               *group = json_string_value(json_object_get(about, "group"));

    fprintf(stream, language_pick(language, "\n%s %s, %s, level %d or above: gap in FTE\n", "\n%s %s、%s、レベル%d以上: 不足FTE\n"),
            code != NULL ? code : "", name_of(subject, language), group != NULL ? group : "", fan->level);
}

static void
fan_draw(FILE *stream, const struct fan *fan, enum language language, bool colour, int wide)
{
    double low = 0, high = 0, step;
    int column = fan->years > 0 ? (wide - AXIS_WIDTH - 1) / fan->years : 1;

    if (column > YEAR_WIDTH_MAX)
        column = YEAR_WIDTH_MAX;
    if (column < 1)
        column = 1;
    for (int i = 0; i < fan->years; i++) {
        if (fan->p10[i] < low)
            low = fan->p10[i];
        if (fan->p90[i] > high)
            high = fan->p90[i];
    }
    if (high <= low)
        high = low + 1;
    step = (high - low) / (FAN_ROWS - 1);
    fan_title(stream, fan, language);
    for (int row = FAN_ROWS - 1; row >= 0; row--) {
        double middle = low + row * step, from = middle - step / 2, to = middle + step / 2;

        fprintf(stream, "%*.1f ┤", AXIS_WIDTH - 2, unsigned_zero(middle));
        for (int i = 0; i < fan->years; i++) {
            const char *mark = from <= 0 && 0 < to ? "·" : " ", *paint = "";

            if (isnan(fan->p50[i])) {
                mark = row == 0 ? "?" : " ";
            } else if (from <= fan->p50[i] && fan->p50[i] < to) {
                mark = "━";
                paint = "\033[1m";
            } else if (fan->p10[i] < to && from <= fan->p90[i]) {
                mark = "░";
                paint = "\033[36m";
            }
            if (colour && *paint != '\0')
                fputs(paint, stream);
            for (int j = 0; j < column; j++)
                fputs(mark, stream);
            if (colour && *paint != '\0')
                fputs("\033[0m", stream);
        }
        fputc('\n', stream);
    }
    fprintf(stream, "%*s", AXIS_WIDTH, "");
    for (int i = 0, used = 0; i < fan->years; i++) {
        /* A year is four characters and a space. */
        if (i * column >= used) {
            fprintf(stream, "%*s%-4d", i * column - used, "", fan->year[i]);
            used = i * column + 5;
            fputc(' ', stream);
        }
    }
    fputc('\n', stream);
}

int
chart_fan(FILE *stream, const json_t *items, enum language language)
{
    bool colour = wants_colour(stream);
    int wide = width_of(stream);
    size_t count;
    struct fan *fans = fans_read(items, &count);

    if (fans == NULL)
        return -1;
    for (size_t i = 0; i < count && i < FANS_MAX && !isnan(fans[i].last); i++)
        fan_draw(stream, &fans[i], language, colour, wide);
    if (count > 0 && !isnan(fans[0].last))
        fputs(language_pick(language, "\n━ P50   ░ P10 to P90   · no gap   ? cannot say\n",
                            "\n━ P50   ░ P10からP90   · 不足なし   ? 不明\n"), stream);
    free(fans);
    return 0;
}

/* Heat ------------------------------------------------------------------------------------------- */

/* The place of text among keys, where it is added; -1 where there is no more room or no memory. */
static int
place_of(json_t *keys, const char *text, size_t most)
{
    size_t index;
    const json_t *key;

    json_array_foreach(keys, index, key)
    {
        if (strcmp(json_string_value(key), text) == 0)
            return (int)index;
    }
    if (index == most || json_array_append_new(keys, json_string(text)) != 0)
        return -1;
    return (int)index;
}

static int
key_compare(const void *a, const void *b)
{
    return strcmp(json_string_value(*(json_t *const *)a), json_string_value(*(json_t *const *)b));
}

/* The keys in order; NULL when out of memory. */
static json_t *
keys_sorted(json_t *keys)
{
    size_t count = json_array_size(keys), index;
    json_t **all = calloc(count + 1, sizeof *all), *key, *sorted = json_array();

    if (all == NULL || sorted == NULL) {
        free(all);
        json_decref(sorted);
        return NULL;
    }
    json_array_foreach(keys, index, key)
        all[index] = key;
    qsort(all, count, sizeof *all, key_compare);
    for (index = 0; index < count; index++)
        json_array_append(sorted, all[index]);
    free(all);
    return sorted;
}

static void
heat_heading(const json_t *item, char heading[LABEL_SIZE])
{
    const char *group = json_string_value(json_object_get(item, "group"));

    snprintf(heading, LABEL_SIZE, "%s ≥%d", group != NULL ? group : "",
             (int)json_integer_value(json_object_get(item, "level")));
}

static void
heat_cell(FILE *stream, const json_t *item, bool colour, size_t width)
{
    const json_t *gap = json_object_get(item, "gap"), *coverage = json_object_get(item, "coverage");
    const struct shade *shade = shades;
    char text[LABEL_SIZE];

    if (!json_is_number(gap)) {
        print_padded(stream, json_is_true(json_object_get(item, "hidden")) ? "      ?" : item != NULL ? "      -" : "", width);
        return;
    }
    while (json_is_number(coverage) && json_number_value(coverage) < shade->coverage && shade->coverage > 0)
        shade++;
    snprintf(text, sizeof text, "%7.1f %s", unsigned_zero(json_number_value(gap)), shade->mark);
    if (colour)
        fputs(shade->colour, stream);
    print_padded(stream, text, width - 1);
    fputs(colour ? "\033[0m " : " ", stream);
}

static size_t
widest_name(const json_t *rows, const json_t *names, enum language language)
{
    size_t widest = 0, index;
    const json_t *row;

    json_array_foreach(rows, index, row)
    {
        size_t width = wrap_width(name_of(json_object_get(names, json_string_value(row)), language));

        if (width > widest)
            widest = width;
    }
    return widest < NAME_WIDTH_MAX ? widest : NAME_WIDTH_MAX;
}

int
chart_heat(FILE *stream, const json_t *items, enum language language)
{
    enum { CELL_WIDTH = 11, CODE_WIDTH = 12 };
    bool colour = wants_colour(stream);
    json_t *rows = json_array(), *columns = json_array(), *cells = json_object(), *subjects = json_object(), *sorted = NULL,
           *row, *column;
    const json_t *item;
    char heading[LABEL_SIZE], key[2 * LABEL_SIZE];
    size_t index, at, name_width;
    int rc = -1;

    json_array_foreach(items, index, item)
    {
        const json_t *subject = json_object_get(item, "subject");
        const char *code = json_string_value(json_object_get(subject, "code"));

        heat_heading(item, heading);
        if (code == NULL || place_of(rows, code, json_array_size(items)) < 0 || place_of(columns, heading, HEAT_COLUMNS_MAX) < 0)
            continue;
        snprintf(key, sizeof key, "%s\t%s", code, heading);
        json_object_set(subjects, code, (json_t *)subject);
        json_object_set(cells, key, (json_t *)item);
    }
    sorted = keys_sorted(columns);
    if (rows == NULL || cells == NULL || subjects == NULL || sorted == NULL)
        goto out;
    rc = 0;
    if (json_array_size(rows) < 2)
        goto out; /* the table has said it all */
    name_width = widest_name(rows, subjects, language);
    fprintf(stream, "\n%*s", (int)(CODE_WIDTH + name_width + 1), "");
    json_array_foreach(sorted, at, column)
        print_padded(stream, json_string_value(column), CELL_WIDTH);
    fputc('\n', stream);
    json_array_foreach(rows, index, row)
    {
        const char *code = json_string_value(row);

        print_padded(stream, code, CODE_WIDTH);
        print_padded(stream, name_of(json_object_get(subjects, code), language), name_width + 1);
        json_array_foreach(sorted, at, column)
        {
            snprintf(key, sizeof key, "%s\t%s", code, json_string_value(column));
            heat_cell(stream, json_object_get(cells, key), colour, CELL_WIDTH);
        }
        fputc('\n', stream);
    }
    fputs(language_pick(language, "Gap in FTE; coverage █ below 50 %, ▓ below 75 %, ▒ below 90 %, ░ below 100 %; - not known, ? hidden\n",
                        "不足FTE。充足率 █ 50%未満、▓ 75%未満、▒ 90%未満、░ 100%未満。- 不明、? 非公表\n"), stream);
out:
    json_decref(rows);
    json_decref(columns);
    json_decref(cells);
    json_decref(subjects);
    json_decref(sorted);
    return rc;
}
