/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does each cost come to, as a function of the unknowns? */
#include "lab/infer/prices.h"

#include <string.h>

#include "lab/kinds/parts.h"

#define PS_PER_US ((double)SIM_US)

/* What a host says of itself. */
enum { SPEED, TRAP, SWITCH, LINE, READ, COPY, SMP, PREFETCH, HOST_NUMBERS };
static const char *const host_keys[HOST_NUMBERS] = {"speed",          "trap",        "switch",
                                                    "memory_latency", "memory_read", "memory_copy",
                                                    "kernel",         "prefetch"};

/* A term's place among those that a cost may have. */
#define SLOTS (((unsigned)TERM_COPY + 1) * 4)

/* A number that one unknown decides, or none. */
struct form {
	int on; /* of the unknowns; -1: none */
	double base, slope;
	double *by_word; /* NULL: it is base + slope * value */
};

/* A cost of the host's processor: terms, whose amounts may depend on unknowns. */
struct part {
	unsigned cost;
	struct terms terms;
	struct form amount[TERMS_MOST];
};

struct prices {
	unsigned n_host, n_card, n_runs;
	char **names;
	struct run {
		struct form host[HOST_NUMBERS];
		GArray *parts;     /* struct part, of costs that are something */
		struct form *card; /* microseconds each and for a byte, of each cost */
	} *runs;
};

/* --- all numbers of a run, in a row -------------------------------------------------------------- */

static unsigned length_of(const struct prices *p) {
	return HOST_NUMBERS + p->n_host * SLOTS + p->n_card * 2;
}

static unsigned slot_of(const struct term *term) {
	return (unsigned)term->kind * 4 + term->per_byte * 2 + term->smp;
}

static void read_cost(const struct group *group, const struct key *key, double *slots) {
	g_autofree char *text = key_get(key, group->conf);
	const char *what = NULL;
	struct terms terms;

	if (terms_read(&terms, text, &what))
		for (unsigned i = 0; i < terms.n; i++)
			slots[slot_of(&terms.term[i])] = terms.term[i].amount;
}

static void read_all(const struct prices *p, const struct scenario *sc, double *row) {
	const struct group *host = scenario_nth(sc, &kind_host, 0),
			   *costs = scenario_find(sc, &kind_cost, group_text(host, "costs")),
			   *card = scenario_nth(sc, &kind_toecost, 0);

	for (unsigned i = 0; i < length_of(p); i++)
		row[i] = 0;
	for (unsigned i = 0; i < HOST_NUMBERS; i++)
		row[i] = i == PREFETCH ? group_flag(host, host_keys[i])
		                       : group_number(host, host_keys[i]);
	for (unsigned i = 0; costs && i < p->n_host; i++)
		read_cost(costs, &kind_cost.keys[i], row + HOST_NUMBERS + i * SLOTS);
	for (unsigned i = 0; card && i < p->n_card; i++) {
		struct cost_value value = group_cost(card, kind_toecost.keys[i].name, NULL);
		double *at = row + HOST_NUMBERS + p->n_host * SLOTS + 2 * (size_t)i;

		at[0] = (double)value.each / PS_PER_US;
		at[1] = (double)value.per_byte / PS_PER_US;
	}
}

/* What is being asked, and the run that it is of. */
struct probe {
	const struct text *text;
	char **sets;
	const struct unknowns *unknowns;
	const struct numbers_run *run;
	double *x;
};

static bool ask(const struct prices *p, const struct probe *probe, double *row, GError **error) {
	g_auto(GStrv) drawn = unknowns_settings(probe->unknowns, probe->x);
	struct text *text = numbers_run_text(probe->run, probe->text, probe->sets, drawn, error);
	struct scenario *sc;

	sc = text ? scenario_new(text, error) : NULL;
	g_clear_pointer(&text, text_free);
	if (sc)
		read_all(p, sc, row);
	g_clear_pointer(&sc, scenario_free);
	return sc || row[0] > 0;
}

/* --- which unknown decides what ------------------------------------------------------------------ */

static void depend(struct form *form, unsigned u, const struct unknown *unknown, double **rows,
                   const double *values, unsigned n, unsigned i) {
	bool same = true;

	for (unsigned k = 1; k < n; k++)
		same = same && rows[k][i] == rows[0][i];
	if (same)
		return;
	form->on = (int)u;
	if (unknown->law == UNKNOWN_WORDS) {
		form->by_word = g_new(double, n);
		for (unsigned k = 0; k < n; k++)
			form->by_word[k] = rows[k][i];
	} else {
		form->slope = (rows[1][i] - rows[0][i]) / (values[1] - values[0]);
		form->base = rows[0][i] - form->slope * values[0];
	}
}

