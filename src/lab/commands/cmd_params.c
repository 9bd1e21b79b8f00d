/* SPDX-License-Identifier: GPL-3.0-or-later */
/* params: what a scenario has in force, and what a scenario may say at all. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/base/error.h"
#include "lab/commands/commands.h"
#include "lab/figures/answer.h"
#include "lab/kinds/parts.h"
#include "lab/world/total.h"
#include "lab/world/window.h"

/* --- in force --------------------------------------------------------------------------------- */

struct shown {
	const struct scenario *sc;
	struct answer *answer; /* NULL: it is printed */
};

/* "10us" is number and unit; a list, a word or a sum is its own. */
static const char *unit_of(const char *value) {
	const char *unit = value + strspn(value, "-+.0123456789e");

	if (unit == value || strpbrk(unit, " ,.0123456789"))
		return value + strlen(value);
	return unit;
}

static const struct group *host_with(const struct scenario *sc, const char *costs) {
	const struct group *host;

	for (unsigned i = 0; (host = scenario_nth(sc, &kind_host, i)); i++)
		if (g_strcmp0(group_text(host, "costs"), costs) == 0)
			return host;
	return NULL;
}

/* What a cost that is no time comes to, on the first host that has it: free with g_free().  NULL: it is a time. */
static char *time_of(const struct scenario *sc, const struct parameter *p) {
	const struct group *cost = scenario_find(sc, &kind_cost, p->group);
	const struct group *host = cost ? host_with(sc, p->group) : NULL;
	const struct key *key = kind_key(&kind_cost, p->key);
	struct terms terms = {.n = 0};
	struct machine machine;
	struct cost_value value;

	if (!host || !key || key->type != VALUE_WORK || !strpbrk(p->value, " @"))
		return NULL;
	machine = host_machine(host);
	value = group_cost(cost, p->key, &machine);
	if (value.each || !value.per_byte)
		terms.term[terms.n++] = (struct term){.amount = (double)value.each};
	if (value.per_byte)
		terms.term[terms.n++] =
			(struct term){.amount = (double)value.per_byte, .per_byte = true};
	return terms_write(&terms);
}

static void answer_parameter(struct answer *answer, const struct parameter *p, const char *time) {
	const char *unit = unit_of(p->value);
	char *end;
	double number = g_ascii_strtod(p->value, &end);
	const struct answer_more more[] = {
		{"key", p->key, 0},     {"text", p->value, 0},    {"role", p->role, 0},
		{"range", p->range, 0}, {"source", p->source, 0}, {time ? "time" : NULL, time, 0},
		{NULL, NULL, 0},
	};

	answer_add(answer, &(struct answer_row){.group = p->group,
	                                        .unit = end != unit ? NULL
	                                                : *unit     ? unit
	                                                            : "1",
	                                        .value = number,
	                                        .ci95 = NAN,
	                                        .more = more});
}

static void print_parameter(void *arg, const struct parameter *p) {
	const struct shown *shown = arg;
	g_autofree char *name = g_strdup_printf("%s.%s", p->group, p->key);
	g_autofree char *range = g_strconcat(p->range, p->outside ? " !" : "", NULL);
	g_autofree char *time = time_of(shown->sc, p);
	const char *value = time ? time : p->value, *unit = unit_of(value);

	if (shown->answer)
		answer_parameter(shown->answer, p, time);
	else
		printf("%-34s %-18.*s %-8s %-11s %-20s %s%s%s\n", name, (int)(unit - value), value,
		       unit, p->role, range, time ? p->value : "", time ? "; " : "", p->source);
}

static void print_parameters(const struct scenario *sc, struct answer *answer) {
	struct shown shown = {sc, answer};

	if (!answer)
		printf("%-34s %-18s %-8s %-11s %-20s %s\n", "parameter", "value", "unit", "role",
		       "range", "source");
	scenario_parameters(sc, print_parameter, &shown);
}

/* --- what there is ---------------------------------------------------------------------------- */

static void answer_of_type(struct answer *answer, const char *of, const struct kind *kind,
                           const struct answer_more *more) {
	answer_add(answer,
	           &(struct answer_row){.of = of, .type = kind->name, .ci95 = NAN, .more = more});
}

static void answer_types(struct answer *answer) {
	for (const struct kind *const *kind = lab_kinds; *kind; kind++) {
		const struct answer_more more[] = {{"named", (*kind)->named ? "yes" : "no", 0},
		                                   {"help", (*kind)->help, 0},
		                                   {NULL, NULL, 0}};

		answer_of_type(answer, "type", *kind, more);
	}
}

