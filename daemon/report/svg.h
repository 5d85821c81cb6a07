/* SPDX-License-Identifier: Apache-2.0
 *
 * Charts as inline SVG: shades that grow darker, patterns and labels, so that they can be read in grey and on paper. Each has a
 * title and a description that screen readers read.
 */
#ifndef JINZAI_REPORT_SVG_H
#define JINZAI_REPORT_SVG_H

#include "report/text.h"

enum { SVG_POINTS_MAX = 32 };

/* A fan over years: P10 to P90 as a band, P50 as a line; NAN where nothing can be said, and nothing is drawn there. */
struct svg_fan {
    const char *title, *description;
    int number; /* among the document's figures, from 1: it keeps their ids apart */
    int points, year[SVG_POINTS_MAX];
    double p10[SVG_POINTS_MAX], p50[SVG_POINTS_MAX], p90[SVG_POINTS_MAX];
    const char *unit; /* of the vertical axis */
};

/* Appends it. */
void svg_fan(struct text *text, const struct svg_fan *fan);

/* A heat map: rows × columns cells, row by row. */
struct svg_heat {
    const char *title, *description;
    int number;
    int rows, columns;
    const char *const *row, *const *column;
    const double *value; /* written in the cell; NAN: what mark says */
    const double *shade; /* 0 … 1: light to dark; NAN: white */
    const char *const *mark;
};

void svg_heat(struct text *text, const struct svg_heat *heat);

/* Bars in groups, lying: in each group one bar a series. */
struct svg_bars {
    const char *title, *description;
    int number;
    int groups, series; /* at most three series, which have a shade and a pattern each */
    const char *const *group, *const *name;
    const double *value; /* by group, then series; NAN: no bar, and mark */
    const char *unknown; /* what stands where there is no bar */
    int decimals;
};

void svg_bars(struct text *text, const struct svg_bars *bars);

#endif
