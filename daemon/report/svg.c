/* SPDX-License-Identifier: Apache-2.0 */
#include "report/svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/html.h"

enum {
    WIDTH = 720,
    FAN_HEIGHT = 260,
    FAN_LEFT = 64,
    FAN_RIGHT = 96,
    FAN_TOP = 28,
    FAN_BOTTOM = 32,
    TICKS = 5,
    HEAT_LEFT = 300,
    HEAT_ROW = 24,
    HEAT_TOP = 28,
    HEAT_COLUMN_MAX = 120,
    BAR_LEFT = 150,
    BAR_HEIGHT = 18,
    BAR_GAP = 12,
    BAR_RIGHT = 90,
    NAME_WIDTH_MAX = 40, /* columns of Latin letters; an ideograph takes two */
    LABEL_APART = 13,
};

static void
begin(struct text *text, int number, int height, const char *title, const char *description)
{
    text_print(text,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
               "aria-labelledby=\"f%dt f%dd\" font-size=\"12\" font-family=\"inherit\" fill=\"#1a1a1a\">\n<title id=\"f%dt\">",
               WIDTH, height, WIDTH, height, number, number, number);
    html_escape(text, title);
    text_print(text, "</title>\n<desc id=\"f%dd\">", number);
    html_escape(text, description);
    text_put(text, "</desc>\n");
}

static void
label(struct text *text, double x, double y, const char *anchor, const char *fill, const char *what)
{
    text_print(text, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s%s%s>", x, y, anchor, fill != NULL ? " fill=\"" : "",
               fill != NULL ? fill : "", fill != NULL ? "\"" : "");
    html_escape(text, what);
    text_put(text, "</text>\n");
}

static void
number_label(struct text *text, double x, double y, const char *anchor, const char *fill, double value, int decimals)
{
    struct text digits = {.at = NULL};

    text_number(&digits, value, decimals);
    label(text, x, y, anchor, fill, digits.at != NULL ? digits.at : "");
    text_free(&digits);
}

