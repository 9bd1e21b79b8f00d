/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep as a picture. */
#ifndef LAB_SWEEP_PLOT_H
#define LAB_SWEEP_PLOT_H

#include "lab/campaign/sweep.h"

/* A sweep's figure, as a script for results_draw(): a panel for each measure, or for those that
 * [scenario] figure names. */
GString *sweep_plot(const struct sweep *sweep);

#endif
