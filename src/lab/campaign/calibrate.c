/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calibration: fits the parameters that [calibrate NAME] groups name to the paper's values, by the
 * secant method, one after the other; groups of one round are repeated until all agree.
 */
#include "lab/campaign/calibrate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/campaign/plan.h"
#include "lab/scenario/bounds.h"
#include "lab/world/verdict.h"

#define STEPS 8  /* of one parameter, at most */
#define CYCLES 8 /* of one round, at most */

/* A value of the scenario's. */
struct parameter_of {
	const char *name;   /* GROUP.KEY */
	struct terms terms; /* of a cost of which the lines are fitted */
};

struct knob {
	const struct group *group;
	struct parameter_of *parameter; /* all get the same value */
	unsigned n;
	bool lines; /* the lines of a cost that is a sum are fitted, not all of it */
	const char *experiment, *config, *measure;
	const char *lowest, *highest; /* as the group says them */
	double target, tolerance;
	unsigned round;
	enum value_type type;    /* VALUE_TIME or VALUE_FACTOR */
	double value, low, high; /* in base units */
	double measured;
};

struct calibration {
	struct plan *plan; /* the scenario only */
	struct knob *knob;
	unsigned n;
	unsigned jobs;
	unsigned failed; /* reasons why runs are none to rely on */
	bool silent;     /* nothing is printed: all is told at the end */
};

static bool wrong(const struct knob *knob, const char *key, const char *why, GError **error) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "calibrate: [%s] %s: %s",
	            knob->group->text->name, key, why);
	return false;
}

/* A value outside the range that its source gives is none to start from. */
static bool in_range(const struct knob *knob, const char *name, const char *value, GError **error) {
	g_autofree char *why = NULL;

	if (knob->low <= knob->high && knob->value >= knob->low && knob->value <= knob->high)
		return true;
	why = g_strdup_printf(
		"%s is %s, and its range %s to %s; allowed: a value in its range, low "
		"below high",
		name, value, knob->lowest, knob->highest);
	return wrong(knob, "parameter", why, error);
}

/* The range that stands behind the parameter holds too, whatever the fit is allowed. */
static bool in_bounds(struct knob *knob, const char *name, const struct group *group,
                      const struct key *key, const char *value, GError **error) {
	g_autofree char *range = group_range(group, key->name), *why = NULL;
	struct bounds bounds;
	const char *what;

	if (!range || !bounds_read(key, range, &bounds, &what) || bounds.per_byte)
		return true;
	if (bounds_have(key, &bounds, value) == BOUNDS_OUTSIDE) {
		why = g_strdup_printf("%s is %s, and its range %s; allowed: a value in its range",
		                      name, value, range);
		return wrong(knob, "parameter", why, error);
	}
	knob->low = MAX(knob->low, bounds.low);
	knob->high = MIN(knob->high, bounds.high);
	return true;
}

static const struct key *key_of(const struct scenario *sc, const char *parameter,
                                const struct group **group) {
	g_auto(GStrv) parts = g_strsplit(parameter, ".", 2);

	for (guint i = 0; parts[0] && parts[1] && i < sc->groups->len; i++) {
		const struct key *key;

		*group = sc->groups->pdata[i];
		key = kind_key((*group)->kind, parts[1]);
		if (g_str_equal((*group)->name, parts[0]) && key)
			return key;
	}
	return NULL;
}

/* The lines that are waited for, one after the other, whatever the bytes and the kernel. */
static struct term *lines_of(struct terms *terms) {
	for (unsigned i = 0; i < terms->n; i++) {
		struct term *term = &terms->term[i];

		if (term->kind == TERM_LINES && !term->per_byte && !term->smp)
			return term;
	}
	return NULL;
}

