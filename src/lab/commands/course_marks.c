/* SPDX-License-Identifier: GPL-3.0-or-later */
/* course check, answers, class: the runs are asked, and what comes of it is printed. */
#include "lab/commands/course_marks.h"

#include <stdio.h>
#include <string.h>

#include "lab/base/input.h"
#include "lab/figures/results.h"

#define LIST_MOST (1 << 20)

/* --- check ------------------------------------------------------------------------------------ */

static struct answers *take_answers(const struct unit *unit, const char *file, char **pairs,
                                    GError **error) {
	struct answers *answers = file ? answers_read(unit, file, error) : answers_new();

	for (unsigned i = 0; answers && pairs && pairs[i]; i++)
		if (!answers_take(answers, unit, pairs[i], error))
			g_clear_pointer(&answers, answers_free);
	return answers;
}

static void put_mark(GString *out, const struct unit_question *question, enum mark mark,
                     const char *says) {
	g_string_append_printf(out, "  %-5s %s%s\n", question->name,
	                       mark == MARK_RIGHT  ? "right"
	                       : mark == MARK_NONE ? "no answer"
	                                           : "wrong: ",
	                       says ? says : "");
}

/* How many are right, a line for each in `out`; -1 and *error. */
static int mark_all(struct truth *truth, const struct unit *unit, const struct answers *answers,
                    GString *out, GError **error) {
	int right = 0;

	for (guint i = 0; i < unit->questions->len; i++) {
		const struct unit_question *question = unit->questions->pdata[i];
		g_autofree char *says = NULL;
		enum mark mark;

		if (!mark_answer(truth, question, answers, &mark, &says, error))
			return -1;
		put_mark(out, question, mark, says);
		right += mark == MARK_RIGHT;
	}
	return right;
}

int course_check(const struct unit *unit, const char *student, const char *file, char **pairs,
                 GError **error) {
	struct answers *answers = take_answers(unit, file, pairs, error);
	struct student *who = answers ? student_new(unit, student, error) : NULL;
	struct truth *truth = who ? truth_new(who, error) : NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	int right = truth ? mark_all(truth, unit, answers, out, error) : -1,
	    asked = (int)unit->questions->len;

	if (right >= 0)
		printf("%s, %s: %s\n%s%d of %d right\n", unit->name, unit->title, who->name,
		       out->str, right, asked);
	g_clear_pointer(&truth, truth_free);
	g_clear_pointer(&who, student_free);
	g_clear_pointer(&answers, answers_free);
	return right == asked ? EXIT_DONE : EXIT_CHECK_FAILED;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void put_values(GString *out, const struct student *student) {
	for (guint i = 0; i < student->unit->values->len; i++) {
		const struct unit_value *value = student->unit->values->pdata[i];

		g_string_append_printf(
			out, "  %-12s %s\n", value->name,
			(const char *)g_hash_table_lookup(student->values, value->name));
	}
	g_string_append(out, "\n");
}

/* A question that asks for a file: is its solution right, and what is wrong wrong, with these values? */
static char *show_file(struct truth *truth, const struct unit *unit,
                       const struct unit_question *question, GError **error) {
	g_autofree char *group = g_strconcat("question ", question->name, NULL), *why = NULL,
			*of_wrong = NULL;

	if (!truth_judge_own(truth, question, question->solution, &why, error) ||
	    (question->wrong &&
	     !truth_judge_own(truth, question, question->wrong, &of_wrong, error)))
		return NULL;
	if (why) {
		unit_wrong(unit, group, "solution", error, "%s; allowed: one that is right", why);
		return NULL;
	}
	if (question->wrong && !of_wrong) {
		unit_wrong(unit, group, "wrong", error, "it is right; allowed: one that is not");
		return NULL;
	}
	return unit_file(unit, question->solution);
}

static bool put_answer(GString *out, struct truth *truth, const struct student *student,
                       const struct unit_question *question, GError **error) {
	g_autofree char *because = student_fill(student, question->because ? question->because : "",
	                                        NULL, "unit.ini", error);
	g_autofree char *shown = NULL;
	const char *word = NULL;
	double number;

	if (!because)
		return false;
	if (question->file) {
		shown = show_file(truth, student->unit, question, error);
	} else {
		if (!truth_answer(truth, question, &number, &word, error))
			return false;
		shown = word ? g_strdup(word) : mark_shown(question, number);
	}
	if (!shown)
		return false;
	g_string_append_printf(out, "  %-5s %s\n", question->name, shown);
	if (*because)
		g_string_append_printf(out, "        %s\n", because);
	return true;
}

int course_answers(const struct unit *unit, const char *student, GError **error) {
	struct student *who = student_new(unit, student, error);
	struct truth *truth = who ? truth_new(who, error) : NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	bool good = truth;

	if (good)
		put_values(out, who);
	for (guint i = 0; good && i < unit->questions->len; i++)
		good = put_answer(out, truth, who, unit->questions->pdata[i], error);
	if (good)
		printf("%s, %s: %s\n%s", unit->name, unit->title, who->name, out->str);
	g_clear_pointer(&truth, truth_free);
	g_clear_pointer(&who, student_free);
	return EXIT_DONE;
}

/* --- class ------------------------------------------------------------------------------------ */

/* How many answers of a file are right; -1: there is no file.  What cannot be read is a warning and counts
 * nothing. */
static int mark_file(const struct unit *unit, const char *student, const char *path) {
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) lines = g_string_new(NULL);
	struct answers *answers = NULL;
	struct student *who = NULL;
	struct truth *truth = NULL;
	int right = -1;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return -1;
	if ((answers = answers_read(unit, path, &error)) &&
	    (who = student_new(unit, student, &error)) && (truth = truth_new(who, &error)))
		right = mark_all(truth, unit, answers, lines, &error);
	if (error)
		fprintf(stderr, "%s: warning: %s: %s\n", g_get_prgname(), student, error->message);
	g_clear_pointer(&truth, truth_free);
	g_clear_pointer(&who, student_free);
	g_clear_pointer(&answers, answers_free);
	return MAX(right, 0);
}

