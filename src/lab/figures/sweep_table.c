/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which columns does a sweep's table have, and what is in each row? */
#include "lab/figures/sweep_table.h"

#include <math.h>

#include "lab/figures/answer.h"
#include "lab/figures/declared.h"

/* --- where a row lies ----------------------------------------------------------------------------- */

static void put_place_names(const struct sweep *sweep, GString *csv) {
	for (guint a = 0; a < sweep->points->axes->len; a++) {
		const struct axis *axis = points_axis(sweep->points, a);
		g_autofree char *suffix = axis->unit ? unit_suffix(axis->unit) : g_strdup("");
		g_autofree char *name = g_strconcat(axis->name, suffix, NULL);

		results_cell(csv, name);
		g_string_append_c(csv, ',');
	}
	g_string_append(csv, "experiment,config,offered_rps");
}

static void put_place(const struct sweep *sweep, const struct sweep_row *row, GString *csv) {
	for (guint a = 0; a < sweep->points->axes->len; a++) {
		if (points_axis(sweep->points, a)->unit)
			results_exact(csv, row->point->at[a].number);
		else
			results_cell(csv, row->point->at[a].label);
		g_string_append_c(csv, ',');
	}
	g_string_append_printf(csv, "%s,%s,%u", row->experiment, row->config, row->offered);
}

/* --- sweep.csv ------------------------------------------------------------------------------------ */

/* The columns that some run measured, each with its law (NULL: none). */
struct shown {
	GPtrArray *columns, *laws;
};

static struct shown shown_of(const struct sweep *sweep) {
	struct shown shown = {g_ptr_array_new(), g_ptr_array_new()};
	const struct column *c;

	for (guint i = 0; (c = chosen_column(sweep->chosen, i)); i++)
		if (sweep_measures(sweep, c)) {
			g_ptr_array_add(shown.columns, (gpointer)(uintptr_t)c);
			g_ptr_array_add(shown.laws,
			                (gpointer)(uintptr_t)sweep_column_law(sweep, c));
		}
	return shown;
}

static void put_names(const struct sweep *sweep, const struct shown *shown, GString *csv) {
	put_place_names(sweep, csv);
	for (guint i = 0; i < shown->columns->len; i++) {
		const char *name = ((const struct column *)shown->columns->pdata[i])->name;
		const struct law *law = shown->laws->pdata[i];

		g_string_append_printf(csv, ",%s,%s_ci95,%s_n", name, name, name);
		if (law)
			g_string_append_printf(csv, ",%s", law->name);
	}
	g_string_append(csv, ",failed,reason\n");
}

static void put_row(const struct sweep *sweep, guint row, const struct shown *shown, GString *csv) {
	const char *reason;
	unsigned n, failed;

	put_place(sweep, sweep_row(sweep, row), csv);
	for (guint i = 0; i < shown->columns->len; i++) {
		struct estimate e = sweep_estimate(sweep, row, shown->columns->pdata[i], &n);
		const struct law *law = shown->laws->pdata[i];

		g_string_append_c(csv, ',');
		results_digits(csv, e.value);
		g_string_append_c(csv, ',');
		results_digits(csv, e.ci95);
		g_string_append_printf(csv, ",%u", n);
		if (law)
			g_string_append_c(csv, ',');
		/* Of runs that measure what it is about. */
		if (law && n)
			results_digits(csv, sweep_law(sweep, row, law));
	}
	failed = sweep_failed(sweep, row, &reason);
	g_string_append_printf(csv, ",%u,", failed);
	results_cell(csv, reason ? reason : "");
	g_string_append_c(csv, '\n');
}

GString *sweep_csv(const struct sweep *sweep) {
	struct shown shown = shown_of(sweep);
	GString *csv = g_string_new(NULL);

	put_names(sweep, &shown, csv);
	for (guint row = 0; row < sweep->rows->len; row++)
		put_row(sweep, row, &shown, csv);
	g_ptr_array_unref(shown.columns);
	g_ptr_array_unref(shown.laws);
	return csv;
}

/* Where a row lies, for a row of an answer; to be freed. */
static struct answer_place *places_of(const struct sweep *sweep, guint row) {
	guint axes = sweep->points->axes->len;
	struct answer_place *at = g_new0(struct answer_place, axes + 1);

	for (guint a = 0; a < axes; a++)
		at[a] = (struct answer_place){points_axis(sweep->points, a)->name,
		                              sweep_row(sweep, row)->point->at[a].label};
	return at;
}

static struct answer_row row_of(const struct sweep *sweep, guint row,
                                const struct answer_place *at) {
	const struct sweep_row *r = sweep_row(sweep, row);

	return (struct answer_row){.experiment = r->experiment,
	                           .config = r->config,
	                           .offered = r->offered,
	                           .at = at,
	                           .ci95 = NAN};
}

