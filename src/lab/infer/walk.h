/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a system that agrees to another one that should. */
#ifndef LAB_WALK_H
#define LAB_WALK_H

#include <glib.h>
#include <gsl/gsl_rng.h>

#include "lab/infer/emulator.h"
#include "lab/infer/trials.h"

/* A place, one step from `from`: along the difference of two others, `a` and `b`, in all or some of the coordinates,
 * and now and then with one of them drawn anew.  From there, a step back is as likely. */
void step_along(const struct unknowns *unknowns, const double *from, const double *a,
                const double *b, gsl_rng *rng, double *to);

/* The place of a system that should agree, many steps from one of `agree` (struct trial, at least one) that `rng` picks;
 * no step leaves what agrees by the closed form, corrected by what the simulator said of where it began.  To be freed;
 * NULL: it came nowhere. */
double *walk(struct emulator *emulator, const struct unknowns *unknowns,
             const struct numbers *numbers, const GPtrArray *agree, gsl_rng *rng);

#endif
