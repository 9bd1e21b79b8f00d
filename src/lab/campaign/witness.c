/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does lmbench say of the simulated machine, and what did it say of the real one? */
#include "lab/campaign/witness.h"

#include <math.h>

#include "lab/campaign/run.h"
#include "lab/campaign/witness_files.h"

const char *const witness_classes[WITNESS_CLASSES] = {
	[WITNESS_FITTED] = "fitted",           [WITNESS_UP_24] = "UP, Linux 2.4",
	[WITNESS_UP] = "UP, Linux 2.5",        [WITNESS_SMP] = "SMP",
	[WITNESS_UNKNOWN] = "not told, which",
};

/* --- one of them ------------------------------------------------------------------------------ */

static enum witness_class class_of(const struct group *row) {
	static const enum witness_class classes[] = {WITNESS_UP, WITNESS_SMP, WITNESS_UNKNOWN};
	const char *fitted = group_text(row, "fitted"), *system = group_text(row, "system");
	enum witness_class class = classes[(unsigned)group_number(row, "build")];

	if (fitted && *fitted)
		return WITNESS_FITTED;
	return class == WITNESS_UP && system && g_str_has_prefix(system, "Linux 2.4")
	               ? WITNESS_UP_24
	               : class;
}

static const char *or_none(const char *text) { return text ? text : ""; }

static bool is_among(const struct group *row, const char *key, const char *measure) {
	char **names = group_names(row, key);

	return names && g_strv_contains((const char *const *)names, measure);
}

/* Half of the last digit that the row shows; 0 of one that shows it finely. */
static double rounding(const struct group *row, const char *measure) {
	return is_among(row, "ones", measure)       ? 0.5
	       : is_among(row, "tens", measure)     ? 5
	       : is_among(row, "hundreds", measure) ? 50
	                                            : 0;
}

static void take_row(struct witness *w, const struct group *row, const struct measures *m) {
	for (size_t i = 0; i < row->kind->n_measures; i++) {
		const struct measured *measure = &row->kind->measures[i];
		g_autofree char *full = g_strconcat(row->name, ".", measure->name, NULL);
		struct witness_entry entry = {.measure = measure->name,
		                              .unit = measure->unit,
		                              .simulated = measures_get(m, full)};

		if (!group_has(row, measure->name) || !group_given(row, measure->name))
			continue;
		entry.real = group_number(row, measure->name);
		entry.rounding = rounding(row, measure->name);
		entry.otherwise = is_among(row, "otherwise", measure->name);
		g_array_append_val(w->entries, entry);
	}
}

static struct witness *witness_of(const char *name, const struct text *text,
                                  const struct measures *m, GError **error) {
	struct scenario *sc = scenario_new(text, error);
	const struct group *row = sc ? scenario_nth(sc, &kind_lmbench, 0) : NULL;
	struct witness *w = NULL;

	if (row) {
		w = g_new0(struct witness, 1);
		w->name = g_strdup(name);
		w->title = g_strdup(or_none(scenario_head(sc)->title));
		w->fitted = g_strdup(or_none(group_text(row, "fitted")));
		w->class = class_of(row);
		w->entries = g_array_new(FALSE, FALSE, sizeof(struct witness_entry));
		take_row(w, row, m);
	} else if (sc) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s.ini: there is no group of type lmbench; allowed: one", name);
	}
	g_clear_pointer(&sc, scenario_free);
	return w;
}

static void witness_free(gpointer data) {
	struct witness *w = data;

	g_free(w->name);
	g_free(w->title);
	g_free(w->fitted);
	g_array_unref(w->entries);
	g_free(w);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void spec_unref(gpointer spec) { run_spec_free(spec); }

static GPtrArray *specs_of(const GPtrArray *files) {
	GPtrArray *specs = g_ptr_array_new_with_free_func(spec_unref);

	for (guint i = 0; i < files->len; i++) {
		const struct witness_file *file = files->pdata[i];

		g_ptr_array_add(specs, run_spec_new(file->name, file->text, 1));
	}
	return specs;
}

static GPtrArray *run_them(const GPtrArray *specs, unsigned jobs, GError **error) {
	g_autofree struct measures **m = g_new0(struct measures *, specs->len);
	GPtrArray *witnesses = g_ptr_array_new_with_free_func(witness_free);
	bool good = run_all((struct run_spec *const *)specs->pdata, specs->len, jobs, m, error);

	for (guint i = 0; good && i < specs->len; i++) {
		const struct run_spec *spec = specs->pdata[i];
		struct witness *w = witness_of(spec->name, spec->text, m[i], error);

		if (w)
			g_ptr_array_add(witnesses, w);
		good = w;
	}
	for (guint i = 0; i < specs->len; i++)
		g_clear_pointer(&m[i], measures_free);
	if (!good)
		g_clear_pointer(&witnesses, g_ptr_array_unref);
	return witnesses;
}

GPtrArray *witness_run(char **names, unsigned jobs, GError **error) {
	g_autoptr(GPtrArray) files = witness_files("machines", names, error);
	g_autoptr(GPtrArray) specs = files ? specs_of(files) : NULL;

	return specs ? run_them(specs, jobs, error) : NULL;
}

static void count(struct witness_shares *shares, double simulated, double real) {
	double off = fabs(simulated / real - 1);

	shares->entries++;
	shares->within_15 += off <= 0.15;
	shares->within_30 += off <= 0.30;
}

struct witness_score witness_score_of(const struct witness *w) {
	struct witness_score score = {0};

	for (guint i = 0; i < w->entries->len; i++) {
		const struct witness_entry *e = &g_array_index(w->entries, struct witness_entry, i);
		double nearest = CLAMP(e->simulated, e->real - e->rounding, e->real + e->rounding);

		count(&score.printed, e->simulated, e->real);
		if (!e->otherwise)
			count(&score.measured, e->simulated, nearest);
	}
	return score;
}

static void add(struct witness_shares *sum, const struct witness_shares *one) {
	sum->entries += one->entries;
	sum->within_15 += one->within_15;
	sum->within_30 += one->within_30;
}

struct witness_score witness_score(const GPtrArray *witnesses, enum witness_class class) {
	struct witness_score sum = {0};

	for (guint i = 0; i < witnesses->len; i++) {
		const struct witness *w = witnesses->pdata[i];
		struct witness_score score = witness_score_of(w);

		if (class == WITNESS_CLASSES ? w->class == WITNESS_FITTED : w->class != class)
			continue;
		add(&sum.printed, &score.printed);
		add(&sum.measured, &score.measured);
	}
	return sum;
}