/* A step of 1, 2 or 5 times a power of ten, so that about TICKS of them cover span. */
static double
round_step(double span)
{
    double rough = span / TICKS, power = pow(10, floor(log10(rough))), part = rough / power;

    return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

/* Fans ------------------------------------------------------------------------------------------- */

struct scale {
    double low, high, step;
    int points;
};

static double
fan_x(const struct scale *scale, int point)
{
    return FAN_LEFT + (double)(WIDTH - FAN_LEFT - FAN_RIGHT) * point / (scale->points > 1 ? scale->points - 1 : 1);
}

static double
fan_y(const struct scale *scale, double value)
{
    return FAN_TOP + (FAN_HEIGHT - FAN_TOP - FAN_BOTTOM) * (scale->high - value) / (scale->high - scale->low);
}

static struct scale
fan_scale(const struct svg_fan *fan)
{
    struct scale scale = {.low = 0, .high = 0, .points = fan->points};

    for (int i = 0; i < fan->points; i++) {
        scale.low = fmin(scale.low, fan->p10[i]); /* of a number and NAN, fmin answers the number */
        scale.high = fmax(scale.high, fan->p90[i]);
    }
    if (scale.high <= scale.low)
        scale.high = scale.low + 1;
    scale.step = round_step(scale.high - scale.low);
    scale.low = floor(scale.low / scale.step) * scale.step;
    scale.high = ceil(scale.high / scale.step) * scale.step;
    return scale;
}

static void
fan_axes(struct text *text, const struct svg_fan *fan, const struct scale *scale)
{
    int every = fan->points > 12 ? 2 : 1, decimals = scale->step < 1 ? 1 : 0;

    for (double value = scale->low; value < scale->high + scale->step / 2; value += scale->step) {
        double y = fan_y(scale, value);
        bool zero = fabs(value) < scale->step / 2;

        text_print(text, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"1\"%s/>\n", FAN_LEFT, y,
                   WIDTH - FAN_RIGHT, y, zero ? "#1a1a1a" : "#d0d0d0", zero ? " stroke-dasharray=\"5 3\"" : "");
        number_label(text, FAN_LEFT - 8, y + 4, "end", NULL, zero ? 0 : value, decimals);
    }
    label(text, FAN_LEFT - 8, FAN_TOP - 12, "end", NULL, fan->unit);
    for (int i = 0; i < fan->points; i += every)
        text_print(text, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", fan_x(scale, i), FAN_HEIGHT - 10, fan->year[i]);
}

/* The band and the line of the points from first to last, all of which are known. */
static void
fan_run(struct text *text, const struct svg_fan *fan, const struct scale *scale, int first, int last)
{
    text_put(text, "<path fill=\"#b9c7d6\" stroke=\"#6b7f94\" stroke-width=\"1\" d=\"");
    for (int i = first; i <= last; i++)
        text_print(text, "%s%.1f %.1f", i == first ? "M" : " L", fan_x(scale, i), fan_y(scale, fan->p90[i]));
    for (int i = last; i >= first; i--)
        text_print(text, " L%.1f %.1f", fan_x(scale, i), fan_y(scale, fan->p10[i]));
    text_put(text, " Z\"/>\n<path fill=\"none\" stroke=\"#12314f\" stroke-width=\"3\" d=\"");
    for (int i = first; i <= last; i++)
        text_print(text, "%s%.1f %.1f", i == first ? "M" : " L", fan_x(scale, i), fan_y(scale, fan->p50[i]));
    text_put(text, "\"/>\n");
    if (first == last)
        text_print(text, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#12314f\"/>\n", fan_x(scale, first), fan_y(scale, fan->p50[first]));
}

static void
fan_ends(struct text *text, const struct svg_fan *fan, const struct scale *scale, int last)
{
    const double value[] = {fan->p90[last], fan->p50[last], fan->p10[last]};
    static const char *const name[] = {"P90", "P50", "P10"};
    double x = fan_x(scale, last) + 8, above = -INFINITY;

    for (int i = 0; i < 3; i++) {
        struct text words = {.at = NULL};
        double y = fan_y(scale, value[i]) + 4;

        /* Labels of values that lie close together stay readable. */
        y = fmax(y, above + LABEL_APART);
        above = y;
        text_print(&words, "%s ", name[i]);
        text_number(&words, value[i], 1);
        label(text, x, y, "start", NULL, words.at != NULL ? words.at : "");
        text_free(&words);
    }
}

void
svg_fan(struct text *text, const struct svg_fan *fan)
{
    struct scale scale = fan_scale(fan);
    int first = -1, last = -1;

    begin(text, fan->number, FAN_HEIGHT, fan->title, fan->description);
    fan_axes(text, fan, &scale);
    for (int i = 0; i <= fan->points; i++) {
        bool known = i < fan->points && !isnan(fan->p10[i]) && !isnan(fan->p50[i]) && !isnan(fan->p90[i]);

        if (known && first < 0)
            first = i;
        if (!known && first >= 0) {
            fan_run(text, fan, &scale, first, i - 1);
            first = -1;
        }
        if (known)
            last = i;
    }
    if (last >= 0)
        fan_ends(text, fan, &scale, last);
    text_put(text, "</svg>\n");
}

/* Heat ------------------------------------------------------------------------------------------- */

/* Writes name, cut where it would be wider than there is room for. */
static void
row_label(struct text *text, double x, double y, const char *name)
{
    struct text cut = {.at = NULL};
    int width = 0;

    for (const unsigned char *c = (const unsigned char *)name; *c != '\0';) {
        size_t size = *c < 0x80 ? 1 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;

        width += size > 2 ? 2 : 1;
        if (width > NAME_WIDTH_MAX) {
            text_put(&cut, "…");
            break;
        }
        text_put_bytes(&cut, (const char *)c, strnlen((const char *)c, size));
        c += strnlen((const char *)c, size);
    }
    label(text, x, y, "end", NULL, cut.at != NULL ? cut.at : "");
    text_free(&cut);
}

/* White to dark blue, ever darker in grey too. */
static void
shade_colour(double shade, char colour[static 8])
{
    static const int light[] = {255, 255, 255}, dark[] = {16, 42, 74};
    int part[3];

    shade = fmin(fmax(shade, 0), 1);
    for (int i = 0; i < 3; i++)
        part[i] = (int)lround(light[i] + (dark[i] - light[i]) * shade) & 0xff;
    snprintf(colour, 8, "#%02x%02x%02x", (unsigned)part[0], (unsigned)part[1], (unsigned)part[2]);
}

void
svg_heat(struct text *text, const struct svg_heat *heat)
{
    double width = fmin((double)(WIDTH - HEAT_LEFT - 8) / (heat->columns > 0 ? heat->columns : 1), HEAT_COLUMN_MAX);

    begin(text, heat->number, HEAT_TOP + heat->rows * HEAT_ROW + 8, heat->title, heat->description);
    for (int c = 0; c < heat->columns; c++)
        label(text, HEAT_LEFT + (c + 0.5) * width, HEAT_TOP - 9, "middle", NULL, heat->column[c]);
    for (int r = 0; r < heat->rows; r++) {
        double y = HEAT_TOP + r * HEAT_ROW;

        row_label(text, HEAT_LEFT - 10, y + 16, heat->row[r]);
        for (int c = 0; c < heat->columns; c++) {
            int at = r * heat->columns + c;
            double x = HEAT_LEFT + c * width;
            char colour[8] = "#ffffff";

            if (!isnan(heat->shade[at]))
                shade_colour(heat->shade[at], colour);
            text_print(text, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\" stroke=\"#888888\"/>\n", x, y, width,
                       HEAT_ROW, colour);
            if (isnan(heat->value[at]))
                label(text, x + width / 2, y + 16, "middle", NULL, heat->mark[at]);
            else
                number_label(text, x + width / 2, y + 16, "middle", heat->shade[at] > 0.5 ? "#ffffff" : NULL, heat->value[at], 1);
        }
    }
    text_put(text, "</svg>\n");
}

/* Bars ------------------------------------------------------------------------------------------- */

static const char *const bar_fill[] = {"#24476b", "#c5ced8", "#ffffff"};
enum { BAR_SERIES_MAX = sizeof bar_fill / sizeof *bar_fill };

static void
bar(struct text *text, const struct svg_bars *bars, int at, int series, double y, double most)
{
    double value = bars->value[at], width = isnan(value) ? 0 : (WIDTH - BAR_LEFT - BAR_RIGHT) * fmax(value, 0) / most;

    if (isnan(value)) {
        label(text, BAR_LEFT + 6, y + 13, "start", NULL, bars->unknown);
        return;
    }
    text_print(text, "<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\" stroke=\"#1a1a1a\"/>\n", BAR_LEFT, y, width,
               BAR_HEIGHT - 2, bar_fill[series % BAR_SERIES_MAX]);
    number_label(text, BAR_LEFT + width + 6, y + 13, "start", NULL, value, bars->decimals);
}

void
svg_bars(struct text *text, const struct svg_bars *bars)
{
    double most = 0, y = BAR_HEIGHT + BAR_GAP;
    int group_height = bars->series * BAR_HEIGHT + BAR_GAP;

    for (int i = 0; i < bars->groups * bars->series; i++)
        most = fmax(most, bars->value[i]);
    if (most <= 0)
        most = 1;
    begin(text, bars->number, (int)y + bars->groups * group_height, bars->title, bars->description);
    for (int s = 0; s < bars->series; s++) {
        int x = BAR_LEFT + s * (WIDTH - BAR_LEFT) / bars->series;

        text_print(text, "<rect x=\"%d\" y=\"4\" width=\"14\" height=\"14\" fill=\"%s\" stroke=\"#1a1a1a\"/>\n", x,
                   bar_fill[s % BAR_SERIES_MAX]);
        label(text, x + 20, 16, "start", NULL, bars->name[s]);
    }
    for (int g = 0; g < bars->groups; g++) {
        label(text, BAR_LEFT - 10, y + bars->series * BAR_HEIGHT / 2.0 + 3, "end", NULL, bars->group[g]);
        for (int s = 0; s < bars->series; s++)
            bar(text, bars, g * bars->series + s, s, y + s * BAR_HEIGHT, most);
        y += group_height;
    }
    text_put(text, "</svg>\n");
}
