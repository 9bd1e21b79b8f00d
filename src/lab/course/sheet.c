/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a student read, with which values in it? */
#include "lab/course/sheet.h"

#include <string.h>

#include "lab/base/place.h"

#define PICTURE "](sopsim "

/* Whether the program lies in a clone, where commands are typed as ./sopsim beside the scenarios. */
static bool in_clone(void) {
	g_autofree char *root = g_path_get_dirname(place_scenarios()),
			*launcher = g_build_filename(root, "sopsim", NULL);

	return g_file_test(launcher, G_FILE_TEST_IS_EXECUTABLE);
}

/* Appends a line as it is typed where the program is installed: "sopsim", and the scenarios by their paths. */
static void put_installed(GString *out, const char *line) {
	g_autofree char *place = g_strconcat(place_scenarios(), "/", NULL);
	GString *typed = g_string_new(line);

	/* The pictures' commands run among copies. */
	if (!g_str_has_prefix(line, "![")) {
		g_string_replace(typed, "./sopsim", "sopsim", 0);
		for (const char *sign = " `'"; *sign; sign++) {
			g_autofree char *from = g_strdup_printf("%cscenarios/", *sign),
					*to = g_strdup_printf("%c%s", *sign, place);

			g_string_replace(typed, from, to, 0);
		}
	}
	g_string_append_printf(out, "%s\n", typed->str);
	g_string_free(typed, TRUE);
}

/* How the unit's folder is typed: as it stands in a clone, or where it is. */
static char *typed_folder(const struct unit *unit) {
	g_autofree char *course = place_scenario("course"),
			*above = g_path_get_dirname(unit->folder);

	return g_str_equal(above, course) ? g_strconcat("scenarios/course/", unit->name, NULL)
	                                  : g_strdup(unit->folder);
}

/* "3" of "3-where-a-microsecond-goes", else all of it. */
static char *short_name(const struct unit *unit) {
	size_t digits = strspn(unit->name, "0123456789");

	return digits ? g_strndup(unit->name, digits) : typed_folder(unit);
}

static void put_question(GString *out, const struct unit_question *q, const char *ask) {
	g_string_append_printf(out, "**%s.** %s ", q->name, ask);
	if (q->file) {
		g_string_append(out, "*(the name of your file)*\n");
	} else if (q->choices) {
		g_autofree char *all = g_strjoinv(", ", q->choices);

		g_string_append_printf(out, "*(one of: %s)*\n", all);
	} else {
		g_string_append_printf(out, "*(%s%s", q->unit ? "in " : "a number",
		                       q->unit ? q->unit : "");
		if (q->within > 0)
			g_string_append_printf(out, ", to %.3g %%", 100 * q->within);
		else if (q->off > 0)
			g_string_append_printf(out, ", to %.3g", q->off);
		g_string_append(out, ")*\n");
	}
}

/* A line "?q1" becomes the question. */
static bool put_line(const struct student *student, GString *out, const char *line,
                     GHashTable *asked, GError **error) {
	const struct unit_question *q =
		*line == '?' ? unit_question_called(student->unit, line + 1) : NULL;
	g_autofree char *ask = NULL;

	if (!q) {
		g_string_append_printf(out, "%s\n", line);
		return true;
	}
	ask = student_fill(student, q->ask, NULL, "unit.ini", error);
	if (ask)
		put_question(out, q, ask);
	g_hash_table_add(asked, (gpointer)q);
	return ask;
}

static bool put_lines(const struct student *student, GString *out, const char *filled,
                      GError **error) {
	g_auto(GStrv) lines = g_strsplit(filled, "\n", -1);
	g_autoptr(GHashTable) asked = g_hash_table_new(NULL, NULL);
	const struct unit *unit = student->unit;

	for (unsigned i = 0; lines[i]; i++)
		if ((lines[i + 1] || *lines[i]) && !put_line(student, out, lines[i], asked, error))
			return false;
	for (guint i = 0; i < unit->questions->len; i++) {
		const struct unit_question *q = unit->questions->pdata[i];
		g_autofree char *group = g_strconcat("question ", q->name, NULL);

		if (!g_hash_table_contains(asked, q))
			return unit_wrong(unit, group, NULL, error,
			                  "sheet.md does not ask it; allowed: a line ?%s there",
			                  q->name);
	}
	return true;
}

