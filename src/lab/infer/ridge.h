/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weighted least squares with a little shrinking: many outputs over the same inputs. */
#ifndef LAB_RIDGE_H
#define LAB_RIDGE_H

#include <glib.h>

/* y[i][o] ~ sum over f of phi[i][f] * beta[f][o], each row i of weight w[i] > 0, rows after each other in
 * memory.  beta[f] is drawn to 0, but for f = 0 (the constant), for each output as much as serves it best: what rows
 * miss when they are left out themselves is least.  `spread` (NULL: not wanted): the root of its mean square, by
 * weight. */
void ridge_fit(unsigned rows, unsigned inputs, unsigned outputs, const double *phi, const double *w,
               const double *y, double *beta, double *spread);

#endif
