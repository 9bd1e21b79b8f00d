/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a unit's folder say? */
#include "lab/course/unit.h"

#include <stddef.h>
#include <string.h>

#include "lab/base/input.h"
#include "lab/base/place.h"
#include "lab/scenario/key.h"
#include "lab/scenario/text.h"

#define MOST (1 << 20)
#define RULES "unit.ini"
#define SHEET "sheet.md"

bool unit_wrong(const struct unit *unit, const char *group, const char *key, GError **error,
                const char *format, ...) {
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s/" RULES ": [%s]%s%s: %s", unit->name,
	            group, key ? " " : "", key ? key : "", what);
	return false;
}

/* --- what the groups may say ------------------------------------------------------------------ */

#define OF(record, field) offsetof(struct record, field), sizeof(((struct record *)0)->field)
#define KEY(name, type, record, field, text)                                                       \
	{name, VALUE_##type, OF(record, field), 0, 0, NULL, text, NULL, false}
#define MUST(name, type, record, field, text)                                                      \
	{name, VALUE_##type, OF(record, field), 0, 0, NULL, text, NULL, true}

static const struct key unit_keys[] = {
	MUST("title", TEXT, unit, title, "of the unit"),
	MUST("about", TEXT, unit, about, "what it is about, in one line"),
	KEY("lessons", NAMES, unit, lessons, "lessons that belong to it"),
	KEY("files", NAMES, unit, files, "handed out with the sheet"),
};
static const struct key value_keys[] = {
	MUST("of", NAMES, unit_value, of, "one of them is drawn"),
	KEY("by", TEXT, unit_value, by, "the value whose place in its list is taken"),
};
static const struct key run_keys[] = {
	MUST("scenario", TEXT, unit_run, scenario, "what runs"),
	KEY("experiment", TEXT, unit_run, experiment, "of the scenario"),
	KEY("config", TEXT, unit_run, config, "of the scenario"),
	KEY("seed", TEXT, unit_run, seed, "of the first run"),
	KEY("set", TEXT, unit_run, set, "GROUP.KEY=VALUE; ..."),
	KEY("offered", COUNT, unit_run, offered, "load point"),
	{"repeat", VALUE_COUNT, OF(unit_run, repeat), 1, 100, NULL, "seeds", NULL, false},
};
static const struct key question_keys[] = {
	MUST("ask", TEXT, unit_question, ask, "the question"),
	KEY("answer", TEXT, unit_question, answer, "a reckoning"),
	KEY("unit", TEXT, unit_question, unit, "of the answer"),
	KEY("because", TEXT, unit_question, because, "for teachers"),
	KEY("choices", NAMES, unit_question, choices, "the answer is one of these"),
	KEY("within", SHARE, unit_question, within, "how near, as a share of the answer"),
	KEY("off", FACTOR, unit_question, off, "how near, in its unit"),
	KEY("file", BOOL, unit_question, file, "the answer is a scenario"),
	KEY("set", TEXT, unit_question, set, "put into the student's file"),
	KEY("solution", TEXT, unit_question, solution, "a file that is right"),
	KEY("wrong", TEXT, unit_question, wrong, "a file that is not"),
};

static void rule_free(gpointer data) {
	struct unit_rule *rule = data;

	g_free(rule->reckoning);
	g_free(rule->text);
	g_free(rule);
}

static void record_clear(gpointer record, const struct key *keys, size_t n) {
	for (size_t i = 0; i < n; i++)
		key_clear(&keys[i], record);
}

static void value_free(gpointer data) {
	record_clear(data, value_keys, G_N_ELEMENTS(value_keys));
	g_free(((struct unit_value *)data)->name);
	g_free(data);
}

static void run_free(gpointer data) {
	record_clear(data, run_keys, G_N_ELEMENTS(run_keys));
	g_free(((struct unit_run *)data)->name);
	g_free(data);
}

static void question_free(gpointer data) {
	struct unit_question *question = data;

	record_clear(question, question_keys, G_N_ELEMENTS(question_keys));
	g_ptr_array_unref(question->hints);
	g_ptr_array_unref(question->needs);
	g_free(question->name);
	g_free(question);
}

void unit_free(struct unit *unit) {
	record_clear(unit, unit_keys, G_N_ELEMENTS(unit_keys));
	g_ptr_array_unref(unit->values);
	g_ptr_array_unref(unit->runs);
	g_ptr_array_unref(unit->questions);
	g_free(unit->folder);
	g_free(unit->name);
	g_free(unit->sheet);
	g_free(unit);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* "hint.NAME = RECKONING | what is said", into `rules`; false and *error. */
static bool take_rule(const struct unit *unit, const char *group, const struct text_entry *entry,
                      GPtrArray *rules, GError **error) {
	g_auto(GStrv) halves = g_strsplit(entry->value, "|", 2);
	struct unit_rule *rule;

	if (!halves[0] || !halves[1])
		return unit_wrong(unit, group, entry->key, error,
		                  "no '|'; allowed: RECKONING | what is said");
	rule = g_new0(struct unit_rule, 1);
	rule->reckoning = g_strdup(g_strstrip(halves[0]));
	rule->text = g_strdup(g_strstrip(halves[1]));
	g_ptr_array_add(rules, rule);
	return true;
}

static bool no_such_key(const struct unit *unit, const char *group, const char *word,
                        const struct key *keys, size_t n, GError **error) {
	g_autoptr(GString) names = g_string_new(NULL);

	for (size_t i = 0; i < n; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", keys[i].name);
	return unit_wrong(unit, group, word, error, "unknown key; allowed: %s", names->str);
}

/* One line of a group into its record. */
static bool take_entry(const struct unit *unit, const struct text_group *group,
                       const struct text_entry *entry, const struct key *keys, size_t n,
                       void *record, GError **error) {
	g_autofree char *why = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!g_str_equal(entry->key, keys[i].name))
			continue;
		return key_set(&keys[i], record, g_strstrip(entry->value), &why) ||
		       unit_wrong(unit, group->name, entry->key, error, "%s", why);
	}
	return no_such_key(unit, group->name, entry->key, keys, n, error);
}

/* All lines of a group; `question` (NULL: it is none) takes those that are rules. */
static bool take_group(const struct unit *unit, const struct text_group *group,
                       const struct key *keys, size_t n, void *record,
                       struct unit_question *question, GError **error) {
	bool good = true;

	for (guint i = 0; good && i < group->entries->len; i++) {
		const struct text_entry *entry = group->entries->pdata[i];

		if (question && g_str_has_prefix(entry->key, "hint."))
			good = take_rule(unit, group->name, entry, question->hints, error);
		else if (question && g_str_has_prefix(entry->key, "need."))
			good = take_rule(unit, group->name, entry, question->needs, error);
		else
			good = take_entry(unit, group, entry, keys, n, record, error);
	}
	for (size_t i = 0; good && i < n; i++)
		if (keys[i].needed && !text_entry_find(group, keys[i].name))
			good = unit_wrong(unit, group->name, keys[i].name, error,
			                  "missing; allowed: %s", keys[i].help);
	return good;
}

static bool take_question(struct unit *unit, const struct text_group *group, const char *name,
                          GError **error) {
	struct unit_question *q = g_new0(struct unit_question, 1);

	q->name = g_strdup(name);
	q->hints = g_ptr_array_new_with_free_func(rule_free);
	q->needs = g_ptr_array_new_with_free_func(rule_free);
	g_ptr_array_add(unit->questions, q);
	if (!take_group(unit, group, question_keys, G_N_ELEMENTS(question_keys), q, q, error))
		return false;
	if (!q->answer == !q->file)
		return unit_wrong(unit, group->name, NULL, error,
		                  "what is asked for? allowed: one of answer and file");
	return !q->file || (q->solution && q->needs->len) ||
	       unit_wrong(unit, group->name, NULL, error,
	                  "no way to judge a file; allowed: with solution and need.NAME");
}

static bool take_value(struct unit *unit, const struct text_group *group, const char *name,
                       GError **error) {
	struct unit_value *value = g_new0(struct unit_value, 1);

	value->name = g_strdup(name);
	g_ptr_array_add(unit->values, value);
	return take_group(unit, group, value_keys, G_N_ELEMENTS(value_keys), value, NULL, error);
}

static bool take_run(struct unit *unit, const struct text_group *group, const char *name,
                     GError **error) {
	struct unit_run *run = g_new0(struct unit_run, 1);

	run->name = g_strdup(name);
	run->repeat = 1;
	g_ptr_array_add(unit->runs, run);
	return take_group(unit, group, run_keys, G_N_ELEMENTS(run_keys), run, NULL, error);
}

/* "value latency", "run card", "question q1": by its first word. */
static bool take_any(struct unit *unit, const struct text_group *group, GError **error) {
	g_auto(GStrv) words = g_strsplit(group->name, " ", 2);

	if (g_str_equal(group->name, "unit"))
		return take_group(unit, group, unit_keys, G_N_ELEMENTS(unit_keys), unit, NULL,
		                  error);
	if (words[0] && words[1] && g_str_equal(words[0], "value"))
		return take_value(unit, group, words[1], error);
	if (words[0] && words[1] && g_str_equal(words[0], "run"))
		return take_run(unit, group, words[1], error);
	if (words[0] && words[1] && g_str_equal(words[0], "question"))
		return take_question(unit, group, words[1], error);
	return unit_wrong(unit, group->name, NULL, error,
	                  "unknown group; allowed: [unit], [value NAME], [run NAME], "
	                  "[question NAME]");
}

static bool take_rules(struct unit *unit, const char *rules, GError **error) {
	g_autofree char *name = g_strconcat(unit->name, "/" RULES, NULL);
	GString *bytes = g_string_new(rules);
	struct text *text = text_parse(bytes, name, error);
	bool good = text != NULL;

	for (guint i = 0; good && i < text->groups->len; i++)
		good = take_any(unit, text->groups->pdata[i], error);
	if (good && !unit->title)
		good = unit_wrong(unit, "unit", NULL, error,
		                  "missing; allowed: a group [unit] with title and about");
	if (good && !unit->questions->len)
		good = unit_wrong(unit, "question", NULL, error,
		                  "missing; allowed: a group [question NAME] for each question");
	g_string_free(bytes, TRUE);
	g_clear_pointer(&text, text_free);
	return good;
}

/* --- files ------------------------------------------------------------------------------------ */

char *unit_file(const struct unit *unit, const char *name) {
	return g_build_filename(unit->folder, name, NULL);
}

char *unit_file_text(const struct unit *unit, const char *name, GError **error) {
	g_autofree char *path = unit_file(unit, name), *why = NULL;
	char *text = input_text(path, MOST, &why);

	if (!text)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s/%s: %s; allowed: a unit has " RULES ", " SHEET
		            " and the files that they name",
		            unit->name, name, why);
	return text;
}

char *unit_file_given(const char *name) {
	return g_str_has_suffix(name, ".in") ? g_strndup(name, strlen(name) - strlen(".in"))
	                                     : g_strdup(name);
}

struct unit *unit_read(const char *folder, GError **error) {
	struct unit *unit = g_new0(struct unit, 1);
	g_autofree char *rules = NULL;

	unit->folder = g_canonicalize_filename(folder, NULL);
	unit->name = g_path_get_basename(unit->folder);
	unit->values = g_ptr_array_new_with_free_func(value_free);
	unit->runs = g_ptr_array_new_with_free_func(run_free);
	unit->questions = g_ptr_array_new_with_free_func(question_free);
	rules = unit_file_text(unit, RULES, error);
	if (rules && take_rules(unit, rules, error) &&
	    (unit->sheet = unit_file_text(unit, SHEET, error)))
		return unit;
	unit_free(unit);
	return NULL;
}

/* --- which there are -------------------------------------------------------------------------- */

static int by_name(gconstpointer a, gconstpointer b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of their folders, sorted. */
static GPtrArray *unit_names(const char *course) {
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(course, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *rules = g_build_filename(course, name, RULES, NULL);

		if (g_file_test(rules, G_FILE_TEST_IS_REGULAR))
			g_ptr_array_add(names, g_strdup(name));
	}
	g_ptr_array_sort(names, by_name);
	return names;
}

GPtrArray *unit_all(GError **error) {
	g_autofree char *course = place_scenario("course");
	g_autoptr(GPtrArray) names = unit_names(course);
	GPtrArray *units = g_ptr_array_new_with_free_func((GDestroyNotify)unit_free);

	for (guint i = 0; i < names->len; i++) {
		g_autofree char *folder = g_build_filename(course, names->pdata[i], NULL);
		struct unit *unit = unit_read(folder, error);

		if (!unit) {
			g_ptr_array_unref(units);
			return NULL;
		}
		g_ptr_array_add(units, unit);
	}
	return units;
}

/* "3", "3-waiting" of "3-waiting". */
static bool is_called(const char *folder, const char *name) {
	size_t digits = strspn(folder, "0123456789");

	return g_str_equal(folder, name) ||
	       (digits && digits == strlen(name) && strncmp(folder, name, digits) == 0);
}

struct unit *unit_called(const char *name, GError **error) {
	g_autofree char *course = place_scenario("course"), *all = NULL,
			*own = g_build_filename(name, RULES, NULL);
	g_autoptr(GPtrArray) names = unit_names(course);

	for (guint i = 0; i < names->len; i++)
		if (is_called(names->pdata[i], name)) {
			g_autofree char *folder = g_build_filename(course, names->pdata[i], NULL);

			return unit_read(folder, error);
		}
	if (g_file_test(own, G_FILE_TEST_IS_REGULAR))
		return unit_read(name, error);
	g_ptr_array_add(names, NULL);
	all = g_strjoinv(", ", (char **)names->pdata);
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"there is no unit '%s'; allowed: a number or name of %s, or a folder with " RULES,
		name, all);
	return NULL;
}

const struct unit_question *unit_question_called(const struct unit *unit, const char *name) {
	for (guint i = 0; i < unit->questions->len; i++) {
		const struct unit_question *question = unit->questions->pdata[i];

		if (g_str_equal(question->name, name))
			return question;
	}
	return NULL;
}
