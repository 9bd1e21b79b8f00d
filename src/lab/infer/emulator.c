/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What would the simulator say of a system, about? */
#include "lab/infer/emulator.h"

#include <math.h>
#include <string.h>

#include "lab/infer/ridge.h"

#define US_PER_S 1e6
/* How sharp a curve bends where its bound changes. */
#define BEND 12
/* Trials that are a tenth of all trials' range away count half. */
#define NEARNESS 100.0
/* What is less than this share of a run's time is left to what is learnt of the rest. */
#define LEAST_SHARE 5e-4
#define LEAST_TRIALS 8

/* Measures that it knows, by the end of their names. */
enum known { LATENCY, REQUESTS, CPU_TOTAL, CPU_USER, MEASURES };
static const char *const measure_ends[MEASURES] = {".latency_us", ".requests", ".cpu_total",
                                                   ".cpu_user"};

/* Something that is charged: so many times, so many bytes, or microseconds that have no price. */
enum sort { TIMES, BYTES, MICROSECONDS, WAIT };
struct charge {
	unsigned run, cost;
	enum sort sort;
};

struct sums { /* microseconds of a request or a send */
	double host, user, card, command, wait;
};

struct emulator {
	const struct prices *prices;
	const struct unknowns *unknowns;
	const struct numbers *numbers;
	double sends;
	GQuark measures[MEASURES];
	bool *sends_run; /* of each run: it is the send benchmark */
	unsigned inputs;
	GArray *charges; /* struct charge, by run */
	double *counts;  /* inputs x charges */
	double *left;    /* inputs x numbers */
	double *off, *range;
	GQuark *us, *count; /* of each cost */
	GQuark completed;
	unsigned command; /* that cost */
	/* Scratch. */
	double *phi, *values, *each, *per_byte;
	struct sums *sums;
};

/* --- inputs: 1; each number as the prior draws it, its square, where that is its logarithm, itself, and in which
 * of its steps it is; each word but the first, and times each number that has steps, and the step */

static unsigned inputs_of(const struct unknowns *unknowns) {
	unsigned numbers = 1, words = 0, stepped = 0;

	for (unsigned i = 0; i < unknowns->n; i++) {
		const struct unknown *u = &unknowns->list[i];

		if (u->law == UNKNOWN_WORDS)
			words += u->n_words - 1;
		else
			numbers += (u->law == UNKNOWN_LOG ? 3 : 2) + (u->step > 0);
		stepped += 2 * (u->step > 0);
	}
	return numbers + words * (1 + stepped);
}

static double stretched(const struct unknown *u, double x) {
	return 2 * (unknown_value(u, x) - u->low) / (u->high - u->low) - 1;
}

static double steps(const struct unknown *u, double x) {
	return 2 * ceil(unknown_value(u, x) / u->step) / ceil(u->high / u->step) - 1;
}

static double *inputs_of_word(const struct unknowns *unknowns, const double *x, bool is,
                              double *phi) {
	*phi++ = is;
	for (unsigned i = 0; i < unknowns->n; i++)
		if (unknowns->list[i].step > 0) {
			*phi++ = is ? stretched(&unknowns->list[i], x[i]) : 0;
			*phi++ = is ? steps(&unknowns->list[i], x[i]) : 0;
		}
	return phi;
}

static void inputs_at(const struct unknowns *unknowns, const double *x, double *phi) {
	*phi++ = 1;
	for (unsigned i = 0; i < unknowns->n; i++) {
		const struct unknown *u = &unknowns->list[i];
		double centred = 2 * x[i] - 1;

		for (unsigned w = 1; w < u->n_words; w++)
			phi = inputs_of_word(unknowns, x, unknown_word(u, x[i]) == w, phi);
		if (u->law == UNKNOWN_WORDS)
			continue;
		*phi++ = centred;
		*phi++ = centred * centred - 1.0 / 3;
		if (u->law == UNKNOWN_LOG)
			*phi++ = stretched(u, x[i]);
		if (u->step > 0)
			*phi++ = steps(u, x[i]);
	}
}

static void values_at(const struct unknowns *unknowns, const double *x, double *values) {
	for (unsigned i = 0; i < unknowns->n; i++)
		values[i] = unknown_value(&unknowns->list[i], x[i]);
}

