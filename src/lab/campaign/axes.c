/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/campaign/axes.h"

#include <string.h>

#include "lab/kinds/kinds.h"

/* An axis with all its values. */
struct line {
	char *name; /* GROUP.KEY */
	char **values;
};

static void line_clear(gpointer data) {
	struct line *line = data;

	g_free(line->name);
	g_strfreev(line->values);
}

static bool add_line(GArray *lines, const char *text, const char *separator, GError **error) {
	const char *equals = strchr(text, '=');
	struct line line;

	if (!equals || equals == text || !equals[1]) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--vary: '%s' varies nothing; allowed: GROUP.KEY=A,B,C, such as "
		            "pci0.latency=100ns,1us",
		            text);
		return false;
	}
	line.name = g_strstrip(g_strndup(text, (gsize)(equals - text)));
	for (guint i = 0; i < lines->len; i++)
		if (g_str_equal(g_array_index(lines, struct line, i).name, line.name)) {
			g_set_error(
				error, LAB_ERROR, LAB_ERROR_INPUT,
				"--vary: '%s' is varied twice; allowed: all its values in one list",
				line.name);
			g_free(line.name);
			return false;
		}
	line.values = g_strsplit(equals + 1, separator, -1);
	for (unsigned i = 0; line.values[i]; i++)
		g_strstrip(line.values[i]);
	g_array_append_val(lines, line);
	return true;
}

static bool add_lines(GArray *lines, const struct scenario *sc, char **vary, GError **error) {
	char **own = vary ? vary : scenario_head(sc)->sweep;

	if (!own)
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: [scenario] sweep: missing; allowed: GROUP.KEY=A;B;C there, or --vary",
			sc->text->file);
	for (unsigned i = 0; own && own[i]; i++)
		if (!add_line(lines, own[i], vary ? "," : ";", error))
			return false;
	return own;
}

/* --- combinations ----------------------------------------------------------------------------- */

static void add_point(struct points *points, const GArray *lines, guint number) {
	g_autofree const char **labels = g_new0(const char *, lines->len + 1);
	g_auto(GStrv) settings = g_new0(char *, lines->len + 1);

	for (guint a = lines->len; a-- > 0;) {
		const struct line *line = &g_array_index(lines, struct line, a);
		guint n = g_strv_length(line->values);

		labels[a] = line->values[number % n];
		settings[a] = g_strdup_printf("%s=%s", line->name, labels[a]);
		number /= n;
	}
	points_add(points, labels, (const char *const *)settings);
}

static struct points *combine(const GArray *lines, const char *origin, GError **error) {
	struct points *points = points_new(origin);
	guint64 combinations = 1;

	for (guint a = 0; a < lines->len && combinations <= POINTS_MAX; a++) {
		const struct line *line = &g_array_index(lines, struct line, a);

		combinations *= g_strv_length(line->values);
		points_add_axis(points, line->name);
	}
	if (combinations > POINTS_MAX) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--vary: the values make more than %d runs; allowed: as many",
		            POINTS_MAX);
		points_free(points);
		return NULL;
	}
	for (guint i = 0; i < combinations; i++)
		add_point(points, lines, i);
	return points;
}

struct points *axes_points(const struct text *text, const struct axes_wanted *wanted,
                           GError **error) {
	struct scenario *sc = scenario_new(text, error);
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct line));
	struct points *points = NULL;

	g_array_set_clear_func(lines, line_clear);
	if (sc && add_lines(lines, sc, wanted->vary, error))
		points = combine(lines, wanted->vary ? "--vary" : "scenario.sweep", error);
	if (points)
		points_measure(points, sc);
	g_array_unref(lines);
	g_clear_pointer(&sc, scenario_free);
	return points;
}
