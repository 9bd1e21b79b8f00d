/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws beside a sweep's runs, and between them. */
#include <math.h>

#include "lab/campaign/sweep.h"

static double law_in(const struct law *law, const struct text *text) {
	struct scenario *sc = scenario_new(text, NULL);
	double value = sc ? law->value(sc) : NAN;

	g_clear_pointer(&sc, scenario_free);
	return value;
}

/* A scenario takes a while to read, and is asked about more than once. */
double sweep_law(const struct sweep *sweep, guint row, const struct law *law) {
	g_autofree char *key = g_strdup_printf("%s %u", law->name, row);
	double *value = g_hash_table_lookup(sweep->laws, key);

	if (!value) {
		struct text *text = sweep_text(sweep, row);

		value = g_new(double, 1);
		*value = law_in(law, text);
		text_free(text);
		g_hash_table_insert(sweep->laws, g_steal_pointer(&key), value);
	}
	return *value;
}

double sweep_law_at(const struct sweep *sweep, guint row, const struct law *law, const char *axis,
                    const char *value) {
	struct text *text = sweep_text(sweep, row);
	double result = NAN;

	if (text_override(text, axis, value, axis, NULL))
		result = law_in(law, text);
	text_free(text);
	return result;
}

const struct law *sweep_column_law(const struct sweep *sweep, const struct column *column) {
	const struct law *law = law_of(column->name);

	for (guint row = 0; law && row < sweep->rows->len; row++)
		if (!isnan(sweep_value(sweep, row, column)) && !isnan(sweep_law(sweep, row, law)))
			return law;
	return NULL;
}
