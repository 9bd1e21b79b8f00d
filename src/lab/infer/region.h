/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the systems that agree have in common: ranges, islands, and which of them stands for all. */
#ifndef LAB_REGION_H
#define LAB_REGION_H

#include "lab/infer/infer.h"

/* Of an unknown or a number over some systems: 5, 50 and 95 of a hundred are below, and the extremes. */
struct band {
	double least, p05, median, p95, most;
};

/* Systems that no gap divides. */
struct island {
	guint n;
	guint *of; /* indices of accepted systems */
};

#define ISLANDS_MOST 6

/* Which of the systems at `places` (places[i] of `n`) are meant; NULL: all. */
struct band region_band(const struct unknown *u, const double *const *places, unsigned coordinate,
                        const guint *of, guint n);
/* Of numbers, NANs left out. */
struct band region_band_of(double *values, guint n);
/* Share of them with that word. */
double region_share(const struct unknown *u, const double *const *places, unsigned coordinate,
                    unsigned word, const guint *of, guint n);

/* Cuts systems at the deepest valley of any unknown that is a number, and each part again, as long as a valley is
 * no higher than a quarter of the lower hill beside it and both hills have a twentieth of the systems.  The
 * largest first; how many.  To be freed with islands_clear(). */
unsigned region_islands(const struct unknowns *unknowns, const double *const *places, guint n,
                        struct island islands[ISLANDS_MOST]);
void islands_clear(struct island *islands, unsigned n);

/* The medoid: the system that is nearest to all others on average, a word that differs as far as a whole range.  That is
 * the rule by which one stands for all. */
guint region_member(const struct unknowns *unknowns, const double *const *places, guint n);

#endif
