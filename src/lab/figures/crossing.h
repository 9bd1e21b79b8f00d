/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where offload begins or stops to pay: along a sweep's axis of numbers, the place at which a measure of a
 * config is as good as that of the config which it is compared with ([config NAME] against).
 */
#ifndef LAB_CROSSING_H
#define LAB_CROSSING_H

#include "lab/figures/sweep_space.h"

/* A difference below sweep_wanted.effect of the other's value is none worth naming, however sure it is. */
enum crossing_verdict {
	CROSSING_UNSURE,  /* no difference by more than its interval */
	CROSSING_SMALL,   /* none worth naming */
	CROSSING_ALWAYS,  /* better, wherever there is a difference worth naming */
	CROSSING_NEVER,   /* worse */
	CROSSING_THERE,   /* better on one side, worse on the other */
	CROSSING_PAYS_TO, /* better on one side; on the other there is no such difference */
	CROSSING_COSTS_TO /* worse on one side */
};

struct crossing {
	const struct column *column;
	guint curve, base; /* of the space */
	enum crossing_verdict verdict;
	double least,
		most; /* how much better at the points (below 0: worse), as shares of the base */
	/* On the axis, in its base units: interpolated between the two points around it.  NAN: there is none
	 * in the range. */
	double at;
	double low, high; /* a 95 % interval of it, as far as the range goes */
	bool below;       /* better (or, of CROSSING_COSTS_TO, worse) on this side of it */
};

/* struct crossing, to be unreffed; none where the axis has words or no two such configs. */
GArray *crossings_new(const struct space *space);
/* "send_latency_us: offload, SOP pays below pci0.latency = 123ns (95 %: 120ns to 130ns) against legacy
 * TCP/IP"; to be freed. */
char *crossing_text(const struct space *space, const struct crossing *crossing);

/* A line for each. */
void crossings_print(const struct sweep *sweep);

#endif
