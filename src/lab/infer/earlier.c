/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which systems agreed before? */
#include "lab/infer/earlier.h"

#include "lab/base/input.h"
#include "lab/figures/csv.h"

#define MOST_BYTES (16 << 20)

static struct csv *read_table(const char *file, GError **error) {
	g_autofree char *why = NULL;
	g_autoptr(GString) bytes = input_read(file, MOST_BYTES, &why);
	struct csv *csv = bytes ? csv_parse(bytes, &why) : NULL;

	if (!csv)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--from: %s: %s; allowed: a region.csv of an earlier infer", file, why);
	return csv;
}

/* Where the unknown is what the cell says; outside of 0 to 1 if it may not be that. */
static double place_of(const struct unknown *u, const char *cell) {
	char *end;
	double value = g_ascii_strtod(cell, &end);

	if (u->law != UNKNOWN_WORDS)
		return end == cell || *end || !(value > 0 || u->law != UNKNOWN_LOG)
		               ? -1
		               : unknown_at(u, value);
	for (unsigned w = 0; w < u->n_words; w++)
		if (g_str_equal(cell, u->words[w]))
			return unknown_at(u, w);
	return -1;
}

static bool columns_of(const struct inference *in, const struct csv *csv, const char *file,
                       int *column, GError **error) {
	for (unsigned i = 0; i < in->unknowns->n; i++) {
		column[i] = csv_column(csv, in->unknowns->list[i].name);
		if (column[i] < 0) {
			g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
			            "--from: %s: no column '%s'; allowed: a column for each prior",
			            file, in->unknowns->list[i].name);
			return false;
		}
	}
	return true;
}

static bool row_at(const struct inference *in, char *const *cells, const int *column, double *x,
                   unsigned *wrong) {
	for (unsigned i = 0; i < in->unknowns->n; i++) {
		x[i] = place_of(&in->unknowns->list[i], cells[column[i]]);
		if (!(x[i] >= 0 && x[i] <= 1)) {
			*wrong = i;
			return false;
		}
	}
	return true;
}

static bool add_rows(struct inference *in, const struct csv *csv, const char *file,
                     GError **error) {
	g_autofree int *column = g_new0(int, in->unknowns->n);
	g_autofree double *x = g_new0(double, in->unknowns->n);
	unsigned wrong = 0;

	if (!columns_of(in, csv, file, column, error))
		return false;
	for (guint i = 0; i < csv->rows->len; i++) {
		char *const *cells = csv->rows->pdata[i];

		if (!row_at(in, cells, column, x, &wrong)) {
			g_set_error(
				error, LAB_ERROR, LAB_ERROR_INPUT,
				"--from: %s: row %u: %s is '%s'; allowed: what [prior %s] allows",
				file, i + 1, in->unknowns->list[wrong].name, cells[column[wrong]],
				in->unknowns->list[wrong].name);
			return false;
		}
		g_ptr_array_add(in->trials, trial_new(in->unknowns, in->numbers, x));
	}
	return true;
}

bool earlier_add(struct inference *in, const char *file, GError **error) {
	struct csv *csv = read_table(file, error);
	bool good = csv && add_rows(in, csv, file, error);

	g_clear_pointer(&csv, csv_free);
	return good;
}
