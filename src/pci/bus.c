/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is on the bus, and for how long does a burst keep it? */
#include "pci/bus.h"

#include "pci/bus_internal.h"

/*
 * Where the default values come from, and what they add up to.
 *
 * A clock at 66 MHz lasts 15.15 ns.  A burst of 256 bytes has 32 data phases on a 64-bit bus; 26
 * clocks before them are the address phase, decoding and the wait states of a bridge that snoops
 * caches (PCI 2.2 section 3.5.1.1 allows it 32).  58 clocks for 256 bytes are 291 MB/s, amid the
 * 147..315 MB/s measured in 64-bit slots with bursts of 256..512 bytes; with long bursts (4 KiB)
 * the same bus gives 502 MB/s, and a 32-bit one at 33 MHz 129 MB/s (measured peaks: 512 and 128).
 *
 * A full segment of 1,460 bytes, fetched alone: set-up of the engine 0.6 us, through the bridge and
 * back 0.4 us, 0.5 us to the memory's first data (Myricom: 0.45..0.6), 4 clocks of arbitration, 6
 * bursts with 26 + (5 * 32 + 23) / 6 clocks on average: 343 clocks = 5.20 us.  Altogether 6.70 us:
 * 218 MB/s; stored alone, 5.80 us: 252 MB/s.
 *
 * A register access takes 4 + 26 + 1 clocks = 0.47 us of the bus; a read stalls the CPU for this
 * and twice the latency: 0.87 us.  A posted write is seen by the device after 0.67 us.
 */
void pci_conf_default(struct pci_conf *conf) {
	*conf = (struct pci_conf){
		.width_bits = 64,
		.clock_hz = 66000000,
		.latency = 200 * SIM_NS,
		.bandwidth_scale = 1,
		.burst_bytes = 256,
		.arbitration_clocks = 4,
		.setup_clocks = 26,
		.host_read_latency = 500 * SIM_NS,
		.dma_setup = 600 * SIM_NS,
		.max_outstanding = 4,
		.posted_depth = 8,
	};
}

/* --- life ---------------------------------------------------------------------------------- */

static void check_conf(const struct pci_conf *c) {
	g_assert(c->width_bits == 32 || c->width_bits == 64);
	g_assert(c->clock_hz > 0 && c->bandwidth_scale > 0 && c->burst_bytes > 0);
	g_assert(c->latency >= 0 && c->host_read_latency >= 0 && c->dma_setup >= 0);
	g_assert(c->max_outstanding > 0 && c->posted_depth > 0);
}

static void dev_free(struct pci_dev *dev) {
	for (int way = 0; way < DMA_WAYS; way++)
		g_free(dev->dma[way].tracks);
	g_free(dev->name);
	g_free(dev);
}

struct pci_bus *pci_bus_new(struct sim *sim, const char *name, const struct pci_conf *conf) {
	struct pci_bus *bus = g_new0(struct pci_bus, 1);

	check_conf(conf);
	bus->sim = sim;
	bus->name = g_strdup(name);
	bus->conf = *conf;
	bus->track = sim_track(sim, NULL, name, SIM_RANK_BUS);
	bus->bridge = sim_track(sim, bus->track, "bridge", 0);
	bus_time(bus);
	bus->dev_of = bus->two_devs;
	bus->asks = bus->two_asks;
	bus->asks[BRIDGE] = SIM_NEVER;
	bus->masters = 1;
	arbiter_init(bus);
	bus_carry_init(bus);
	bus_up_init(bus);
	return bus;
}

void pci_bus_free(struct pci_bus *bus) {
	sim_cancel(bus->sim, &bus->decide);
	sim_cancel(bus->sim, &bus->arrive);
	sim_cancel(bus->sim, &bus->surface);
	for (int master = BRIDGE + 1; master < bus->masters; master++)
		dev_free(bus->dev_of[master]);
	if (bus->masters > 2) {
		g_free(bus->dev_of);
		g_free(bus->asks);
	}
	g_free(bus->bursts);
	g_free(bus->spans);
	g_free(bus->posts.at);
	g_free(bus->up.at);
	g_free(bus->name);
	g_free(bus);
}

static void dma_forget(struct pci_dev *dev) {
	for (int way = 0; way < DMA_WAYS; way++) {
		dev->dma[way].head = dev->dma[way].waiting = NULL;
		dev->dma[way].tail = &dev->dma[way].head;
		dev->dma[way].in_flight = 0;
		dev->ready[way] = SIM_NEVER;
	}
}