static void put_end(GString *out, const struct student *student, const char *stem,
                    const char *number) {
	g_autofree char *name = g_shell_quote(student->name);

	g_string_append_printf(
		out,
		"\n## Handing in\n\nWrite each answer behind its name in `%s-answers.ini`, and ask "
		"whether they are right as often as you like:\n\n"
		"    ./sopsim course check %s --student %s %s-answers.ini\n",
		stem, number, name, stem);
}

static GString *as_installed(GString *sheet) {
	g_auto(GStrv) lines = g_strsplit(sheet->str, "\n", -1);
	GString *out = g_string_new(NULL);

	for (unsigned i = 0; lines[i]; i++)
		if (lines[i + 1] || *lines[i])
			put_installed(out, lines[i]);
	g_string_free(sheet, TRUE);
	return out;
}

GString *sheet_text(const struct student *student, const char *stem, bool alone, GError **error) {
	const struct unit *unit = student->unit;
	g_autoptr(GHashTable) more = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *folder = typed_folder(unit), *number = short_name(unit), *filled = NULL;
	GString *out = g_string_new(NULL);

	g_hash_table_insert(more, (gpointer) "stem", (gpointer)stem);
	g_hash_table_insert(more, (gpointer) "folder", folder);
	filled = student_fill(student, unit->sheet, more, "sheet.md", error);
	g_string_append_printf(
		out,
		"# Unit %s: %s\n\n*For %s. The values on this sheet are yours: your neighbour has others, "
		"and other answers. Commands are typed where `./sopsim` works; files that are called "
		"`%s-...` %s.*\n\n",
		number, unit->title, student->name, stem,
		alone ? "are left by `--out unit.html`" : "came with this sheet");
	if (filled && put_lines(student, out, filled, error)) {
		put_end(out, student, stem, number);
		return in_clone() ? out : as_installed(out);
	}
	g_string_free(out, TRUE);
	return NULL;
}

GString *sheet_answers(const struct student *student) {
	GString *out = g_string_new(NULL);
	const struct unit *unit = student->unit;

	g_string_printf(out, "# %s, unit %s.  A line without an answer is none yet.\n[answers]\n",
	                student->name, unit->name);
	for (guint i = 0; i < unit->questions->len; i++) {
		const struct unit_question *q = unit->questions->pdata[i];

		g_string_append_printf(out, "%s =\n", q->name);
	}
	return out;
}

GHashTable *sheet_files(const struct student *student, GError **error) {
	const struct unit *unit = student->unit;
	g_autoptr(GHashTable) files =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	for (unsigned i = 0; unit->files && unit->files[i]; i++) {
		g_autofree char *text = unit_file_text(unit, unit->files[i], error);
		char *filled =
			text ? student_fill(student, text, NULL, unit->files[i], error) : NULL;

		if (!filled)
			return NULL;
		g_hash_table_insert(files, unit_file_given(unit->files[i]), filled);
	}
	return g_steal_pointer(&files);
}

GPtrArray *sheet_pictures(const GString *sheet) {
	GPtrArray *commands = g_ptr_array_new_with_free_func(g_free);

	for (const char *at = sheet->str; (at = strstr(at, PICTURE));) {
		at += strlen(PICTURE);
		g_ptr_array_add(commands, g_strndup(at, strcspn(at, ")\n")));
	}
	return commands;
}

GString *sheet_with_files(const GString *sheet, const char *stem) {
	GString *out = g_string_new(NULL);
	g_autofree char *base = g_path_get_basename(stem);
	const char *at = sheet->str, *begin;

	for (unsigned n = 1; (begin = strstr(at, PICTURE)); n++) {
		g_string_append_len(out, at, begin - at);
		g_string_append_printf(out, "](%s-%u.svg", base, n);
		at = begin + strlen(PICTURE);
		at += strcspn(at, ")\n");
	}
	g_string_append(out, at);
	return out;
}