/* --- what was charged in a trial: of each run and cost, microseconds and how often, for a unit --- */

/* "What it measured, or 0" of a run. */
static double value_or_0(const struct trial *trial, unsigned run, GQuark name) {
	double value = trial_value(trial, run, name);

	return isnan(value) ? 0 : value;
}

/* Requests, or sends. */
static double units_of(const struct emulator *e, const struct trial *trial, unsigned run) {
	return e->sends_run[run] ? e->sends : fmax(1, value_or_0(trial, run, e->completed));
}

static void read_account(const struct emulator *e, struct trial *trial, unsigned run) {
	unsigned n = prices_all(e->prices);
	double units = units_of(e, trial, run);

	if (trial->account[run])
		return;
	trial->account[run] = g_new0(double, 2 * (size_t)n);
	for (unsigned c = 0; c < n; c++) {
		trial->account[run][2 * c] = value_or_0(trial, run, e->us[c]) / units;
		trial->account[run][2 * c + 1] = value_or_0(trial, run, e->count[c]) / units;
	}
}

static double us_of(const struct trial *trial, unsigned run, unsigned cost) {
	return trial->account[run][2 * cost];
}

/* The prices of the trial's run are in each and per_byte. */
static double charged(const struct emulator *e, const struct trial *trial,
                      const struct charge *charge) {
	double us = us_of(trial, charge->run, charge->cost);
	double count = trial->account[charge->run][2 * charge->cost + 1];
	double per_byte = e->per_byte[charge->cost];

	switch (charge->sort) {
	case TIMES:
		return count;
	case BYTES:
		return per_byte > 0 ? fmax(0, us - count * e->each[charge->cost]) / per_byte : 0;
	default:
		return us;
	}
}

static void add(struct sums *sums, const struct emulator *e, unsigned cost, double us) {
	if (cost >= prices_host(e->prices)) {
		sums->card += us;
		if (cost == e->command)
			sums->command += us;
		return;
	}
	sums->host += us;
	if (strstr(prices_name(e->prices, cost), ".user_"))
		sums->user += us;
}

static double price(const struct emulator *e, const struct charge *charge) {
	switch (charge->sort) {
	case TIMES:
		return e->each[charge->cost];
	case BYTES:
		return e->per_byte[charge->cost];
	default:
		return 1;
	}
}

/* What a send waits beside the host's work and the card's command. */
static double waited(const struct emulator *e, const struct trial *trial, unsigned run) {
	double us = trial_value(trial, run, e->measures[LATENCY]);
	struct sums sums = {0};

	for (unsigned c = 0; c < prices_all(e->prices); c++)
		add(&sums, e, c, us_of(trial, run, c));
	return us - sums.host - sums.command;
}

/* --- which charges matter -------------------------------------------------------------------------- */

/* The largest share that each cost has of a trial's run, and whether it has a price in any: both begin as zeros. */
static void look_at(const struct emulator *e, const GPtrArray *trials, unsigned run, double *share,
                    bool *priced) {
	unsigned n = prices_all(e->prices);

	for (guint i = 0; i < trials->len; i++) {
		const struct trial *trial = trials->pdata[i];
		double all = 1e-9;

		values_at(e->unknowns, trial->x, e->values);
		prices_at(e->prices, run, e->values, e->each, e->per_byte);
		for (unsigned c = 0; c < n; c++)
			all += us_of(trial, run, c);
		for (unsigned c = 0; c < n; c++) {
			share[c] = fmax(share[c], us_of(trial, run, c) / all);
			priced[c] |= e->each[c] > 0 || e->per_byte[c] > 0;
		}
	}
}

/* Adds those of a run. */
static void find_charges(struct emulator *e, const GPtrArray *trials, unsigned run) {
	unsigned n = prices_all(e->prices);
	g_autofree double *share = g_new0(double, n);
	g_autofree bool *priced = g_new0(bool, n);
	struct charge charge = {.run = run};

	look_at(e, trials, run, share, priced);
	for (charge.cost = 0; charge.cost < n; charge.cost++) {
		if (share[charge.cost] <= LEAST_SHARE)
			continue;
		charge.sort = priced[charge.cost] ? TIMES : MICROSECONDS;
		g_array_append_val(e->charges, charge);
		charge.sort = BYTES;
		if (priced[charge.cost] && e->per_byte[charge.cost] > 0)
			g_array_append_val(e->charges, charge);
	}
	charge = (struct charge){.run = run, .sort = WAIT};
	if (e->sends_run[run])
		g_array_append_val(e->charges, charge);
}