/* What the scenario says: all of it, or the lines in it. */
static bool read_value(struct knob *knob, struct parameter_of *p, const struct key *key,
                       const char *text) {
	const char *why;

	if (!knob->lines)
		return quantity_number(knob->type, text, &knob->value, &why);
	if (key->type != VALUE_WORK || !terms_read(&p->terms, text, &why) || !lines_of(&p->terms))
		return false;
	knob->value = lines_of(&p->terms)->amount;
	return true;
}

/* Finds the present value of one of the knob's parameters, and its unit. */
static bool parameter_open(const struct calibration *c, struct knob *knob, struct parameter_of *p,
                           GError **error) {
	const struct group *group = NULL;
	const struct key *key = key_of(c->plan->sc, p->name, &group);
	g_autofree char *text = NULL;
	const char *why;

	if (!key)
		return wrong(knob, "parameter", "there is no such parameter; allowed: GROUP.KEY",
		             error);
	knob->type = knob->lines                                          ? VALUE_FACTOR
	             : key->type == VALUE_COST || key->type == VALUE_WORK ? VALUE_TIME
	                                                                  : key->type;
	text = key_get(key, group->conf);
	if (!read_value(knob, p, key, text) || !knob->lowest || !knob->highest ||
	    !quantity_number(knob->type, knob->lowest, &knob->low, &why) ||
	    !quantity_number(knob->type, knob->highest, &knob->high, &why))
		return wrong(knob, "parameter",
		             knob->lines ? "allowed: costs with lines in them, low and high alike"
		                         : "allowed: a time or a factor, low and high alike",
		             error);
	return in_range(knob, p->name, text, error) &&
	       (knob->lines || in_bounds(knob, p->name, group, key, text, error));
}

static bool knob_open(struct calibration *c, struct knob *knob, GError **error) {
	if (!knob->measure || !*knob->measure)
		return wrong(knob, "measure", "missing; allowed: names of run.json", error);
	if (knob->n == 0)
		return wrong(knob, "parameter", "there is no such parameter; allowed: GROUP.KEY",
		             error);
	for (unsigned i = 0; i < knob->n; i++)
		if (!parameter_open(c, knob, &knob->parameter[i], error))
			return false;
	return true;
}

/* What one of its parameters says at a value. */
static char *knob_text(const struct knob *knob, unsigned i, double value) {
	/* To the nanosecond: finer values say nothing. */
	double rounded =
		knob->type == VALUE_TIME ? round(value / 1e3) * 1e3 : round(value * 1e4) / 1e4;
	struct terms terms = knob->parameter[i].terms;

	if (!knob->lines)
		return quantity_format(knob->type, rounded);
	lines_of(&terms)->amount = rounded;
	return terms_write(&terms);
}

/* A knob's parameters at that value, into the base: an experiment may set one to a value of its own. */
static bool knob_set(struct calibration *c, const struct knob *knob, double value, GError **error) {
	bool good = true;

	for (unsigned i = 0; good && i < knob->n; i++) {
		g_autofree char *setting = knob_text(knob, i, value);

		good = text_override(c->plan->text, knob->parameter[i].name, setting, "calibrate",
		                     error);
	}
	return good;
}

/* The run that measures knob k, with every knob at its present value but k at `value`. */
static struct run_spec *make_run(struct calibration *c, unsigned k, double value, GError **error) {
	const struct knob *knob = &c->knob[k];
	struct text *text;
	const struct group *experiment =
		scenario_find(c->plan->sc, &kind_experiment, knob->experiment);
	const uint32_t *offered = group_numbers(experiment, "offered");
	const char *key = group_text(experiment, "load");
	bool good = true;
	struct run_spec *spec = NULL;
	unsigned last = 0;

	for (unsigned i = 0; good && i < c->n; i++)
		good = knob_set(c, &c->knob[i], i == k ? value : c->knob[i].value, error);
	text = good ? plan_text(c->plan, knob->experiment, knob->config, error) : NULL;
	good = text;
	for (unsigned i = 0; offered && offered[i]; i++)
		last = offered[i];
	if (good && last) {
		g_autofree char *load = g_strdup_printf("%u/s", last);

		good = text_override(text, key ? key : "clients.offered", load, "calibrate", error);
	}
	if (good)
		spec = run_spec_new(knob->group->name, text, c->plan->seed);
	if (text)
		text_free(text);
	return spec;
}

