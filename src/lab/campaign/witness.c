/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does lmbench say of the simulated machine, and what did it say of the real one? */
#include "lab/campaign/witness.h"

#include <math.h>
#include <string.h>

#include "lab/base/place.h"
#include "lab/campaign/run.h"

const char *const witness_classes[WITNESS_CLASSES] = {
	[WITNESS_FITTED] = "fitted",           [WITNESS_UP_24] = "UP, Linux 2.4",
	[WITNESS_UP] = "UP, Linux 2.5",        [WITNESS_SMP] = "SMP",
	[WITNESS_UNKNOWN] = "not told, which",
};

/* --- which there are -------------------------------------------------------------------------- */

static char *machines_folder(void) { return g_build_filename(place_scenarios(), "machines", NULL); }

static gint by_name(gconstpointer a, gconstpointer b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names without .ini, of the files that the folder has. */
static GPtrArray *names_in(const char *folder, GError **error) {
	GDir *dir = g_dir_open(folder, 0, NULL);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	const char *file;

	while (dir && (file = g_dir_read_name(dir)))
		if (g_str_has_suffix(file, ".ini") && !g_str_equal(file, "p6.ini"))
			g_ptr_array_add(names, g_strndup(file, strlen(file) - strlen(".ini")));
	g_clear_pointer(&dir, g_dir_close);
	g_ptr_array_sort(names, by_name);
	if (names->len)
		return names;
	g_ptr_array_unref(names);
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"witness: '%s' has no machine; allowed: the scenarios that come with the program",
		folder);
	return NULL;
}

static bool in_list(const GPtrArray *names, const char *name, guint *at) {
	return g_ptr_array_find_with_equal_func((GPtrArray *)names, name, g_str_equal, at);
}

/* Those that are wanted, of those that there are. */
static GPtrArray *choose(GPtrArray *there, char **names, GError **error) {
	GPtrArray *chosen = g_ptr_array_new_with_free_func(g_free);

	for (unsigned i = 0; names && names[i]; i++) {
		if (!in_list(there, names[i], NULL)) {
			g_autofree char *all = NULL;

			g_ptr_array_add(there, NULL);
			all = g_strjoinv(", ", (char **)there->pdata);
			g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
			            "witness: unknown machine '%s'; allowed: %s", names[i], all);
			g_ptr_array_unref(chosen);
			return NULL;
		}
		g_ptr_array_add(chosen, g_strdup(names[i]));
	}
	for (guint i = 0; !names && i < there->len; i++)
		g_ptr_array_add(chosen, g_strdup(there->pdata[i]));
	return chosen;
}

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

static GPtrArray *specs_of(const char *folder, const GPtrArray *names, GError **error) {
	GPtrArray *specs = g_ptr_array_new_with_free_func(spec_unref);

	for (guint i = 0; i < names->len; i++) {
		g_autofree char *file = g_strconcat(names->pdata[i], ".ini", NULL);
		g_autofree char *path = g_build_filename(folder, file, NULL);
		struct text *text = text_load(path, error);

		if (!text) {
			g_ptr_array_unref(specs);
			return NULL;
		}
		g_ptr_array_add(specs, run_spec_new(names->pdata[i], text, 1));
		text_free(text);
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
	g_autofree char *folder = machines_folder();
	g_autoptr(GPtrArray) there = names_in(folder, error);
	g_autoptr(GPtrArray) chosen = there ? choose(there, names, error) : NULL;
	g_autoptr(GPtrArray) specs = chosen ? specs_of(folder, chosen, error) : NULL;

	return specs ? run_them(specs, jobs, error) : NULL;
}

struct witness_score witness_score_of(const struct witness *w) {
	struct witness_score score = {.entries = w->entries->len};

	for (guint i = 0; i < w->entries->len; i++) {
		const struct witness_entry *e = &g_array_index(w->entries, struct witness_entry, i);
		double off = fabs(e->simulated / e->real - 1);

		score.within_15 += off <= 0.15;
		score.within_30 += off <= 0.30;
	}
	return score;
}

struct witness_score witness_score(const GPtrArray *witnesses, enum witness_class class) {
	struct witness_score sum = {0};

	for (guint i = 0; i < witnesses->len; i++) {
		const struct witness *w = witnesses->pdata[i];
		struct witness_score score = witness_score_of(w);

		if (class == WITNESS_CLASSES ? w->class == WITNESS_FITTED : w->class != class)
			continue;
		sum.entries += score.entries;
		sum.within_15 += score.within_15;
		sum.within_30 += score.within_30;
	}
	return sum;
}
