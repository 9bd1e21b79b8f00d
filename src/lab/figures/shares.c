/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For which share of the machines that could have been the paper's do its numbers hold? */
#include "lab/figures/shares.h"

#include <glib.h>
#include <stdio.h>

#include "lab/base/input.h"
#include "lab/base/place.h"
#include "lab/figures/csv.h"

#define MOST_BYTES (1 << 20)

char *shares_kept(const char *name) {
	g_autofree char *top = g_path_get_dirname(place_scenarios());

	return g_build_filename(top, "results", "reference", "infer", name, NULL);
}

static struct csv *read_shares(const char *file) {
	g_autofree char *why = NULL;
	g_autoptr(GString) bytes = input_read(file, MOST_BYTES, &why);

	return bytes ? csv_parse(bytes, &why) : NULL;
}

/* All that is printed has a column. */
enum column { LABEL, PAPER, WITHIN, MEDIAN, SHARE, COLUMNS };
static const char *const columns[COLUMNS] = {"label", "paper", "within", "median", "share"};

static void print_row(const struct csv *csv, guint row, const int at[COLUMNS]) {
	printf("  %-40s %8g %9.2f  (within %g)  %5.1f %%\n",
	       ((char **)csv->rows->pdata[row])[at[LABEL]], csv_number(csv, row, (guint)at[PAPER]),
	       csv_number(csv, row, (guint)at[MEDIAN]), csv_number(csv, row, (guint)at[WITHIN]),
	       100 * csv_number(csv, row, (guint)at[SHARE]));
}

void shares_print(const char *file) {
	struct csv *csv = read_shares(file);
	int at[COLUMNS];
	bool whole = csv;

	for (unsigned i = 0; whole && i < COLUMNS; i++)
		whole = (at[i] = csv_column(csv, columns[i])) >= 0;
	if (whole)
		printf("\nOf machines that agree with all other numbers of the paper: what they say of "
		       "each, and which share has it\n(docs/inference.md)\n");
	for (guint i = 0; whole && i < csv->rows->len; i++)
		print_row(csv, i, at);
	g_clear_pointer(&csv, csv_free);
}

static bool band_in(const struct csv *csv, const char *number, double *low, double *high) {
	int name = csv_column(csv, "number"), p05 = csv_column(csv, "p05"),
	    p95 = csv_column(csv, "p95");

	for (guint i = 0; name >= 0 && p05 >= 0 && p95 >= 0 && i < csv->rows->len; i++) {
		char *const *cells = csv->rows->pdata[i];

		if (!g_str_equal(cells[name], number))
			continue;
		*low = csv_number(csv, i, (guint)p05);
		*high = csv_number(csv, i, (guint)p95);
		return true;
	}
	return false;
}

bool shares_band(const char *file, const char *number, double *low, double *high) {
	struct csv *csv = read_shares(file);
	bool there = csv && band_in(csv, number, low, high);

	g_clear_pointer(&csv, csv_free);
	return there;
}
