/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a sweep's figure shows where.
 *
 * Each run is a point in a space of dimensions: experiment, config, and the axes that were varied.
 * One dimension becomes the x axis: the one with the most numbers, or, if none is made of numbers,
 * the one with the most words.  What is left makes the curves: at most six in a panel, which people can
 * still tell apart; what makes more of them, from the last dimension on, makes panels of its own.
 */
#ifndef LAB_SWEEP_SPACE_H
#define LAB_SWEEP_SPACE_H

#include "lab/campaign/sweep.h"

#define CURVES_MOST 6

struct dim {
	const char *title, *unit; /* the unit of its numbers; NULL */
	GPtrArray *labels;        /* const char * */
	GHashTable *index;        /* label -> its index, plus one */
	double *numbers;          /* of the labels; NULL: they are words */
	enum value_type type;     /* of the numbers */
	bool silent; /* makes no curves: it follows another, or was drawn with others */
	guint chunk; /* so many of its labels share a panel; 0: it makes panels only */
};

/* A point of a curve. */
struct spot {
	guint row;
	guint x; /* index of its label on the x axis */
};

struct curve {
	char *title;
	GArray *spots; /* struct spot, along the axis */
	guint facet;
	unsigned look; /* below CURVES_MOST: colour, dash and mark */
};

/* Curves that are shown together. */
struct facet {
	guint key;
	char *title; /* "": there is but one */
};

struct space {
	const struct sweep *sweep;
	GArray *dims;       /* struct dim: experiment, config, axes */
	guint x;            /* the dimension of the x axis */
	bool cloud;         /* its values were drawn at random: along ... */
	guint ranges;       /* ... of so many ranges that which ... */
	double correlation; /* ... goes so with the first of the columns, more than the others */
	GArray *curves;     /* struct curve */
	GArray *facets;     /* struct facet */
	GPtrArray *columns; /* const struct column *: what is drawn */
	GString *told;      /* what tells curves apart: "config, bench.message"; "": there is one */
};

struct space *space_new(const struct sweep *sweep);
void space_free(struct space *space);

static inline const struct dim *space_dim(const struct space *space, guint i) {
	return &g_array_index(space->dims, struct dim, i);
}

static inline const struct curve *space_curve(const struct space *space, guint i) {
	return &g_array_index(space->curves, struct curve, i);
}

static inline const struct spot *curve_spot(const struct curve *curve, guint i) {
	return &g_array_index(curve->spots, struct spot, i);
}

/* Where a label of a dimension is on an axis: its number, or its index. */
double dim_at(const struct dim *dim, guint label);
void dim_bounds(const struct dim *dim, double *low, double *high);
/* Numbers that span more than a factor of 20. */
bool dim_is_logarithmic(const struct dim *dim);

/* Whether the x axis has values that were drawn at random: no lines between its points. */
bool space_is_cloud(const struct space *space);
/* What a person calls the i-th label: the title of an experiment, the label of a config, else the word. */
const char *space_spoken(const struct space *space, guint dim, guint label);
/* Whether a curve has anything to show of a column. */
bool curve_shows(const struct space *space, const struct curve *curve, const struct column *column);

#endif