/* --- the closed form ------------------------------------------------------------------------------- */

static void sum_up(struct emulator *e, const double *x) {
	unsigned n = e->charges->len, run = G_MAXUINT;

	inputs_at(e->unknowns, x, e->phi);
	values_at(e->unknowns, x, e->values);
	memset(e->sums, 0, e->numbers->n_runs * sizeof *e->sums);
	for (unsigned i = 0; i < n; i++) {
		const struct charge *charge = &g_array_index(e->charges, struct charge, i);
		double amount = 0;

		if (charge->run != run) {
			run = charge->run;
			prices_at(e->prices, run, e->values, e->each, e->per_byte);
		}
		/* One charge's coefficients lie in a row. */
		for (unsigned f = 0; f < e->inputs; f++)
			amount += e->phi[f] * e->counts[(size_t)i * e->inputs + f];
		if (charge->sort == WAIT)
			e->sums[run].wait = amount;
		else
			add(&e->sums[run], e, charge->cost, fmax(0, amount) * price(e, charge));
	}
}

/* Of what is offered, what the host's and what the card's processor can: the least, rounded where two meet. */
static double throughput(const struct sums *sums, double offered) {
	double bounds[] = {1 / offered, sums->host / US_PER_S, sums->card / US_PER_S}, sum = 0;
	double longest = fmax(bounds[0], fmax(bounds[1], bounds[2]));

	for (unsigned i = 0; i < G_N_ELEMENTS(bounds); i++)
		sum += pow(bounds[i] / longest, BEND);
	return 1 / (longest * pow(sum, 1.0 / BEND));
}

static double closed(const void *arg, unsigned run, GQuark measure) {
	const struct emulator *e = arg;
	const struct sums *sums = &e->sums[run];
	double offered = e->numbers->runs[run].offered;

	if (measure == e->measures[LATENCY])
		return sums->host + sums->command + sums->wait;
	if (measure == e->measures[REQUESTS])
		return throughput(sums, offered);
	if (measure == e->measures[CPU_TOTAL])
		return 100 * sums->host / US_PER_S * throughput(sums, offered);
	if (measure == e->measures[CPU_USER])
		return 100 * sums->user / US_PER_S * throughput(sums, offered);
	return NAN;
}

void emulator_numbers(struct emulator *e, const double *x, double *y) {
	sum_up(e, x);
	numbers_of(e->numbers, closed, e, y);
	for (unsigned k = 0; k < e->numbers->n; k++)
		for (unsigned f = 0; f < e->inputs; f++)
			y[k] += e->phi[f] * e->left[(size_t)k * e->inputs + f];
}

/* --- learning --------------------------------------------------------------------------------------- */

/* Trials that have something, with their inputs and weights. */
struct sample {
	GPtrArray *trials;
	double *phi, *w;
};

/* Rows of outputs become a row for each output. */
static void transpose(const double *beta, unsigned inputs, unsigned outputs, double *rows) {
	for (unsigned f = 0; f < inputs; f++)
		for (unsigned o = 0; o < outputs; o++)
			rows[(size_t)o * inputs + f] = beta[(size_t)f * outputs + o];
}

/* Of the numbers that it has. */
static double weight(const struct emulator *e, const struct trial *trial, const double *near) {
	double square = 0;
	unsigned used = 0;

	for (unsigned k = 0; near && k < e->numbers->n; k++) {
		double off = (trial->y[k] - near[k]) / e->range[k];

		if (!number_used(&e->numbers->list[k]) || isnan(off))
			continue;
		square += off * off;
		used++;
	}
	return used ? 1 / (1 + NEARNESS * square / used) : 1;
}

