/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CPU's side of the bus: posted writes, register reads, interrupt lines. */
#include "pci/bus_internal.h"

/* A new last entry; the pointer holds until the next one. */
static struct crossing *ring_push(struct crossing_ring *r) {
	uint32_t size = r->at ? r->mask + 1 : 0;

	if (ring_count(r) == size) {
		uint32_t larger = size ? 2 * size : 16;
		struct crossing *at = g_new(struct crossing, larger);

		for (uint32_t i = r->head; i != r->tail; i++)
			at[i & (larger - 1)] = *ring_at(r, i);
		g_free(r->at);
		r->at = at;
		r->mask = larger - 1;
	}
	return ring_at(r, r->tail++);
}

/* Books one access to a register of `dev` that begins at `start`; it ends at bus->free_at. */
static void transact(struct pci_bus *bus, struct pci_dev *dev, const char *what, sim_time start,
                     sim_flow flow) {
	sim_time end = start + bus_turnaround(bus, BRIDGE) + bus->register_access;

	bus->free_at = end;
	bus->last = BRIDGE;
	bus->usage.busy += end - start;
	dev->usage.busy += end - start;
	sim_span(bus->bridge, "pci", what, start, end, flow);
}

void post_transact(struct pci_bus *bus, sim_time start) {
	struct crossing *post = ring_at(&bus->posts, bus->sent++);

	transact(bus, post->dev, "post", start, post->flow);
	bus->asks[BRIDGE] =
		bus->sent == bus->posts.tail ? SIM_NEVER : ring_at(&bus->posts, bus->sent)->when;
	bus->post_end = bus->free_at;
	post->when = bus->free_at + bus->conf.latency;
	if (!sim_pending(&bus->arrive))
		sim_at(bus->sim, &bus->arrive, post->when);
}

static void post_arrive(void *arg) {
	struct pci_bus *bus = arg;
	struct crossing post = *ring_at(&bus->posts, bus->posts.head++);

	if (bus->posts.head != bus->sent)
		sim_at(bus->sim, &bus->arrive, ring_at(&bus->posts, bus->posts.head)->when);
	if (post.dev->present)
		post.fn(post.arg);
}

/* Carries the oldest `n` posted writes out of turn, from the next end of a burst on. */
static void flush(struct pci_bus *bus, uint32_t n) {
	sim_time start = arbiter_interrupt(bus);

	for (; n > 0; n--) {
		post_transact(bus, start);
		start = bus->free_at;
	}
}

/* Makes room for one more write in the bridge; how long that takes. */
static sim_time make_room(struct pci_bus *bus) {
	sim_time now = sim_now(bus->sim);
	uint32_t asking = bus->posts.tail - bus->sent;
	uint32_t leaving = bus->post_end > now ? 1 : 0;

	if (asking + leaving < bus->conf.posted_depth)
		return 0;
	uint32_t excess = asking + leaving - bus->conf.posted_depth + 1;
	if (excess > leaving) {
		flush(bus, excess - leaving);
		arbiter_resume(bus);
	}
	return bus->post_end - now;
}

sim_time pci_post_write(struct pci_dev *dev, void (*fn)(void *arg), void *arg) {
	return pci_post_write_of(dev, 0, fn, arg);
}

sim_time pci_post_write_of(struct pci_dev *dev, sim_flow flow, void (*fn)(void *arg), void *arg) {
	struct pci_bus *bus = dev->bus;
	sim_time stall = make_room(bus);
	bool first = bus->sent == bus->posts.tail;
	struct crossing *post = ring_push(&bus->posts);

	sim_seen(bus->sim, "a posted write");
	*post = (struct crossing){
		.when = sim_now(bus->sim) + stall, .dev = dev, .fn = fn, .arg = arg, .flow = flow};
	bus->usage.writes++;
	dev->usage.writes++;
	if (first)
		arbiter_request(bus, BRIDGE, post->when);
	return stall;
}

void pci_stall_add(struct pci_stall *stall, sim_time now, sim_time time) {
	if (stall->date != now) {
		stall->date = now;
		stall->longest = 0;
	}
	if (time <= stall->longest)
		return;
	stall->owed += time - stall->longest;
	stall->longest = time;
}

sim_time pci_stall_take(struct pci_stall *stall) {
	sim_time owed = stall->owed;

	stall->owed = 0;
	return owed;
}

sim_time pci_read_stall(struct pci_dev *dev) {
	struct pci_bus *bus = dev->bus;

	sim_seen(bus->sim, "a register read");
	flush(bus, bus->posts.tail - bus->sent);
	transact(bus, dev, "read", arbiter_interrupt(bus), 0);
	arbiter_resume(bus);
	bus->usage.reads++;
	dev->usage.reads++;
	return bus->free_at - sim_now(bus->sim) + 2 * bus->conf.latency;
}

/* --- interrupt lines ------------------------------------------------------------------------ */

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
	if (high) {
		bus->usage.irqs++;
		dev->usage.irqs++;
	}
	if (*raised != (high ? 1U : 0U))
		return; /* a sharer holds the line high */
	send_up(dev, NULL, NULL, high);
}

void bus_cpu_init(struct pci_bus *bus) {
	sim_event_init(&bus->arrive, post_arrive, bus);
	sim_event_init(&bus->surface, surface, bus);
}
