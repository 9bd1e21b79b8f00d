/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far may a value be off and still be the same? */
#include "lab/figures/check_rules.h"

#include <string.h>

#include "lab/base/input.h"
#include "lab/scenario/key.h"
#include "lab/scenario/text_read.h"

#define MOST_BYTES (1 << 20)

struct rule {
	char *file, *pattern;
	struct tolerance tolerance;
	unsigned line; /* of check.ini */
	bool found;    /* something was compared by it */
};

struct check_rules {
	double tolerance;
	bool intervals;
	char *path;      /* of check.ini, for messages; NULL: there is none */
	GPtrArray *list; /* struct rule; the last that fits holds */
};

static void rule_free(gpointer data) {
	struct rule *rule = data;

	g_free(rule->file);
	g_free(rule->pattern);
	g_free(rule);
}

struct check_rules *check_rules_new(void) {
	struct check_rules *rules = g_new0(struct check_rules, 1);

	rules->tolerance = 0.01;
	rules->intervals = true;
	rules->list = g_ptr_array_new_with_free_func(rule_free);
	return rules;
}

void check_rules_free(struct check_rules *rules) {
	g_ptr_array_unref(rules->list);
	g_free(rules->path);
	g_free(rules);
}

void check_rules_set(struct check_rules *rules, double tolerance) { rules->tolerance = tolerance; }

void check_rules_set_intervals(struct check_rules *rules, bool count) { rules->intervals = count; }

bool check_rules_intervals(const struct check_rules *rules) { return rules->intervals; }

/* --- check.ini --------------------------------------------------------------------------------- */

static bool G_GNUC_PRINTF(4, 5) wrong(const struct check_rules *rules, unsigned line,
                                      GError **error, const char *format, ...) {
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "check: %s: line %u: %s", rules->path, line,
	            what);
	return false;
}

/* "2%", "+-0.5", "exact", "ignore". */
static bool read_tolerance(const char *text, struct tolerance *t) {
	bool absolute = g_str_has_prefix(text, "+-");
	const char *why;
	double value = 0;

	*t = (struct tolerance){.ignored = g_str_equal(text, "ignore")};
	if (t->ignored || g_str_equal(text, "exact"))
		return true;
	if (!quantity_number(absolute ? VALUE_FACTOR : VALUE_SHARE, text + (absolute ? 2 : 0),
	                     &value, &why) ||
	    value < 0 || (!absolute && value > 1))
		return false;
	*(absolute ? &t->absolute : &t->relative) = value;
	return true;
}

/* [check] */
static bool take_general(struct check_rules *rules, const char *key, const char *value,
                         unsigned line, GError **error) {
	struct tolerance t;

	if (g_str_equal(key, "intervals")) {
		rules->intervals = g_str_equal(value, "yes");
		return rules->intervals || g_str_equal(value, "no") ||
		       wrong(rules, line, error, "[check] intervals: '%s'; allowed: yes or no",
		             value);
	}
	if (!g_str_equal(key, "tolerance"))
		return wrong(rules, line, error,
		             "[check] %s: unknown key; allowed: tolerance, intervals", key);
	if (!read_tolerance(value, &t) || t.ignored || t.absolute > 0)
		return wrong(rules, line, error, "[check] tolerance: '%s'; allowed: 0%% to 100%%",
		             value);
	rules->tolerance = t.relative;
	return true;
}

static bool take_line(void *arg, const char *group, const char *key, const char *value,
                      unsigned line, GError **error) {
	struct check_rules *rules = arg;
	struct rule *rule;

	if (!key)
		return g_str_equal(group, "check") || g_str_has_suffix(group, ".csv") ||
		       wrong(rules, line, error,
		             "[%s]: neither 'check' nor a table; allowed: such as [check], "
		             "[sweep.csv]",
		             group);
	if (g_str_equal(group, "check"))
		return take_general(rules, key, value, line, error);
	rule = g_new0(struct rule, 1);
	g_ptr_array_add(rules->list, rule);
	rule->file = g_strdup(group);
	rule->pattern = g_strdup(key);
	rule->line = line;
	return read_tolerance(value, &rule->tolerance) ||
	       wrong(rules, line, error,
	             "[%s] %s: '%s' is no tolerance; allowed: a share such as 2%%, a difference such "
	             "as +-0.5, exact or ignore",
	             group, key, value);
}

bool check_rules_read(struct check_rules *rules, const char *folder, GError **error) {
	g_autofree char *why = NULL;
	GString *bytes;
	bool good;

	g_free(rules->path);
	rules->path = g_build_filename(folder, CHECK_RULES_FILE, NULL);
	if (!g_file_test(rules->path, G_FILE_TEST_EXISTS))
		return true;
	bytes = input_read(rules->path, MOST_BYTES, &why);
	if (!bytes) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "check: %s: %s; allowed: a key file up to 1 MiB", rules->path, why);
		return false;
	}
	good = text_read(bytes, rules->path, take_line, rules, error);
	g_string_free(bytes, TRUE);
	return good;
}

/* --- finding ----------------------------------------------------------------------------------- */

struct tolerance check_rules_find(const struct check_rules *rules, const char *file,
                                  const char *name) {
	struct tolerance tolerance = {.relative = rules->tolerance};

	for (guint i = 0; i < rules->list->len; i++) {
		struct rule *rule = rules->list->pdata[i];

		if (!g_str_equal(rule->file, file) || !g_pattern_match_simple(rule->pattern, name))
			continue;
		rule->found = true;
		tolerance = rule->tolerance;
	}
	return tolerance;
}

bool check_rules_all_found(const struct check_rules *rules, const char *file, GError **error) {
	for (guint i = 0; i < rules->list->len; i++) {
		const struct rule *rule = rules->list->pdata[i];

		if (g_str_equal(rule->file, file) && !rule->found)
			return wrong(
				rules, rule->line, error,
				"[%s] %s: there is nothing of that name to compare; allowed: "
				"columns of %s, or, if its rows have names of measures, measures",
				file, rule->pattern, file);
	}
	return true;
}
