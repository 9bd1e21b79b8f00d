/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures/law.h"

#include <math.h>

#include "pci/comm.h"

/* --- send() on a card -------------------------------------------------------------------------- */

/* The parts of the machine that a send passes. */
struct send_path {
	const struct sendbench_group *bench;
	const struct host_group *host;
	const struct cost_value *cost; /* of the host */
	const struct toe_group *toe;
	const struct cost_value *firmware;
	const struct pci_conf *bus;
	bool sop;
};

static bool is_enabled(const struct group *group) {
	const struct key *key = type_key(group->type, "enabled");
	g_autofree char *value = key ? key_get(key, group->conf) : NULL;

	return g_strcmp0(value, "no") != 0;
}

/* Whoever else has the machine to himself now and then makes sends longer. */
static bool is_alone(const struct scenario *sc) {
	static const enum type_id others[] = {TYPE_WEB, TYPE_STREAMING, TYPE_FETCH, TYPE_OPLAT,
	                                      TYPE_PROGRAM, TYPE_RUN, TYPE_EVENT, TYPE_ECHO};
	const struct group *group;

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		for (unsigned j = 0; (group = scenario_nth(sc, others[i], j)); j++)
			if (is_enabled(group))
				return false;
	return true;
}

/* The only interface beside the peer, if that is a card's. */
static const struct toe_group *card_beside(const struct scenario *sc, const char *peer) {
	const struct toe_group *card = NULL;
	const struct group *net;

	for (unsigned i = 0; (net = scenario_nth(sc, TYPE_NETWORK, i)); i++) {
		char **members = ((const struct network_group *)net->conf)->members;

		for (unsigned j = 0; g_strv_contains((const char *const *)members, peer) && members[j]; j++) {
			const struct group *toe = scenario_find(sc, TYPE_TOE, members[j]);

			if (scenario_find(sc, TYPE_NIC, members[j]) || (toe && card))
				return NULL;
			card = toe ? toe->conf : card;
		}
	}
	return card;
}

static bool has_sop(const struct scenario *sc, const char *host) {
	const struct group *sop;

	for (unsigned i = 0; (sop = scenario_nth(sc, TYPE_SOP, i)); i++) {
		const struct sop_group *conf = sop->conf;

		if (conf->loaded && g_str_equal(conf->host, host))
			return true;
	}
	return false;
}

static bool find_path(const struct scenario *sc, struct send_path *p) {
	static const struct cost_value nothing[MAX((int)HOST_COST_COUNT, (int)TOE_COST_COUNT)];
	const struct group *bench = scenario_nth(sc, TYPE_SENDBENCH, 0), *costs, *bus;

	if (!bench || !is_enabled(bench) || scenario_nth(sc, TYPE_SENDBENCH, 1) || !is_alone(sc))
		return false;
	p->bench = bench->conf;
	p->toe = card_beside(sc, p->bench->peer);
	if (!p->toe)
		return false;
	p->host = scenario_find(sc, TYPE_HOST, p->bench->host)->conf;
	costs = scenario_find(sc, TYPE_COST, p->host->costs);
	p->cost = costs ? ((const struct cost_group *)costs->conf)->value : nothing;
	costs = scenario_find(sc, TYPE_TOECOST, p->toe->costs);
	p->firmware = costs ? ((const struct toecost_group *)costs->conf)->value : nothing;
	bus = scenario_find(sc, TYPE_PCI, p->toe->bus);
	p->bus = &((const struct pci_group *)bus->conf)->conf;
	p->sop = !p->bench->family; /* else programs name the card */
	return !p->sop || has_sop(sc, p->bench->host);
}

static double host_cost(const struct send_path *p, enum host_cost id, unsigned bytes) {
	const struct cost_value *c = &p->cost[id];

	return ((double)c->each + (double)c->per_byte * bytes) * p->host->conf.cold_factor;
}

static double card_cost(const struct send_path *p, enum toe_cost id) {
	return (double)p->firmware[id].each / p->toe->conf.clock_scale;
}

static double clocks(const struct send_path *p, unsigned n) {
	return n * (double)SIM_S / ((double)p->bus->clock_hz * p->bus->bandwidth_scale);
}

