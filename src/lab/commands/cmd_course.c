/* SPDX-License-Identifier: GPL-3.0-or-later */
/* course: units for students, whose values are their own, and whose answers are checked by runs. */
#include <stdio.h>
#include <string.h>

#include "lab/base/interrupt.h"
#include "lab/commands/commands.h"
#include "lab/commands/course_marks.h"
#include "lab/course/markdown.h"
#include "lab/course/sheet.h"
#include "lab/figures/results.h"
#include "lab/scenario/key.h"

struct options {
	char *student, *out, *folder;
	char **pairs; /* of --answer */
	/* what is behind the word */
	char **rest;
	int n_rest;
};

static bool refused(GError **error, const char *what, const char *allowed) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s; allowed: %s", what, allowed);
	return false;
}

/* --- list ------------------------------------------------------------------------------------- */

static int list(const struct options *o, GError **error) {
	g_autoptr(GPtrArray) units = unit_all(error);

	(void)o;
	for (guint i = 0; units && i < units->len; i++) {
		const struct unit *unit = units->pdata[i];
		g_autofree char *lessons = unit->lessons ? g_strjoinv(", ", unit->lessons) : NULL;

		printf("%s: %s, %u questions\n    %s\n", unit->name, unit->title,
		       unit->questions->len, unit->about);
		if (lessons)
			printf("    lessons: %s\n", lessons);
	}
	return EXIT_DONE;
}

/* --- sheet ------------------------------------------------------------------------------------ */

static GPtrArray *draw_all(const struct unit *unit, const GString *sheet, GError **error) {
	g_autoptr(GPtrArray) commands = sheet_pictures(sheet);
	GPtrArray *drawn = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < commands->len; i++) {
		char *svg = interrupt_check("nothing was written", error)
		                    ? sheet_draw(unit, commands->pdata[i], error)
		                    : NULL;

		if (!svg) {
			g_ptr_array_unref(drawn);
			return NULL;
		}
		g_ptr_array_add(drawn, svg);
	}
	return drawn;
}

/* Files that are called as the sheet is, with a word behind it. */
static bool stage_files(struct results *results, const struct student *student, const char *stem,
                        GError **error) {
	g_autoptr(GHashTable) files = sheet_files(student, error);
	g_autofree char *base = g_path_get_basename(stem),
			*answers = g_strconcat(base, "-answers.ini", NULL),
			*kept = g_strconcat(stem, "-answers.ini", NULL);
	GHashTableIter iter;
	gpointer name, text;
	bool good = files;

	if (good)
		g_hash_table_iter_init(&iter, files);
	while (good && g_hash_table_iter_next(&iter, &name, &text)) {
		g_autofree char *full = g_strdup_printf("%s-%s", base, (char *)name);

		good = results_stage(results, full, text, strlen(text), error);
	}
	/* Answers that are there are the student's work. */
	return good && (g_file_test(kept, G_FILE_TEST_EXISTS) ||
	                results_stage_string(results, answers, sheet_answers(student), error));
}

static bool stage_sheet(struct results *results, const struct student *student,
                        const GString *sheet, const char *out, const char *stem, bool html,
                        GError **error) {
	g_autoptr(GPtrArray) drawn = draw_all(student->unit, sheet, error);
	g_autofree char *base = g_path_get_basename(out), *short_stem = g_path_get_basename(stem);
	bool good = drawn;

	for (guint i = 0; good && !html && i < drawn->len; i++) {
		g_autofree char *name = g_strdup_printf("%s-%u.svg", short_stem, i + 1);
		const char *svg = drawn->pdata[i];

		good = results_stage(results, name, svg, strlen(svg), error);
	}
	return good &&
	       results_stage_string(results, base,
	                            html ? markdown_page(student->unit->title, sheet->str, drawn)
	                                 : sheet_with_files(sheet, stem),
	                            error);
}

static int write_sheet(const struct student *student, const char *out, GError **error) {
	bool html = g_str_has_suffix(out, ".html");
	g_autofree char *stem = g_strndup(out, strlen(out) - strlen(html ? ".html" : ".md")),
			*dir = g_path_get_dirname(out);
	GString *sheet = sheet_text(student, stem, false, error);
	struct results *results = sheet ? results_open("--out", dir, error) : NULL;

	if (results && stage_sheet(results, student, sheet, out, stem, html, error) &&
	    stage_files(results, student, stem, error) && results_commit(results, error))
		printf("%s\n%s-answers.ini\n", out, stem);
	g_clear_pointer(&results, results_close);
	if (sheet)
		g_string_free(sheet, TRUE);
	return EXIT_DONE;
}

/* On a terminal a sheet is read; its files are those that --out would leave. */
static void show_sheet(const struct student *student, GError **error) {
	GString *sheet = sheet_text(student, "unit", true, error),
		*text = sheet ? sheet_with_files(sheet, "unit") : NULL;

	if (!text)
		return;
	fputs(text->str, stdout);
	g_string_free(sheet, TRUE);
	g_string_free(text, TRUE);
}

static int sheet(const struct options *o, GError **error) {
	struct unit *unit = unit_called(o->rest[0], error);
	struct student *student = unit ? student_new(unit, o->student, error) : NULL;

	if (student && !o->out)
		show_sheet(student, error);
	else if (student && (g_str_has_suffix(o->out, ".md") || g_str_has_suffix(o->out, ".html")))
		write_sheet(student, o->out, error);
	else if (student)
		refused(error, "--out: neither .md nor .html",
		        "a file such as unit1.html, beside which its other files are left");
	g_clear_pointer(&student, student_free);
	g_clear_pointer(&unit, unit_free);
	return EXIT_DONE;
}

