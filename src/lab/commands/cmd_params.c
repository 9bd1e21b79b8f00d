/* SPDX-License-Identifier: GPL-3.0-or-later */
/* params: what a scenario has in force, and what a scenario may say at all. */
#include <stdio.h>
#include <string.h>

#include "lab/base/error.h"
#include "lab/commands/commands.h"
#include "lab/kinds/kinds.h"
#include "lab/world/total.h"
#include "lab/world/window.h"

/* --- in force --------------------------------------------------------------------------------- */

static void print_parameter(void *arg, const struct parameter *p) {
	g_autofree char *name = g_strdup_printf("%s.%s", p->group, p->key);
	const char *unit = p->value;

	(void)arg;
	/* "10us" is number and unit; a list, a word or a sum is its own. */
	unit += strspn(unit, "-+.0123456789e");
	if (unit == p->value || strpbrk(unit, " ,.0123456789"))
		unit = p->value + strlen(p->value);
	printf("%-34s %-18.*s %-8s %-11s %s\n", name, (int)(unit - p->value), p->value, unit,
	       p->role, p->source);
}

static int print_file(const char *file, bool untrusted) {
	g_autoptr(GError) error = NULL;
	struct text *text = text_load_from(file, untrusted, &error);
	struct scenario *sc = text ? scenario_new(text, &error) : NULL;

	if (text)
		text_free(text);
	if (!sc)
		return lab_error_report(error);
	printf("%-34s %-18s %-8s %-11s %s\n", "parameter", "value", "unit", "role", "source");
	scenario_parameters(sc, print_parameter, NULL);
	scenario_free(sc);
	return EXIT_DONE;
}

/* --- what there is ---------------------------------------------------------------------------- */

static void print_types(void) {
	printf("A scenario is made of groups.  Each has a type: `type = nic` below its [name], or, for the\n"
	       "types marked with a name, [type NAME].  `sopsim params --keys=TYPE` tells the keys of one.\n\n");
	for (const struct kind *const *kind = lab_kinds; *kind; kind++)
		printf("  %-10s %-5s %s\n", (*kind)->name, (*kind)->named ? "NAME" : "",
		       (*kind)->help);
}

static void print_key(const struct key *key, const void *conf) {
	g_autofree char *value = key_get(key, conf), *allowed = key_allowed(key);

	printf("  %-24s %s\n  %-24s %s; default: %s\n", key->name, key->help, "", allowed,
	       *value ? value : "none");
}

static void print_net(const struct net_params *params) {
	const char *name, *unit;
	int64_t value;

	printf("\n  and of its TCP/IP stack, as the preset has them:\n");
	for (size_t i = 0; net_params_get(params, i, &name, &unit, &value); i++) {
		struct key key = {.type = key_net_type(unit), .size = sizeof value};
		g_autofree char *text = key_get(&key, &value);

		printf("  tcp.%-20s %s\n", name, text);
	}
}

/* `type`: in front of the name, with a dot; NULL: not. */
static void print_measure(const char *type, const struct measured *m) {
	g_autofree char *name = type ? g_strconcat(type, ".", m->name, NULL) : g_strdup(m->name);
	g_autofree char *adds = measured_adds(m);

	printf("  %-24s %-6s %s\n  %-24s %-6s several groups: %s", name, m->unit, m->help, "", "",
	       adds);
	if (m->series || m->interval)
		printf("; half its 95 %% confidence interval: %s_ci95", m->name);
	printf("\n");
}

static void print_measures(const struct kind *kind) {
	if (kind->n_measures == 0)
		return;
	printf("\nWhat it measures, with unit and meaning:\n");
	for (size_t i = 0; i < kind->n_measures; i++)
		print_measure(NULL, &kind->measures[i]);
}

static void print_all_measures(void) {
	printf("A run measures of each group (GROUP.NAME in summary.csv and run.json) what its type has, and of\n"
	       "itself sim.NAME.  With unit, meaning, and how several groups of a type become one number:\n\n");
	for (size_t i = 0; i < WINDOW_MEASURES; i++)
		printf("  sim.%-20s %-6s %s\n", window_measured[i].name, window_measured[i].unit,
		       window_measured[i].help);
	for (const struct kind *const *kind = lab_kinds; *kind; kind++)
		for (size_t i = 0; i < (*kind)->n_measures; i++)
			print_measure((*kind)->name, &(*kind)->measures[i]);
}

/* --- what the runs of a scenario measure -------------------------------------------------------- */

