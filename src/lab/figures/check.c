/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: figures against a baseline, cell by cell. */
#include "lab/figures/check.h"

#include <math.h>
#include <string.h>

#include "lab/base/input.h"
#include "lab/figures/check_tidy.h"

#define MOST_BYTES (16 << 20)
#define MOST_BYTES_ALL (256 << 20)
#define INTERVAL "_ci95"

/* Figures are rows known by their first cells, and numbers that may move a little. */
static const struct check_layout figures[] = {
	{"table1.csv", "sop", "latency_us", "ci95_us", 0, NULL},
	{"table1_parts.csv", "part", NULL, NULL, 0, NULL},
	{"fig5.csv", "offered_rps", "throughput_rps", "ci95_rps", 0, NULL},
	{"fig6.csv", "config", "total_pct", "ci95_pct", 0, NULL},
	{"claims.csv", "claim", "simulated", "ci95", 0, NULL},
	{"sweep.csv", "offered_rps", NULL, NULL, 0, NULL},
	{"summary.csv", "measure", NULL, NULL, 1, NULL},
	{"results.csv", "measure", "value", "value_ci95", 2, check_tidy},
};

/* --- a table ---------------------------------------------------------------------------------- */

/* One of the two tables. */
struct side {
	const char *name; /* of the file, for messages */
	struct csv *csv;
	unsigned keys;    /* columns that name rows */
	GHashTable *rows; /* name of a row -> its number, from 1 on */
	GPtrArray *order; /* the names, as they stand */
};

static bool cannot(const char *name, GError **error, const char *what, const char *allowed) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "check: %s: %s; allowed: %s", name, what,
	            allowed);
	return false;
}

static char *row_name(char **row, unsigned keys) {
	GString *name = g_string_new(row[0]);

	for (unsigned i = 1; i < keys; i++)
		g_string_append_printf(name, ",%s", row[i]);
	return g_string_free(name, FALSE);
}

static bool side_parse(struct side *side, const struct check_layout *layout, const GString *bytes,
                       GError **error) {
	g_autofree char *why = NULL;
	struct csv *csv = csv_parse(bytes, &why);

	side->csv = csv && layout->digest ? layout->digest(csv, &why) : csv;
	if (csv && csv != side->csv)
		csv_free(csv);
	return side->csv || cannot(side->name, error, why,
	                           "a table as `sopsim reproduce`, `sweep` or `run` "
	                           "wrote it");
}

static bool same_columns(const struct side *old, const struct side *now, GError **error) {
	g_autofree char *columns = NULL, *allowed = NULL;

	if (g_strv_equal((const char *const *)old->csv->columns,
	                 (const char *const *)now->csv->columns))
		return true;
	columns = g_strjoinv(",", old->csv->columns);
	allowed = g_strdup_printf("those of %s, %s", old->name, columns);
	return cannot(now->name, error, "line 1: other columns than the baseline has", allowed);
}

/* Gives the rows their names, the first cells. */
static bool side_index(struct side *side, unsigned keys, GError **error) {
	side->keys = keys;
	side->rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	side->order = g_ptr_array_new();
	if (!side->csv->rows->len)
		return cannot(side->name, error, "has no rows", "one or more");
	for (guint i = 0; i < side->csv->rows->len; i++) {
		char *name = row_name(side->csv->rows->pdata[i], keys);

		if (g_hash_table_contains(side->rows, name)) {
			g_free(name);
			return cannot(side->name, error, "two rows have the same name",
			              "one row of a name");
		}
		g_hash_table_insert(side->rows, name, GUINT_TO_POINTER(i + 1));
		g_ptr_array_add(side->order, name);
	}
	return true;
}

static void side_close(struct side *side) {
	g_clear_pointer(&side->csv, csv_free);
	g_clear_pointer(&side->rows, g_hash_table_unref);
	g_clear_pointer(&side->order, g_ptr_array_unref);
}

/* The row of a name, and its line; NULL: there is none. */
static char **side_row(const struct side *side, const char *name, unsigned *line) {
	unsigned number = GPOINTER_TO_UINT(g_hash_table_lookup(side->rows, name));

	*line = number ? number + 1 : 0;
	return number ? side->csv->rows->pdata[number - 1] : NULL;
}