/* Measures at n (one or two) values at the same time. */
static bool measure(struct calibration *c, unsigned k, const double *value, double *result,
                    unsigned n, GError **error) {
	struct run_spec *spec[2] = {NULL, NULL};
	struct measures *m[2] = {NULL, NULL};
	bool good = true;

	for (unsigned i = 0; good && i < n; i++)
		good = (spec[i] = make_run(c, k, value[i], error));
	good = good && run_all(spec, n, c->jobs, m, error);
	for (unsigned i = 0; i < n; i++) {
		if (good) {
			result[i] = measures_get(m[i], c->knob[k].measure);
			c->failed += verdict_print(spec[i]->name, c->plan->sc, m[i]);
			measures_free(m[i]);
		}
		g_clear_pointer(&spec[i], run_spec_free);
	}
	if (good && isnan(result[0]))
		return wrong(&c->knob[k], "measure",
		             "there is no such measure; allowed: names of run.json", error);
	return good;
}

/* Secant steps from the present value, kept inside the range. */
static bool fit(struct calibration *c, unsigned k, GError **error) {
	struct knob *knob = &c->knob[k];
	double target = knob->target;
	double other = knob->value * 1.05 > knob->high ? knob->value * 0.95 : knob->value * 1.05;
	double x[2] = {knob->value, CLAMP(other, knob->low, knob->high)}, y[2];

	if (!measure(c, k, x, y, 2, error))
		return false;
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned best = fabs(y[0] - target) <= fabs(y[1] - target) ? 0 : 1;
		double next;

		if (step == 0 && fabs(y[0] - target) <= knob->tolerance)
			best = 0; /* what agrees stays */
		knob->value = x[best];
		knob->measured = y[best];
		if (fabs(knob->measured - target) <= knob->tolerance || y[0] == y[1])
			return true;
		next = CLAMP(x[1] + (target - y[1]) * (x[1] - x[0]) / (y[1] - y[0]), knob->low,
		             knob->high);
		if (next == x[1])
			return true;
		x[0] = x[1];
		y[0] = y[1];
		x[1] = next;
		if (!measure(c, k, &x[1], &y[1], 1, error))
			return false;
	}
	return true;
}

static bool agrees(const struct knob *knob) {
	return fabs(knob->measured - knob->target) <= knob->tolerance;
}

static void print_found(void *arg, const struct calibrated *found) {
	(void)arg;
	printf("%-24s = %-10s  %-24s %9.3f (paper %g +- %g)  %s%s\n", found->parameter,
	       found->value, found->measure, found->measured, found->target, found->tolerance,
	       found->agrees ? "agrees" : "DOES NOT AGREE",
	       found->at_end ? ", at the end of its plausible range" : "");
	fflush(stdout);
}

static void tell(const struct knob *knob, void (*to)(void *, const struct calibrated *),
                 void *arg) {
	for (unsigned i = 0; i < knob->n; i++) {
		g_autofree char *value = knob_text(knob, i, knob->value);

		to(arg, &(struct calibrated){
				.parameter = knob->parameter[i].name,
				.value = value,
				.measure = knob->measure,
				.measured = knob->measured,
				.target = knob->target,
				.tolerance = knob->tolerance,
				.agrees = agrees(knob),
				.at_end = knob->value <= knob->low || knob->value >= knob->high,
			});
	}
}

