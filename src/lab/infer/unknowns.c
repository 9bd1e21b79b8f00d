/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a system that is drawn from the priors set? */
#include "lab/infer/unknowns.h"

#include <math.h>
#include <string.h>

/* A value that is drawn has so many digits: what is run can be written down. */
#define DIGITS "%.6g"

double unknown_value(const struct unknown *u, double x) {
	double value;

	if (u->law == UNKNOWN_WORDS)
		return unknown_word(u, x);
	value = u->law == UNKNOWN_LOG ? u->low * pow(u->high / u->low, x)
	                              : u->low + (u->high - u->low) * x;
	return u->whole ? round(value) : value;
}

unsigned unknown_word(const struct unknown *u, double x) {
	return MIN((unsigned)(x * u->n_words), u->n_words - 1);
}

double unknown_at(const struct unknown *u, double value) {
	if (u->law == UNKNOWN_WORDS)
		return (value + 0.5) / u->n_words;
	return u->law == UNKNOWN_LOG ? log(value / u->low) / log(u->high / u->low)
	                             : (value - u->low) / (u->high - u->low);
}

char *unknown_text(const struct unknown *u, double x) {
	return u->law == UNKNOWN_WORDS ? g_strdup(u->words[unknown_word(u, x)])
	                               : g_strdup_printf(DIGITS, unknown_value(u, x));
}

/* "hardware 6": the name, and *end. */
static char *part_of(const char *text, double *end) {
	const char *space = strrchr(text, ' ');

	*end = space ? g_ascii_strtod(space, NULL) : 0;
	return g_strndup(text, space ? (gsize)(space - text) : strlen(text));
}

char *unknown_kind(const struct unknown *u, double value) {
	for (unsigned i = 0; u->kinds && u->kinds[i]; i++) {
		double end;
		char *name = part_of(u->kinds[i], &end);

		if (value <= end || !u->kinds[i + 1])
			return name;
		g_free(name);
	}
	return NULL;
}

/* --- what it sets ----------------------------------------------------------------------------- */

/* The template with each {2.5} as that times the number; of a word, {} is the word itself. */
static char *filled(const struct unknown *u, double x, const char *template) {
	GString *text = g_string_new(NULL);

	for (const char *at = template, *open; *at; at = open) {
		open = strchr(at, '{');
		g_string_append_len(text, at, open ? open - at : (gssize)strlen(at));
		if (!open)
			break;
		const char *end = strchr(open, '}');
		double times = end > open + 1 ? g_ascii_strtod(open + 1, NULL) : 1;

		if (u->law == UNKNOWN_WORDS)
			g_string_append(text, u->words[unknown_word(u, x)]);
		else
			g_string_append_printf(text, DIGITS, times * unknown_value(u, x));
		open = end + 1;
	}
	return g_string_free(text, FALSE);
}

/* The word in front of a setting that is of one word only; NULL: it is of all. */
static const char *word_before(const struct unknown *u, const char *setting, unsigned *word) {
	for (unsigned i = 0; i < u->n_words; i++) {
		size_t length = strlen(u->words[i]);

		*word = i;
		if (strncmp(setting, u->words[i], length) == 0 && setting[length] == ':')
			return setting + length + 1;
	}
	return NULL;
}

static void add_settings(GStrvBuilder *all, const struct unknown *u, double x) {
	g_auto(GStrv) parts = g_strsplit(u->set, ";", -1);

	for (unsigned i = 0; parts[i]; i++) {
		const char *setting = g_strstrip(parts[i]), *rest;
		unsigned word = 0;
		g_autofree char *text = NULL;

		rest = word_before(u, setting, &word);
		if (rest && word != unknown_word(u, x))
			continue;
		text = filled(u, x, rest ? rest : setting);
		g_strv_builder_add(all, g_strstrip(text));
	}
}

char **unknowns_settings(const struct unknowns *unknowns, const double *x) {
	GStrvBuilder *all = g_strv_builder_new();
	char **settings;

	for (unsigned i = 0; i < unknowns->n; i++)
		add_settings(all, &unknowns->list[i], x[i]);
	settings = g_strv_builder_end(all);
	g_strv_builder_unref(all);
	return settings;
}

/* --- as the scenario says them ---------------------------------------------------------------- */

static struct unknown unknown_of(const struct group *group) {
	const char *label = group_text(group, "label");
	struct unknown u = {
		.name = group->name,
		.label = label ? label : group->name,
		.law = (enum unknown_law)group_number(group, "law"),
		.low = group_number(group, "low"),
		.high = group_number(group, "high"),
		.step = group_number(group, "step"),
		.whole = group_flag(group, "whole"),
		.words = group_names(group, "words"),
		.set = group_text(group, "set"),
		.kinds = group_names(group, "kinds"),
	};

	u.n_words = u.law == UNKNOWN_WORDS ? g_strv_length(u.words) : 0;
	return u;
}

static bool is_whole(const struct unknown *u, const struct group *group, GError **error) {
	unsigned depth = 0;

	for (const char *c = u->set; *c; c++) {
		depth += *c == '{';
		if (*c == '}' && depth-- != 1)
			break;
		if (depth > 1)
			break;
	}
	return (depth == 0 && strchr(u->set, '=')) ||
	       group_wrong(group, "set", error,
	                   "'%s' is no setting; allowed: GROUP.KEY=VALUE with {} or {2.5} for what "
	                   "is drawn",
	                   u->set);
}

struct unknowns *unknowns_new(const struct scenario *sc, GError **error) {
	struct unknowns *unknowns = g_new0(struct unknowns, 1);
	const struct group *group;

	while ((group = scenario_nth(sc, &kind_prior, unknowns->n))) {
		unknowns->list = g_renew(struct unknown, unknowns->list, unknowns->n + 1);
		unknowns->list[unknowns->n] = unknown_of(group);
		if (!is_whole(&unknowns->list[unknowns->n++], group, error)) {
			unknowns_free(unknowns);
			return NULL;
		}
	}
	if (unknowns->n)
		return unknowns;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: no group is of type prior; allowed: a [prior NAME] for each unknown",
	            sc->text->file);
	unknowns_free(unknowns);
	return NULL;
}

void unknowns_free(struct unknowns *unknowns) {
	g_free(unknowns->list);
	g_free(unknowns);
}
