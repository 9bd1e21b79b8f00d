/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The paper's Table 1: as a table, and where each of its numbers goes. */
#ifndef LAB_TABLE1_H
#define LAB_TABLE1_H

#include "lab/campaign/plan.h"

/* Of a finished plan, to be freed: CSV files. */
GString *table1_csv(const struct plan *plan);
/* A row for each part of each case, in microseconds of one send(); they add up to the table's number. */
GString *table1_parts_csv(const struct plan *plan);

/* Scripts for gnuplot_draw(), to be freed. */
GString *table1_plot(const struct plan *plan);
GString *table1_parts_plot(const struct plan *plan);

#endif