static void print_types(void) {
	printf("A scenario is made of groups.  Each has a type: `type = nic` below its [name], or, for the\n"
	       "types marked with a name, [type NAME].  `sopsim params --keys=TYPE` tells the keys of one.\n\n");
	for (const struct kind *const *kind = lab_kinds; *kind; kind++)
		printf("  %-10s %-5s %s\n", (*kind)->name, (*kind)->named ? "NAME" : "",
		       (*kind)->help);
}

static void answer_key(struct answer *answer, const struct kind *kind, const struct key *key,
                       const void *conf) {
	g_autofree char *value = key_get(key, conf), *allowed = key_allowed(key);
	const struct answer_more more[] = {{"key", key->name, 0},
	                                   {"default", value, 0},
	                                   {"allowed", allowed, 0},
	                                   {"help", key->help, 0},
	                                   {NULL, NULL, 0}};

	answer_of_type(answer, "key", kind, more);
}

static void print_key(const struct key *key, const void *conf) {
	g_autofree char *value = key_get(key, conf), *allowed = key_allowed(key);

	printf("  %-24s %s\n  %-24s %s; default: %s\n", key->name, key->help, "", allowed,
	       *value ? value : "none");
}

static void print_net(const struct net_params *params, const struct kind *kind,
                      struct answer *answer) {
	const char *name, *unit;
	int64_t value;

	if (!answer)
		printf("\n  and of its TCP/IP stack, as the preset has them:\n");
	for (size_t i = 0; net_params_get(params, i, &name, &unit, &value); i++) {
		struct key key = {.type = key_net_type(unit), .size = sizeof value};
		g_autofree char *text = key_get(&key, &value);
		g_autofree char *full = g_strconcat("tcp.", name, NULL);
		const struct answer_more more[] = {
			{"key", full, 0}, {"default", text, 0}, {NULL, NULL, 0}};

		if (answer)
			answer_of_type(answer, "key", kind, more);
		else
			printf("  tcp.%-20s %s\n", name, text);
	}
}

