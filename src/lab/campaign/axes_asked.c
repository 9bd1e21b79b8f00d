/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What shall be varied: words of a command line, and those of a [sweep NAME] group that it does not say. */
#include <string.h>

#include "lab/campaign/axes_parts.h"
#include "lab/kinds/kinds.h"

/* --- the group --------------------------------------------------------------------------------- */

static void no_such(const struct scenario *sc, const char *name, GError **error) {
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *all = NULL;
	const struct group *group;
	const char *near;

	for (unsigned i = 0; (group = scenario_nth(sc, &kind_sweep, i)); i++)
		g_ptr_array_add(names, group->name);
	near = nearest_word(name, (const char *const *)names->pdata, names->len);
	g_ptr_array_add(names, NULL);
	all = g_strjoinv(", ", (char **)names->pdata);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: there is no [sweep %s]%s%s%s; allowed: %s", sc->text->file, name,
	            near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
	            *all ? all : "no name, as the scenario has no such groups");
}

static bool says_what(const struct axes_wanted *line) {
	return line->vary || line->configs || line->experiments;
}

/* The [sweep] group whose words hold, as axes_points() finds it; NULL: none, or *error: there is none of
 * that name. */
static const struct group *axes_group(const struct scenario *sc, const struct axes_wanted *line,
                                      GError **error) {
	const struct group *group = scenario_find(sc, &kind_sweep, line->name);

	if (line->name && !group)
		no_such(sc, line->name, error);
	if (line->name || says_what(line) || scenario_head(sc)->sweep ||
	    scenario_nth(sc, &kind_sweep, 1))
		return group;
	return scenario_nth(sc, &kind_sweep, 0);
}

/* The lines that say something; NULL: none. */
static char **lines_of(const char *text) {
	g_auto(GStrv) all = g_strsplit(text ? text : "", "\n", -1);
	g_autoptr(GStrvBuilder) lines = g_strv_builder_new();
	bool any = false;

	for (unsigned i = 0; all[i]; i++) {
		g_strstrip(all[i]);
		if (!*all[i] || *all[i] == '#')
			continue;
		g_strv_builder_add(lines, all[i]);
		any = true;
	}
	return any ? g_strv_builder_end(lines) : NULL;
}

static void take_group(struct axes_asked *asked, const struct group *group) {
	struct axes_wanted *words = &asked->words;
	char ***place[] = {&words->vary, &words->except, &words->configs, &words->experiments};

	asked->group = group;
	asked->in = g_strdup_printf("%s: [%s] ", group->text->origin, group->text->name);
	asked->of_group[0] = lines_of(group_text(group, "vary"));
	asked->of_group[1] = lines_of(group_text(group, "except"));
	asked->of_group[2] = g_strdupv(group_names(group, "config"));
	asked->of_group[3] = g_strdupv(group_names(group, "experiment"));
	for (size_t i = 0; i < G_N_ELEMENTS(place); i++)
		if (!*place[i])
			*place[i] = asked->of_group[i];
	if (!words->sample)
		words->sample = (unsigned)group_number(group, "sample");
}

/* --- all of it --------------------------------------------------------------------------------- */

/* Several groups, and nobody says which. */
static bool which(const struct scenario *sc, GError **error) {
	g_autoptr(GString) names = g_string_new(NULL);
	const struct group *group;

	for (unsigned i = 0; (group = scenario_nth(sc, &kind_sweep, i)); i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", group->name);
	if (names->len)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: several [sweep] groups, which one?; allowed: one of %s behind the "
		            "file, or --vary",
		            sc->text->file, names->str);
	else
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: [scenario] sweep: missing; allowed: GROUP.KEY=A;B;C there, or --vary",
			sc->text->file);
	return false;
}

bool axes_ask(struct axes_asked *asked, const struct scenario *sc, const struct axes_wanted *line,
              GError **error) {
	g_autoptr(GError) trouble = NULL;
	const struct group *group = axes_group(sc, line, &trouble);

	*asked = (struct axes_asked){.words = *line, .line = line};
	if (trouble) {
		g_propagate_error(error, g_steal_pointer(&trouble));
		return false;
	}
	if (group)
		take_group(asked, group);
	else if (!says_what(line))
		asked->words.vary = scenario_head(sc)->sweep;
	if (says_what(&asked->words))
		return true;
	return group ? group_wrong(group, "vary", error,
	                           "missing; allowed: vary, config or experiment, one of them or "
	                           "more")
	             : which(sc, error);
}

void axes_asked_clear(struct axes_asked *asked) {
	for (size_t i = 0; i < G_N_ELEMENTS(asked->of_group); i++)
		g_strfreev(asked->of_group[i]);
	g_free(asked->in);
}

/* --- messages ---------------------------------------------------------------------------------- */

static bool on_line(const struct axes_wanted *line, const char *word) {
	const struct {
		const char *word;
		bool said;
	} words[] = {
		{"vary", line->vary},      {"except", line->except},
		{"config", line->configs}, {"experiment", line->experiments},
		{"sample", line->sample},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_str_equal(words[i].word, word))
			return words[i].said;
	return false;
}

char *axes_word(const struct axes_asked *asked, const char *word) {
	if (on_line(asked->line, word))
		return g_strconcat("--", word, NULL);
	return asked->in ? g_strconcat(asked->in, word, NULL) : g_strdup("scenario.sweep");
}

bool axes_wrong(const struct axes_asked *asked, const char *word, GError **error,
                const char *format, ...) {
	g_autofree char *what = NULL, *full = axes_word(asked, word);
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_strdelimit(what, "\n", ' '); /* words of a block, in one line */
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: %s", full, what);
	return false;
}
