/* SPDX-License-Identifier: GPL-3.0-or-later */
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

unsigned verdict_print(const char *run, const struct scenario *sc, const struct measures *m) {
	g_autoptr(GPtrArray) reasons = verdict_reasons(sc, m);

	for (guint i = 0; i < reasons->len; i++)
		fprintf(stderr, "%s: %s%s%s\n", g_get_prgname(), run ? run : "", run ? ": " : "",
		        (char *)reasons->pdata[i]);
	return reasons->len;
}