/* Sets one unknown to each of its words, or to two of its numbers, both ends among them. */
static bool vary(const struct prices *p, struct probe *probe, unsigned u, struct form *forms,
                 GError **error) {
	const struct unknown *unknown = &probe->unknowns->list[u];
	unsigned n = unknown->law == UNKNOWN_WORDS ? unknown->n_words : 2;
	double **rows = g_new0(double *, n);
	g_autofree double *values = g_new(double, n);
	bool good = true;

	for (unsigned k = 0; k < n; k++)
		rows[k] = g_new0(double, length_of(p));
	for (unsigned k = 0; good && k < n; k++) {
		probe->x[u] = unknown->law == UNKNOWN_WORDS ? (k + 0.5) / n : (double)k;
		values[k] = unknown_value(unknown, probe->x[u]);
		good = ask(p, probe, rows[k], error);
	}
	probe->x[u] = 0.5;
	for (unsigned i = 0; good && i < length_of(p); i++)
		depend(&forms[i], u, unknown, rows, values, n, i);
	for (unsigned k = 0; k < n; k++)
		g_free(rows[k]);
	g_free(rows);
	return good;
}

/* A cost's terms, of all that it could have. */
static void add_part(GArray *parts, unsigned cost, const struct form *forms) {
	struct part part = {.cost = cost};

	for (unsigned slot = 0; slot < SLOTS && part.terms.n < TERMS_MOST; slot++)
		if (forms[slot].on >= 0 || forms[slot].base != 0) {
			part.amount[part.terms.n] = forms[slot];
			part.terms.term[part.terms.n++] =
				(struct term){.kind = (enum term_kind)(slot / 4),
			                      .per_byte = slot & 2,
			                      .smp = slot & 1};
		}
	if (part.terms.n)
		g_array_append_val(parts, part);
}

static void take_parts(const struct prices *p, struct run *run, const struct form *forms) {
	const struct form *at = forms + HOST_NUMBERS;

	run->parts = g_array_new(FALSE, FALSE, sizeof(struct part));
	for (unsigned i = 0; i < HOST_NUMBERS; i++)
		run->host[i] = forms[i];
	for (unsigned c = 0; c < p->n_host; c++, at += SLOTS)
		add_part(run->parts, c, at);
	run->card = g_memdup2(at, 2 * (size_t)p->n_card * sizeof *at);
}

static bool take_run(const struct prices *p, struct run *run, struct probe *probe, GError **error) {
	g_autofree double *row = g_new0(double, length_of(p));
	g_autofree struct form *forms = g_new0(struct form, length_of(p));
	bool good;

	for (unsigned u = 0; u < probe->unknowns->n; u++)
		probe->x[u] = 0.5;
	good = ask(p, probe, row, error);
	for (unsigned i = 0; i < length_of(p); i++)
		forms[i] = (struct form){.on = -1, .base = row[i]};
	for (unsigned u = 0; good && u < probe->unknowns->n; u++)
		good = vary(p, probe, u, forms, error);
	take_parts(p, run, forms);
	return good;
}

/* --- the whole ------------------------------------------------------------------------------------ */

static char **names_of(const struct prices *p, const struct scenario *sc) {
	const struct group *host = scenario_nth(sc, &kind_host, 0),
			   *card = scenario_nth(sc, kind_find(sc->kinds, "toe"), 0);
	char **names = g_new0(char *, p->n_host + p->n_card + 1);

	for (unsigned i = 0; i < p->n_host; i++)
		names[i] = g_strdup_printf("%s.cost.%s", host->name, kind_cost.keys[i].name);
	for (unsigned i = 0; i < p->n_card; i++)
		names[p->n_host + i] = g_strdup_printf("%s.cost.%s", card ? card->name : "",
		                                       kind_toecost.keys[i].name);
	return names;
}

