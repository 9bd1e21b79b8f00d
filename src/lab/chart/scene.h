/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a sequence chart shows, before anybody has thought of where: columns from program to wire, work and
 * sleep in them, arrows between them.  Names are owned by the scene.
 */
#ifndef LAB_SCENE_H
#define LAB_SCENE_H

#include <glib.h>
#include <stdbool.h>

#include "sim/units.h"

struct chart_column {
	char *title, *note; /* note: "", or what stands below in small letters */
	size_t look;        /* figures/layers.h */
	unsigned order;     /* from program to wire */
};

struct chart_stripe {
	sim_time start, end;
	size_t look;
};

struct chart_bar {
	guint column;
	sim_time start, end;
	char *name;
	size_t look;
	bool waits;      /* sleeps, or is ready to run: hatched */
	guint spans;     /* that it stands for; 0: for none that worked */
	GArray *stripes; /* struct chart_stripe: of several layers; NULL */
};

enum chart_line {
	CHART_MESSAGE, /* doorbell, command, completion, interrupt */
	CHART_FRAME,
	CHART_LOST, /* a frame that does not arrive */
	CHART_WAKE
};

struct chart_arrow {
	guint from, to; /* columns */
	sim_time left, arrived;
	char *name; /* "": none */
	enum chart_line line;
};

/* A part of the bar to scale. */
struct chart_part {
	sim_time start, end;
	const char *name; /* NULL: nobody works */
	size_t look;
};

struct scene {
	GArray *columns; /* struct chart_column */
	GArray *bars;    /* struct chart_bar, by start */
	GArray *arrows;  /* struct chart_arrow */
	GArray *parts;   /* struct chart_part; empty: there is no such bar */
	sim_time from, to;
	char *title, *note, *foot;
};

struct scene *scene_new(sim_time from, sim_time to);
void scene_free(struct scene *scene);

guint scene_column(struct scene *scene, unsigned order, const char *title, const char *note,
                   size_t look);
/* Both clipped to the window; nothing is left of what is outside. */
void scene_bar(struct scene *scene, struct chart_bar bar, const char *name);
void scene_arrow(struct scene *scene, struct chart_arrow arrow, const char *name);

/* Columns are put in order, those in which nothing happens but sleep vanish; bars are put in order.
 * Neighbours of one name become one; while there are more than `rows` bars, those of one layer, then all of one
 * column. */
void scene_finish(struct scene *scene, guint rows);

static inline const struct chart_column *scene_column_nth(const struct scene *s, guint i) {
	return &g_array_index(s->columns, struct chart_column, i);
}
static inline const struct chart_bar *scene_bar_nth(const struct scene *s, guint i) {
	return &g_array_index(s->bars, struct chart_bar, i);
}
static inline const struct chart_arrow *scene_arrow_nth(const struct scene *s, guint i) {
	return &g_array_index(s->arrows, struct chart_arrow, i);
}

#endif
