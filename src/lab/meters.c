/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/meters.h"

#include <string.h>

#include "lab/lessons.h"
#include "lab/stats.h"

/* What was on a meter that cannot be reset, at the start of the window. */
struct before {
	const struct group *group;
	struct pci_usage pci;
	struct nic_counters nic;
	struct web_counters web;
};

struct meters {
	struct world *world;
	GArray *before; /* struct before */
	sim_time started;
};

struct meters *meters_new(struct world *world) {
	struct meters *meters = g_new0(struct meters, 1);

	meters->world = world;
	meters->before = g_array_new(FALSE, TRUE, sizeof(struct before));
	return meters;
}

void meters_free(struct meters *meters) {
	g_array_unref(meters->before);
	g_free(meters);
}

/* --- reset -------------------------------------------------------------------------------------
 */

static void remember(struct meters *meters, const struct group *group) {
	struct before before = {.group = group};

	if (type_id(group->type) == TYPE_PCI)
		pci_bus_usage(group->live, &before.pci);
	else if (type_id(group->type) == TYPE_NIC)
		nic_counters(group->live, &before.nic);
	else if (type_id(group->type) == TYPE_WEB)
		web_counters(group->live, &before.web);
	else
		return;
	g_array_append_val(meters->before, before);
}

void meters_reset(struct meters *meters) {
	const struct scenario *sc = meters->world->sc;

	meters->started = sim_now(meters->world->sim);
	g_array_set_size(meters->before, 0);
	for (guint i = 0; i < sc->groups->len; i++) {
		struct group *group = sc->groups->pdata[i];

		if (!group->live)
			continue;
		if (type_id(group->type) == TYPE_HOST)
			cpu_usage_reset(group->live);
		else if (type_id(group->type) == TYPE_TOE)
			toe_usage_reset(group->live);
		else if (type_id(group->type) == TYPE_SPECWEB)
			specweb_reset(group->live);
		else
			remember(meters, group);
	}
}

static struct before at_start(const struct meters *meters, const struct group *group) {
	for (guint i = 0; i < meters->before->len; i++) {
		const struct before *before = &g_array_index(meters->before, struct before, i);

		if (before->group == group)
			return *before;
	}
	return (struct before){.group = group};
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
	tell_costs(m, group->name, toe_costs(group->live));
}

static void tell_bus(struct measures *m, const struct group *group, const struct before *b,
		     sim_time window) {
	struct pci_usage usage;

	pci_bus_usage(group->live, &usage);
	measures_set(m, group->name, "busy", percent(usage.busy - b->pci.busy, window));
	measures_set(m, group->name, "register_reads", (double)(usage.reads - b->pci.reads));
	measures_set(m, group->name, "register_writes", (double)(usage.writes - b->pci.writes));
	measures_set(m, group->name, "dma_transfers", (double)(usage.dmas - b->pci.dmas));
	measures_set(m, group->name, "dma_bytes", (double)(usage.dma_bytes - b->pci.dma_bytes));
	measures_set(m, group->name, "interrupts", (double)(usage.irqs - b->pci.irqs));
}

static void tell_nic(struct measures *m, const struct group *group, const struct before *b) {
	struct nic_counters c;

	nic_counters(group->live, &c);
	measures_set(m, group->name, "rx_frames", (double)(c.rx_frames - b->nic.rx_frames));
	measures_set(m, group->name, "rx_dropped", (double)(c.rx_dropped - b->nic.rx_dropped));
	measures_set(m, group->name, "tx_frames", (double)(c.tx_frames - b->nic.tx_frames));
	measures_set(m, group->name, "interrupts", (double)(c.irqs - b->nic.irqs));
}

