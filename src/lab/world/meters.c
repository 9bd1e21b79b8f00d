/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When are the machines' meters read, and what is taken off? */
#include "lab/world/meters.h"

#include <math.h>

#include "net/engine/stack.h"
#include "sim/cost.h"
#include "sim/histogram.h"

struct meters {
	struct world *world;
	struct measures *before; /* of all that only counts up, at the start of the window */
	sim_time started;
};

/* A round of reading: of which group, and where it goes. */
struct reading {
	const struct group *group;
	struct measures *out;
	const struct measures *before; /* NULL: the window starts */
	sim_time window;
};

struct meters *meters_new(struct world *world) {
	struct meters *meters = g_new0(struct meters, 1);

	meters->world = world;
	meters->before = measures_new();
	return meters;
}

void meters_free(struct meters *meters) {
	measures_free(meters->before);
	g_free(meters);
}

/* --- for kinds -------------------------------------------------------------------------------- */

double tell_since(const struct reading *r, const char *name, double total) {
	g_autofree char *full = g_strconcat(r->group->name, ".", name, NULL);
	double before = r->before ? measures_get(r->before, full) : 0;

	return total - (isnan(before) ? 0 : before);
}

sim_time tell_window(const struct reading *r) { return r->window; }

void tell(struct reading *r, const char *name, double value) {
	const struct measured *declared = kind_measured(r->group->kind, name);

	if (!declared)
		g_error("defect: groups of type %s do not declare their measure %s",
		        r->group->kind->name, name);
	if (declared->since != SINCE_RESET)
		value = tell_since(r, name, value);
	else if (!r->before)
		return; /* told at the end */
	if (declared->since != SELDOM || !r->before || value > 0)
		measures_set(r->out, r->group->name, name, value);
}

void tell_costs(struct reading *r, const struct cost_table *costs) {
	for (size_t i = 0; i < costs->n; i++) {
		const struct cost_account *account = &costs->account[i];
		g_autofree char *time = g_strdup_printf("cost.%s.us", costs->desc[i].name);
		g_autofree char *count = g_strdup_printf("cost.%s.count", costs->desc[i].name);

		if (account->charges == 0)
			continue;
		tell(r, time, sim_to_us(account->time));
		tell(r, count, (double)account->charges);
	}
}

void tell_stack(struct reading *r, const struct net_stack *stack) {
	const struct net_counters *n = net_stack_counters(stack);

	tell(r, "tcp_accepted", (double)n->tcp_passive_opens);
	tell(r, "tcp_connected", (double)n->tcp_active_opens);
	tell(r, "tcp_in", (double)n->tcp_in);
	tell(r, "tcp_out", (double)n->tcp_out);
	tell(r, "tcp_retransmits", (double)n->tcp_retransmits);
	tell(r, "udp_in", (double)n->udp_in);
	tell(r, "udp_out", (double)n->udp_out);
}

void tell_refused(struct reading *r, const struct net_if_counters *refused) {
	tell(r, "rx_others", (double)refused->rx_others);
	tell(r, "rx_too_long", (double)refused->rx_too_long);
}

/* --- percentiles ------------------------------------------------------------------------------- */

double meters_percentile(const struct measured *measure, const struct histogram *durations) {
	double ps = histogram_quantile(durations, measure->share);

	if (g_str_equal(measure->unit, "us"))
		return ps / (double)SIM_US;
	return ps / (double)(g_str_equal(measure->unit, "ms") ? SIM_MS : SIM_S);
}

static void tell_percentiles(struct reading *r) {
	const struct kind *kind = r->group->kind;

	for (size_t i = 0; r->before && i < kind->n_measures; i++) {
		const struct measured *m = &kind->measures[i];
		const struct histogram *durations = m->of ? kind->durations(r->group, m->of) : NULL;

		if (durations && histogram_count(durations))
			tell(r, m->name, meters_percentile(m, durations));
	}
}

/* --- all groups ------------------------------------------------------------------------------- */

static void read_all(const struct meters *meters, struct reading *r) {
	const struct scenario *sc = meters->world->sc;

	for (guint i = 0; i < sc->groups->len; i++) {
		r->group = sc->groups->pdata[i];
		if (!r->group->live)
			continue;
		if (r->group->kind->tell)
			r->group->kind->tell(r, r->group);
		tell_percentiles(r);
	}
}

void meters_tell(const struct meters *meters, struct measures *m) {
	struct reading r = {NULL, m, meters->before, sim_now(meters->world->sim) - meters->started};

	read_all(meters, &r);
}

/* Processors first: programs note what is on their accounts. */
static void reset_all(const struct scenario *sc) {
	struct group *group;

	for (enum stage stage = STAGE_NONE + 1; stage < STAGES; stage++)
		for (const struct kind *const *kind = sc->kinds; *kind; kind++)
			for (unsigned i = 0; (*kind)->stage == stage && (*kind)->reset &&
			                     (group = scenario_nth(sc, *kind, i));
			     i++)
				if (group->live)
					(*kind)->reset(group);
}

void meters_reset(struct meters *meters) {
	struct reading r = {NULL, meters->before, NULL, 0};

	meters->started = sim_now(meters->world->sim);
	read_all(meters, &r);
	reset_all(meters->world->sc);
}
