/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where offload begins or stops to pay: along a sweep's axis of numbers, the place at which a measure of a
 * config is as good as that of the config which it is compared with ([config NAME] against).
 */
#ifndef LAB_CROSSING_H
#define LAB_CROSSING_H

#include "lab/figures/sweep_space.h"

struct crossing {
	const struct column *column;
	guint curve, base; /* of the space */
	/* On the axis, in its base units: interpolated between the two points around it.  NAN: there is none
	 * in the range. */
	double at;
	double low, high; /* a 95 % interval of it, as far as the range goes */
	bool differs;     /* somewhere, by more than its interval */
	bool pays_below;  /* on this side of it; without one, everywhere (or nowhere) */
};

/* struct crossing, to be unreffed; none where the axis has words or no two such configs. */
GArray *crossings_new(const struct space *space);
/* "send_latency_us: offload, SOP pays below pci0.latency = 123ns (95 %: 120ns to 130ns), against legacy
 * TCP/IP"; to be freed. */
char *crossing_text(const struct space *space, const struct crossing *crossing);

/* A line for each. */
void crossings_print(const struct sweep *sweep);

#endif
