/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The points of a sweep: what is set in each of them, and where it lies on the sweep's axes.
 *
 * Whoever makes points (axes.c) knows what the user asked for; whoever runs them knows their settings
 * only, and whoever tabulates or draws them their coordinates.
 */
#ifndef LAB_POINT_H
#define LAB_POINT_H

#include "lab/scenario/scenario.h"

/* Of one command. */
#define POINTS_MAX 10000

enum axis_sort {
	AXIS_OWN,     /* it is varied by itself */
	AXIS_FOLLOWS, /* it changes together with the nearest one before it that does not follow */
	AXIS_DRAWN,   /* its values were drawn at random, together with those of its like */
};

struct axis {
	char *name; /* "pci0.latency"; or "pci0", by which keys that are joined are called */
	enum axis_sort sort;
	const char *unit; /* of its numbers, SI: "s", "B", "bit/s", "Hz", "1/s", "1"; NULL: words */
};

struct coordinate {
	char *label;   /* as the user wrote it: "1us", "polling" */
	double number; /* in the axis's unit: 1e-6; NAN: the axis has words */
};

struct point {
	struct coordinate *at; /* one for each axis */
	char **settings;       /* "GROUP.KEY=VALUE", the later the stronger; ends with NULL */
	/* It runs these only of those that the scenario has; NULL: all. */
	char *experiment, *config;
};

struct points {
	GArray *axes;    /* struct axis */
	GPtrArray *list; /* struct point, in the order of tables */
	char *origin;    /* where settings come from, for messages: "--vary" */
	/* What the [sweep] group says besides; 0 and NULL: nothing. */
	unsigned repeat;
	char **measures;
};

struct points *points_new(const char *origin);
void points_free(struct points *points);

/* Before the first point.  The name is copied. */
void points_add_axis(struct points *points, const char *name, enum axis_sort sort);
/* A new last point: labels of all axes and settings, both copied. */
struct point *points_add(struct points *points, const char *const *labels,
                         const char *const *settings);
/* After the last point: axes that are called after a key of the scenario which is a quantity get its unit,
 * and their points numbers.  Others have words. */
void points_measure(struct points *points, const struct scenario *sc);

static inline const struct axis *points_axis(const struct points *points, guint i) {
	return &g_array_index(points->axes, struct axis, i);
}

static inline const struct point *points_nth(const struct points *points, guint i) {
	return points->list->pdata[i];
}

#endif
