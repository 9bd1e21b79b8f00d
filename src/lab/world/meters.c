/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/world/meters.h"

#include <math.h>
#include <string.h>

#include "lab/world/lessons.h"
#include "lab/base/stats.h"

/*
 * The window.  Meters of machines and modules only count up: their reading at its start is kept and
 * taken off at its end.  Programs and processors start anew (their means and maxima need it).  What
 * failed is told of the whole run: nobody may fail unseen in the warm-up.
 */
struct meters {
	struct world *world;
	struct measures *before; /* of all that only counts up, at the start of the window */
	sim_time started;
};

/* Where readings go to. */
struct reading {
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

/* A reading of something that only counts up: what the window saw of it. */
static double since_start(const struct reading *r, const char *group, const char *name,
			  double total) {
	g_autofree char *full = g_strconcat(group, ".", name, NULL);
	double before = r->before ? measures_get(r->before, full) : 0;

	return total - (isnan(before) ? 0 : before);
}

static void count(const struct reading *r, const char *group, const char *name, double total) {
	measures_set(r->out, group, name, since_start(r, group, name, total));
}

/* --- running totals ----------------------------------------------------------------------------
 */

double meter_read(const struct group *group, const char *name) {
	if (type_id(group->type) == TYPE_SPECWEB) {
		struct specweb_result result;

		specweb_result(group->live, &result);
		return (double)result.requests;
	}
	struct cpu_usage usage;
	sim_time user, system;

	cpu_usage_get(group->live, &usage);
	user = usage.busy[CPU_USER];
	system = usage.busy[CPU_SYSTEM] + usage.busy[CPU_SOFTIRQ] + usage.busy[CPU_IRQ];
	if (g_str_equal(name, "cpu_user"))
		return 100 * sim_to_s(user);
	return 100 * sim_to_s(g_str_equal(name, "cpu_system") ? system : user + system);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static void tell_costs(struct measures *m, const char *group, const struct cost_table *costs) {
	for (size_t i = 0; i < costs->n; i++) {
		const struct cost_account *account = &costs->account[i];
		g_autofree char *time = g_strdup_printf("cost.%s.us", costs->desc[i].name);
		g_autofree char *count = g_strdup_printf("cost.%s.count", costs->desc[i].name);

		if (account->charges == 0)
			continue;
		measures_set(m, group, time, sim_to_us(account->time));
		measures_set(m, group, count, (double)account->charges);
	}
}

static double percent(sim_time part, sim_time whole) {
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void tell_host(struct measures *m, const struct group *group) {
	const struct kernel *k = group->live;
	struct cpu_usage usage;
	sim_time system;

	cpu_usage_get(k, &usage);
	system = usage.busy[CPU_SYSTEM] + usage.busy[CPU_SOFTIRQ] + usage.busy[CPU_IRQ];
	measures_set(m, group->name, "cpu_user", percent(usage.busy[CPU_USER], usage.window));
	measures_set(m, group->name, "cpu_system", percent(system, usage.window));
	measures_set(m, group->name, "cpu_total",
		     percent(system + usage.busy[CPU_USER], usage.window));
	measures_set(m, group->name, "cpu_process", percent(usage.busy[CPU_SYSTEM], usage.window));
	measures_set(m, group->name, "cpu_softirq", percent(usage.busy[CPU_SOFTIRQ], usage.window));
	measures_set(m, group->name, "cpu_irq", percent(usage.busy[CPU_IRQ], usage.window));
	measures_set(m, group->name, "busy_us", sim_to_us(system + usage.busy[CPU_USER]));
	measures_set(m, group->name, "context_switches", (double)usage.context_switches);
	measures_set(m, group->name, "hardirqs", (double)usage.hardirqs);
	measures_set(m, group->name, "softirqs", (double)usage.softirqs);
	measures_set(m, group->name, "syscalls", (double)usage.syscalls);
	tell_costs(m, group->name, &k->costs);
}

static void tell_toe(struct measures *m, const struct group *group) {
	struct toe_usage usage;

	toe_usage_get(group->live, &usage);
	measures_set(m, group->name, "busy", percent(usage.busy, usage.window));
	measures_set(m, group->name, "busy_us", sim_to_us(usage.busy));
	measures_set(m, group->name, "commands", (double)usage.commands);
	measures_set(m, group->name, "events", (double)usage.events);
	measures_set(m, group->name, "late_answers", (double)usage.late_answers);
	measures_set(m, group->name, "connections", (double)usage.connections);
	measures_set(m, group->name, "rx_dropped", (double)usage.rx_dropped);
	tell_costs(m, group->name, toe_costs(group->live));
}

static void tell_bus(const struct reading *r, const struct group *group) {
	struct pci_usage usage;
	double busy;

	pci_bus_usage(group->live, &usage);
	busy = since_start(r, group->name, "busy_us", sim_to_us(usage.busy));
	measures_set(r->out, group->name, "busy",
		     r->window > 0 ? 100.0 * busy / sim_to_us(r->window) : 0);
	measures_set(r->out, group->name, "busy_us", busy);
	count(r, group->name, "register_reads", (double)usage.reads);
	count(r, group->name, "register_writes", (double)usage.writes);
	count(r, group->name, "dma_transfers", (double)usage.dmas);
	count(r, group->name, "dma_bytes", (double)usage.dma_bytes);
	count(r, group->name, "interrupts", (double)usage.irqs);
}

static void tell_nic(const struct reading *r, const struct group *group) {
	struct nic_counters c;

	nic_counters(group->live, &c);
	count(r, group->name, "rx_frames", (double)c.rx_frames);
	count(r, group->name, "rx_dropped", (double)c.rx_dropped);
	count(r, group->name, "tx_frames", (double)c.tx_frames);
	/* The queue before the ring was full. */
	count(r, group->name, "tx_dropped", (double)nic_netdev(group->live)->tx_dropped);
	count(r, group->name, "interrupts", (double)c.irqs);
}

static void tell_web(const struct reading *r, const struct group *group) {
	struct web_counters c;

	web_counters(group->live, &c);
	count(r, group->name, "accepted", (double)c.accepted);
	count(r, group->name, "requests", (double)c.requests);
	count(r, group->name, "not_found", (double)c.not_found);
	count(r, group->name, "bad_requests", (double)c.bad_requests);
	count(r, group->name, "aborted", (double)c.aborted);
	count(r, group->name, "body_bytes", (double)c.body_bytes);
	measures_set(r->out, group->name, "error", web_error(group->live));
}

static void tell_sop(const struct reading *r, const struct group *group) {
	const struct sop_module *sop = group->live;
	const char *name;
	uint64_t value;

	for (size_t i = 0; sop_counter(sop->module, i, &name, &value); i++)
		count(r, group->name, name, (double)value);
	if (sop->error)
		measures_set(r->out, group->name, "error", sop->error);
}

static void tell_sendbench(const struct reading *r, const struct group *group) {
	const struct sendbench_pair *pair = group->live;
	const double *latency;
	unsigned n;

	latency = sendbench_latencies(pair->bench, &n);
	measures_set(r->out, group->name, "repetitions", n);
	measures_set(r->out, group->name, "error", sendbench_error(pair->bench));
	count(r, group->name, "sunk_bytes", (double)sink_bytes(pair->sink));
	if (n == 0)
		return;
	measures_set(r->out, group->name, "latency_us", sendbench_trimmed_mean(latency, n));
	measures_set(r->out, group->name, "latency_us_ci95", stats_trimmed_ci95(latency, n));
}

static void tell_specweb(struct measures *m, const struct group *group) {
	struct specweb_result r;
	double window;

	specweb_result(group->live, &r);
	window = sim_to_s(r.window);
	measures_set(m, group->name, "connections", specweb_group_connections(group->conf));
	measures_set(m, group->name, "requests", window > 0 ? (double)r.requests / window : 0);
	measures_set(m, group->name, "completed", (double)r.requests);
	measures_set(m, group->name, "errors", (double)r.errors);
	measures_set(m, group->name, "bytes", (double)r.bytes);
	if (r.requests) {
		measures_set(m, group->name, "response_s", r.response_s);
		measures_set(m, group->name, "connect_s", r.connect_s);
	}
	/* Its lower 48 bits in two halves: a table shows nine digits. */
	measures_set(m, group->name, "digest_high", (double)(r.digest >> 24 & 0xffffff));
	measures_set(m, group->name, "digest_low", (double)(r.digest & 0xffffff));
}

static void tell_oplat(struct measures *m, const struct group *group) {
	struct oplat_result r;

	oplat_result(group->live, &r);
	for (unsigned i = 0; i < OPLAT_OPS_COUNT; i++) {
		g_autofree char *name = g_strdup_printf("%s_us", oplat_op_names[i]);

		measures_set(m, group->name, name, r.us[i]);
	}
	measures_set(m, group->name, "accept_wake_us", r.accept_wake_us);
	measures_set(m, group->name, "exchange_us", r.exchange_us);
	measures_set(m, group->name, "exchanges", r.exchanges_per_s);
	measures_set(m, group->name, "exchange_cpu", r.exchange_cpu_pct);
	measures_set(m, group->name, "idle_cpu", r.idle_cpu_pct);
	measures_set(m, group->name, "error", r.error);
}

static void tell_streaming(struct measures *m, const struct group *group) {
	struct streaming_result r;

	streaming_result(group->live, &r);
	measures_set(m, group->name, "playing", r.playing);
	measures_set(m, group->name, "bytes", (double)r.bytes);
	measures_set(m, group->name, "wrong_bytes", (double)r.wrong);
	if (((const struct streaming_group *)group->conf)->conf.group)
		measures_set(m, group->name, "lost_bytes", (double)r.lost);
	measures_set(m, group->name, "underruns", (double)r.underruns);
	measures_set(m, group->name, "late_s", r.late_s);
}

static void tell_fetch(struct measures *m, const struct group *group) {
	const struct fetch_run *run = group->live;
	struct fetch_result r = {0};

	if (run->fetch)
		fetch_result(run->fetch, &r);
	measures_set(m, group->name, "done", r.done);
	measures_set(m, group->name, "failed", r.failed);
	measures_set(m, group->name, "error", r.error);
	measures_set(m, group->name, "status", r.status);
	measures_set(m, group->name, "bytes", (double)r.bytes);
	measures_set(m, group->name, "wrong_bytes", (double)r.wrong);
	measures_set(m, group->name, "unfinished", !r.finished && !run->world->open_ended);
	if (r.answered == 0)
		return;
	measures_set(m, group->name, "connect_us", sim_to_us(r.connect_time));
	measures_set(m, group->name, "first_byte_us", sim_to_us(r.first_byte_time));
	measures_set(m, group->name, "total_us", sim_to_us(r.total_time));
}

/* The same of what seldom happens: told if the window saw it. */
static void count_seldom(const struct reading *r, const char *group, const char *name,
			 double total) {
	if (!r->before || since_start(r, group, name, total) > 0)
		count(r, group, name, total);
}

/* What its links did not bring. */
static void tell_network(const struct reading *r, const struct group *group) {
	const struct network *network = group->live;
	struct link_counters sum = {0}, c;

	for (guint i = 0; i < network->links->len; i++)
		for (unsigned side = 0; side < 2; side++) {
			port_counters(link_port(network->links->pdata[i], side), &c);
			sum.dropped_full += c.dropped_full;
			sum.too_long += c.too_long;
			sum.lost += c.lost;
			sum.corrupted += c.corrupted;
			sum.duplicated += c.duplicated;
			sum.reordered += c.reordered;
		}
	count_seldom(r, group->name, "dropped", (double)sum.dropped_full);
	count_seldom(r, group->name, "too_long", (double)sum.too_long);
	count_seldom(r, group->name, "lost", (double)sum.lost);
	count_seldom(r, group->name, "corrupted", (double)sum.corrupted);
	count_seldom(r, group->name, "duplicated", (double)sum.duplicated);
	count_seldom(r, group->name, "reordered", (double)sum.reordered);
}

static struct net_if_counters counted_by(const struct net_if *ifp) {
	struct net_if_counters n = {0};

	if (ifp)
		net_if_count(ifp, &n);
	return n;
}

/* Frames that came for other stations, and those longer than an interface takes: where there were
 * any. */
static void tell_refused(const struct reading *r, const struct group *group) {
	const struct peer_set *peers = group->live;
	struct net_if_counters sum = {0};

	if (type_id(group->type) == TYPE_NIC)
		sum = counted_by(nic_netdev(group->live)->ifp);
	else if (type_id(group->type) == TYPE_TOE)
		sum = counted_by(net_if_find(toe_stack(group->live), group->name));
	else if (type_id(group->type) == TYPE_PEER)
		for (unsigned i = 0; i < peers->n; i++) {
			struct net_if_counters n =
				counted_by(net_if_find(peer_stack(peers->peer[i]), "eth0"));

			sum.rx_others += n.rx_others;
			sum.rx_too_long += n.rx_too_long;
		}
	if (sum.rx_others)
		count_seldom(r, group->name, "rx_others", (double)sum.rx_others);
	if (sum.rx_too_long)
		count_seldom(r, group->name, "rx_too_long", (double)sum.rx_too_long);
}

/* Those that only count up; false for other kinds. */
static bool tell_counting(const struct reading *r, const struct group *group) {
	tell_refused(r, group);
	switch (type_id(group->type)) {
	case TYPE_PCI:
		tell_bus(r, group);
		return true;
	case TYPE_NIC:
		tell_nic(r, group);
		return true;
	case TYPE_WEB:
		tell_web(r, group);
		return true;
	case TYPE_SENDBENCH:
		tell_sendbench(r, group);
		return true;
	case TYPE_SOP:
		tell_sop(r, group);
		return true;
	case TYPE_NETWORK:
		tell_network(r, group);
		return true;
	default:
		return false;
	}
}

static void tell_group(const struct group *group, struct measures *m) {
	switch (type_id(group->type)) {
	case TYPE_HOST:
		tell_host(m, group);
		break;
	case TYPE_TOE:
		tell_toe(m, group);
		break;
	case TYPE_SPECWEB:
		tell_specweb(m, group);
		break;
	case TYPE_OPLAT:
		tell_oplat(m, group);
		break;
	case TYPE_STREAMING:
		tell_streaming(m, group);
		break;
	case TYPE_FETCH:
		tell_fetch(m, group);
		break;
	case TYPE_PROGRAM:
	case TYPE_RUN:
	case TYPE_EVENT:
	case TYPE_ECHO:
		lessons_tell(m, group);
		break;
	default:
		break;
	}
}

void meters_tell(const struct meters *meters, struct measures *m) {
	const struct scenario *sc = meters->world->sc;
	const struct reading r = {m, meters->before, sim_now(meters->world->sim) - meters->started};

	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (group->live && !tell_counting(&r, group))
			tell_group(group, m);
	}
}

/* --- reset -------------------------------------------------------------------------------------
 */

static void reset_program(struct group *group) {
	const struct fetch_run *fetch = group->live;

	switch (type_id(group->type)) {
	case TYPE_TOE:
		toe_usage_reset(group->live);
		break;
	case TYPE_SPECWEB:
		specweb_reset(group->live);
		break;
	case TYPE_SENDBENCH:
		sendbench_reset(((const struct sendbench_pair *)group->live)->bench);
		break;
	case TYPE_OPLAT:
		oplat_reset(group->live);
		break;
	case TYPE_STREAMING:
		streaming_reset(group->live);
		break;
	case TYPE_FETCH:
		if (fetch->fetch)
			fetch_reset(fetch->fetch);
		break;
	case TYPE_ECHO:
		lessons_reset(group);
		break;
	default:
		break;
	}
}

void meters_reset(struct meters *meters) {
	const struct scenario *sc = meters->world->sc;
	const struct reading r = {meters->before, NULL, 0};
	struct group *group;

	meters->started = sim_now(meters->world->sim);
	/* Processors first: programs note what is on their accounts. */
	for (unsigned i = 0; (group = scenario_nth(sc, TYPE_HOST, i)); i++)
		cpu_usage_reset(group->live);
	for (guint i = 0; i < sc->groups->len; i++) {
		group = sc->groups->pdata[i];
		if (!group->live)
			continue;
		tell_counting(&r, group);
		reset_program(group);
	}
}