/* Those that had a run without trouble; or, of a number (run < 0), that came to it. */
static struct sample sample_of(const struct emulator *e, const GPtrArray *trials, int run,
                               unsigned number, const double *near) {
	struct sample s = {.trials = g_ptr_array_new()};

	for (guint t = 0; t < trials->len; t++) {
		const struct trial *trial = trials->pdata[t];
		bool has = run < 0 ? isfinite(trial->y[number])
		                   : trial->records[run] && trial->records[run]->reasons->len == 0;

		if (has)
			g_ptr_array_add(s.trials, trials->pdata[t]);
	}
	s.phi = g_new(double, (size_t)s.trials->len * e->inputs + 1);
	s.w = g_new(double, s.trials->len + 1);
	for (guint t = 0; t < s.trials->len; t++) {
		const struct trial *trial = s.trials->pdata[t];

		inputs_at(e->unknowns, trial->x, s.phi + (size_t)t * e->inputs);
		s.w[t] = weight(e, trial, near);
	}
	return s;
}

static void sample_clear(struct sample *s) {
	g_ptr_array_unref(s->trials);
	g_free(s->phi);
	g_free(s->w);
}

/* What was charged in a trial, from charge `from` on, all of one run. */
static void charges_of(const struct emulator *e, const struct trial *trial, unsigned run,
                       unsigned from, double *y) {
	values_at(e->unknowns, trial->x, e->values);
	prices_at(e->prices, run, e->values, e->each, e->per_byte);
	for (unsigned i = from; i < e->charges->len; i++) {
		const struct charge *charge = &g_array_index(e->charges, struct charge, i);

		*y++ = charge->sort == WAIT ? waited(e, trial, run) : charged(e, trial, charge);
	}
}

static void learn_counts(struct emulator *e, const struct sample *s, unsigned run) {
	unsigned from = e->charges->len, n;
	g_autofree double *y = NULL, *beta = NULL;

	for (guint t = 0; t < s->trials->len; t++)
		read_account(e, s->trials->pdata[t], run);
	find_charges(e, s->trials, run);
	n = e->charges->len - from;
	y = g_new(double, (size_t)s->trials->len *n);
	beta = g_new(double, (size_t)e->inputs *n);
	for (guint t = 0; t < s->trials->len; t++)
		charges_of(e, s->trials->pdata[t], run, from, y + (size_t)t * n);
	ridge_fit(s->trials->len, e->inputs, n, s->phi, s->w, y, beta, NULL);
	e->counts = g_renew(double, e->counts, (size_t)e->inputs * e->charges->len);
	transpose(beta, e->inputs, n, e->counts + (size_t)e->inputs * from);
}

/* What the sums leave of a number. */
static void learn_left(struct emulator *e, const struct sample *s, unsigned k) {
	g_autofree double *y = g_new(double, e->numbers->n), *left = g_new(double, s->trials->len);

	for (guint t = 0; t < s->trials->len; t++) {
		const struct trial *trial = s->trials->pdata[t];

		emulator_numbers(e, trial->x, y);
		left[t] = trial->y[k] - y[k];
	}
	ridge_fit(s->trials->len, e->inputs, 1, s->phi, s->w, left, e->left + (size_t)k * e->inputs,
	          &e->off[k]);
}

/* Of the first trials that it learns from. */
static void measure_ranges(struct emulator *e, const GPtrArray *trials) {
	for (unsigned k = 0; k < e->numbers->n; k++) {
		double sum = 0, square = 0;
		unsigned n = 0;

		for (guint t = 0; t < trials->len; t++) {
			double y = ((const struct trial *)trials->pdata[t])->y[k];

			if (isnan(y))
				continue;
			sum += y;
			square += y * y;
			n++;
		}
		sum /= MAX(n, 1);
		if (e->range[k] == 0)
			e->range[k] = sqrt(fmax(square / MAX(n, 1) - sum * sum, 1e-12));
	}
}