/* --- which cells ------------------------------------------------------------------------------- */

/* What a name that ends so is of; NULL: it does not, or there is no such column or row. */
static bool belongs(const struct side *side, const char *name, const char *ending, bool to_a_row) {
	g_autofree char *of = g_str_has_suffix(name, ending)
	                              ? g_strndup(name, strlen(name) - strlen(ending))
	                              : NULL;

	if (!of)
		return false;
	return to_a_row ? g_hash_table_contains(side->rows, of) : csv_column(side->csv, of) >= 0;
}

/* Whether intervals are rows of their own. */
static bool interval_rows(const struct check_layout *layout) {
	return layout->measure_names && !layout->interval;
}

/* Intervals, and how many runs they are of, belong to what they are of. */
static bool is_beside(const struct check_layout *layout, const struct side *side, const char *row,
                      const char *column) {
	if (interval_rows(layout))
		return belongs(side, row, INTERVAL, true);
	return g_strcmp0(column, layout->interval) == 0 || belongs(side, column, INTERVAL, false) ||
	       belongs(side, column, "_n", false);
}

static double number_of(const char *cell) {
	char *end;
	double value = g_ascii_strtod(cell, &end);

	return end == cell || *end ? NAN : value;
}

/* Half the interval of a cell; NAN: it has none. */
static double interval_of(const struct check_layout *layout, const struct side *side,
                          const char *row, const char *column) {
	bool rows = interval_rows(layout);
	g_autofree char *row_of = g_strconcat(row, rows ? INTERVAL : "", NULL);
	g_autofree char *column_of = g_strconcat(column, rows ? "" : INTERVAL, NULL);
	const char *name =
		!rows && g_strcmp0(column, layout->value) == 0 ? layout->interval : column_of;
	int at = csv_column(side->csv, name);
	unsigned line;
	char **cells = side_row(side, row_of, &line);

	return cells && at >= 0 ? number_of(cells[at]) : NAN;
}

/* By which rules call it: its column, or the last names of its row. */
static char *rule_name(const struct check_layout *layout, const struct side *side, char **row,
                       const char *column) {
	GString *name;

	if (!layout->measure_names)
		return g_strdup(column);
	name = g_string_new(NULL);
	for (unsigned i = side->keys - MIN(layout->measure_names, side->keys); i < side->keys; i++)
		g_string_append_printf(name, "%s%s", name->len ? "." : "", row[i]);
	return g_string_free(name, FALSE);
}

/* --- comparing --------------------------------------------------------------------------------- */

/* Half the 95 % interval of the difference of two independent numbers: inside both of their
 * intervals it is none, and outside of it but one in twenty would be by chance. */
static double interval_of_difference(const struct check_cell *cell) {
	double both = hypot(cell->baseline_ci95, cell->now_ci95);

	return isnan(both) ? 0 : both;
}

/* Numbers are equal within the tolerance or the intervals; all else, and what is no number that can be
 * counted with, to the letter. */
static bool has_moved(struct check_cell *cell, const struct tolerance *t) {
	double a = number_of(cell->baseline), b = number_of(cell->now);

	if (t->ignored || g_str_equal(cell->baseline, cell->now))
		return false;
	if (!isfinite(a) || !isfinite(b))
		return true;
	cell->by = a == 0 ? NAN : (b - a) / fabs(a);
	return fabs(a - b) >
	       fmax(fmax(t->relative * fabs(a), t->absolute), interval_of_difference(cell));
}

static void tell(struct check *c, const struct check_cell *cell) {
	c->moved += cell->moved;
	if (c->tell)
		c->tell(c->arg, cell);
}

static void tell_row(struct check *c, const char *file, const char *row, unsigned line) {
	struct check_cell cell = {file,
	                          row,
	                          "(row)",
	                          line ? "missing" : "present",
	                          line ? "present" : "missing",
	                          NAN,
	                          NAN,
	                          NAN,
	                          line,
	                          true};

	tell(c, &cell);
}

