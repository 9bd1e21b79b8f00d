/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a user want to read when a run is over? */
#include "lab/figures/summary.h"

#include <math.h>
#include <stdio.h>

/* A group's line, while it is printed. */
struct line {
	const struct group *group;
	const struct measures *m;
	bool begun;
};

static void say(struct line *line, const char *measure, const char *suffix, const char *format) {
	g_autofree char *name = g_strconcat(line->group->name, ".", measure, suffix, NULL);
	double value = measures_get(line->m, name);

	if (!format || isnan(value))
		return;
	if (line->begun)
		printf(", ");
	else
		printf("  %-12s %-10s ", line->group->name, line->group->kind->name);
	/* The formats of a kind's measures take one double each. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	printf(format, value);
#pragma GCC diagnostic pop
	line->begun = true;
}

static void print_group(const struct group *group, const struct measures *m) {
	const struct kind *kind = group->kind;
	struct line line = {group, m, false};

	for (int first = 1; first >= 0; first--)
		for (size_t i = 0; i < kind->n_measures; i++) {
			const struct measured *measure = &kind->measures[i];

			if (measure->first != first)
				continue;
			say(&line, measure->name, "", measure->says);
			say(&line, measure->name, "_ci95", measure->says_ci);
		}
	if (line.begun)
		printf("\n");
}

void summary_print(const struct scenario *sc, const struct measures *m) {
	printf("%s: %s\n", sc->text->file,
	       scenario_head(sc)->title ? scenario_head(sc)->title : "");
	printf("  measured over %.6f s of simulated time, %.0f events\n",
	       measures_get(m, "sim.window_s"), measures_get(m, "sim.events"));
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (group->kind->print)
			group->kind->print(group, m);
		else
			print_group(group, m);
	}
}

GString *summary_csv(const struct measures *m) {
	GString *csv = g_string_new("measure,value\n");

	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);
		char number[G_ASCII_DTOSTR_BUF_SIZE];

		g_ascii_formatd(number, sizeof number, "%.9g", measure->value);
		g_string_append_printf(csv, "%s,%s\n", measure->name,
		                       isfinite(measure->value) ? number : "");
	}
	return csv;
}
