/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does the CPU ask of the bus?  Posted writes and register reads. */
#include "pci/bus_internal.h"

/* Carries the oldest `n` posted writes out of turn, from the next end of a burst on. */
static void flush(struct pci_bus *bus, uint32_t n) {
	sim_time start = arbiter_interrupt(bus);

	for (; n > 0; n--) {
		post_transact(bus, start);
		start = bus->free_at;
	}
}

/* A write that was let in before its time still asks until then: what goes out of turn takes it along.  True if
 * there is one. */
static bool recall(struct pci_bus *bus) {
	if (bus->ahead.until <= sim_now(bus->sim))
		return false;
	bus->turn = bus->ahead.owner;
	bus->ahead.post = 0; /* booked, as what goes out of turn is */
	return true;
}

/* Makes room for one more write in the bridge; how long that takes. */
static sim_time make_room(struct pci_bus *bus) {
	sim_time now = sim_now(bus->sim);
	uint32_t asking = bus->posts.tail - bus->sent;
	uint32_t leaving = bus->post_end > now ? 1 : 0;

	if (asking + leaving < bus->conf.posted_depth)
		return 0;
	uint32_t excess = asking + leaving - bus->conf.posted_depth + 1;
	bool anew = recall(bus);
	if (excess > leaving) {
		flush(bus, excess - leaving);
		anew = true;
	}
	if (anew)
		arbiter_resume(bus);
	return bus->post_end - now;
}

sim_time pci_post_write(struct pci_dev *dev, void (*fn)(void *arg), void *arg) {
	return pci_post_write_of(dev, 0, fn, NULL, arg);
}

sim_time pci_post_write_of(struct pci_dev *dev, sim_flow flow, void (*fn)(void *arg),
                           bool (*early)(void *arg, sim_time when), void *arg) {
	struct pci_bus *bus = dev->bus;
	sim_time stall = make_room(bus);
	bool first = bus->sent == bus->posts.tail;
	struct crossing *post = ring_push(&bus->posts);

	sim_seen(bus->sim, "a posted write");
	*post = (struct crossing){.when = sim_now(bus->sim) + stall,
	                          .dev = dev,
	                          .fn = fn,
	                          .arg = arg,
	                          .early = early,
	                          .flow = flow};
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
	sim_time start;

	sim_seen(bus->sim, "a register read");
	recall(bus);
	flush(bus, bus->posts.tail - bus->sent);
	start = arbiter_interrupt(bus);
	bus_access(bus, dev, start);
	sim_span(bus->bridge, "pci", "read", start, bus->free_at, 0);
	arbiter_resume(bus);
	dev->usage.reads++;
	return bus->free_at - sim_now(bus->sim) + 2 * bus->conf.latency;
}
