/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Did the run hold, and if not, why? */
#include "lab/world/verdict.h"

#include <math.h>
#include <stdio.h>

/* --- for kinds -------------------------------------------------------------------------------- */

static double measure_of(const struct look *look, const char *name) {
	g_autofree char *full = g_strconcat(look->group->name, ".", name, NULL);

	return measures_get(look->m, full);
}

double look_at(const struct look *look, const char *name) {
	double value = measure_of(look, name);

	return isnan(value) ? 0 : value;
}

bool look_has(const struct look *look, const char *name) { return !isnan(measure_of(look, name)); }

void look_blame(const struct look *look, const char *format, ...) {
	g_autofree char *why = NULL;
	va_list args;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(look->reasons, g_strdup_printf("[%s] %s", look->group->text->name, why));
}

/* --- the run ---------------------------------------------------------------------------------- */

/* Programs that end by themselves, and had not: which key ended the run. */
static void judge_end(const struct scenario *sc, const struct measures *m, GPtrArray *reasons) {
	const struct scenario_head *head = scenario_head(sc);
	double unfinished = measures_get(m, "sim.unfinished");
	g_autofree char *length = quantity_format(
		VALUE_TIME, (double)(head->duration ? head->duration : head->limit));

	if (unfinished > 0)
		g_ptr_array_add(
			reasons,
			g_strdup_printf(
				"the run was cut by scenario.%s = %s: %.0f program%s had not ended",
				head->duration ? "duration" : "limit", length, unfinished,
				unfinished == 1 ? "" : "s"));
}

GPtrArray *verdict_reasons(const struct scenario *sc, const struct measures *m) {
	GPtrArray *reasons = g_ptr_array_new_with_free_func(g_free);
	struct look look = {.m = m, .reasons = reasons};

	judge_end(sc, m, reasons);
	for (const struct kind *const *kind = sc->kinds; *kind; kind++)
		for (unsigned i = 0; (*kind)->judge && (look.group = scenario_nth(sc, *kind, i));
		     i++)
			(*kind)->judge(&look);
	return reasons;
}

/* What a series whose interval is told says against itself: NAME and its suffix; NAN: nothing. */
static double said_of(const struct group *group, const struct measured *measure, const char *suffix,
                      const struct measures *m) {
	g_autofree char *full = g_strconcat(group->name, ".", measure->name, suffix, NULL);

	return measure->series && measure->interval ? measures_get(m, full) : NAN;
}

/* The first measure that such a doubt is about: *value, and GROUP.NAME, to be freed; NULL: there is none. */
static char *first_doubt(const struct scenario *sc, const struct measures *m, const char *suffix,
                         double *value) {
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		for (size_t k = 0; k < group->kind->n_measures; k++) {
			*value = said_of(group, &group->kind->measures[k], suffix, m);
			if (!isnan(*value))
				return g_strconcat(group->name, ".", group->kind->measures[k].name,
				                   NULL);
		}
	}
	return NULL;
}

char *verdict_doubt(const struct scenario *sc, const struct measures *m) {
	double value, ends = measures_get(m, "sim.time_s") - measures_get(m, "sim.window_s");
	g_autofree char *name = first_doubt(sc, m, "_unsettled_s", &value);

	if (name)
		return g_strdup_printf(
			"the warm-up is too short: %s had not settled in the first %.3g s of the "
			"window; allowed: scenario.warmup = %.3gs or longer",
			name, value, ends + value);
	name = first_doubt(sc, m, "_dependent", &value);
	if (name)
		return g_strdup_printf(
			"the interval of %s is not to be trusted: each part of the window is like "
			"the one before it; allowed: a longer scenario.duration",
			name);
	return NULL;
}

unsigned verdict_print(const char *run, const struct scenario *sc, const struct measures *m) {
	g_autoptr(GPtrArray) reasons = verdict_reasons(sc, m);
	g_autofree char *doubt = verdict_doubt(sc, m);

	if (doubt)
		fprintf(stderr, "%s: %s%swarning: %s\n", g_get_prgname(), run ? run : "",
		        run ? ": " : "", doubt);
	for (guint i = 0; i < reasons->len; i++)
		fprintf(stderr, "%s: %s%s%s\n", g_get_prgname(), run ? run : "", run ? ": " : "",
		        (char *)reasons->pdata[i]);
	return reasons->len;
}
