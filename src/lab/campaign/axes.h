/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a sweep varies, as a command line or [sweep NAME] says it, and the points that it makes.
 *
 *   pci0.latency = 100ns, 1us                            a list
 *   pci0.latency = 10ns..10us log 13                     a range
 *   pci0.width, pci0.clock = old=32,33MHz; new=64,66MHz  keys that are joined, points with names
 *   cost.syscall = 200ns..1us                            open: values are drawn from it
 */
#ifndef LAB_AXES_H
#define LAB_AXES_H

#include "lab/campaign/point.h"

/* What a command line says.  With a name, [sweep NAME] says what it does not; with nothing at all,
 * [scenario] sweep does, or the only [sweep] group. */
struct axes_wanted {
	char *name;
	char **vary;        /* an axis each */
	char **except;      /* combinations to be left out, "GROUP.KEY=VALUE, ..." */
	char **configs;     /* not given: as the experiments have them */
	char **experiments; /* not given: all */
	unsigned sample;    /* values to be drawn from each open range; 0: not given */
	uint64_t seed;      /* the same one draws the same values */
};

/* Every combination that is not left out, the last axis fastest, measured (points_measure()).  `text`: the
 * scenario's, with --set applied.  NULL and *error: the option, what is wrong and what is allowed. */
struct points *axes_points(const struct text *text, const struct axes_wanted *wanted,
                           GError **error);

#endif
