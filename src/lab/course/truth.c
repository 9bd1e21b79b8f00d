/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do the runs of a unit say, with a student's values? */
#include "lab/course/truth.h"

#include <math.h>
#include <string.h>

#include "lab/base/place.h"
#include "lab/campaign/plan.h"
#include "lab/course/reckon.h"
#include "lab/scenario/key.h"
#include "lab/world/verdict.h"

#define OWN "own" /* the student's file, in reckonings */

/* One run with all its seeds. */
struct done {
	const char *name;
	GPtrArray *seeds; /* struct measures */
};

struct truth {
	const struct student *student;
	GPtrArray *done; /* struct done */
};

static void done_free(gpointer data) {
	struct done *done = data;

	g_ptr_array_unref(done->seeds);
	g_free(done);
}

static struct done *done_add(struct truth *truth, const char *name) {
	struct done *done = g_new0(struct done, 1);

	done->name = name;
	done->seeds = g_ptr_array_new_with_free_func((GDestroyNotify)measures_free);
	g_ptr_array_add(truth->done, done);
	return done;
}

/* --- what programs say to the course ---------------------------------------------------------- */

static void hear(void *arg, const char *text) { g_ptr_array_add(arg, g_strdup(text)); }

static void listen(struct world *world, void *arg) {
	world->heard = hear;
	world->heard_arg = arg;
}

/* "send: 33.78us", "a: toe0" or "a: \"toe0\"", as print shows variables that are texts; else nothing. */
static void take_saying(struct measures *m, const char *text) {
	const char *colon = strstr(text, ": "), *why = NULL;
	size_t length = colon ? (size_t)(colon - text) : 0;
	g_autofree char *name = g_strndup(text, length), *word = NULL;
	double value;
	char *end;

	if (!length || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != length ||
	    strchr(colon, '\n'))
		return;
	colon += strlen(": ");
	if (quantity_number(VALUE_TIME, colon, &value, &why)) {
		measures_set(m, "says", name, value / (double)SIM_US);
		return;
	}
	value = g_ascii_strtod(colon, &end);
	if (end != colon && !*end) {
		measures_set(m, "says", name, value);
		return;
	}
	length = strlen(colon);
	if (length > 1 && *colon == '"' && colon[length - 1] == '"')
		word = g_strdup_printf("%s=%.*s", name, (int)length - 2, colon + 1);
	else
		word = g_strdup_printf("%s=%s", name, colon);
	measures_set(m, "says", word, 1);
}

static void heard(struct world *world, struct measures *m, void *arg) {
	const GPtrArray *said = arg;

	(void)world;
	for (guint i = 0; i < said->len; i++)
		take_saying(m, said->pdata[i]);
}

/* The word that a run said; NULL: none. */
static const char *word_of(const struct measures *m, const char *measure) {
	size_t length = strlen(measure);

	for (guint i = 0; i < m->list->len; i++) {
		const char *name = g_array_index(m->list, struct measure, i).name;

		if (g_str_has_prefix(name, measure) && name[length] == '=')
			return name + length + 1;
	}
	return NULL;
}

/* --- runs ------------------------------------------------------------------------------------- */

static bool fill_text(const struct student *student, struct text *text, GError **error) {
	for (guint i = 0; i < text->groups->len; i++) {
		const struct text_group *group = text->groups->pdata[i];

		for (guint k = 0; k < group->entries->len; k++) {
			struct text_entry *entry = group->entries->pdata[k];
			char *filled =
				student_fill(student, entry->value, NULL, entry->origin, error);

			if (!filled)
				return false;
			g_free(entry->value);
			entry->value = filled;
		}
	}
	return true;
}

/* A scenario beside unit.ini, or one that comes with the program. */
static struct text *load_scenario(const struct student *student, const char *name, GError **error) {
	g_autofree char *beside = unit_file(student->unit, name), *ours = place_scenario(name);
	bool own = g_file_test(beside, G_FILE_TEST_IS_REGULAR);
	struct text *text = text_load(own ? beside : ours, error);

	if (text && !fill_text(student, text, error))
		g_clear_pointer(&text, text_free);
	return text;
}

/* What is said to be put into it: "a.b=1; c.d=2". */
static char **split_sets(const char *set) {
	char **sets = g_strsplit(set ? set : "", ";", -1);
	unsigned n = 0;

	for (unsigned i = 0; sets[i]; i++) {
		if (*g_strstrip(sets[i]))
			sets[n++] = sets[i];
		else
			g_free(sets[i]);
	}
	sets[n] = NULL;
	return sets;
}

