/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that is placed in a chart, and names of bars and arrows.  Private to src/lab/chart. */
#ifndef LAB_NAMES_H
#define LAB_NAMES_H

#include "lab/chart/layout.h"

/* Of a bar: one line, or what it took below. */
struct names {
	char *line[2]; /* [1]: NULL, there is one */
};
struct names names_of(const struct layout *layout, const struct chart_bar *bar);
void names_clear(struct names *names);
double names_width(const struct names *names);

/* From the bus, arrows go to the right: its names stand on the left. */
bool chart_is_bus(const struct scene *scene, guint column);

double text_width(const char *text, unsigned font);
/* `y`: its middle. */
struct chart_text text_at(double x, double y, const char *text, const char *style, unsigned font);
/* Takes a copy of the text if it touches no other and stays on the page. */
bool try_text(struct layout *layout, struct chart_text text);

/* Beside each bar's beginning; below the one before, if that is there. */
void place_labels(struct layout *layout);
/* Where arrows are: names keep clear of them. */
void place_arrows(struct layout *layout);
void place_arrow_names(struct layout *layout);

#endif