struct prices *prices_new(const struct text *text, char **sets, const struct unknowns *unknowns,
                          const struct numbers *numbers, GError **error) {
	struct prices *p = g_new0(struct prices, 1);
	g_autofree double *x = g_new(double, unknowns->n);
	struct scenario *sc = scenario_new(text, error);
	bool good = sc;

	p->n_host = (unsigned)kind_cost.n_keys;
	p->n_card = (unsigned)kind_toecost.n_keys;
	p->n_runs = numbers->n_runs;
	p->runs = g_new0(struct run, p->n_runs);
	if (good && !scenario_nth(sc, &kind_host, 0)) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: no group is of type host; allowed: a machine to ask about",
		            text->file);
		good = false;
	}
	if (good)
		p->names = names_of(p, sc);
	for (unsigned r = 0; good && r < p->n_runs; r++) {
		struct probe probe = {text, sets, unknowns, &numbers->runs[r], x};

		good = take_run(p, &p->runs[r], &probe, error);
	}
	g_clear_pointer(&sc, scenario_free);
	if (!good)
		g_clear_pointer(&p, prices_free);
	return p;
}

static void run_clear(const struct prices *p, struct run *run) {
	for (unsigned i = 0; i < HOST_NUMBERS; i++)
		g_free(run->host[i].by_word);
	for (guint i = 0; run->parts && i < run->parts->len; i++) {
		struct part *part = &g_array_index(run->parts, struct part, i);

		for (unsigned t = 0; t < part->terms.n; t++)
			g_free(part->amount[t].by_word);
	}
	for (unsigned i = 0; run->card && i < 2 * p->n_card; i++)
		g_free(run->card[i].by_word);
	g_clear_pointer(&run->parts, g_array_unref);
	g_free(run->card);
}

void prices_free(struct prices *prices) {
	for (unsigned r = 0; r < prices->n_runs; r++)
		run_clear(prices, &prices->runs[r]);
	g_free(prices->runs);
	g_strfreev(prices->names);
	g_free(prices);
}

unsigned prices_host(const struct prices *prices) { return prices->n_host; }
unsigned prices_all(const struct prices *prices) { return prices->n_host + prices->n_card; }
const char *prices_name(const struct prices *prices, unsigned cost) { return prices->names[cost]; }

static double form_at(const struct form *form, const double *values) {
	if (form->on < 0)
		return form->base;
	return form->by_word ? form->by_word[(unsigned)values[form->on]]
	                     : form->base + form->slope * values[form->on];
}

static double or_p6(double given, double p6, double speed) {
	return given > 0 ? given : p6 / speed;
}

/* What a host's numbers make of it, as host_machine() of kinds/host.c has it. */
static struct machine machine_at(const struct run *run, const double *values) {
	double host[HOST_NUMBERS];

	for (unsigned i = 0; i < HOST_NUMBERS; i++)
		host[i] = form_at(&run->host[i], values);
	return (struct machine){
		.speed = host[SPEED],
		.trap = or_p6(host[TRAP], TERMS_TRAP_1GHZ, host[SPEED]),
		.exchange = or_p6(host[SWITCH], TERMS_SWITCH_1GHZ, host[SPEED]),
		.line = host[LINE],
		.read = host[READ] > 0 ? 8 * (double)SIM_S / host[READ] : 0,
		.copy = host[COPY] > 0 ? 8 * (double)SIM_S / host[COPY] : 0,
		.smp = host[SMP] > 0,
		.prefetch = host[PREFETCH] > 0,
	};
}

void prices_at(const struct prices *prices, unsigned run, const double *values, double *each,
               double *per_byte) {
	const struct run *r = &prices->runs[run];
	const struct machine machine = machine_at(r, values);

	memset(each, 0, prices->n_host * sizeof *each);
	memset(per_byte, 0, prices->n_host * sizeof *per_byte);
	for (guint i = 0; i < r->parts->len; i++) {
		const struct part *part = &g_array_index(r->parts, struct part, i);
		struct terms terms = part->terms;
		struct cost_value value;

		for (unsigned t = 0; t < terms.n; t++)
			terms.term[t].amount = form_at(&part->amount[t], values);
		value = terms_on(&terms, &machine);
		each[part->cost] = (double)value.each / PS_PER_US;
		per_byte[part->cost] = (double)value.per_byte / PS_PER_US;
	}
	for (unsigned c = 0; c < prices->n_card; c++) {
		each[prices->n_host + c] = form_at(&r->card[2 * (size_t)c], values);
		per_byte[prices->n_host + c] = form_at(&r->card[2 * (size_t)c + 1], values);
	}
}
