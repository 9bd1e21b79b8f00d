/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which runs does it take to know a system's numbers, and what do they come to? */
#include "lab/infer/numbers.h"

#include <math.h>

/* --- runs ------------------------------------------------------------------------------------- */

/* The experiment's only load point. */
static bool load_of(const struct scenario *sc, const struct group *number, const char *experiment,
                    unsigned *offered, GError **error) {
	const struct group *group = scenario_find(sc, &kind_experiment, experiment);
	const uint32_t *loads = group_numbers(group, "offered");

	*offered = loads ? loads[0] : 0;
	return !*offered || !loads[1] ||
	       group_wrong(number, "experiment", error,
	                   "'%s' has several load points; allowed: one with one, or none",
	                   experiment);
}

static bool add_run(struct numbers *numbers, const struct scenario *sc, const struct group *group,
                    const char *experiment, const char *config, unsigned *run, GError **error) {
	unsigned offered;

	for (*run = 0; *run < numbers->n_runs; (*run)++)
		if (g_str_equal(numbers->runs[*run].experiment, experiment) &&
		    g_str_equal(numbers->runs[*run].config, config))
			return true;
	if (!load_of(sc, group, experiment, &offered, error))
		return false;
	numbers->runs = g_renew(struct numbers_run, numbers->runs, numbers->n_runs + 1);
	numbers->runs[numbers->n_runs++] = (struct numbers_run){experiment, config, offered, false};
	return true;
}

/* Numbers that are used want their runs. */
static void want_runs(struct numbers *numbers) {
	for (unsigned i = 0; i < numbers->n; i++) {
		const struct number *number = &numbers->list[i];

		if (!number_used(number))
			continue;
		numbers->runs[number->run].used = true;
		if (number->over)
			numbers->runs[number->over_run].used = true;
	}
}

/* --- as the scenario says them ---------------------------------------------------------------- */

static int index_of(const struct scenario *sc, const struct kind *kind, const char *name) {
	const struct group *group;

	for (unsigned i = 0; name && (group = scenario_nth(sc, kind, i)); i++)
		if (g_str_equal(group->name, name))
			return (int)i;
	return -1;
}

static bool take(struct numbers *numbers, const struct scenario *sc, const struct group *group,
                 GError **error) {
	const char *label = group_text(group, "label"), *over = group_text(group, "over");
	struct number number = {
		.name = group->name,
		.label = label ? label : group->name,
		.measure = g_quark_from_string(group_text(group, "measure")),
		.over = over ? g_quark_from_string(over) : 0,
		.times = group_number(group, "times"),
		.less = group_number(group, "less"),
		.minus = index_of(sc, &kind_number, group_text(group, "minus")),
		.paper = group_given(group, "paper") ? group_number(group, "paper") : NAN,
		.within = group_number(group, "within"),
		.tests = index_of(sc, &kind_prior, group_text(group, "tests")),
	};

	if (number.minus >= (int)numbers->n)
		return group_wrong(group, "minus", error,
		                   "stands behind it; allowed: a number that stands before it");
	if (!add_run(numbers, sc, group, group_text(group, "experiment"),
	             group_text(group, "config"), &number.run, error))
		return false;
	if (over && !add_run(numbers, sc, group, group_text(group, "over_experiment"),
	                     group_text(group, "over_config"), &number.over_run, error))
		return false;
	numbers->list = g_renew(struct number, numbers->list, numbers->n + 1);
	numbers->list[numbers->n++] = number;
	return true;
}

struct numbers *numbers_new(const struct scenario *sc, GError **error) {
	struct numbers *numbers = g_new0(struct numbers, 1);
	const struct group *group;
	unsigned used = 0;

	while ((group = scenario_nth(sc, &kind_number, numbers->n))) {
		if (!take(numbers, sc, group, error)) {
			numbers_free(numbers);
			return NULL;
		}
		used += number_used(&numbers->list[numbers->n - 1]);
	}
	want_runs(numbers);
	if (used)
		return numbers;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: no [number NAME] is used; allowed: at least one with paper and within",
	            sc->text->file);
	numbers_free(numbers);
	return NULL;
}

void numbers_free(struct numbers *numbers) {
	g_free(numbers->list);
	g_free(numbers->runs);
	g_free(numbers);
}

void numbers_of(const struct numbers *numbers,
                double (*value)(const void *arg, unsigned run, GQuark measure), const void *arg,
                double *y) {
	for (unsigned i = 0; i < numbers->n; i++) {
		const struct number *number = &numbers->list[i];

		y[i] = number->times * value(arg, number->run, number->measure);
		if (number->over)
			y[i] /= value(arg, number->over_run, number->over);
		y[i] -= number->less;
		if (number->minus >= 0)
			y[i] -= y[number->minus];
	}
}

struct text *numbers_run_text(const struct numbers_run *run, const struct text *text, char **sets,
                              char **drawn, GError **error) {
	struct text *with = text_copy(text), *made = NULL;
	bool good = true;

	for (unsigned i = 0; good && drawn[i]; i++)
		good = text_override_pair(with, drawn[i], "a prior", error);
	if (good)
		made = plan_point_text(with, sets, sets ? g_strv_length(sets) : 0, NULL,
		                       run->experiment, run->config, run->offered, error);
	text_free(with);
	return made;
}
