/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long does a burst or a transfer take?  What is asked for often is computed once and stands in tables. */
#include "pci/bus_internal.h"

/* Bytes of a transfer, up to which its time stands in a table. */
#define USUAL_TRANSFER 2048U

static sim_time clocks(const struct pci_conf *conf, unsigned n) {
	double hz = (double)conf->clock_hz * conf->bandwidth_scale;

	return (sim_time)((double)n * (double)SIM_S / hz + 0.5);
}

/* How long is a burst of how many data phases, up to the longest? */
static void time_bursts(struct pci_bus *bus, double phase_ps) {
	uint32_t most = bus_phases(bus, MAX(bus->conf.burst_bytes, (uint32_t)sizeof(uint32_t)));

	bus->bursts = g_new0(sim_time, most + 1);
	for (uint32_t phases = 0; phases <= most; phases++)
		bus->bursts[phases] = bus->setup + (sim_time)((double)phases * phase_ps + 0.5);
}

sim_time bus_long_span(const struct pci_bus *bus, uint32_t bytes) {
	uint32_t full = bytes ? (bytes - 1) / bus->conf.burst_bytes : 0;

	return (sim_time)full * bus->full_burst +
	       bus_burst(bus, bytes - full * bus->conf.burst_bytes);
}

/* What is not longer than an ordinary frame is looked up; of longest bursts that end within a data phase nothing is. */
static void time_spans(struct pci_bus *bus) {
	uint32_t n = bus_phases(bus, USUAL_TRANSFER) + 1;

	if (bus->conf.burst_bytes % bus->phase)
		return;
	bus->spans = g_new(sim_time, n);
	bus->n_spans = n;
	for (uint32_t phases = 0; phases < n; phases++)
		bus->spans[phases] = bus_long_span(bus, phases * bus->phase);
}

void bus_time(struct pci_bus *bus) {
	const struct pci_conf *conf = &bus->conf;

	bus->arbitration = clocks(conf, conf->arbitration_clocks);
	bus->setup = clocks(conf, conf->setup_clocks);
	bus->phase_shift = conf->width_bits == 64 ? 3 : 2;
	bus->phase = 1U << bus->phase_shift;
	bus->lead[DMA_WRITE] = conf->dma_setup;
	bus->lead[DMA_READ] = conf->dma_setup + 2 * conf->latency + conf->host_read_latency;
	time_bursts(bus, (double)SIM_S / ((double)conf->clock_hz * conf->bandwidth_scale));
	bus->full_burst = MAX(bus_burst(bus, conf->burst_bytes), 1);
	bus->register_access = bus_burst(bus, sizeof(uint32_t));
	time_spans(bus);
}
