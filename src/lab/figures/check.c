/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: figures against a baseline, cell by cell. */
#include "lab/figures/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/base/input.h"
#include "lab/figures/csv.h"

#define MOST_BYTES (16 << 20)

/* Figures are rows known by their first cells, and numbers that may move a little. */
static const struct {
	const char *file;
	const char *last_key; /* the last column that names a row */
} figures[] = {
	{"table1.csv", "sop"},   {"fig5.csv", "offered_rps"},  {"fig6.csv", "config"},
	{"claims.csv", "claim"}, {"sweep.csv", "offered_rps"}, {"summary.csv", "measure"},
};

/* --- a table ---------------------------------------------------------------------------------- */

/* One of the two tables. */
struct side {
	const char *name; /* of the file, for messages */
	struct csv *csv;
	GHashTable *rows; /* name of a row -> char ** */
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

static bool side_parse(struct side *side, const GString *bytes, GError **error) {
	g_autofree char *why = NULL;

	side->csv = csv_parse(bytes, &why);
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

/* Gives the rows their names, the first `keys` cells. */
static bool side_index(struct side *side, unsigned keys, GError **error) {
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
		g_hash_table_insert(side->rows, name, side->csv->rows->pdata[i]);
		g_ptr_array_add(side->order, name);
	}
	return true;
}

static void side_close(struct side *side) {
	g_clear_pointer(&side->csv, csv_free);
	g_clear_pointer(&side->rows, g_hash_table_unref);
	g_clear_pointer(&side->order, g_ptr_array_unref);
}

/* Numbers are equal within the tolerance, relative to the baseline's; all else, and what is no
 * number that can be counted with, to the letter. */
static bool same_cell(const char *reference, const char *now, double tolerance) {
	char *a_end, *b_end;
	double a = g_ascii_strtod(reference, &a_end), b = g_ascii_strtod(now, &b_end);

	if (a_end == reference || *a_end || b_end == now || *b_end || !isfinite(a) || !isfinite(b))
		return g_str_equal(reference, now);
	return fabs(a - b) <= tolerance * fabs(a);
}

static void moved(struct check *c, const char *file, const char *row, const char *column,
                  const char *reference, const char *now) {
	if (c->tell)
		c->tell(c, file, row, column, reference, now);
	c->moved++;
}

static void compare_rows(struct check *c, const char *file, const struct side *old,
                         const struct side *now, unsigned keys) {
	for (guint i = 0; i < old->order->len; i++) {
		const char *name = old->order->pdata[i];
		char **a = g_hash_table_lookup(old->rows, name),
		     **b = g_hash_table_lookup(now->rows, name);

		if (!b)
			moved(c, file, name, "(row)", "present", "missing");
		for (unsigned k = keys; b && old->csv->columns[k]; k++) {
			c->cells++;
			if (!same_cell(a[k], b[k], c->tolerance))
				moved(c, file, name, old->csv->columns[k], a[k], b[k]);
		}
	}
	for (guint i = 0; i < now->order->len; i++)
		if (!g_hash_table_contains(old->rows, now->order->pdata[i]))
			moved(c, file, now->order->pdata[i], "(row)", "missing", "present");
}

static bool compare(struct check *c, const char *file, struct side *old, struct side *now,
                    const char *last_key, GError **error) {
	unsigned keys = (unsigned)(csv_column(old->csv, last_key) + 1);

	if (!same_columns(old, now, error))
		return false;
	if (!keys)
		return cannot(now->name, error, "line 1: the column that names rows is missing",
		              last_key);
	if (!side_index(old, keys, error) || !side_index(now, keys, error))
		return false;
	compare_rows(c, file, old, now, keys);
	return true;
}

bool check_tables(struct check *check, const char *file, const char *last_key, const char *old_name,
                  const GString *old, const char *now_name, const GString *now, GError **error) {
	struct side a = {.name = old_name}, b = {.name = now_name};
	bool good = side_parse(&a, old, error) && side_parse(&b, now, error) &&
	            compare(check, file, &a, &b, last_key, error);

	side_close(&a);
	side_close(&b);
	return good;
}

/* --- two folders ------------------------------------------------------------------------------ */

static GString *read_table(const char *path, GError **error) {
	g_autofree char *why = NULL;
	GString *bytes = input_read(path, MOST_BYTES, &why);

	if (!bytes)
		cannot(path, error, why,
		       "a folder that `sopsim reproduce`, `sweep` or `run` wrote, files up "
		       "to 16 MiB");
	return bytes;
}

static bool compare_file(struct check *c, const char *against, const char *dir, size_t figure,
                         GError **error) {
	const char *file = figures[figure].file;
	g_autofree char *old_path = g_build_filename(against, file, NULL);
	g_autofree char *now_path = g_build_filename(dir, file, NULL);
	GString *old = read_table(old_path, error), *now = old ? read_table(now_path, error) : NULL;
	bool good = now && check_tables(c, file, figures[figure].last_key, old_path, old, now_path,
	                                now, error);

	if (old)
		g_string_free(old, TRUE);
	if (now)
		g_string_free(now, TRUE);
	return good;
}

static bool has_figure(const char *dir, size_t figure) {
	g_autofree char *path = g_build_filename(dir, figures[figure].file, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

bool check_folders(struct check *check, const char *against, const char *dir, GError **error) {
	unsigned found = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(figures); i++) {
		if (!has_figure(against, i) && !has_figure(dir, i))
			continue;
		found++;
		if (!compare_file(check, against, dir, i, error))
			return false;
	}
	return found || cannot(against, error, "no figures there",
	                       "a folder that `sopsim reproduce`, `sweep` or `run` wrote");
}