/* By the full name that tables have, and the short one of those that have one. */
static void print_full(const char *group, const struct measured *m, const char *column) {
	g_autofree char *full = g_strconcat(group, ".", m->name, NULL);

	printf("%-38s %-6s %s%s%s\n", full, m->unit, m->help, column ? "; for short " : "",
	       column ? column : "");
}

static void print_measures_of(const struct scenario *sc, const struct kind *kind) {
	g_autofree char *all = g_strconcat(TOTAL_PREFIX, kind->name, NULL);
	const struct group *group;

	for (unsigned n = 0; (group = scenario_nth(sc, kind, n)); n++)
		for (size_t i = 0; i < kind->n_measures; i++)
			print_full(group->name, &kind->measures[i], NULL);
	for (size_t i = 0; scenario_nth(sc, kind, 0) && i < kind->n_measures; i++)
		if (kind->measures[i].adds != ADDS_NOT && !strchr(kind->measures[i].name, '*'))
			print_full(all, &kind->measures[i], kind->measures[i].column);
}

static int print_file_measures(const char *file, bool untrusted) {
	g_autoptr(GError) error = NULL;
	struct text *text = text_load_from(file, untrusted, &error);
	struct scenario *sc = text ? scenario_new(text, &error) : NULL;

	if (text)
		text_free(text);
	if (!sc)
		return lab_error_report(error);
	printf("%-38s %-6s %s\n", "measure", "unit", "meaning");
	for (size_t i = 0; i < WINDOW_MEASURES; i++)
		print_full("sim", &window_measured[i], NULL);
	for (const struct kind *const *kind = sc->kinds; *kind; kind++)
		print_measures_of(sc, *kind);
	scenario_free(sc);
	return EXIT_DONE;
}

static int unknown_type(const char *word) {
	const char *near = kind_nearest(lab_kinds, word);

	fprintf(stderr,
	        "sopsim params: --keys: unknown type '%s'%s%s%s; allowed: see sopsim params "
	        "--types\n",
	        word, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	return EXIT_BAD_INPUT;
}

static int print_keys(const char *word) {
	const struct kind *kind = kind_find(lab_kinds, word);
	char *conf;

	if (!kind)
		return unknown_type(word);
	conf = g_malloc0(kind->size);
	if (kind->init)
		kind->init(conf);
	printf("%s: %s\n\n", kind->name, kind->help);
	for (size_t i = 0; i < kind->n_keys; i++) {
		print_key(&kind->keys[i], conf);
		key_clear(&kind->keys[i], conf);
	}
	if (kind->net)
		print_net((const struct net_params *)(void *)(conf + kind->net));
	print_measures(kind);
	g_free(conf);
	return EXIT_DONE;
}

int command_params(int argc, char **argv) {
	gboolean types = FALSE, measures = FALSE, untrusted = FALSE;
	g_autofree char *keys = NULL;
	const GOptionEntry entries[] = {
		{"types", 0, 0, G_OPTION_ARG_NONE, &types,
	         "List the types of groups that scenarios have", NULL},
		{"keys", 0, 0, G_OPTION_ARG_STRING, &keys,
	         "List the keys of a type: meaning, what is allowed, default; and its measures: unit, meaning",
	         "TYPE"},
		{"measures", 0, 0, G_OPTION_ARG_NONE, &measures,
	         "List what runs of FILE, or of every type, measure: unit, meaning", NULL},
		COMMAND_UNTRUSTED(&untrusted),
		G_OPTION_ENTRY_NULL,
	};

	if (!command_options(
		    &argc, &argv, entries, "FILE [--measures] | --types | --keys=TYPE | --measures",
		    "Lists every parameter in force, defaults included: name, value, unit, role "
		    "(assumed, measured, calibrated, default) and source.\n"
		    "Or, for writing a scenario, everything that one may say.\n"
		    "Example: sopsim params --keys=toe",
		    0, 1))
		return EXIT_BAD_INPUT;
	if ((argc - 1) + !!types + !!keys + (measures && argc == 1) != 1) {
		fprintf(stderr,
		        "sopsim params: one of FILE, --types, --keys=TYPE and --measures is needed\n");
		return EXIT_BAD_INPUT;
	}
	if (types)
		print_types();
	else if (measures && argc == 1)
		print_all_measures();
	else if (measures)
		return print_file_measures(argv[1], untrusted);
	else
		return keys ? print_keys(keys) : print_file(argv[1], untrusted);
	return EXIT_DONE;
}
