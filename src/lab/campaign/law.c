/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What should have been measured, by the parameters alone? */
#include "lab/campaign/law.h"

#include <math.h>

#include "lab/kinds/parts.h"
#include "pci/comm.h"
#include "toe/driver/toe.h"

/* --- send() on a card -------------------------------------------------------------------------- */

/* The parts of the machine that a send passes. */
struct send_path {
	const struct group *bench, *host, *toe, *bus;
	const struct group *cost, *firmware; /* of host and card; NULL: they cost nothing */
	double message;
	bool sop;
};

/* Whoever else has the machine to himself now and then makes sends longer. */
static bool is_alone(const struct scenario *sc, const struct group *bench) {
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (group != bench && group->kind->stage >= STAGE_SERVER && group_enabled(group))
			return false;
	}
	return true;
}

/* The only interface beside the peer, if that is a card's. */
static const struct group *card_beside(const struct scenario *sc, const char *peer) {
	const struct group *card = NULL, *net;

	for (unsigned i = 0; (net = scenario_nth(sc, &kind_network, i)); i++) {
		char **members = group_names(net, "members");

		for (unsigned j = 0;
		     g_strv_contains((const char *const *)members, peer) && members[j]; j++) {
			const struct group *toe = scenario_find(sc, &kind_toe, members[j]);

			if (scenario_find(sc, &kind_nic, members[j]) || (toe && card))
				return NULL;
			card = toe ? toe : card;
		}
	}
	return card;
}

static bool has_sop(const struct scenario *sc, const char *host) {
	const struct group *sop;

	for (unsigned i = 0; (sop = scenario_nth(sc, &kind_sop, i)); i++)
		if (group_flag(sop, "loaded") && g_str_equal(group_text(sop, "host"), host))
			return true;
	return false;
}

static bool find_path(const struct scenario *sc, struct send_path *p) {
	p->bench = scenario_nth(sc, &kind_sendbench, 0);
	if (!p->bench || !group_enabled(p->bench) || !is_alone(sc, p->bench))
		return false;
	p->toe = card_beside(sc, group_text(p->bench, "peer"));
	if (!p->toe)
		return false;
	p->host = scenario_named_by(sc, p->bench, "host");
	p->cost = scenario_named_by(sc, p->host, "costs");
	p->firmware = scenario_named_by(sc, p->toe, "costs");
	p->bus = scenario_named_by(sc, p->toe, "bus");
	p->message = group_number(p->bench, "message");
	p->sop = !group_number(p->bench, "family"); /* else programs name the card */
	return !p->sop || has_sop(sc, p->host->name);
}

static double host_cost(const struct send_path *p, const char *name, double bytes) {
	struct machine machine = host_machine(p->host);
	struct cost_value c =
		p->cost ? group_cost(p->cost, name, &machine) : (struct cost_value){0};

	return (double)c.each + (double)c.per_byte * bytes;
}

static double card_cost(const struct send_path *p, const char *name) {
	struct cost_value c =
		p->firmware ? group_cost(p->firmware, name, NULL) : (struct cost_value){0};

	return (double)c.each / group_number(p->toe, "clock_scale");
}

static double clocks(const struct send_path *p, double n) {
	return n * (double)SIM_S /
	       (group_number(p->bus, "clock") * group_number(p->bus, "bandwidth_scale"));
}

/* On the bus, in as many bursts as it takes. */
static double carried(const struct send_path *p, double bytes) {
	double width = group_number(p->bus, "width") / 8, burst = group_number(p->bus, "burst");

	return clocks(p, ceil(bytes / burst) * group_number(p->bus, "setup_clocks") +
	                         ceil(bytes / width));
}

/* To where the card fetches it from: a copy, or the program's own pages. */
static double reached(const struct send_path *p) {
	double from = group_number(p->toe, "pin_from");

	return host_cost(p, from > 0 && p->message >= from ? "comm_pin" : "comm_copy", p->message);
}

static double host_part(const struct send_path *p) {
	return host_cost(p, "syscall", 0) + host_cost(p, "dispatch", 0) +
	       (p->sop ? host_cost(p, "sop_dispatch", 0) : 0) + reached(p) +
	       host_cost(p, "comm_command", 0) + host_cost(p, "mmio_write", 0);
}

/* From the doorbell to the completion in host memory: six crossings. */
static double card_part(const struct send_path *p) {
	double away = group_number(p->bus, "latency"), set_up = group_number(p->bus, "dma_setup");
	double fetch = set_up + group_number(p->bus, "host_read_latency") + 2 * away;

	return carried(p, 4) + away + fetch +
	       clocks(p, group_number(p->bus, "arbitration_clocks")) +
	       carried(p, COMM_ENTRY_BYTES) + fetch + carried(p, p->message) +
	       card_cost(p, "command") + set_up + carried(p, COMM_ENTRY_BYTES) + away;
}

/* The interrupt comes with the completion; the cause is read. */
static double interrupted(const struct send_path *p) {
	return host_part(p) + card_part(p) + host_cost(p, "irq", 0) + host_cost(p, "mmio_read", 0) +
	       clocks(p, group_number(p->bus, "arbitration_clocks")) + carried(p, 4) +
	       2 * group_number(p->bus, "latency") + host_cost(p, "softirq", 0) +
	       host_cost(p, "comm_complete", 0) + host_cost(p, "wakeup", 0) +
	       host_cost(p, "run_queue", 0) + host_cost(p, "context_switch", 0);
}

/* The task looks; the bus turns to the bridge for the doorbell.  NAN: it sleeps before that. */
static double polled(const struct send_path *p) {
	double looks = ceil((card_part(p) + clocks(p, group_number(p->bus, "arbitration_clocks"))) /
	                            (double)SIM_US -
	                    1e-9);

	if (looks * (double)SIM_US > group_number(p->toe, "poll_spin"))
		return NAN;
	return host_part(p) + host_cost(p, "comm_spin", 0) + looks * (double)SIM_US +
	       host_cost(p, "comm_complete", 0);
}

/* Else sends wait for room in the card's buffer: what the card does for each, its segment and the
 * acknowledgement included, takes no longer than the loop. */
static bool card_keeps_up(const struct send_path *p, double loop) {
	double segments = p->message / (group_number(p->toe, "mtu") - 52);

	if (group_number(p->toe, "data_path") == CARD_PATH_HARDWARE) /* of a clock of its own */
		return card_cost(p, "command") < loop &&
		       segments * (card_cost(p, "path_tx") + card_cost(p, "path_ack")) *
		                       group_number(p->toe, "clock_scale") <
		               loop;
	return card_cost(p, "command") +
	               segments * (card_cost(p, "tx_segment") + card_cost(p, "rx_ack")) <
	       loop;
}

static double send_on_a_card(const struct scenario *sc) {
	struct send_path p;
	double law;

	if (!find_path(sc, &p) || group_flag(p.toe, "run_to_completion") ||
	    group_flag(p.toe, "posted_sends") || group_number(p.toe, "irq_throttle") > 0 ||
	    p.message < 1 || p.message > COMM_MAX_DATA)
		return NAN;
	law = group_number(p.toe, "kind") == TOE_KIND_INTERRUPT ? interrupted(&p) : polled(&p);
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
