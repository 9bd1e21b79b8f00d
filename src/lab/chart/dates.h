/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates of a chart.  Private to src/lab/chart. */
#ifndef LAB_DATES_H
#define LAB_DATES_H

#include "lab/chart/layout.h"

/* At which something begins or ends: layout->dates. */
void collect_dates(struct layout *layout);
/* Where they are, and what is cut: layout->at, cuts, bottom.  Rows are chosen. */
void place_dates(struct layout *layout);

static inline sim_time date_nth(const struct layout *l, guint i) {
	return g_array_index(l->dates, sim_time, i);
}

#endif
