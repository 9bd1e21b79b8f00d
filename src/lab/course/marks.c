/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is an answer near enough, and if not, what may have gone wrong? */
#include "lab/course/marks.h"

#include <math.h>
#include <string.h>

#include "lab/base/input.h"
#include "lab/scenario/key.h"
#include "lab/scenario/text_read.h"

#define MOST (1 << 20)
#define GROUP "answers"

/* --- what was answered ------------------------------------------------------------------------ */

struct answers *answers_new(void) {
	struct answers *answers = g_new0(struct answers, 1);

	answers->source = g_strdup("--answer");
	answers->folder = g_strdup(".");
	answers->given = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return answers;
}

void answers_free(struct answers *answers) {
	g_hash_table_unref(answers->given);
	g_free(answers->source);
	g_free(answers->folder);
	g_free(answers);
}

static bool take(struct answers *answers, const struct unit *unit, const char *name,
                 const char *value, GError **error) {
	g_autofree const char **names = g_new(const char *, unit->questions->len);
	const char *near;

	if (unit_question_called(unit, name)) {
		g_hash_table_replace(answers->given, g_strdup(name), g_strdup(value));
		return true;
	}
	for (guint i = 0; i < unit->questions->len; i++)
		names[i] = ((const struct unit_question *)unit->questions->pdata[i])->name;
	near = nearest_word(name, names, unit->questions->len);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: unit %s asks no '%s'%s%s%s; allowed: its questions, %s to %s",
	            answers->source, unit->name, name, near ? "; did you mean '" : "",
	            near ? near : "", near ? "'?" : "", names[0], names[unit->questions->len - 1]);
	return false;
}

bool answers_take(struct answers *answers, const struct unit *unit, const char *pair,
                  GError **error) {
	g_auto(GStrv) halves = g_strsplit(pair, "=", 2);

	if (halves[0] && halves[1])
		return take(answers, unit, g_strstrip(halves[0]), g_strstrip(halves[1]), error);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "--answer: '%s' has no '='; allowed: QUESTION=ANSWER, such as q1=12.3us", pair);
	return false;
}

struct reading_answers {
	struct answers *answers;
	const struct unit *unit;
};

static bool take_line(void *arg, const char *group, const char *key, const char *value,
                      unsigned line, GError **error) {
	const struct reading_answers *r = arg;

	if (!g_str_equal(group, GROUP)) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: line %u: [%s]; allowed: one group, [" GROUP "]",
		            r->answers->source, line, group);
		return false;
	}
	if (key && g_hash_table_contains(r->answers->given, key)) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: line %u: %s a second time; allowed: once", r->answers->source,
		            line, key);
		return false;
	}
	return !key || take(r->answers, r->unit, key, value, error);
}

struct answers *answers_read(const struct unit *unit, const char *path, GError **error) {
	struct answers *answers = answers_new();
	struct reading_answers r = {answers, unit};
	g_autofree char *why = NULL;
	GString *bytes = input_read(path, MOST, &why);
	bool good;

	g_free(answers->source);
	g_free(answers->folder);
	answers->source = g_strdup(path);
	answers->folder = g_path_get_dirname(path);
	if (!bytes)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: %s; allowed: a file of answers, as `sopsim course sheet --out` "
		            "leaves one",
		            path, why);
	good = bytes && text_read(bytes, path, take_line, &r, error);
	if (bytes)
		g_string_free(bytes, TRUE);
	if (!good)
		g_clear_pointer(&answers, answers_free);
	return answers;
}

/* --- numbers ---------------------------------------------------------------------------------- */

char *mark_shown(const struct unit_question *question, double value) {
	const char *unit = question->unit ? question->unit : "";

	return g_strdup_printf("%.6g%s%s", value, *unit && !g_str_equal(unit, "%") ? " " : "",
	                       unit);
}

static bool no_number(const struct unit_question *question, const struct answers *answers,
                      const char *text, const char *what, GError **error) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: %s: '%s' %s; allowed: a number%s%s, with a point and no comma",
	            answers->source, question->name, text, what, question->unit ? " in " : "",
	            question->unit ? question->unit : "");
	return false;
}

/* "12.3", "12.3us", "0.0123 ms": in the question's unit. */
static bool read_number(const struct unit_question *question, const struct answers *answers,
                        const char *text, double *value, GError **error) {
	const char *wanted = question->unit ? question->unit : "", *why;
	g_autofree char *one = g_strconcat("1", wanted, NULL);
	char *end;
	double ps, of_one;

	*value = g_ascii_strtod(text, &end);
	if (end == text || !isfinite(*value))
		return no_number(question, answers, text, "is no number", error);
	while (g_ascii_isspace(*end))
		end++;
	if (!*end || g_str_equal(end, wanted))
		return true;
	if (quantity_number(VALUE_TIME, one, &of_one, &why) &&
	    quantity_number(VALUE_TIME, text, &ps, &why)) {
		*value = ps / of_one;
		return true;
	}
	return no_number(question, answers, text, "has another unit", error);
}