/* `group`, `type`: whose it is, NULL: it does not say; `column`: its short name; NULL: it has none. */
static void answer_measure(struct answer *answer, const char *group, const char *type,
                           const struct measured *m, const char *column) {
	g_autofree char *adds = measured_adds(m);
	const struct answer_more more[] = {
		{"unit", m->unit, 0},
		{"help", m->help, 0},
		{"several_groups", adds, 0},
		{"interval", m->series || m->interval ? "yes" : "no", 0},
		{column ? "column" : NULL, column, 0},
		{NULL, NULL, 0},
	};

	answer_add(answer, &(struct answer_row){.of = "measure",
	                                        .group = group,
	                                        .type = type,
	                                        .measure = m->name,
	                                        .ci95 = NAN,
	                                        .more = more});
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

static void print_measures(const struct kind *kind, struct answer *answer) {
	if (kind->n_measures && !answer)
		printf("\nWhat it measures, with unit and meaning:\n");
	for (size_t i = 0; i < kind->n_measures; i++)
		if (answer)
			answer_measure(answer, NULL, kind->name, &kind->measures[i], NULL);
		else
			print_measure(NULL, &kind->measures[i]);
}

static void answer_all_measures(struct answer *answer) {
	for (size_t i = 0; i < WINDOW_MEASURES; i++)
		answer_measure(answer, "sim", NULL, &window_measured[i], NULL);
	for (const struct kind *const *kind = lab_kinds; *kind; kind++)
		print_measures(*kind, answer);
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
static void print_full(struct answer *answer, const char *group, const char *type,
                       const struct measured *m, const char *column) {
	g_autofree char *full = g_strconcat(group, ".", m->name, NULL);

	if (answer)
		answer_measure(answer, group, type, m, column);
	else
		printf("%-38s %-6s %s%s%s\n", full, m->unit, m->help, column ? "; for short " : "",
		       column ? column : "");
}

static void print_measures_of(const struct scenario *sc, const struct kind *kind,
                              struct answer *answer) {
	g_autofree char *all = g_strconcat(TOTAL_PREFIX, kind->name, NULL);
	const struct group *group;

	for (unsigned n = 0; (group = scenario_nth(sc, kind, n)); n++)
		for (size_t i = 0; i < kind->n_measures; i++)
			print_full(answer, group->name, kind->name, &kind->measures[i], NULL);
	for (size_t i = 0; scenario_nth(sc, kind, 0) && i < kind->n_measures; i++)
		if (kind->measures[i].adds != ADDS_NOT && !strchr(kind->measures[i].name, '*'))
			print_full(answer, all, kind->name, &kind->measures[i],
			           kind->measures[i].column);
}

static void print_scenario_measures(const struct scenario *sc, struct answer *answer) {
	if (!answer)
		printf("%-38s %-6s %s\n", "measure", "unit", "meaning");
	for (size_t i = 0; i < WINDOW_MEASURES; i++)
		print_full(answer, "sim", NULL, &window_measured[i], NULL);
	for (const struct kind *const *kind = sc->kinds; *kind; kind++)
		print_measures_of(sc, *kind, answer);
}

/* Of what a file says, by `print`. */
static int print_file(const char *file, bool untrusted, struct answer *answer,
                      void (*print)(const struct scenario *sc, struct answer *answer)) {
	g_autoptr(GError) error = NULL;
	struct text *text = text_load_from(file, untrusted, &error);
	struct scenario *sc = text ? scenario_new(text, &error) : NULL;

	if (text)
		text_free(text);
	if (!sc)
		return lab_error_report(error);
	print(sc, answer);
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

static int print_keys(const char *word, struct answer *answer) {
	const struct kind *kind = kind_find(lab_kinds, word);
	char *conf;

	if (!kind)
		return unknown_type(word);
	conf = g_malloc0(kind->size);
	if (kind->init)
		kind->init(conf);
	if (!answer)
		printf("%s: %s\n\n", kind->name, kind->help);
	for (size_t i = 0; i < kind->n_keys; i++) {
		if (answer)
			answer_key(answer, kind, &kind->keys[i], conf);
		else
			print_key(&kind->keys[i], conf);
		key_clear(&kind->keys[i], conf);
	}
	if (kind->net)
		print_net((const struct net_params *)(void *)(conf + kind->net), kind, answer);
	print_measures(kind, answer);
	g_free(conf);
	return EXIT_DONE;
}

/* What is asked for: one of FILE, with or without --measures, and the others. */
struct params_asked {
	const char *file, *keys;
	bool types, measures, untrusted;
};

static int tell(const struct params_asked *a, struct answer *answer) {
	if (a->file)
		return print_file(a->file, a->untrusted, answer,
		                  a->measures ? print_scenario_measures : print_parameters);
	if (a->keys)
		return print_keys(a->keys, answer);
	if (a->types && answer)
		answer_types(answer);
	else if (a->types)
		print_types();
	else if (answer)
		answer_all_measures(answer);
	else
		print_all_measures();
	return EXIT_DONE;
}

int command_params(int argc, char **argv) {
	gboolean types = FALSE, measures = FALSE, untrusted = FALSE, json = FALSE;
	g_autofree char *keys = NULL;
	const GOptionEntry entries[] = {
		{"types", 0, 0, G_OPTION_ARG_NONE, &types,
	         "List the types of groups that scenarios have", NULL},
		{"keys", 0, 0, G_OPTION_ARG_STRING, &keys,
	         "List the keys of a type: meaning, what is allowed, default; and its measures: unit, meaning",
	         "TYPE"},
		{"measures", 0, 0, G_OPTION_ARG_NONE, &measures,
	         "List what runs of FILE, or of every type, measure: unit, meaning", NULL},
		COMMAND_JSON(&json),
		COMMAND_UNTRUSTED(&untrusted),
		G_OPTION_ENTRY_NULL,
	};
	struct params_asked asked;
	struct answer *answer;
	int status;

	if (!command_options(
		    &argc, &argv, entries, "FILE [--measures] | --types | --keys=TYPE | --measures",
		    "Lists every parameter in force, defaults included: name, value, unit, role "
		    "(assumed, measured, calibrated, default), range (! behind it: the value lies outside) and "
		    "source.\n"
		    "Or, for writing a scenario, everything that one may say.\n"
		    "Example: sopsim params --keys=toe",
		    0, 1))
		return EXIT_BAD_INPUT;
	if ((argc - 1) + !!types + !!keys + (measures && argc == 1) != 1) {
		fprintf(stderr,
		        "sopsim params: one of FILE, --types, --keys=TYPE and --measures is needed\n");
		return EXIT_BAD_INPUT;
	}
	asked = (struct params_asked){argc > 1 ? argv[1] : NULL, keys, types, measures, untrusted};
	answer = json ? answer_new("params", asked.file, ANSWER_NO_SEED) : NULL;
	status = tell(&asked, answer);
	answer_end(answer, status == EXIT_DONE);
	return status;
}