/* --- check, answers, class -------------------------------------------------------------------- */

static int check(const struct options *o, GError **error) {
	struct unit *unit = unit_called(o->rest[0], error);
	int status = EXIT_DONE;

	if (unit)
		status = course_check(unit, o->student, o->rest[1], o->pairs, error);
	g_clear_pointer(&unit, unit_free);
	return status;
}

static int answers(const struct options *o, GError **error) {
	struct unit *unit = unit_called(o->rest[0], error);

	if (unit)
		course_answers(unit, o->student, error);
	g_clear_pointer(&unit, unit_free);
	return EXIT_DONE;
}

/* Those that are named, or all. */
static GPtrArray *units_of(const struct options *o, GError **error) {
	GPtrArray *units;

	if (o->n_rest == 1)
		return unit_all(error);
	units = g_ptr_array_new_with_free_func((GDestroyNotify)unit_free);
	for (int i = 1; i < o->n_rest; i++) {
		struct unit *unit = unit_called(o->rest[i], error);

		if (!unit) {
			g_ptr_array_unref(units);
			return NULL;
		}
		g_ptr_array_add(units, unit);
	}
	return units;
}

static int class(const struct options *o, GError **error) {
	g_autoptr(GPtrArray) units = units_of(o, error);

	return units ? course_class(units, o->rest[0], o->folder, error) : EXIT_DONE;
}

/* --- the command ------------------------------------------------------------------------------ */

static const struct {
	const char *word, *usage;
	int least, most; /* words behind it */
	bool student;    /* it takes one */
	int (*run)(const struct options *o, GError **error);
} words[] = {
	{"list", "list", 0, 0, false, list},
	{"sheet", "sheet UNIT --student NAME [--out FILE.html]", 1, 1, true, sheet},
	{"check", "check UNIT [FILE] --student NAME [--answer Q=ANSWER]", 1, 2, true, check},
	{"answers", "answers UNIT --student NAME", 1, 1, true, answers},
	{"class", "class FILE [UNIT...] [--folder DIR]", 1, G_MAXINT, false, class},
};

static int refuse_word(const char *word, GError **error) {
	const char *names[G_N_ELEMENTS(words)], *near;

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		names[i] = words[i].word;
	near = nearest_word(word, names, G_N_ELEMENTS(words));
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "course: unknown word '%s'%s%s%s; allowed: list, sheet, check, answers, class",
	            word, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	return EXIT_BAD_INPUT;
}

static int run_word(struct options *o, const char *word, GError **error) {
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		g_autofree char *usage = g_strdup_printf("course %s", words[i].usage);

		if (!g_str_equal(word, words[i].word))
			continue;
		if (o->n_rest < words[i].least || o->n_rest > words[i].most)
			return refused(error, "course: wrong number of arguments", usage);
		if (words[i].student && !o->student)
			return refused(error, "--student: missing", usage);
		return words[i].run(o, error);
	}
	return refuse_word(word, error);
}

#define SUMMARY                                                                                    \
	"A course of units: each has a sheet to read, questions with values of the student's own, "\
	"and answers that runs check.\n\n"                                                        \
	"  list                 which units there are\n"                                           \
	"  sheet UNIT           the sheet of a student; with --out also its pictures and files\n" \
	"  check UNIT [FILE]    which of the answers in FILE, or of --answer, are right\n"        \
	"  answers UNIT         a student's values and the right answers: for teachers\n"         \
	"  class FILE [UNIT...] marks of all students whose names stand in FILE, a line each, "   \
	"as CSV;\n"                                                                                \
	"                       their answers are DIR/NAME/UNIT.ini\n\n"                          \
	"Status 1: an answer is wrong or missing.\n"                                               \
	"Example: sopsim course sheet 1 --student ana --out unit1.html\n"                          \
	"         sopsim course check 1 --student ana unit1-answers.ini"

int command_course(int argc, char **argv) {
	struct options o = {0};
	g_autoptr(GError) error = NULL;
	const GOptionEntry entries[] = {
		{"student", 0, 0, G_OPTION_ARG_STRING, &o.student,
	         "Name or number, from which the values are drawn", "NAME"},
		{"answer", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o.pairs,
	         "check: an answer; again for more", "QUESTION=ANSWER"},
		{"out", 0, 0, G_OPTION_ARG_FILENAME, &o.out,
	         "sheet: write it, and its files beside it", "FILE.md|FILE.html"},
		{"folder", 0, 0, G_OPTION_ARG_FILENAME, &o.folder,
	         "class: where the students' folders are (beside FILE)", "DIR"},
		G_OPTION_ENTRY_NULL,
	};
	int status = EXIT_BAD_INPUT;

	if (command_options(&argc, &argv, entries,
	                    "list | sheet|check|answers UNIT [FILE] | class FILE [OPTION...]",
	                    SUMMARY, 1, G_MAXINT)) {
		o.rest = argv + 2;
		o.n_rest = argc - 2;
		interrupt_take();
		status = run_word(&o, argv[1], &error);
		interrupt_release();
		if (error)
			status = lab_error_report(error);
	}
	g_strfreev(o.pairs);
	g_free(o.student);
	g_free(o.out);
	g_free(o.folder);
	return status;
}
