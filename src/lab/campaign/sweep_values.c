/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the runs of a sweep measured, row by row. */
#include <math.h>

#include "lab/campaign/sweep.h"

static const struct record *record_of(const struct sweep_row *row, guint replication) {
	return ((const struct sweep_run *)row->runs->pdata[replication])->record;
}

/* The values of runs that failed, or of those that did not. */
static GArray *values_of(const struct sweep_row *row, GQuark name, bool failed) {
	GArray *values = g_array_new(FALSE, FALSE, sizeof(double));

	for (guint i = 0; i < row->runs->len; i++) {
		const struct record *record = record_of(row, i);
		double value = record && (record->reasons->len > 0) == failed
		                       ? record_value(record, name)
		                       : NAN;

		if (!isnan(value))
			g_array_append_val(values, value);
	}
	return values;
}

GArray *sweep_values(const struct sweep *sweep, guint row, const struct column *column) {
	const struct sweep_row *r = sweep_row(sweep, row);
	GArray *values = values_of(r, column->value, false);

	if (values->len)
		return values;
	g_array_unref(values);
	return values_of(r, column->value, true);
}

struct estimate sweep_estimate(const struct sweep *sweep, guint row, const struct column *column,
                               unsigned *n) {
	const struct sweep_row *r = sweep_row(sweep, row);
	struct estimate estimate;
	g_autoptr(GArray) values = sweep_values(sweep, row, column);

	estimate = stats_estimate((const double *)(void *)values->data, values->len);
	if (n)
		*n = values->len;
	/* One run has the interval that it found itself. */
	if (values->len == 1) {
		g_autoptr(GArray) good = values_of(r, column->value, false);
		g_autoptr(GArray) own = values_of(r, column->ci95, good->len == 0);

		if (own->len == 1)
			estimate.ci95 = g_array_index(own, double, 0);
	}
	return estimate;
}

double sweep_value(const struct sweep *sweep, guint row, const struct column *column) {
	return sweep_estimate(sweep, row, column, NULL).value;
}

double sweep_ci95(const struct sweep *sweep, guint row, const struct column *column) {
	return sweep_estimate(sweep, row, column, NULL).ci95;
}

bool sweep_measures(const struct sweep *sweep, const struct column *column) {
	for (guint row = 0; row < sweep->rows->len; row++)
		if (!isnan(sweep_value(sweep, row, column)))
			return true;
	return false;
}

unsigned sweep_failed(const struct sweep *sweep, guint row, const char **reason) {
	const struct sweep_row *r = sweep_row(sweep, row);
	unsigned failed = 0;

	if (reason)
		*reason = NULL;
	for (guint i = 0; i < r->runs->len; i++) {
		const struct record *record = record_of(r, i);

		if (!record || record->reasons->len == 0)
			continue;
		if (failed++ == 0 && reason)
			*reason = record->reasons->pdata[0];
	}
	return failed;
}