static bool fit_round(struct calibration *c, unsigned round, bool *found, GError **error) {
	for (unsigned cycle = 0; cycle < CYCLES; cycle++) {
		unsigned in_round = 0, unmoved = 0;

		for (unsigned k = 0; k < c->n; k++) {
			double before = c->knob[k].value;

			if (c->knob[k].round != round)
				continue;
			if (!fit(c, k, error))
				return false;
			if (!c->silent)
				tell(&c->knob[k], print_found, NULL);
			in_round++;
			unmoved += c->knob[k].value == before;
		}
		*found = in_round > 0;
		if (in_round <= 1 || unmoved == in_round)
			return true;
	}
	return true;
}

static struct knob knob_of(const struct group *group) {
	char **names = group_names(group, "parameter");
	unsigned n = names ? g_strv_length(names) : 0;
	struct parameter_of *parameter = g_new0(struct parameter_of, n);

	for (unsigned i = 0; i < n; i++)
		parameter[i].name = names[i];
	return (struct knob){
		.group = group,
		.parameter = parameter,
		.n = n,
		.lines = group_number(group, "term") == 1,
		.experiment = group_text(group, "experiment"),
		.config = group_text(group, "config"),
		.measure = group_text(group, "measure"),
		.lowest = group_text(group, "low"),
		.highest = group_text(group, "high"),
		.target = group_number(group, "target"),
		.tolerance = group_number(group, "tolerance"),
		.round = (unsigned)group_number(group, "round"),
	};
}

static bool open_all(struct calibration *c, GError **error) {
	const struct group *group;

	while ((group = scenario_nth(c->plan->sc, &kind_calibrate, c->n))) {
		c->knob = g_renew(struct knob, c->knob, c->n + 1);
		c->knob[c->n] = knob_of(group);
		if (!knob_open(c, &c->knob[c->n], error))
			return false;
		c->n++;
	}
	if (c->n == 0) {
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: no group is of type calibrate; allowed: a [calibrate NAME] for each "
			"parameter to fit",
			c->plan->text->file);
		return false;
	}
	return true;
}

static bool fit_all(struct calibration *c, GError **error) {
	bool found = true;

	for (unsigned round = 0; found; round++)
		if (!fit_round(c, round, &found, error))
			return false;
	return true;
}

/* Whether it fits the parameter of that name, of `length` letters. */
static bool knob_has(const struct knob *knob, const char *name, size_t length) {
	for (unsigned i = 0; i < knob->n; i++)
		if (strlen(knob->parameter[i].name) == length &&
		    strncmp(knob->parameter[i].name, name, length) == 0)
			return true;
	return false;
}

/* A parameter that is fitted is no longer what --set says once its fit has started there. */
static char **sets_of_others(const struct calibration *c, char **sets) {
	GStrvBuilder *others = g_strv_builder_new();
	char **result;

	for (unsigned i = 0; sets && sets[i]; i++) {
		size_t name = strcspn(sets[i], "=");
		bool fitted = false;

		for (unsigned k = 0; k < c->n; k++)
			fitted |= knob_has(&c->knob[k], sets[i], name);
		if (!fitted)
			g_strv_builder_add(others, sets[i]);
	}
	result = g_strv_builder_end(others);
	g_strv_builder_unref(others);
	return result;
}

bool calibrate(const struct text *text, const struct calibrate_options *o, unsigned *failed,
               GError **error) {
	struct calibration c = {.jobs = o->jobs, .silent = o->silent};
	g_auto(GStrv) others = NULL;
	bool good;

	c.plan = plan_of(text, o->sets, "", NULL, o->quick, o->seed, error);
	good = c.plan && open_all(&c, error);
	if (good) {
		others = sets_of_others(&c, o->sets);
		c.plan->sets = others;
	}
	good = good && fit_all(&c, error);
	*failed = c.failed;
	for (unsigned k = 0; good && k < c.n; k++) {
		*failed += !agrees(&c.knob[k]);
		if (o->tell)
			tell(&c.knob[k], o->tell, o->arg);
	}
	for (unsigned k = 0; k < c.n; k++)
		g_free(c.knob[k].parameter);
	g_free(c.knob);
	g_clear_pointer(&c.plan, plan_free);
	return good;
}
