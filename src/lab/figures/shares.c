/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For which share of the machines that could have been the paper's do its numbers hold? */
#include "lab/figures/shares.h"

#include <math.h>
#include <stdio.h>

#include "lab/base/input.h"
#include "lab/base/place.h"
#include "lab/figures/csv.h"

#define MOST_BYTES (1 << 20)

struct shares {
	struct csv *csv;
};

char *shares_kept(const char *name) {
	g_autofree char *top = g_path_get_dirname(place_scenarios());

	return g_build_filename(top, "results", "reference", "infer", name, NULL);
}

struct shares *shares_read(const char *file) {
	g_autofree char *why = NULL;
	g_autoptr(GString) bytes = input_read(file, MOST_BYTES, &why);
	struct csv *csv = bytes ? csv_parse(bytes, &why) : NULL;
	struct shares *shares = csv ? g_new(struct shares, 1) : NULL;

	if (shares)
		shares->csv = csv;
	return shares;
}

void shares_free(struct shares *shares) {
	if (shares)
		csv_free(shares->csv);
	g_free(shares);
}

/* --- for which share each number holds ----------------------------------------------------------- */

/* All that is told has a column. */
enum column { NUMBER, LABEL, PAPER, WITHIN, MEDIAN, SHARE, COLUMNS };
static const char *const columns[COLUMNS] = {"number", "label",  "paper",
                                             "within", "median", "share"};

static bool find_columns(const struct shares *shares, int at[COLUMNS]) {
	for (unsigned i = 0; i < COLUMNS; i++)
		if (!shares || (at[i] = csv_column(shares->csv, columns[i])) < 0)
			return false;
	return true;
}

static const char *text_at(const struct csv *csv, guint row, int column) {
	return ((char **)csv->rows->pdata[row])[column];
}

void shares_print(const struct shares *shares) {
	int at[COLUMNS];

	if (!find_columns(shares, at))
		return;
	printf("\nOf machines that agree with all other numbers of the paper: what they say of "
	       "each, and which share has it\n(docs/inference.md)\n");
	for (guint i = 0; i < shares->csv->rows->len; i++)
		printf("  %-40s %8g %9.2f  (within %g)  %5.1f %%\n",
		       text_at(shares->csv, i, at[LABEL]),
		       csv_number(shares->csv, i, (guint)at[PAPER]),
		       csv_number(shares->csv, i, (guint)at[MEDIAN]),
		       csv_number(shares->csv, i, (guint)at[WITHIN]),
		       100 * csv_number(shares->csv, i, (guint)at[SHARE]));
}

void shares_answer(const struct shares *shares, struct answer *answer) {
	int at[COLUMNS];

	if (!find_columns(shares, at))
		return;
	for (guint i = 0; i < shares->csv->rows->len; i++) {
		const struct answer_more more[] = {
			{"paper", NULL, csv_number(shares->csv, i, (guint)at[PAPER])},
			{"tolerance", NULL, csv_number(shares->csv, i, (guint)at[WITHIN])},
			{"median", NULL, csv_number(shares->csv, i, (guint)at[MEDIAN])},
			{NULL, NULL, 0}};

		answer_add(answer, &(struct answer_row){
					   .of = "holds",
					   .group = text_at(shares->csv, i, at[NUMBER]),
					   .measure = "share",
					   .unit = "1",
					   .value = csv_number(shares->csv, i, (guint)at[SHARE]),
					   .ci95 = NAN,
					   .more = more});
	}
}

/* --- bands ----------------------------------------------------------------------------------------- */

bool shares_band(const struct shares *shares, const char *number, double *low, double *high) {
	int name = shares ? csv_column(shares->csv, "number") : -1,
	    p05 = shares ? csv_column(shares->csv, "p05") : -1,
	    p95 = shares ? csv_column(shares->csv, "p95") : -1;

	for (guint i = 0; name >= 0 && p05 >= 0 && p95 >= 0 && i < shares->csv->rows->len; i++) {
		if (!g_str_equal(text_at(shares->csv, i, name), number))
			continue;
		*low = csv_number(shares->csv, i, (guint)p05);
		*high = csv_number(shares->csv, i, (guint)p95);
		return true;
	}
	return false;
}
