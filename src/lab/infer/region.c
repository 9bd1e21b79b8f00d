/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What have the systems that agree in common? */
#include "lab/infer/region.h"

#include <math.h>
#include <stdlib.h>

/* A density of coordinates: at so many points, with a kernel so wide. */
#define GRID 64
#define KERNEL 0.05
/* What counts as a valley, and as a hill. */
#define VALLEY 0.25
#define HILL 0.05

/* --- bands ---------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *sorted, guint n, double share) {
	double at = share * (n - 1);
	guint below = (guint)at, above = MIN(below + 1, n - 1);

	return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

struct band region_band_of(double *values, guint n) {
	guint known = 0;

	for (guint i = 0; i < n; i++)
		if (!isnan(values[i]))
			values[known++] = values[i];
	if (known == 0)
		return (struct band){NAN, NAN, NAN, NAN, NAN};
	qsort(values, known, sizeof *values, ascending);
	return (struct band){values[0], quantile(values, known, 0.05), quantile(values, known, 0.5),
	                     quantile(values, known, 0.95), values[known - 1]};
}

struct band region_band(const struct unknown *u, const double *const *places, unsigned coordinate,
                        const guint *of, guint n) {
	g_autofree double *values = g_new(double, n);

	for (guint i = 0; i < n; i++)
		values[i] = unknown_value(u, places[of ? of[i] : i][coordinate]);
	return region_band_of(values, n);
}

double region_share(const struct unknown *u, const double *const *places, unsigned coordinate,
                    unsigned word, const guint *of, guint n) {
	guint has = 0;

	for (guint i = 0; i < n; i++)
		has += unknown_word(u, places[of ? of[i] : i][coordinate]) == word;
	return n ? (double)has / n : NAN;
}

/* --- islands ---------------------------------------------------------------------------------------- */

/* What is known of an unknown's deepest valley. */
struct valley {
	double depth; /* its height over that of the lower hill beside it */
	double at;
};

static void density(const double *const *places, unsigned coordinate, const struct island *island,
                    double *height) {
	for (unsigned g = 0; g < GRID; g++) {
		double at = (g + 0.5) / GRID;

		height[g] = 0;
		for (guint i = 0; i < island->n; i++) {
			double off = (places[island->of[i]][coordinate] - at) / KERNEL;

			height[g] += exp(-off * off / 2);
		}
	}
}

static guint below(const double *const *places, unsigned coordinate, const struct island *island,
                   double at) {
	guint n = 0;

	for (guint i = 0; i < island->n; i++)
		n += places[island->of[i]][coordinate] < at;
	return n;
}

static struct valley deepest(const double *const *places, unsigned coordinate,
                             const struct island *island) {
	double height[GRID], left[GRID], right[GRID];
	struct valley valley = {INFINITY, NAN};

	density(places, coordinate, island, height);
	left[0] = height[0];
	right[GRID - 1] = height[GRID - 1];
	for (unsigned g = 1; g < GRID; g++) {
		left[g] = fmax(left[g - 1], height[g]);
		right[GRID - 1 - g] = fmax(right[GRID - g], height[GRID - 1 - g]);
	}
	for (unsigned g = 1; g + 1 < GRID; g++) {
		double depth = height[g] / fmin(left[g], right[g]), at = (g + 0.5) / GRID;
		guint n = below(places, coordinate, island, at);

		if (depth < valley.depth && n >= HILL * island->n &&
		    island->n - n >= HILL * island->n)
			valley = (struct valley){depth, at};
	}
	return valley;
}

/* False: there is none that counts. */
static bool cut(const struct unknowns *unknowns, const double *const *places, struct island *island,
                struct island *rest) {
	struct valley best = {VALLEY, NAN};
	unsigned coordinate = 0;
	guint kept = 0;

	for (unsigned u = 0; u < unknowns->n; u++) {
		struct valley valley;

		if (unknowns->list[u].law == UNKNOWN_WORDS)
			continue;
		valley = deepest(places, u, island);
		if (valley.depth <= best.depth) {
			best = valley;
			coordinate = u;
		}
	}
	if (isnan(best.at))
		return false;
	*rest = (struct island){0, g_new(guint, island->n)};
	for (guint i = 0; i < island->n; i++) {
		guint which = island->of[i];

		if (places[which][coordinate] < best.at)
			island->of[kept++] = which;
		else
			rest->of[rest->n++] = which;
	}
	island->n = kept;
	return true;
}

static int larger(const void *a, const void *b) {
	guint x = ((const struct island *)a)->n, y = ((const struct island *)b)->n;

	return (x < y) - (x > y);
}

unsigned region_islands(const struct unknowns *unknowns, const double *const *places, guint n,
                        struct island islands[ISLANDS_MOST]) {
	unsigned found = 1;

	islands[0] = (struct island){n, g_new(guint, n)};
	for (guint i = 0; i < n; i++)
		islands[0].of[i] = i;
	for (unsigned i = 0; i < found; i++)
		while (found < ISLANDS_MOST && cut(unknowns, places, &islands[i], &islands[found]))
			found++;
	qsort(islands, found, sizeof *islands, larger);
	return found;
}

void islands_clear(struct island *islands, unsigned n) {
	for (unsigned i = 0; i < n; i++)
		g_free(islands[i].of);
}

/* --- the member ------------------------------------------------------------------------------------- */

static double distance(const struct unknowns *unknowns, const double *a, const double *b) {
	double sum = 0;

	for (unsigned u = 0; u < unknowns->n; u++) {
		const struct unknown *unknown = &unknowns->list[u];
		double off = unknown->law == UNKNOWN_WORDS
		                     ? unknown_word(unknown, a[u]) != unknown_word(unknown, b[u])
		                     : a[u] - b[u];

		sum += off * off;
	}
	return sqrt(sum);
}

guint region_member(const struct unknowns *unknowns, const double *const *places, guint n) {
	double least = INFINITY;
	guint member = 0;

	for (guint i = 0; i < n; i++) {
		double sum = 0;

		for (guint k = 0; k < n; k++)
			sum += distance(unknowns, places[i], places[k]);
		if (sum < least) {
			least = sum;
			member = i;
		}
	}
	return member;
}