bool emulator_learn(struct emulator *e, const GPtrArray *trials, const double *near) {
	bool good = true;

	g_array_set_size(e->charges, 0);
	memset(e->left, 0, (size_t)e->inputs * e->numbers->n * sizeof *e->left);
	measure_ranges(e, trials);
	for (unsigned r = 0; good && r < e->numbers->n_runs; r++) {
		struct sample s = sample_of(e, trials, (int)r, 0, near);

		good = !e->numbers->runs[r].used || s.trials->len >= LEAST_TRIALS;
		if (good && e->numbers->runs[r].used)
			learn_counts(e, &s, r);
		sample_clear(&s);
	}
	for (unsigned k = 0; good && k < e->numbers->n; k++) {
		struct sample s = sample_of(e, trials, -1, k, near);

		if (number_used(&e->numbers->list[k]))
			learn_left(e, &s, k);
		sample_clear(&s);
	}
	return good;
}

const double *emulator_off(const struct emulator *emulator) { return emulator->off; }
const double *emulator_range(const struct emulator *emulator) { return emulator->range; }

/* --- the whole -------------------------------------------------------------------------------------- */

/* Its name, if a number that is used is of it; false: it is none of those known. */
static bool know(struct emulator *e, GQuark measure) {
	const char *name = g_quark_to_string(measure);

	for (unsigned i = 0; i < MEASURES; i++)
		if (g_str_has_suffix(name, measure_ends[i])) {
			e->measures[i] = measure;
			return true;
		}
	return false;
}

static bool know_all(struct emulator *e, GError **error) {
	for (unsigned k = 0; k < e->numbers->n; k++) {
		const struct number *number = &e->numbers->list[k];

		if (!number_used(number))
			continue;
		if (!know(e, number->measure) || (number->over && !know(e, number->over))) {
			g_set_error(
				error, LAB_ERROR, LAB_ERROR_INPUT,
				"[number %s] measure: there is no closed form of '%s'; allowed: of "
				"numbers that are used, latency_us, requests, cpu_total and "
				"cpu_user",
				number->name, g_quark_to_string(number->measure));
			return false;
		}
		e->sends_run[number->run] |= number->measure == e->measures[LATENCY];
	}
	return true;
}

static void name_costs(struct emulator *e) {
	unsigned n = prices_all(e->prices);

	e->us = g_new(GQuark, n);
	e->count = g_new(GQuark, n);
	e->command = n;
	for (unsigned c = 0; c < n; c++) {
		const char *name = prices_name(e->prices, c);
		g_autofree char *us = g_strconcat(name, ".us", NULL);
		g_autofree char *count = g_strconcat(name, ".count", NULL);

		e->us[c] = g_quark_from_string(us);
		e->count[c] = g_quark_from_string(count);
		if (c >= prices_host(e->prices) && g_str_has_suffix(name, ".command"))
			e->command = c;
	}
}

struct emulator *emulator_new(const struct prices *prices, const struct unknowns *unknowns,
                              const struct numbers *numbers, double sends, GError **error) {
	struct emulator *e = g_new0(struct emulator, 1);

	e->prices = prices;
	e->unknowns = unknowns;
	e->numbers = numbers;
	e->sends = sends;
	e->inputs = inputs_of(unknowns);
	e->charges = g_array_new(FALSE, TRUE, sizeof(struct charge));
	e->left = g_new0(double, (size_t)e->inputs * numbers->n);
	e->off = g_new0(double, numbers->n);
	e->range = g_new0(double, numbers->n);
	e->sends_run = g_new0(bool, numbers->n_runs);
	e->sums = g_new0(struct sums, numbers->n_runs);
	e->phi = g_new(double, e->inputs);
	e->values = g_new(double, unknowns->n);
	e->each = g_new(double, prices_all(prices));
	e->per_byte = g_new(double, prices_all(prices));
	e->completed = g_quark_from_static_string("type:specweb.completed");
	name_costs(e);
	if (!know_all(e, error))
		g_clear_pointer(&e, emulator_free);
	return e;
}

void emulator_free(struct emulator *e) {
	double *const arrays[] = {e->counts, e->left,   e->off,  e->range,
	                          e->phi,    e->values, e->each, e->per_byte};

	for (unsigned i = 0; i < G_N_ELEMENTS(arrays); i++)
		g_free(arrays[i]);
	g_array_unref(e->charges);
	g_free(e->us);
	g_free(e->count);
	g_free(e->sends_run);
	g_free(e->sums);
	g_free(e);
}
