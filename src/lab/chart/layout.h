/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where everything of a chart goes.  Time runs down, monotone but not to scale: a bar is at least as high as
 * its name, and stretches in which nothing begins or ends are cut.  All text has a place of its own.
 */
#ifndef LAB_CHART_LAYOUT_H
#define LAB_CHART_LAYOUT_H

#include "lab/chart/scene.h"

/* A line of text: a box, by an estimate, that no other's touches. */
struct chart_text {
	double x, y, width; /* left end, middle, pixels */
	char *text;
	const char *style; /* of chart_svg(): "l", "t" ... */
	unsigned font;
	size_t look; /* a square of that look is before it, counted from 1; 0: none */
	bool ends;   /* its right end is where it is, should it be narrower than the box */
};

/* A cut: from y to y + CHART_CUT nothing happens. */
struct chart_cut {
	double y;
	sim_time start, end;
};
#define CHART_CUT 26.0
#define CHART_BAR 12.0
#define CHART_LABEL 10
#define CHART_ROW 14.0
/* The widest page wanted: on A4 across, letters of its bars are six points high. */
#define CHART_WIDE 1330.0

/* Where an arrow is drawn, from its beginning to its head. */
struct chart_segment {
	double x1, y1, x2, y2;
};

struct layout {
	const struct scene *scene;
	GArray *dates; /* sim_time, ascending: at which something begins or ends */
	double *at;    /* y of each */
	double *x;     /* left ends of the columns; one more: the right end of the last */
	double *bar;   /* left ends of their bars */
	GArray *cuts;  /* struct chart_cut */
	GArray *texts; /* struct chart_text */
	struct chart_segment *segments; /* of the arrows */
	double top, bottom;             /* of the columns */
	double width, height;
	double row;       /* a bar is at least so high: there is room for its name */
	double name_most; /* names of bars are cut to that */
};

/* A page to print shows the head, and below it what lies from `from` to `to`. */
struct chart_page {
	double from, to;
};
/* Where the columns' heads end. */
#define CHART_HEAD 92.0

struct layout *layout_new(const struct scene *scene);
void layout_free(struct layout *layout);

/* y of a date. */
double layout_y(const struct layout *layout, sim_time when);
/* x on the bar to scale. */
double layout_scale_x(const struct layout *layout, sim_time when);

/* "1.90 us", with three digits; to be freed. */
char *chart_time(sim_time time);

/* The picture, as SVG; to be freed. */
GString *chart_svg(const struct layout *layout);
/* struct chart_page, each no higher than `height` pixels with its head, cut where no text is; to be freed. */
GArray *layout_pages(const struct layout *layout, double height);
/* The nth of them, as SVG of that height; to be freed. */
GString *chart_page_svg(const struct layout *layout, const GArray *pages, guint nth, double height);

#endif
