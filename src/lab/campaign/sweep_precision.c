/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rows of a sweep need more replications? */
#include "lab/campaign/sweep_precision.h"

#include <math.h>

/* Whether all runs of a row are there, and none failed: what it needs can be told. */
static bool is_whole(const struct sweep_row *row) {
	for (guint i = 0; i < row->runs->len; i++) {
		const struct sweep_run *run = row->runs->pdata[i];

		if (!run->record || run->record->reasons->len)
			return false;
	}
	return true;
}

/* Replications for the measure of the row that needs most of them. */
static unsigned wanted_of(const struct sweep *sweep, guint row) {
	const struct sweep_wanted *w = &sweep->wanted;
	const struct stats_goal goal = {w->precision, w->repeat, MAX(w->most, w->repeat)};
	const struct column *column;
	unsigned most = sweep_row(sweep, row)->runs->len;

	for (guint i = 0; (column = chosen_column(sweep->chosen, i)); i++) {
		g_autoptr(GArray) values = sweep_values(sweep, row, column);

		if (values->len)
			most = MAX(most, stats_wanted(&goal, (const double *)(void *)values->data,
			                              values->len));
	}
	return most;
}

unsigned sweep_refine(struct sweep *sweep) {
	unsigned added = 0;

	for (guint row = 0; sweep->wanted.precision > 0 && row < sweep->rows->len; row++)
		if (is_whole(sweep_row(sweep, row)))
			added += sweep_extend(sweep, row, wanted_of(sweep, row));
	return added;
}

bool sweep_may_want(const struct sweep *sweep, const char *id, uint64_t seed) {
	const struct sweep_wanted *w = &sweep->wanted;

	if (w->precision <= 0 || seed < w->seed || seed - w->seed >= w->most)
		return false;
	for (guint row = 0; row < sweep->rows->len; row++) {
		g_autofree char *possible = record_id(sweep_row(sweep, row)->hash, seed);

		if (g_str_equal(possible, id))
			return true;
	}
	return false;
}

char *sweep_imprecise(const struct sweep *sweep, guint row) {
	const struct column *column;
	double precision = sweep->wanted.precision;

	for (guint i = 0; precision > 0 && (column = chosen_column(sweep->chosen, i)); i++) {
		unsigned n;
		struct estimate e = sweep_estimate(sweep, row, column, &n);
		double known = e.ci95 / fabs(e.value);

		if (known > precision)
			return g_strdup_printf(
				"%s is known to %.2g %% after %u runs, not to %g %%; allowed: a "
				"larger --most, fewer measures by --measure",
				column->name, 100 * known, n, 100 * precision);
	}
	return NULL;
}