/* One more than two at least. */
static void more_masters(struct pci_bus *bus) {
	if (bus->masters == 3) {
		bus->dev_of = g_memdup2(bus->two_devs, sizeof bus->two_devs);
		bus->asks = g_memdup2(bus->two_asks, sizeof bus->two_asks);
	}
	bus->dev_of = g_renew(struct pci_dev *, bus->dev_of, bus->masters);
	bus->asks = g_renew(sim_time, bus->asks, bus->masters);
}

struct pci_dev *pci_dev_add(struct pci_bus *bus, const char *name, unsigned line) {
	struct pci_dev *dev = g_new0(struct pci_dev, 1);

	g_assert(line < PCI_LINES);
	dev->bus = bus;
	dev->name = g_strdup(name);
	dev->track = sim_track(bus->sim, bus->track, name, 1);
	dev->line = line;
	dev->present = true;
	dma_forget(dev);
	dev->master = bus->masters++;
	if (bus->masters > 2)
		more_masters(bus);
	bus->dev_of[dev->master] = dev;
	bus->asks[dev->master] = SIM_NEVER;
	return dev;
}

void pci_dev_remove(struct pci_dev *dev) {
	if (!dev->present)
		return;
	pci_irq_set(dev, false);
	dev->present = false;
	dma_forget(dev);
	arbiter_forget(dev);
}

bool pci_present(const struct pci_dev *dev) { return dev->present; }

const struct sim_track *pci_dev_track(const struct pci_dev *dev) { return dev->track; }

/* --- DMA ------------------------------------------------------------------------------------ */

void pci_dma_start(struct pci_dev *dev, struct pci_dma *dma) {
	pci_dma_start_at(dev, dma, sim_now(dev->bus->sim));
}

/* A transfer at a date to come follows from a write that has just been given the bus, and what comes next is planned
 * after that.  Whoever has the bus until then has left it when this one asks for it. */
void pci_dma_start_at(struct pci_dev *dev, struct pci_dma *dma, sim_time when) {
	struct pci_bus *bus = dev->bus;
	enum dma_way way = dma->to_host ? DMA_WRITE : DMA_READ;
	struct dma_queue *queue = &dev->dma[way];
	bool first = !queue->head;

	if (!dev->present)
		return;
	sim_seen(bus->sim, "a DMA transfer");
	dma->begun = when;
	dma->next = NULL;
	dma->left = dma->bytes;
	*queue->tail = dma;
	queue->tail = &dma->next;
	if (queue->in_flight < bus->conf.max_outstanding)
		dma_admit(dev, queue, dma);
	else if (!queue->waiting)
		queue->waiting = dma;
	if (!first)
		return;
	dev->ready[way] = dma->ready;
	if (when == sim_now(bus->sim))
		arbiter_request(bus, dev->master, dma->ready);
	else
		bus->asks[dev->master] = MIN(bus->asks[dev->master], dma->ready);
}

/* --- usage ---------------------------------------------------------------------------------- */

/* What the use by `master`, or by anybody, is more than has been booked. */
static sim_time busy_now(const struct pci_bus *bus, int master) {
	const struct grant *g = &bus->grant;
	const struct ahead *ahead = &bus->ahead;
	sim_time now = sim_now(bus->sim), busy = 0;

	if (g->owner > BRIDGE && (master == BRIDGE || g->owner == master))
		busy += MAX(now - g->start, 0);
	if (now >= ahead->until)
		return busy;
	if (master == BRIDGE || ahead->owner == master)
		busy -= ahead->until - now;
	if (master == BRIDGE || ahead->poster == master)
		busy -= ahead->post;
	return busy;
}

void pci_bus_usage(const struct pci_bus *bus, struct pci_usage *usage) {
	*usage = (struct pci_usage){.busy = busy_now(bus, BRIDGE)};
	for (int master = BRIDGE + 1; master < bus->masters; master++) {
		const struct pci_usage *one = &bus->dev_of[master]->usage;

		usage->reads += one->reads;
		usage->writes += one->writes;
		usage->dmas += one->dmas;
		usage->dma_bytes += one->dma_bytes;
		usage->irqs += one->irqs;
		usage->busy += one->busy;
	}
}

void pci_dev_usage(const struct pci_dev *dev, struct pci_usage *usage) {
	*usage = dev->usage;
	usage->busy += busy_now(dev->bus, dev->master);
}