/* The text of a run of it; `sets` of the unit. */
static struct text *run_text(const struct text *base, const struct unit_run *run, char **sets,
                             GError **error) {
	struct plan *plan = plan_of(base, sets, "", NULL, false, 1, error);
	struct text *text = plan ? plan_text(plan, run->experiment, run->config, error) : NULL;

	if (text && !plan_load(plan, run->experiment, run->offered, text, error))
		g_clear_pointer(&text, text_free);
	g_clear_pointer(&plan, plan_free);
	return text;
}

static char *fill(const struct student *student, const struct unit_run *run, const char *key,
                  const char *text, GError **error) {
	g_autofree char *where = g_strdup_printf("unit.ini: [run %s] %s", run->name, key);

	return student_fill(student, text, NULL, where, error);
}

static struct run_spec *spec_new(const char *name, const struct text *text, uint64_t seed) {
	struct run_spec *spec = run_spec_new(name, text, seed);

	spec->before = listen;
	spec->after = heard;
	spec->arg = g_ptr_array_new_with_free_func(g_free);
	return spec;
}

static void spec_free(gpointer data) {
	struct run_spec *spec = data;

	g_ptr_array_unref(spec->arg);
	run_spec_free(spec);
}

/* Appends a spec for each seed of a run. */
static bool add_specs(const struct student *student, const struct unit_run *run, GPtrArray *specs,
                      GError **error) {
	g_autofree char *scenario = fill(student, run, "scenario", run->scenario, error),
			*set = scenario ? fill(student, run, "set", run->set ? run->set : "", error)
	                                : NULL,
			*seed = set ? fill(student, run, "seed", run->seed ? run->seed : "1", error)
	                            : NULL;
	struct text *base = seed ? load_scenario(student, scenario, error) : NULL, *text = NULL;
	g_auto(GStrv) sets = split_sets(set);
	bool good;

	if (base)
		text = run_text(base, run, sets, error);
	for (unsigned i = 0; text && i < run->repeat; i++)
		g_ptr_array_add(specs,
		                spec_new(run->name, text, g_ascii_strtoull(seed, NULL, 10) + i));
	good = text;
	if (!good)
		g_prefix_error(error, "%s/unit.ini: [run %s]: ", student->unit->name, run->name);
	g_clear_pointer(&base, text_free);
	g_clear_pointer(&text, text_free);
	return good;
}

/* All of them, at once. */
static bool run_specs(struct truth *truth, GPtrArray *specs, GError **error) {
	g_autofree struct measures **m = g_new0(struct measures *, specs->len);
	struct done *done = NULL;

	if (!run_all((struct run_spec *const *)specs->pdata, specs->len, run_default_jobs(), m,
	             error))
		return false;
	for (guint i = 0; i < specs->len; i++) {
		const struct run_spec *spec = specs->pdata[i];

		if (!done || !g_str_equal(done->name, spec->name))
			done = done_add(truth, g_intern_string(spec->name));
		g_ptr_array_add(done->seeds, m[i]);
	}
	return true;
}

struct truth *truth_new(const struct student *student, GError **error) {
	struct truth *truth = g_new0(struct truth, 1);
	const struct unit *unit = student->unit;
	g_autoptr(GPtrArray) specs = g_ptr_array_new_with_free_func(spec_free);
	bool good = true;

	truth->student = student;
	truth->done = g_ptr_array_new_with_free_func(done_free);
	for (guint i = 0; good && i < unit->runs->len; i++)
		good = add_specs(student, unit->runs->pdata[i], specs, error);
	if (!good || (specs->len && !run_specs(truth, specs, error)))
		g_clear_pointer(&truth, truth_free);
	return truth;
}

void truth_free(struct truth *truth) {
	g_ptr_array_unref(truth->done);
	g_free(truth);
}

/* --- answers ---------------------------------------------------------------------------------- */

static const struct done *done_called(const struct truth *truth, const char *run, GError **error) {
	for (guint i = 0; i < truth->done->len; i++) {
		const struct done *done = truth->done->pdata[i];

		if (g_str_equal(done->name, run))
			return done;
	}
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "there is no run '%s'; allowed: that of a [run NAME]", run);
	return NULL;
}

static bool look(void *arg, const char *run, const char *measure, int repetition, double *value,
                 unsigned *n, GError **error) {
	const struct done *done = done_called(arg, run, error);
	double total = 0;

	if (!done)
		return false;
	*n = done->seeds->len;
	for (guint i = 0; i < *n; i++)
		if (repetition < 0 || (guint)repetition == i)
			total += measures_get(done->seeds->pdata[i], measure);
	*value = repetition < 0 ? total / *n : total;
	/* What a student's run did not count did not happen. */
	if (isnan(*value) && g_str_equal(run, OWN))
		*value = 0;
	if (!isnan(*value))
		return true;
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"run %s measured no %s; allowed: what `sopsim params FILE --measures` lists, and "
		"says.NAME of what a program prints",
		run, measure);
	return false;
}

