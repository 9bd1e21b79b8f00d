/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do the replications of a point become one row that can be compared? */
#include "lab/figures/check_tidy.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "lab/base/stats.h"

#define INTERVAL "_ci95"
#define VALUE "value"

/* A row to be. */
struct mean {
	char **name;    /* of the row: cells of the table that was read, not owned */
	GArray *values; /* double, one a run */
};

struct digest {
	const struct csv *from;
	int place, replication, group, measure, value; /* columns; place: where a row's begins */
	GHashTable *by_name; /* "1e-06,-,-,0,web,requests" -> struct mean */
	GPtrArray *order;    /* the names, as they come first */
};

static void mean_free(gpointer data) {
	struct mean *mean = data;

	g_array_unref(mean->values);
	g_free(mean);
}

static bool find_columns(struct digest *d, const struct csv *from, char **why) {
	d->from = from;
	d->place = csv_column(from, "run") + 1;
	d->replication = csv_column(from, "replication");
	d->group = csv_column(from, "group");
	d->measure = csv_column(from, "measure");
	d->value = csv_column(from, VALUE);
	if (d->replication >= d->place && d->group >= 0 && d->measure >= 0 && d->value >= 0)
		return true;
	*why = g_strdup("line 1: columns that name runs and measures are missing");
	return false;
}

static char *name_of(const struct digest *d, char **row, const char *measure) {
	GString *name = g_string_new(NULL);

	for (int i = d->place; i < d->replication; i++)
		g_string_append_printf(name, "%s,", row[i]);
	g_string_append_printf(name, "%s,%s", row[d->group], measure);
	return g_string_free(name, FALSE);
}

static void take_row(struct digest *d, char **row) {
	char *name = name_of(d, row, row[d->measure]);
	struct mean *mean = g_hash_table_lookup(d->by_name, name);
	double value = g_ascii_strtod(row[d->value], NULL);

	if (mean) {
		g_free(name);
	} else {
		mean = g_new(struct mean, 1);
		mean->name = row;
		mean->values = g_array_new(FALSE, FALSE, sizeof(double));
		g_hash_table_insert(d->by_name, name, mean);
		g_ptr_array_add(d->order, name);
	}
	g_array_append_val(mean->values, value);
}

static struct estimate estimate_of(const struct mean *mean) {
	return stats_estimate((const double *)(void *)mean->values->data, mean->values->len);
}

/* Of a single run, what it says itself. */
static double interval_of(const struct digest *d, const struct mean *mean) {
	g_autofree char *measure = g_strconcat(mean->name[d->measure], INTERVAL, NULL);
	g_autofree char *name = name_of(d, mean->name, measure);
	const struct mean *own = g_hash_table_lookup(d->by_name, name);

	if (mean->values->len > 1)
		return estimate_of(mean).ci95;
	return own ? estimate_of(own).value : NAN;
}

static bool is_interval(const struct digest *d, const struct mean *mean) {
	const char *measure = mean->name[d->measure];
	g_autofree char *base = g_str_has_suffix(measure, INTERVAL)
	                                ? g_strndup(measure, strlen(measure) - strlen(INTERVAL))
	                                : NULL;
	g_autofree char *name = base ? name_of(d, mean->name, base) : NULL;

	return name && g_hash_table_contains(d->by_name, name);
}

static char *number_text(double value) {
	char digits[G_ASCII_DTOSTR_BUF_SIZE];

	return g_strdup(isnan(value) ? "" : g_ascii_formatd(digits, sizeof digits, "%.12g", value));
}

static void put_row(const struct digest *d, const struct mean *mean, GPtrArray *rows) {
	GPtrArray *cells = g_ptr_array_new();

	for (int i = d->place; i < d->replication; i++)
		g_ptr_array_add(cells, g_strdup(mean->name[i]));
	g_ptr_array_add(cells, g_strdup(mean->name[d->group]));
	g_ptr_array_add(cells, g_strdup(mean->name[d->measure]));
	g_ptr_array_add(cells, number_text(estimate_of(mean).value));
	g_ptr_array_add(cells, number_text(interval_of(d, mean)));
	g_ptr_array_add(cells, NULL);
	g_ptr_array_add(rows, g_ptr_array_free(cells, FALSE));
}

static char **columns_of(const struct digest *d) {
	static const char *const last[] = {"group", "measure", VALUE, (VALUE INTERVAL), NULL};
	g_autoptr(GStrvBuilder) columns = g_strv_builder_new();

	for (int i = d->place; i < d->replication; i++)
		g_strv_builder_add(columns, d->from->columns[i]);
	for (unsigned i = 0; last[i]; i++)
		g_strv_builder_add(columns, last[i]);
	return g_strv_builder_end(columns);
}

static void row_free(gpointer row) { g_strfreev(row); }

struct csv *check_tidy(const struct csv *results, char **why) {
	struct digest d = {0};
	struct csv *csv;

	if (!find_columns(&d, results, why))
		return NULL;
	d.by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, mean_free);
	d.order = g_ptr_array_new();
	for (guint i = 0; i < results->rows->len; i++)
		take_row(&d, results->rows->pdata[i]);
	csv = g_new0(struct csv, 1);
	csv->columns = columns_of(&d);
	csv->rows = g_ptr_array_new_with_free_func(row_free);
	for (guint i = 0; i < d.order->len; i++) {
		const struct mean *mean = g_hash_table_lookup(d.by_name, d.order->pdata[i]);

		if (!is_interval(&d, mean))
			put_row(&d, mean, csv->rows);
	}
	g_ptr_array_unref(d.order);
	g_hash_table_unref(d.by_name);
	return csv;
}
