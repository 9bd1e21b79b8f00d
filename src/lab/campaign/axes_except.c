/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Combinations that make no sense: "toe0.kind=polling, pci0.latency>1us".  One is left out if all
 * conditions of an exception hold.
 */
#include <math.h>
#include <string.h>

#include "lab/campaign/axes_parts.h"
#include "lab/scenario/key.h"

enum relation { IS, IS_NOT, BELOW, AT_MOST, ABOVE, AT_LEAST };

/* The longer words first. */
static const struct {
	const char *word;
	enum relation relation;
} relations[] = {
	{"!=", IS_NOT}, {"<=", AT_MOST}, {">=", AT_LEAST}, {"=", IS}, {"<", BELOW}, {">", ABOVE},
};

struct condition {
	guint dim, key;
	enum relation relation;
	char *text;
	enum value_type type;
	double number;    /* in SI units; NAN: it is none */
	const char *unit; /* NULL: it is none */
};

struct exception {
	GArray *conditions;
};

static void condition_clear(gpointer data) { g_free(((struct condition *)data)->text); }

void exception_free(struct exception *exception) {
	g_array_unref(exception->conditions);
	g_free(exception);
}

/* --- whether it holds -------------------------------------------------------------------------- */

/* A tenth of the last digit that anybody writes. */
static bool same_number(double a, double b) { return fabs(a - b) <= 1e-9 * fabs(b); }

/* In SI units; of another unit than the condition's (a time per byte among times) it is none. */
static double number_of(const struct condition *c, const char *value) {
	const char *unit;
	double number = quantity_si(c->type, value, &unit);

	return g_strcmp0(unit, c->unit) == 0 ? number : NAN;
}

static bool is_it(const struct condition *c, const struct dim_point *point) {
	const char *value = point->values[c->key];
	double number = number_of(c, value);

	if (!isnan(c->number) && !isnan(number))
		return same_number(number, c->number);
	return g_str_equal(value, c->text) || g_strcmp0(point->name, c->text) == 0;
}

static bool condition_holds(const struct condition *c, const struct dim_point *point) {
	double number = number_of(c, point->values[c->key]);
	bool same = is_it(c, point);

	switch (c->relation) {
	case IS:
		return same;
	case IS_NOT:
		return !same;
	case BELOW:
		return number < c->number && !same;
	case ABOVE:
		return number > c->number && !same;
	case AT_MOST:
		return number < c->number || same;
	default:
		return number > c->number || same;
	}
}

bool exception_holds(const struct exception *exception, const struct axes *axes, const guint *at) {
	for (guint i = 0; i < exception->conditions->len; i++) {
		const struct condition *c =
			&g_array_index(exception->conditions, struct condition, i);
		const struct dim *dim = axes_dim(axes, c->dim);

		if (!condition_holds(c, dim_point(dim, at[c->dim])))
			return false;
	}
	return true;
}

/* --- reading ----------------------------------------------------------------------------------- */

static bool G_GNUC_PRINTF(3, 4) wrong(const char *word, GError **error, const char *format, ...) {
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_strdelimit(what, "\n", ' '); /* words of a block, in one line */
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: %s", word, what);
	return false;
}

static bool not_varied(const struct axes *axes, const char *name, const char *word,
                       GError **error) {
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *all = NULL;
	const char *near;

	for (guint a = 0; a < axes->dims->len; a++)
		for (guint k = 0; k < axes_dim(axes, a)->keys->len; k++)
			g_ptr_array_add(names, dim_key(axes_dim(axes, a), k)->name);
	near = nearest_word(name, (const char *const *)names->pdata, names->len);
	g_ptr_array_add(names, NULL);
	all = g_strjoinv(", ", (char **)names->pdata);
	return wrong(word, error, "'%s' is not varied%s%s%s; allowed: %s", name,
	             near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
	             *all ? all : "nothing, as nothing is");
}

static bool find_key(const struct axes *axes, const char *name, struct condition *c) {
	for (c->dim = 0; c->dim < axes->dims->len; c->dim++)
		for (c->key = 0; c->key < axes_dim(axes, c->dim)->keys->len; c->key++)
			if (g_str_equal(dim_key(axes_dim(axes, c->dim), c->key)->name, name))
				return true;
	return false;
}

/* A value that never occurs is a slip of the pen; of what is drawn nobody knows. */
static bool occurs(const struct axes *axes, const struct condition *c) {
	const struct dim *dim = axes_dim(axes, c->dim);

	for (guint i = 0; i < dim->points->len; i++)
		if (is_it(c, dim_point(dim, i)))
			return true;
	return dim->drawn;
}

static bool check_value(const struct axes *axes, const struct condition *c, const char *word,
                        GError **error) {
	const struct dim *dim = axes_dim(axes, c->dim);
	const struct dim_key *key = dim_key(dim, c->key);
	g_autoptr(GPtrArray) values = g_ptr_array_new();
	g_autofree char *all = NULL;

	if (c->relation != IS && c->relation != IS_NOT)
		return !isnan(c->number)
		               ? true
		               : wrong(word, error,
		                       "%s: '%s' is no number to compare with; allowed: %s",
		                       key->name, c->text, quantity_example(key->type));
	if (occurs(axes, c))
		return true;
	for (guint i = 0; i < MIN(dim->points->len, 20); i++)
		g_ptr_array_add(values, dim_point(dim, i)->values[c->key]);
	g_ptr_array_add(values, NULL);
	all = g_strjoinv(", ", (char **)values->pdata);
	return wrong(word, error, "%s never is '%s'; allowed: one of %s", key->name, c->text, all);
}

/* "toe0.kind=polling" */
static bool take_condition(const struct axes *axes, char *text, const char *word,
                           struct condition *c, GError **error) {
	char *at = strpbrk(text, "!=<>"), *value;
	size_t i = 0;

	while (at && i < G_N_ELEMENTS(relations) && !g_str_has_prefix(at, relations[i].word))
		i++;
	if (!at || at == text || i == G_N_ELEMENTS(relations))
		return wrong(
			word, error,
			"'%s' is no condition; allowed: GROUP.KEY=VALUE, or with !=, <, <=, >, "
			">=, and commas between several",
			text);
	c->relation = relations[i].relation;
	value = g_strstrip(at + strlen(relations[i].word));
	*at = '\0';
	if (!find_key(axes, g_strchomp(text), c))
		return not_varied(axes, text, word, error);
	c->text = g_strdup(value);
	c->type = dim_key(axes_dim(axes, c->dim), c->key)->type;
	c->number = quantity_si(c->type, value, &c->unit);
	return check_value(axes, c, word, error);
}

struct exception *exception_new(const struct axes *axes, const char *words, const char *word,
                                GError **error) {
	struct exception *exception = g_new0(struct exception, 1);
	g_auto(GStrv) parts = g_strsplit(words, ",", -1);
	bool good = true;

	exception->conditions = g_array_new(FALSE, FALSE, sizeof(struct condition));
	g_array_set_clear_func(exception->conditions, condition_clear);
	for (unsigned i = 0; good && parts[i]; i++) {
		struct condition c = {0};

		good = take_condition(axes, g_strstrip(parts[i]), word, &c, error);
		g_array_append_val(exception->conditions, c);
	}
	if (!good)
		g_clear_pointer(&exception, exception_free);
	return exception;
}
