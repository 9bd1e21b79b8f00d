/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user wants to vary, and the points that it makes. */
#ifndef LAB_AXES_H
#define LAB_AXES_H

#include "lab/campaign/point.h"

/* As the command line says it; all NULL: what [scenario] sweep says. */
struct axes_wanted {
	char **vary; /* "GROUP.KEY=A,B,C" */
};

/* Every combination, the last axis fastest, measured (points_measure()).  `text`: the scenario's, with --set
 * applied.  NULL and *error: a bad axis, or more than POINTS_MAX points. */
struct points *axes_points(const struct text *text, const struct axes_wanted *wanted,
                           GError **error);

#endif
