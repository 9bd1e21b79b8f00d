/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A PCI bus (group->live: struct pci_bus). */
#include "lab/kinds/parts.h"
#include "lab/world/meters.h"

struct conf {
	struct pci_conf bus;
	char *host;
};

static const struct key keys[] = {
	NEED("host", TEXT, host, "host", "the host whose bus it is"),
	R("width", COUNT, bus.width_bits, 32, 64, "data lines: 32 or 64"),
	R("clock", FREQUENCY, bus.clock_hz, 1e6, 1e9, "bus clock"),
	R("latency", TIME, bus.latency, 10 * SIM_NS, 10 * SIM_US, "one way between CPU and device"),
	R("bandwidth_scale", FACTOR, bus.bandwidth_scale, 0.001, 1000, "multiplies the data rate"),
	R("burst", BYTES, bus.burst_bytes, 8, 65536, "longest burst"),
	R("arbitration_clocks", COUNT, bus.arbitration_clocks, 0, 1000,
          "change of owner, turnaround included"),
	R("setup_clocks", COUNT, bus.setup_clocks, 0, 1000,
          "address phase and wait states of a burst"),
	R("host_read_latency", TIME, bus.host_read_latency, 0, SIM_MS, "first data of a DMA read"),
	R("dma_setup", TIME, bus.dma_setup, 0, SIM_MS, "from DMA request to bus request"),
	R("max_outstanding", COUNT, bus.max_outstanding, 1, 1024,
          "DMA requests of a device in flight"),
	R("posted_depth", COUNT, bus.posted_depth, 1, 1024, "posted writes in the bridge"),
};

static void init(void *conf) {
	struct conf *c = conf;

	pci_conf_default(&c->bus);
	c->host = g_strdup("server");
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	unsigned width = ((const struct conf *)group->conf)->bus.width_bits;

	(void)sc;
	return width == 32 || width == 64 ||
	       group_wrong(group, "width", error, "%u; allowed: 32 or 64", width);
}

struct pci_bus *pci_called(const struct world *world, const char *name) {
	return scenario_find(world->sc, &kind_pci, name)->live;
}

struct kernel *pci_host(const struct world *world, const char *name) {
	const struct conf *c = scenario_find(world->sc, &kind_pci, name)->conf;

	return host_called(world, c->host);
}

static void raise_line(void *arg, unsigned line, bool high) { irq_level(arg, line, high); }

static bool build(struct world *world, struct group *group, GError **error) {
	const struct conf *c = group->conf;

	(void)error;
	group->live = pci_bus_new(world->sim, group->name, &c->bus);
	pci_bus_on_irq(group->live, raise_line, host_called(world, c->host));
	return true;
}

static void end(struct group *group) { pci_bus_free(group->live); }

/* --- meters ----------------------------------------------------------------------------------- */

static const struct measured measures[] = {
	{.name = "busy",
         .unit = "%",
         .help = "of the window that the bus is taken",
         .adds = ADDS_MAX,
         .bins = true,
         .head = "busy",
         .column = "pci_busy_pct"},
	{.name = "busy_us",
         .unit = "us",
         .help = "time that the bus was taken",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING},
	{.name = "dma_bytes",
         .unit = "B",
         .help = "moved by DMA",
         .adds = ADDS_SUM,
         .bins = true,
         .since = SINCE_OPENING,
         .head = "DMA"},
	{.name = "register_writes",
         .unit = "1",
         .help = "posted writes to devices",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING,
         .head = "register writes"},
	{.name = "register_reads",
         .unit = "1",
         .help = "reads of devices' registers",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING,
         .head = "register reads"},
	{.name = "dma_transfers",
         .unit = "1",
         .help = "DMA requests of devices",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING},
	{.name = "interrupts",
         .unit = "1",
         .help = "lines raised",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING},
};

static void tell_bus(struct reading *r, const struct group *group) {
	struct pci_usage usage;
	double total, busy;

	pci_bus_usage(group->live, &usage);
	total = sim_to_us(usage.busy);
	busy = tell_since(r, "busy_us", total);
	tell(r, "busy", tell_window(r) > 0 ? 100.0 * busy / sim_to_us(tell_window(r)) : 0);
	tell(r, "busy_us", total);
	tell(r, "register_reads", (double)usage.reads);
	tell(r, "register_writes", (double)usage.writes);
	tell(r, "dma_transfers", (double)usage.dmas);
	tell(r, "dma_bytes", (double)usage.dma_bytes);
	tell(r, "interrupts", (double)usage.irqs);
}

static sim_time busy(const struct group *group) {
	struct pci_usage usage;

	pci_bus_usage(group->live, &usage);
	return usage.busy;
}

/* Of the bus's time in percent-seconds, else in bytes. */
static double total(const struct group *group, const char *measure) {
	struct pci_usage usage;

	pci_bus_usage(group->live, &usage);
	return g_str_equal(measure, "busy") ? 100 * sim_to_s(usage.busy) : (double)usage.dma_bytes;
}

const struct kind kind_pci = {
	.name = "pci",
	.help = "a PCI bus",
	.title = "PCI buses",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.check = check,
	.stage = STAGE_BUS,
	.ends = ENDS_BUS,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.columns_at = 5,
	.tell = tell_bus,
	.total = total,
	.busy = busy,
};