bool truth_reckon(struct truth *truth, const struct unit_question *question, const char *reckoning,
                  double *value, GError **error) {
	g_autofree char *where = g_strdup_printf("unit.ini: [question %s]", question->name),
			*filled = student_fill(truth->student, reckoning, NULL, where, error);

	return filled && reckon(filled, where, look, truth, value, error);
}

/* "table:says.a": the word that the run said. */
static bool find_word(struct truth *truth, const struct unit_question *question, const char **word,
                      GError **error) {
	g_auto(GStrv) halves = g_strsplit(question->answer, ":", 2);
	g_autofree char *group = g_strconcat("question ", question->name, NULL);
	const struct done *done =
		halves[0] && halves[1] ? done_called(truth, halves[0], NULL) : NULL;
	const char *said = done ? word_of(done->seeds->pdata[0], halves[1]) : NULL;

	for (unsigned i = 0; said && question->choices[i]; i++)
		if (g_str_equal(question->choices[i], said)) {
			*word = question->choices[i];
			return true;
		}
	return unit_wrong(truth->student->unit, group, "answer", error,
	                  "'%s' is '%s'; allowed: RUN:says.NAME, where the run says one of choices",
	                  question->answer, said ? said : "nothing");
}

bool truth_answer(struct truth *truth, const struct unit_question *question, double *number,
                  const char **word, GError **error) {
	*word = NULL;
	if (question->choices)
		return find_word(truth, question, word, error);
	return truth_reckon(truth, question, question->answer, number, error);
}

/* --- files of students ------------------------------------------------------------------------ */

/* The first need that does not hold; `sc` is what ran last. */
static bool judge_needs(struct truth *truth, const struct unit_question *question, char **why,
                        GError **error) {
	for (guint i = 0; i < question->needs->len; i++) {
		const struct unit_rule *need = question->needs->pdata[i];
		double holds;

		if (!truth_reckon(truth, question, need->reckoning, &holds, error))
			return false;
		if (!holds) {
			*why = student_fill(truth->student, need->text, NULL, "unit.ini", error);
			return *why;
		}
	}
	return true;
}

static bool judge_run(struct truth *truth, const struct unit_question *question,
                      const struct text *text, char **why, GError **error) {
	struct scenario *sc = scenario_new(text, error);
	g_autoptr(GPtrArray) specs = g_ptr_array_new_with_free_func(spec_free), reasons = NULL;
	const struct done *own;
	bool good;

	if (!sc)
		return false;
	g_ptr_array_add(specs, spec_new(OWN, text, 1));
	good = run_specs(truth, specs, error);
	own = good ? truth->done->pdata[truth->done->len - 1] : NULL;
	reasons = own ? verdict_reasons(sc, own->seeds->pdata[0]) : NULL;
	if (reasons && reasons->len)
		*why = g_strdup(reasons->pdata[0]);
	else if (good)
		good = judge_needs(truth, question, why, error);
	/* Another file is another run of that name. */
	if (own)
		g_ptr_array_set_size(truth->done, (gint)truth->done->len - 1);
	scenario_free(sc);
	return good;
}

static bool judge_text(struct truth *truth, const struct unit_question *question,
                       const struct text *text, char **why, GError **error) {
	const struct unit_run as_it_is = {.name = (char *)(uintptr_t)OWN};
	g_autofree char *set =
		fill(truth->student, &as_it_is, "set", question->set ? question->set : "", error);
	g_auto(GStrv) sets = split_sets(set);
	struct text *whole = set ? run_text(text, &as_it_is, sets, error) : NULL;
	bool good = whole && judge_run(truth, question, whole, why, error);

	g_clear_pointer(&whole, text_free);
	return good;
}

/* What was loaded, or not; takes it. */
static bool judge_loaded(struct truth *truth, const struct unit_question *question,
                         struct text *text, char **why, GError **error) {
	bool good;

	*why = NULL;
	good = text && judge_text(truth, question, text, why, error);
	g_clear_pointer(&text, text_free);
	return good;
}

bool truth_judge(struct truth *truth, const struct unit_question *question, const char *path,
                 char **why, GError **error) {
	return judge_loaded(truth, question, text_load_from(path, true, error), why, error);
}

bool truth_judge_own(struct truth *truth, const struct unit_question *question, const char *name,
                     char **why, GError **error) {
	return judge_loaded(truth, question, load_scenario(truth->student, name, error), why,
	                    error);
}
