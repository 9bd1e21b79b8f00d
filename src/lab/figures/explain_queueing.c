/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * explain queueing: the web server beside the queueing network that it is.
 *
 * The clients are customers that think (the line's pace) and then queue at the host's processor,
 * the bus and the card's.  What a request takes of each is measured at the lowest load alone; exact
 * mean value analysis says the rest, for pieces of work of exponential sizes.  Packets, calls and
 * forks are not: what they wait for each other is nearer to that of pieces that are all alike, which
 * the second analysis has.  Where simulation and that one part, something depends on the load that a
 * network of stations with fixed demands does not have.
 */
#include <math.h>
#include <stdio.h>

#include "lab/campaign/paper.h"
#include "lab/figures/explain.h"
#include "lab/figures/mva.h"

enum station { HOST, BUS, CARD, STATIONS };
static const char *const busy_measure[STATIONS] = {"server.cpu_total", "pci0.busy", "toe0.busy"};

/* Of one run: requests per second, and how busy each station was (0..1). */
struct load_point {
	unsigned offered, customers;
	double throughput, busy[STATIONS];
};

static double or_nothing(double value) { return isnan(value) ? 0 : value; }

static bool read_point(const struct plan *plan, unsigned curve, unsigned i, struct load_point *p) {
	const struct plan_item *item = plan_nth(plan, "fig5", paper_curves[curve].config, i);

	if (!item)
		return false;
	p->offered = item->offered;
	p->customers = (unsigned)measures_get(item->m, "clients.connections");
	p->throughput = measures_get(item->m, "clients.requests");
	for (unsigned s = 0; s < STATIONS; s++)
		p->busy[s] = or_nothing(measures_get(item->m, busy_measure[s])) / 100;
	return true;
}

/* Two networks: pieces of work of exponential sizes, and all alike. */
enum analysis { EXACT, EVEN, ANALYSES };

/* In tenths of a per cent; nothing has no sign. */
static double off(double is, double real) { return round(1e3 * (is / real - 1)) / 10 + 0.0; }

static void print_point(const struct load_point *p, const struct mva_result r[ANALYSES]) {
	printf("  %7u %7u %11.1f", p->offered, p->customers, p->throughput);
	for (unsigned i = 0; i < ANALYSES; i++)
		printf(" %7.1f %+5.1f %%", r[i].throughput, off(r[i].throughput, p->throughput));
	for (unsigned s = 0; s < STATIONS; s++)
		if (s != BUS)
			printf(" %9.1f %7.1f", 100 * p->busy[s], 100 * r[EXACT].utilisation[s]);
	printf("\n");
}

static void answer_number(struct answer *answer, unsigned curve, const struct load_point *p,
                          const char *measure, const char *unit, double value) {
	answer_add(answer, &(struct answer_row){.config = paper_curves[curve].config,
	                                        .offered = p->offered,
	                                        .measure = measure,
	                                        .unit = unit,
	                                        .value = value,
	                                        .ci95 = NAN});
}

static void answer_point(struct answer *answer, unsigned curve, const struct load_point *p,
                         const struct mva_result r[ANALYSES]) {
	answer_number(answer, curve, p, "requests", "1/s", p->throughput);
	answer_number(answer, curve, p, "requests, analysis", "1/s", r[EXACT].throughput);
	answer_number(answer, curve, p, "requests, even work", "1/s", r[EVEN].throughput);
	answer_number(answer, curve, p, "host", "%", 100 * p->busy[HOST]);
	answer_number(answer, curve, p, "host, analysis", "%", 100 * r[EXACT].utilisation[HOST]);
	answer_number(answer, curve, p, "card", "%", 100 * p->busy[CARD]);
	answer_number(answer, curve, p, "card, analysis", "%", 100 * r[EXACT].utilisation[CARD]);
}

/* What a request takes of each station, from the point with the lowest load. */
static void demand(struct mva *net, const struct load_point *p, double even) {
	*net = (struct mva){.stations = STATIONS, .even = even};
	for (unsigned s = 0; s < STATIONS; s++)
		net->demand[s] = p->busy[s] / p->throughput;
	net->think = mva_think(net, p->customers, p->throughput);
}

static void print_curve_head(unsigned curve, const struct mva *net) {
	printf("\n%s: a request takes %.0f us of the host, %.0f of the bus, %.0f of the card; "
	       "%.1f ms elsewhere\n",
	       paper_curves[curve].config, 1e6 * net->demand[HOST], 1e6 * net->demand[BUS],
	       1e6 * net->demand[CARD], 1e3 * net->think);
	printf("  offered clients  requests/s   exact   diff.    even   diff."
	       "    host %%   exact    card %%   exact\n");
}

static void tell_curve(const struct plan *plan, unsigned curve, struct answer *answer) {
	struct mva net[ANALYSES];
	struct mva_result result[ANALYSES];
	struct load_point p;

	for (unsigned i = 0; read_point(plan, curve, i, &p); i++) {
		if (i == 0) {
			demand(&net[EXACT], &p, 0);
			demand(&net[EVEN], &p, 1);
		}
		if (i == 0 && !answer)
			print_curve_head(curve, &net[EXACT]);
		mva_solve(&net[EXACT], p.customers, &result[EXACT]);
		mva_solve(&net[EVEN], p.customers, &result[EVEN]);
		if (answer)
			answer_point(answer, curve, &p, result);
		else
			print_point(&p, result);
	}
}

bool explain_has_queueing(const struct plan *plan, GError **error) {
	for (unsigned curve = 0; curve < PAPER_CURVES; curve++)
		if (!explain_needs(plan, "fig5", paper_curves[curve].config, error))
			return false;
	return true;
}

void explain_queueing(const struct plan *plan, struct answer *answer) {
	if (!answer)
		printf("The web server and the closed queueing network that it is: demands "
		       "measured at the lowest\nload, the rest by mean value analysis, exact for "
		       "pieces of work of exponential sizes, and for\npieces that are all alike "
		       "(even).\n");
	for (unsigned curve = 0; curve < PAPER_CURVES; curve++)
		tell_curve(plan, curve, answer);
}
