/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which measures of several runs belong side by side? */
#include "lab/figures/rows.h"

#include <stdlib.h>
#include <string.h>

static void clear_row(gpointer row) { g_free(((struct row *)row)->name); }

GArray *rows_new(void) {
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct row));

	g_array_set_clear_func(rows, clear_row);
	return rows;
}

static struct row *row_called(GArray *rows, const char *name) {
	struct row row = {NULL, {0}};

	for (guint i = 0; i < rows->len; i++)
		if (g_str_equal(row_nth(rows, i)->name, name))
			return &g_array_index(rows, struct row, i);
	row.name = g_strdup(name);
	g_array_append_val(rows, row);
	return &g_array_index(rows, struct row, rows->len - 1);
}

void rows_collect(GArray *rows, unsigned column, const struct measures *m, const char *prefix,
                  const char *suffix, double scale) {
	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);
		g_autofree char *name = NULL;

		if (!g_str_has_prefix(measure->name, prefix) ||
		    !g_str_has_suffix(measure->name, suffix))
			continue;
		name = g_strndup(measure->name + strlen(prefix),
		                 strlen(measure->name) - strlen(prefix) - strlen(suffix));
		row_called(rows, name)->value[column] += measure->value * scale;
	}
}

static int by_sum(const void *a, const void *b) {
	const struct row *x = a, *y = b;
	double xs = 0, ys = 0;

	for (unsigned i = 0; i < PAPER_CASES; i++) {
		xs += x->value[i];
		ys += y->value[i];
	}
	return xs < ys ? 1 : xs > ys ? -1 : strcmp(x->name, y->name);
}

void rows_sort(GArray *rows) { qsort(rows->data, rows->len, sizeof(struct row), by_sum); }