static void answer_one(const struct sweep *sweep, guint row, const struct shown *shown,
                       struct answer *answer) {
	g_autofree struct answer_place *at = places_of(sweep, row);
	struct answer_row to = row_of(sweep, row, at);
	const char *reason;

	for (guint i = 0; i < shown->columns->len; i++) {
		const struct column *column = shown->columns->pdata[i];
		struct estimate e = sweep_estimate(sweep, row, column, &to.runs);

		to.measure = column->name;
		to.unit = column->unit;
		to.value = e.value;
		to.ci95 = e.ci95;
		answer_add(answer, &to);
	}
	if (sweep_failed(sweep, row, &reason)) {
		g_autofree char *name = sweep_name(sweep, row);
		g_autofree char *why = g_strdup_printf("%s: %s", name, reason);

		answer_failed(answer, why);
	}
}

void sweep_answer(const struct sweep *sweep, struct answer *answer) {
	struct shown shown = shown_of(sweep);

	for (guint row = 0; row < sweep->rows->len; row++)
		answer_one(sweep, row, &shown, answer);
	g_ptr_array_unref(shown.columns);
	g_ptr_array_unref(shown.laws);
}

void sweep_answer_list(const struct sweep *sweep, struct answer *answer) {
	for (guint row = 0; row < sweep->rows->len; row++) {
		g_autofree struct answer_place *at = places_of(sweep, row);
		struct answer_row to = row_of(sweep, row, at);

		to.of = "plan";
		to.measure = "replications";
		to.unit = "1";
		to.value = sweep_row(sweep, row)->runs->len;
		answer_add(answer, &to);
	}
}

/* --- results.csv ---------------------------------------------------------------------------------- */

struct tidy {
	const struct sweep *sweep;
	GHashTable *cells; /* GQuark of a value's name -> "group,measure,unit," */
	guint row, replication;
	bool begun;
};

static const char *cells_of(struct tidy *tidy, GQuark name) {
	gpointer key = GUINT_TO_POINTER(name);
	char *cells = g_hash_table_lookup(tidy->cells, key);
	g_auto(GStrv) parts = cells ? NULL : g_strsplit(g_quark_to_string(name), ".", 2);

	if (!cells) {
		cells = g_strdup_printf("%s,%s,%s,", parts[0], parts[1],
		                        declared_unit(tidy->sweep->sc, parts[0], parts[1]));
		g_hash_table_insert(tidy->cells, key, cells);
	}
	return cells;
}

/* A run that failed has a row at least: sim.failed, how many reasons there are. */
static void put_run(struct tidy *tidy, const struct sweep_row *row, GString *csv) {
	const struct sweep_run *run = row->runs->pdata[tidy->replication];
	const struct record *record = run->record;
	g_autoptr(GString) place = g_string_new(NULL);

	g_string_printf(place, "%s,", run->id);
	put_place(tidy->sweep, row, place);
	g_string_append_printf(place, ",%u,%" G_GUINT64_FORMAT ",%s,", tidy->replication, run->seed,
	                       record->reasons->len ? "yes" : "no");
	for (guint i = 0; i < record->values->len; i++) {
		const struct value *v = &g_array_index(record->values, struct value, i);

		g_string_append_len(csv, place->str, (gssize)place->len);
		g_string_append(csv, cells_of(tidy, v->name));
		results_exact(csv, v->value);
		g_string_append_c(csv, '\n');
	}
	g_string_append_printf(csv, "%ssim,failed,1,%u\n", place->str, record->reasons->len);
}

/* A run at a time. */
static bool more(void *arg, GString *csv) {
	struct tidy *tidy = arg;
	const struct sweep_row *row = sweep_row(tidy->sweep, tidy->row);

	if (!tidy->begun) {
		g_string_append(csv, "run,");
		put_place_names(tidy->sweep, csv);
		g_string_append(csv, ",replication,seed,failed,group,measure,unit,value\n");
		tidy->begun = true;
	}
	if (((const struct sweep_run *)row->runs->pdata[tidy->replication])->record)
		put_run(tidy, row, csv);
	if (++tidy->replication < row->runs->len)
		return true;
	tidy->replication = 0;
	return ++tidy->row < tidy->sweep->rows->len;
}

bool sweep_stage_results(const struct sweep *sweep, struct results *results, GError **error) {
	struct tidy tidy = {.sweep = sweep,
	                    .cells = g_hash_table_new_full(NULL, NULL, NULL, g_free)};
	bool good = results_pour(results, "results.csv", more, &tidy, error);

	g_hash_table_unref(tidy.cells);
	return good;
}