static void compare_cell(struct check *c, const struct check_layout *layout, const struct side *old,
                         const struct side *now, const char *row, const char *column) {
	unsigned line, none;
	char **a = side_row(old, row, &none), **b = side_row(now, row, &line);
	int at = csv_column(old->csv, column);
	g_autofree char *name = rule_name(layout, old, a, column);
	struct tolerance t = check_rules_find(c->rules, layout->file, name);
	struct check_cell cell = {layout->file, row, column, a[at], b[at],
	                          NAN,          NAN, NAN,    line,  false};

	if (check_rules_intervals(c->rules)) {
		if (is_beside(layout, old, row, column))
			return;
		cell.baseline_ci95 = interval_of(layout, old, row, column);
		cell.now_ci95 = interval_of(layout, now, row, column);
	}
	c->cells++;
	cell.moved = has_moved(&cell, &t);
	tell(c, &cell);
}

static void compare_rows(struct check *c, const struct check_layout *layout, const struct side *old,
                         const struct side *now) {
	unsigned line;

	for (guint i = 0; i < old->order->len; i++) {
		const char *name = old->order->pdata[i];

		if (!side_row(now, name, &line))
			tell_row(c, layout->file, name, 0);
		for (unsigned k = old->keys; line && old->csv->columns[k]; k++)
			compare_cell(c, layout, old, now, name, old->csv->columns[k]);
	}
	for (guint i = 0; i < now->order->len; i++)
		if (!g_hash_table_contains(old->rows, now->order->pdata[i])) {
			side_row(now, now->order->pdata[i], &line);
			tell_row(c, layout->file, now->order->pdata[i], line);
		}
}

static bool compare(struct check *c, const struct check_layout *layout, struct side *old,
                    struct side *now, GError **error) {
	unsigned keys = (unsigned)(csv_column(old->csv, layout->last_key) + 1);

	if (!same_columns(old, now, error))
		return false;
	if (!keys)
		return cannot(now->name, error, "line 1: the column that names rows is missing",
		              layout->last_key);
	if (!side_index(old, keys, error) || !side_index(now, keys, error))
		return false;
	compare_rows(c, layout, old, now);
	return check_rules_all_found(c->rules, layout->file, error);
}

bool check_tables(struct check *check, const struct check_layout *layout, const char *old_name,
                  const GString *old, const char *now_name, const GString *now, GError **error) {
	struct side a = {.name = old_name}, b = {.name = now_name};
	bool good = side_parse(&a, layout, old, error) && side_parse(&b, layout, now, error) &&
	            compare(check, layout, &a, &b, error);

	side_close(&a);
	side_close(&b);
	return good;
}

/* --- two folders ------------------------------------------------------------------------------ */

static GString *read_table(const struct check_layout *layout, const char *path, GError **error) {
	g_autofree char *why = NULL;
	GString *bytes = input_read(path, layout->digest ? MOST_BYTES_ALL : MOST_BYTES, &why);

	if (!bytes)
		cannot(path, error, why,
		       layout->digest
		               ? "a folder that `sopsim sweep` wrote, results.csv up to 256 MiB"
		               : "a folder that `sopsim reproduce`, `sweep` or `run` wrote, files "
		                 "up to 16 MiB");
	return bytes;
}

static bool compare_file(struct check *c, const char *against, const char *dir,
                         const struct check_layout *layout, GError **error) {
	g_autofree char *old_path = g_build_filename(against, layout->file, NULL);
	g_autofree char *now_path = g_build_filename(dir, layout->file, NULL);
	GString *old = read_table(layout, old_path, error),
		*now = old ? read_table(layout, now_path, error) : NULL;
	bool good = now && check_tables(c, layout, old_path, old, now_path, now, error);

	if (old)
		g_string_free(old, TRUE);
	if (now)
		g_string_free(now, TRUE);
	return good;
}

static bool has_figure(const char *dir, const struct check_layout *layout) {
	g_autofree char *path = g_build_filename(dir, layout->file, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

bool check_folders(struct check *check, const char *against, const char *dir, GError **error) {
	unsigned found = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(figures); i++) {
		if ((figures[i].digest && !check->all) ||
		    (!has_figure(against, &figures[i]) && !has_figure(dir, &figures[i])))
			continue;
		found++;
		if (!compare_file(check, against, dir, &figures[i], error))
			return false;
	}
	return found || cannot(against, error, "no figures there",
	                       "a folder that `sopsim reproduce`, `sweep` or `run` wrote");
}
