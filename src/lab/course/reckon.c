/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a reckoning come to?  It is read and reckoned at once: a line is reckoned a few times at most. */
#include "lab/course/reckon.h"

#include <math.h>
#include <string.h>

#include "lab/base/stats.h"

#define NESTED 32

struct reckoning {
	const char *text, *at, *where;
	reckon_look look;
	void *arg;
	int repetition;   /* that is looked at; -1: the mean */
	unsigned repeats; /* of the runs that were looked at: the fewest; 0: none */
	unsigned depth;
	bool failed;
	GError **error;
};

static double sum(struct reckoning *r);

static double wrong(struct reckoning *r, const char *what) {
	if (!r->failed)
		g_set_error(r->error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: '%s': %s; allowed: a reckoning such as card:bench.latency_us - 2",
		            r->where, r->text, what);
	r->failed = true;
	return NAN;
}

static bool takes(struct reckoning *r, const char *sign) {
	r->at += strspn(r->at, " \t\n");
	if (!g_str_has_prefix(r->at, sign))
		return false;
	r->at += strlen(sign);
	return true;
}

static char *take_word(struct reckoning *r, const char *more) {
	const char *begin = r->at;

	while (g_ascii_isalnum(*r->at) || (*r->at && strchr(more, *r->at)))
		r->at++;
	return g_strndup(begin, (gsize)(r->at - begin));
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* No unit is the beginning of one that stands below it. */
static const struct {
	const char *name;
	double value;
} units[] = {
	{"Gbit/s", 1e9},  {"Mbit/s", 1e6}, {"kbit/s", 1e3}, {"bit/s", 1}, {"KiB", 1024},
	{"MiB", 1 << 20}, {"B", 1},        {"GHz", 1e9},    {"MHz", 1e6}, {"Hz", 1},
	{"ps", 1e-12},    {"ns", 1e-9},    {"us", 1e-6},    {"ms", 1e-3}, {"s", 1},
	{"%", 0.01},      {"/s", 1},
};

static double number(struct reckoning *r) {
	char *end;
	double value = g_ascii_strtod(r->at, &end);

	r->at = end;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (g_str_has_prefix(r->at, units[i].name)) {
			r->at += strlen(units[i].name);
			value *= units[i].value;
			break;
		}
	return g_ascii_isalnum(*r->at) ? wrong(r, "a number with an unknown unit") : value;
}

/* --- functions -------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	double (*of)(double);
	double (*of_two)(double, double);
} functions[] = {
	{"min", NULL, fmin},    {"max", NULL, fmax},  {"sqrt", sqrt, NULL},   {"abs", fabs, NULL},
	{"floor", floor, NULL}, {"ceil", ceil, NULL}, {"round", round, NULL},
};

/* The inner reckoning seed by seed: it is read again for each. */
static double seed_by_seed(struct reckoning *r, bool half) {
	const char *begin = r->at;
	unsigned outer = r->repeats, n;
	g_autofree double *x = NULL;

	if (r->repetition >= 0)
		return wrong(r, "mean or half of a mean or half");
	r->repeats = 0;
	sum(r);
	n = r->repeats;
	if (r->failed || n < 2)
		return wrong(r, "mean and half are of runs with a repeat");
	x = g_new(double, n);
	for (unsigned i = 0; i < n; i++) {
		r->at = begin;
		r->repetition = (int)i;
		x[i] = sum(r);
	}
	r->repetition = -1;
	r->repeats = outer;
	return half ? stats_ci95(x, n) : stats_mean(x, n);
}

static double call(struct reckoning *r, const char *name) {
	double a = NAN, b = NAN;

	if (g_str_equal(name, "mean") || g_str_equal(name, "half")) {
		a = seed_by_seed(r, *name == 'h');
		return takes(r, ")") ? a : wrong(r, "a ')' is missing");
	}
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
		if (!g_str_equal(name, functions[i].name))
			continue;
		a = sum(r);
		if (functions[i].of_two && takes(r, ","))
			b = sum(r);
		if (!takes(r, ")"))
			return wrong(r, "a ')' is missing");
		if (functions[i].of)
			return functions[i].of(a);
		return functions[i].of_two ? functions[i].of_two(a, b) : NAN;
	}
	return wrong(r, "an unknown function");
}

/* RUN:MEASURE, or a function. */
static double named(struct reckoning *r) {
	g_autofree char *name = take_word(r, "_"), *measure = NULL;
	unsigned n = 0;
	double value = NAN;

	if (*r->at == '(') {
		r->at++;
		return call(r, name);
	}
	if (*r->at++ != ':') {
		r->at--;
		return wrong(r, "a word that is no RUN:MEASURE");
	}
	measure = take_word(r, "_.:");
	if (!r->failed && !r->look(r->arg, name, measure, r->repetition, &value, &n, r->error)) {
		r->failed = true;
		g_prefix_error(r->error, "%s: ", r->where);
	}
	r->repeats = r->repeats ? MIN(r->repeats, n) : n;
	return value;
}

/* --- what binds how tightly ------------------------------------------------------------------- */

static double factor(struct reckoning *r) {
	double value;

	if (takes(r, "-"))
		return -factor(r);
	if (takes(r, "(")) {
		value = sum(r);
		return takes(r, ")") ? value : wrong(r, "a ')' is missing");
	}
	r->at += strspn(r->at, " \t\n");
	if (g_ascii_isdigit(*r->at))
		return number(r);
	return g_ascii_isalpha(*r->at) ? named(r) : wrong(r, "a number or RUN:MEASURE is missing");
}

static double product(struct reckoning *r) {
	double value = factor(r);

	while (!r->failed) {
		if (takes(r, "*"))
			value *= factor(r);
		else if (takes(r, "/"))
			value /= factor(r);
		else
			break;
	}
	return value;
}

static double sum(struct reckoning *r) {
	double value;

	if (r->depth++ == NESTED)
		return wrong(r, "nested too deeply");
	value = product(r);
	while (!r->failed) {
		if (takes(r, "+"))
			value += product(r);
		else if (takes(r, "-"))
			value -= product(r);
		else
			break;
	}
	r->depth--;
	return value;
}

static double comparison(struct reckoning *r) {
	double value = sum(r);

	if (takes(r, ">="))
		return value >= sum(r);
	if (takes(r, "<="))
		return value <= sum(r);
	if (takes(r, ">"))
		return value > sum(r);
	if (takes(r, "<"))
		return value < sum(r);
	return takes(r, "=") ? value == sum(r) : value;
}

bool reckon(const char *text, const char *where, reckon_look look, void *arg, double *value,
            GError **error) {
	struct reckoning r = {.text = text,
	                      .at = text,
	                      .where = where,
	                      .look = look,
	                      .arg = arg,
	                      .repetition = -1,
	                      .error = error};

	*value = comparison(&r);
	r.at += strspn(r.at, " \t\n");
	if (!r.failed && *r.at)
		wrong(&r, "more than a reckoning");
	if (!r.failed && !isfinite(*value))
		wrong(&r, "no finite number");
	return !r.failed;
}
