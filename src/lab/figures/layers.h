/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which colour is which layer, in every picture: by what its spans and costs say (host/core/costs.h).  SOP,
 * which all of this is about, is the only orange.
 */
#ifndef LAB_LAYERS_H
#define LAB_LAYERS_H

#include <stddef.h>

struct layer_look {
	const char *title;
	const char *colour; /* "#rrggbb", dark enough for white text but for the last */
	const char *const *layers;
};

/* On the way from program to wire; the last is that nobody works. */
#define LAYER_LOOKS 8
extern const struct layer_look layer_looks[LAYER_LOOKS];

/* How charts of who did what when (lab/chart) look, for each of them and for a page that holds several: every class
 * has the prefix CHART_CLASS, so that within a page it names nobody else's. */
#define CHART_CLASS "sc"
extern const char chart_rules[];

/* Index of the look of a layer ("tcp"); NULL: of waiting.  One that is not known looks like the program. */
size_t layer_look(const char *layer);
/* The layer's place on that way. */
size_t layer_way(const char *layer);

#endif