static bool near(const struct unit_question *question, double answer, double truth) {
	double off = MAX(question->off, question->within * fabs(truth));

	/* What is typed has a few digits. */
	return fabs(answer - truth) <= MAX(off, 1e-9 * fabs(truth));
}

/* "12 % too high", and what the first hint that is near says. */
static bool say_number(struct truth *truth, const struct unit_question *question, double answer,
                       double right, char **says, GError **error) {
	double share = right ? fabs(answer - right) / fabs(right) : INFINITY;
	g_autoptr(GString) text = g_string_new(NULL);

	if (share < 0.1)
		g_string_printf(text, "%.2g %% too %s", 100 * share,
		                answer > right ? "high" : "low");
	else if (share < 10)
		g_string_printf(text, "%.0f %% too %s", 100 * share,
		                answer > right ? "high" : "low");
	else
		g_string_printf(text, "far too %s", answer > right ? "high" : "low");
	for (guint i = 0; i < question->hints->len; i++) {
		const struct unit_rule *hint = question->hints->pdata[i];
		double trap;

		if (!truth_reckon(truth, question, hint->reckoning, &trap, error))
			return false;
		if (near(question, answer, trap)) {
			g_string_append_printf(text, ". %s", hint->text);
			break;
		}
	}
	*says = g_string_free(g_steal_pointer(&text), FALSE);
	return true;
}

/* --- marks ------------------------------------------------------------------------------------ */

static bool mark_number(struct truth *truth, const struct unit_question *question,
                        const struct answers *answers, const char *text, enum mark *mark,
                        char **says, GError **error) {
	double right, answer;
	const char *word;

	if (!read_number(question, answers, text, &answer, error) ||
	    !truth_answer(truth, question, &right, &word, error))
		return false;
	if (near(question, answer, right)) {
		*mark = MARK_RIGHT;
		return true;
	}
	*mark = MARK_WRONG;
	return say_number(truth, question, answer, right, says, error);
}

/* "not toe0", and what its hint, "hint.NAME = toe0 | ...", says. */
static char *say_word(const struct unit_question *question, const char *said) {
	for (guint i = 0; i < question->hints->len; i++) {
		const struct unit_rule *hint = question->hints->pdata[i];

		if (g_str_equal(hint->reckoning, said))
			return g_strdup_printf("not %s. %s", said, hint->text);
	}
	return g_strdup_printf("not %s", said);
}

static bool mark_word(struct truth *truth, const struct unit_question *question,
                      const struct answers *answers, const char *text, enum mark *mark, char **says,
                      GError **error) {
	g_autofree char *all = g_strjoinv(", ", question->choices);
	const char *word, *said = NULL;
	double none;

	/* An errno may be written with its sign. */
	text += *text == '-';
	for (unsigned i = 0; question->choices[i]; i++)
		if (g_ascii_strcasecmp(question->choices[i], text) == 0)
			said = question->choices[i];
	if (!said) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: %s: '%s' is none of the answers; allowed: one of %s",
		            answers->source, question->name, text, all);
		return false;
	}
	if (!truth_answer(truth, question, &none, &word, error))
		return false;
	*mark = said == word ? MARK_RIGHT : MARK_WRONG;
	if (*mark == MARK_WRONG)
		*says = say_word(question, said);
	return true;
}

static bool mark_file(struct truth *truth, const struct unit_question *question,
                      const struct answers *answers, const char *text, enum mark *mark, char **says,
                      GError **error) {
	g_autofree char *path = g_path_is_absolute(text)
	                                ? g_strdup(text)
	                                : g_build_filename(answers->folder, text, NULL);

	if (!truth_judge(truth, question, path, says, error))
		return false;
	*mark = *says ? MARK_WRONG : MARK_RIGHT;
	return true;
}

bool mark_answer(struct truth *truth, const struct unit_question *question,
                 const struct answers *answers, enum mark *mark, char **says, GError **error) {
	const char *text = g_hash_table_lookup(answers->given, question->name);

	*says = NULL;
	*mark = MARK_NONE;
	if (!text || !*text)
		return true;
	if (question->file)
		return mark_file(truth, question, answers, text, mark, says, error);
	if (question->choices)
		return mark_word(truth, question, answers, text, mark, says, error);
	return mark_number(truth, question, answers, text, mark, says, error);
}