static void tell_web(struct measures *m, const struct group *group, const struct before *b) {
	struct web_counters c;

	web_counters(group->live, &c);
	measures_set(m, group->name, "accepted", (double)(c.accepted - b->web.accepted));
	measures_set(m, group->name, "requests", (double)(c.requests - b->web.requests));
	measures_set(m, group->name, "not_found", (double)(c.not_found - b->web.not_found));
	measures_set(m, group->name, "bad_requests",
		     (double)(c.bad_requests - b->web.bad_requests));
	measures_set(m, group->name, "aborted", (double)(c.aborted - b->web.aborted));
	measures_set(m, group->name, "body_bytes", (double)(c.body_bytes - b->web.body_bytes));
	measures_set(m, group->name, "error", web_error(group->live));
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
	measures_set(m, group->name, "response_s", r.response_s);
	measures_set(m, group->name, "connect_s", r.connect_s);
	/* Its lower 48 bits in two halves: a table shows nine digits. */
	measures_set(m, group->name, "digest_high", (double)(r.digest >> 24 & 0xffffff));
	measures_set(m, group->name, "digest_low", (double)(r.digest & 0xffffff));
}

static void tell_sendbench(struct measures *m, const struct group *group) {
	const struct sendbench_pair *pair = group->live;
	const double *latency;
	unsigned n;

	latency = sendbench_latencies(pair->bench, &n);
	measures_set(m, group->name, "repetitions", n);
	measures_set(m, group->name, "error", sendbench_error(pair->bench));
	measures_set(m, group->name, "sunk_bytes", (double)sink_bytes(pair->sink));
	if (n == 0)
		return;
	measures_set(m, group->name, "latency_us", sendbench_trimmed_mean(latency, n));
	measures_set(m, group->name, "latency_us_ci95", stats_trimmed_ci95(latency, n));
}

static void tell_oplat(struct measures *m, const struct group *group) {
	const struct oplat_result *r = oplat_result(group->live);

	for (unsigned i = 0; i < OPLAT_OPS_COUNT; i++) {
		g_autofree char *name = g_strdup_printf("%s_us", oplat_op_names[i]);

		measures_set(m, group->name, name, r->us[i]);
	}
	measures_set(m, group->name, "accept_wake_us", r->accept_wake_us);
	measures_set(m, group->name, "exchange_us", r->exchange_us);
	measures_set(m, group->name, "exchanges", r->exchanges_per_s);
	measures_set(m, group->name, "exchange_cpu", r->exchange_cpu_pct);
	measures_set(m, group->name, "idle_cpu", r->idle_cpu_pct);
	measures_set(m, group->name, "error", r->error);
}

static void tell_streaming(struct measures *m, const struct group *group) {
	struct streaming_result r;

	streaming_result(group->live, &r);
	measures_set(m, group->name, "playing", r.playing);
	measures_set(m, group->name, "bytes", (double)r.bytes);
	measures_set(m, group->name, "wrong_bytes", (double)r.wrong);
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
	measures_set(m, group->name, "connect_us", sim_to_us(r.connect_time));
	measures_set(m, group->name, "first_byte_us", sim_to_us(r.first_byte_time));
	measures_set(m, group->name, "total_us", sim_to_us(r.total_time));
}

static void tell_sop(struct measures *m, const struct group *group) {
	const struct sop_module *sop = group->live;
	const char *name;
	uint64_t value;

	for (size_t i = 0; sop_counter(sop->module, i, &name, &value); i++)
		measures_set(m, group->name, name, (double)value);
}

static void tell_group(const struct meters *meters, const struct group *group, sim_time window,
		       struct measures *m) {
	struct before before = at_start(meters, group);

	switch (type_id(group->type)) {
	case TYPE_HOST:
		tell_host(m, group);
		break;
	case TYPE_TOE:
		tell_toe(m, group);
		break;
	case TYPE_PCI:
		tell_bus(m, group, &before, window);
		break;
	case TYPE_NIC:
		tell_nic(m, group, &before);
		break;
	case TYPE_WEB:
		tell_web(m, group, &before);
		break;
	case TYPE_SPECWEB:
		tell_specweb(m, group);
		break;
	case TYPE_SENDBENCH:
		tell_sendbench(m, group);
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
	case TYPE_SOP:
		tell_sop(m, group);
		break;
	default:
		break;
	}
}

void meters_tell(const struct meters *meters, struct measures *m) {
	const struct scenario *sc = meters->world->sc;
	sim_time window = sim_now(meters->world->sim) - meters->started;

	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (group->live)
			tell_group(meters, group, window, m);
	}
}
