/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do devices send up to the CPU's side, and in which order does it get there?  Their interrupt lines, too. */
#include "pci/bus_internal.h"

void ring_grow(struct crossing_ring *r) {
	uint32_t larger = 2 * (r->mask + 1);
	struct crossing *at = g_new(struct crossing, larger);

	for (uint32_t i = r->head; i != r->tail; i++)
		at[i & (larger - 1)] = *ring_at(r, i);
	g_free(r->at);
	r->at = at;
	r->mask = larger - 1;
}

void pci_bus_on_irq(struct pci_bus *bus, void (*fn)(void *arg, unsigned line, bool high),
                    void *arg) {
	bus->on_irq = fn;
	bus->on_irq_arg = arg;
}

static void surface_one(const struct pci_bus *bus, struct crossing c) {
	if (!c.fn && bus->on_irq)
		bus->on_irq(bus->on_irq_arg, c.dev->line, c.high);
	else if (c.fn && c.dev->present)
		c.fn(c.arg);
}

/* What the devices sent up arrives, in the order of sending: data and the interrupt that was sent
 * with them in one event. */
static void surface(void *arg) {
	struct pci_bus *bus = arg;
	sim_time now = sim_now(bus->sim);

	while (ring_count(&bus->up) && ring_at(&bus->up, bus->up.head)->when <= now)
		surface_one(bus, *ring_at(&bus->up, bus->up.head++));
	if (ring_count(&bus->up))
		sim_at(bus->sim, &bus->surface, ring_at(&bus->up, bus->up.head)->when);
}

void send_up(struct pci_dev *dev, void (*fn)(void *arg), void *arg, bool high) {
	struct pci_bus *bus = dev->bus;

	*ring_push(&bus->up) = (struct crossing){.when = sim_now(bus->sim) + bus->conf.latency,
	                                         .dev = dev,
	                                         .fn = fn,
	                                         .arg = arg,
	                                         .high = high};
	if (!sim_pending(&bus->surface))
		sim_after(bus->sim, &bus->surface, bus->conf.latency);
}

void pci_irq_set(struct pci_dev *dev, bool high) {
	struct pci_bus *bus = dev->bus;
	unsigned *raised = &bus->raised[dev->line];

	if (dev->high == high || !dev->present)
		return;
	sim_seen(bus->sim, "an interrupt line");
	dev->high = high;
	*raised += high ? 1U : -1U;
	dev->usage.irqs += high;
	if (*raised != (high ? 1U : 0U))
		return; /* a sharer holds the line high */
	send_up(dev, NULL, NULL, high);
}

void bus_up_init(struct pci_bus *bus) {
	sim_event_init(&bus->surface, surface, bus);
	ring_init(&bus->up);
}