/* On the bus, in as many bursts as it takes. */
static double carried(const struct send_path *p, unsigned bytes) {
	unsigned width = p->bus->width_bits / 8, burst = p->bus->burst_bytes;

	return clocks(p, (bytes + burst - 1) / burst * p->bus->setup_clocks + (bytes + width - 1) / width);
}

static double host_part(const struct send_path *p) {
	unsigned bytes = p->bench->conf.message;

	return host_cost(p, COST_SYSCALL, 0) + host_cost(p, COST_DISPATCH, 0) +
	       (p->sop ? host_cost(p, COST_SOP_DISPATCH, 0) : 0) + host_cost(p, COST_COMM_COPY, bytes) +
	       host_cost(p, COST_COMM_COMMAND, 0) + host_cost(p, COST_MMIO_WRITE, 0);
}

/* From the doorbell to the completion in host memory: six crossings. */
static double card_part(const struct send_path *p) {
	double away = (double)p->bus->latency;
	double fetch = (double)(p->bus->dma_setup + p->bus->host_read_latency) + 2 * away;

	return carried(p, 4) + away + fetch + clocks(p, p->bus->arbitration_clocks) +
	       carried(p, COMM_ENTRY_BYTES) + fetch + carried(p, p->bench->conf.message) +
	       card_cost(p, TOE_COST_COMMAND) + (double)p->bus->dma_setup +
	       carried(p, COMM_ENTRY_BYTES) + away;
}

/* The interrupt comes with the completion; the cause is read. */
static double interrupted(const struct send_path *p) {
	return host_part(p) + card_part(p) + host_cost(p, COST_IRQ, 0) + host_cost(p, COST_MMIO_READ, 0) +
	       clocks(p, p->bus->arbitration_clocks) + carried(p, 4) + 2 * (double)p->bus->latency +
	       host_cost(p, COST_SOFTIRQ, 0) + host_cost(p, COST_COMM_COMPLETE, 0) +
	       host_cost(p, COST_WAKEUP, 0) + host_cost(p, COST_SCHEDULE, 0);
}

/* The task looks; the bus turns to the bridge for the doorbell.  NAN: it sleeps before that. */
static double polled(const struct send_path *p) {
	double looks = ceil((card_part(p) + clocks(p, p->bus->arbitration_clocks)) / (double)SIM_US - 1e-9);

	if (looks * (double)SIM_US > (double)p->toe->conf.poll_spin)
		return NAN;
	return host_part(p) + host_cost(p, COST_COMM_SPIN, 0) + looks * (double)SIM_US +
	       host_cost(p, COST_COMM_COMPLETE, 0);
}

/* Else sends wait for room in the card's buffer: what the card does for each, its segment and the
 * acknowledgement included, takes no longer than the loop. */
static bool card_keeps_up(const struct send_path *p, double loop) {
	const struct sendbench_conf *bench = &p->bench->conf;
	double segments = bench->message / (p->toe->conf.mtu - 52.0);

	return card_cost(p, TOE_COST_COMMAND) +
	       segments * (card_cost(p, TOE_COST_TX_SEGMENT) + card_cost(p, TOE_COST_RX_ACK)) < loop;
}

static double send_on_a_card(const struct scenario *sc) {
	struct send_path p;
	double law;

	if (!find_path(sc, &p) || p.toe->conf.run_to_completion || p.toe->conf.irq_throttle ||
	    p.bench->conf.message == 0 || p.bench->conf.message > COMM_MAX_DATA)
		return NAN;
	law = p.toe->conf.kind == TOE_KIND_INTERRUPT ? interrupted(&p) : polled(&p);
	return card_keeps_up(&p, law) ? law / (double)SIM_US : NAN;
}

/* --- all --------------------------------------------------------------------------------------- */

const struct law *law_of(const char *column) {
	static const struct law laws[] = {
		{"send_latency_us", "send_law_us", send_on_a_card},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(laws); i++)
		if (g_str_equal(laws[i].of, column))
			return &laws[i];
	return NULL;
}
