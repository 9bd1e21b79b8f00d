/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures 5 and 6 beside the paper's numbers, and whether those hold. */
#ifndef LAB_PAPER_PLOTS_H
#define LAB_PAPER_PLOTS_H

#include "lab/campaign/plan.h"

/* Scripts for gnuplot_draw(), to be freed. */
GString *fig5_plot(const struct plan *plan);
GString *fig6_plot(const struct plan *plan);

#endif