static void print_head(const GPtrArray *units) {
	printf("student");
	for (guint i = 0; i < units->len; i++)
		printf(",%s", ((const struct unit *)units->pdata[i])->name);
	printf(",right,asked,percent\n");
}

static void print_student(const GPtrArray *units, const char *student, const char *folder) {
	g_autoptr(GString) row = g_string_new(NULL);
	unsigned right = 0, asked = 0;

	results_cell(row, student);
	for (guint i = 0; i < units->len; i++) {
		const struct unit *unit = units->pdata[i];
		g_autofree char *name = g_strconcat(unit->name, ".ini", NULL),
				*path = g_build_filename(folder, student, name, NULL);
		int of_unit = mark_file(unit, student, path);

		g_string_append(row, ",");
		if (of_unit >= 0)
			g_string_append_printf(row, "%d", of_unit);
		right += (unsigned)MAX(of_unit, 0);
		asked += unit->questions->len;
	}
	printf("%s,%u,%u,%.0f\n", row->str, right, asked, 100.0 * right / asked);
	fflush(stdout);
}

/* A name is a folder's, too. */
static bool good_name(const char *list, unsigned line, const char *name, GError **error) {
	if (!strchr(name, '/') && *name != '.')
		return true;
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"%s: line %u: '%s' is no folder's name; allowed: names without '/', that do not "
		"begin with a point",
		list, line, name);
	return false;
}

static GPtrArray *read_list(const char *list, GError **error) {
	g_autofree char *why = NULL, *text = input_text(list, LIST_MOST, &why);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) lines = NULL;
	bool good = text;

	if (!good)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: %s; allowed: a text with a student's name in each line", list,
		            why);
	lines = g_strsplit(text ? text : "", "\n", -1);
	for (unsigned i = 0; good && lines[i]; i++) {
		const char *name = g_strstrip(lines[i]);

		if (!*name || *name == '#')
			continue;
		good = good_name(list, i + 1, name, error);
		g_ptr_array_add(names, g_strdup(name));
	}
	if (!good)
		g_clear_pointer(&names, g_ptr_array_unref);
	return names;
}

int course_class(GPtrArray *units, const char *list, const char *folder, GError **error) {
	g_autoptr(GPtrArray) names = read_list(list, error);
	g_autofree char *beside = g_path_get_dirname(list);

	if (names)
		print_head(units);
	for (guint i = 0; names && i < names->len; i++)
		print_student(units, names->pdata[i], folder ? folder : beside);
	return EXIT_DONE;
}
