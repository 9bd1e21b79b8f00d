/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The arbiter: round robin, a burst each, with as few events as it takes.
 *
 * Who will ask from when on is known ahead: a transfer asks when its set-up is over.  So the next
 * grant can be planned before it begins, and as long as nobody else asks, a transfer needs no event
 * but its end, however many bursts it has.  Whoever comes in between shortens the grant to the
 * first end of a burst at or after his date; that is just where an arbiter that is asked after
 * every burst would have turned to him.  A plan that has not begun is simply made anew, so that the
 * order of requests within one instant does not matter.
 *
 * A posted write that comes in between is the usual case: the card moves a frame, and the CPU rings for the
 * next.  If nobody can be before it at the end of that burst, it is committed at once, and what is left of
 * the transfer planned behind it: that takes no event.
 */
#include "pci/bus_internal.h"

static inline struct pci_dev *device_of(const struct pci_bus *bus, int master) {
	return bus->masters == 2 ? bus->two_devs[1] : bus->dev_of[master];
}

static bool has_begun(const struct pci_bus *bus) {
	return bus->grant.owner != NOBODY && bus->grant.start < sim_now(bus->sim);
}

/* Shortens a device's grant to the first end of a burst at or after `when`. */
static void cut(struct pci_bus *bus, sim_time when) {
	struct grant *g = &bus->grant;

	if (when >= g->end)
		return;
	sim_time done = when - g->data_at, full = bus->full_burst;
	sim_time bursts = done <= full ? 1 : (done + full - 1) / full; /* usually it asks already */
	sim_time bytes = bursts * (sim_time)bus->conf.burst_bytes;
	if (bytes >= (sim_time)g->bytes)
		return;
	g->bytes = (uint32_t)bytes;
	g->end = g->data_at + bursts * full;
}

/* Who gets the bus next, when, and from when on somebody else asks. */
struct turn {
	int master;
	sim_time start, contender;
};

static inline void grant_way(struct pci_bus *bus, const struct turn *turn,
                             const struct pci_dev *dev, enum dma_way way) {
	struct grant *g = &bus->grant;
	uint32_t left = dev->dma[way].head->left;

	g->owner = turn->master;
	g->way = way;
	g->start = turn->start;
	g->data_at = turn->start + bus_turnaround(bus, turn->master);
	g->bytes = left;
	g->end = g->data_at + bus_span(bus, left);
	cut(bus, MIN(turn->contender, dev->ready[way == DMA_READ ? DMA_WRITE : DMA_READ]));
	sim_at(bus->sim, &bus->decide, g->end);
}

/* One of the device's transfers uses the grant: if both ways can go they take turns.  Here and below what seldom
 * changes is asked in branches, which a processor foresees: it need not wait for what it would compute. */
static void grant_device(struct pci_bus *bus, const struct turn *turn) {
	const struct pci_dev *dev = device_of(bus, turn->master);
	bool write = dev->ready[DMA_WRITE] <= turn->start;

	if (write && dev->ready[DMA_READ] <= turn->start)
		write = dev->served == DMA_READ;
	if (write)
		grant_way(bus, turn, dev, DMA_WRITE);
	else
		grant_way(bus, turn, dev, DMA_READ);
}

/* The same as below with a single device on the bus: the turn is the other one's if he asks. */
static inline bool turn_of_two(const struct pci_bus *bus, sim_time from, struct turn *turn) {
	sim_time post = bus->two_asks[BRIDGE], dma = bus->two_asks[1], start;

	if (post == SIM_NEVER) {
		*turn = (struct turn){1, MAX(dma, from), SIM_NEVER};
		return dma != SIM_NEVER;
	}
	start = MAX(MIN(post, dma), from);
	if (bus->turn == BRIDGE ? dma <= start : post > start)
		*turn = (struct turn){1, start, post};
	else
		*turn = (struct turn){BRIDGE, start, dma};
	return true;
}

/* Whose turn it is when somebody asks, not before `from`; false if nobody does. */
static bool turn_of_many(const struct pci_bus *bus, sim_time from, struct turn *turn) {
	sim_time first = SIM_NEVER, second = SIM_NEVER;
	int master = bus->turn;

	for (int i = 0; i < bus->masters; i++) {
		second = MIN(second, MAX(first, bus->asks[i]));
		first = MIN(first, bus->asks[i]);
	}
	if (first == SIM_NEVER)
		return false;
	turn->start = MAX(first, from);
	do
		if (++master == bus->masters)
			master = 0;
	while (bus->asks[master] > turn->start);
	turn->master = master;
	turn->contender = bus->asks[master] == first ? second : first;
	return true;
}

static inline bool next_turn(const struct pci_bus *bus, sim_time now, struct turn *turn) {
	sim_time from = MAX(bus->free_at, now);

	return bus->masters == 2 ? turn_of_two(bus, from, turn) : turn_of_many(bus, from, turn);
}

/*
 * A posted write that can go now is committed at once: it is one burst, which nothing shortens, and
 * so it takes no event but its arrival.
 */
static void plan(struct pci_bus *bus) {
	sim_time now = sim_now(bus->sim);
	struct turn turn;

	bus->grant.owner = NOBODY;
	while (next_turn(bus, now, &turn)) {
		if (turn.master != BRIDGE) {
			grant_device(bus, &turn);
			return;
		}
		if (turn.start > now) {
			bus->grant = (struct grant){.owner = BRIDGE, .start = turn.start};
			sim_at(bus->sim, &bus->decide, turn.start);
			return;
		}
		bus->turn = BRIDGE;
		post_transact(bus, now);
	}
	if (sim_pending(&bus->decide))
		sim_cancel(bus->sim, &bus->decide);
}

/* Shortens the grant in progress; true if it ends earlier than it would have. */
static bool cut_short(struct pci_bus *bus, sim_time when) {
	sim_time end = bus->grant.end;

	cut(bus, when);
	return bus->grant.end != end;
}

static SIM_TELLS void tell_burst(const struct pci_dev *dev, sim_time end) {
	const struct grant *g = &dev->bus->grant;
	const struct pci_dma *dma = dev->dma[g->way].head;

	sim_tell_span(dev->track, "pci", "dma", g->start, end, dma ? dma->flow : 0);
}

/* Books the grant up to `end` and takes it from its owner. */
static void release(struct pci_bus *bus, sim_time end) {
	struct grant *g = &bus->grant;
	struct pci_dev *dev = device_of(bus, g->owner);

	dev->usage.busy += end - g->start;
	dev->served = g->way;
	bus->turn = g->owner;
	if (bus->free_at <= end) { /* else the CPU has reserved what follows */
		bus->free_at = end;
		bus->last = g->owner;
	}
	g->owner = NOBODY;
	if (sim_heard(dev->track))
		tell_burst(dev, end);
}

/* Whether the bridge is the next to get the bus, at the end of the grant in progress, whatever the devices
 * do until then.  Those before it in the rotation must not ask by then; they cannot begin to if that is less
 * than a set-up away. */
static bool bridge_is_next(const struct pci_bus *bus) {
	const struct grant *g = &bus->grant;
	bool surprises = sim_now(bus->sim) + bus->conf.dma_setup <= g->end;

	if (bus->free_at > g->start || bus->post_end > sim_now(bus->sim))
		return false; /* what the CPU has stalled for, and other writes, go before */
	for (int master = g->owner + 1; master < bus->masters; master++)
		if (surprises || bus->asks[master] <= g->end)
			return false;
	return true;
}

/* Commits a posted write to the end of the grant in progress, which was shortened for it. */
static void let_bridge_in(struct pci_bus *bus) {
	const struct grant done = bus->grant;
	struct pci_dev *owner = device_of(bus, done.owner);

	release(bus, done.end);
	owner->dma[done.way].head->left -= done.bytes;
	bus->turn = BRIDGE;
	bus->ahead = (struct ahead){
		.until = done.end,
		.owner = done.owner,
		.poster = ring_at(&bus->posts, bus->sent)->dev->master,
	};
	post_transact(bus, done.end);
	bus->ahead.post = bus->free_at - done.end;
	plan(bus);
}

void arbiter_request(struct pci_bus *bus, int master, sim_time when) {
	bus->asks[master] = MIN(bus->asks[master], when);
	if (!has_begun(bus))
		plan(bus);
	else if (!cut_short(bus, when))
		return;
	else if (master == BRIDGE && bridge_is_next(bus))
		let_bridge_in(bus);
	else
		sim_at(bus->sim, &bus->decide, bus->grant.end);
}

sim_time arbiter_interrupt(struct pci_bus *bus) {
	sim_time now = sim_now(bus->sim);

	if (!has_begun(bus))
		return MAX(now, bus->free_at);
	if (cut_short(bus, now))
		sim_at(bus->sim, &bus->decide, bus->grant.end);
	if (bus->free_at <= bus->grant.start)
		bus->last = bus->grant.owner;
	return MAX(bus->grant.end, bus->free_at);
}

void arbiter_resume(struct pci_bus *bus) {
	if (!has_begun(bus))
		plan(bus);
}

void arbiter_forget(struct pci_dev *dev) {
	struct pci_bus *bus = dev->bus;

	bus->asks[dev->master] = SIM_NEVER;
	if (has_begun(bus) && bus->grant.owner == dev->master)
		release(bus, sim_now(bus->sim));
	arbiter_resume(bus);
}

static void decide(void *arg) {
	struct pci_bus *bus = arg;
	const struct grant *g = &bus->grant;

	if (g->owner != BRIDGE) {
		struct pci_dev *dev = device_of(bus, g->owner);

		release(bus, g->end);
		dma_progress(dev, g->way, g->bytes);
		/* What done() started has been planned for already. */
		if (g->owner != NOBODY)
			return;
	}
	plan(bus);
}

void arbiter_init(struct pci_bus *bus) {
	sim_event_init(&bus->decide, decide, bus);
	bus->grant.owner = NOBODY;
	bus->last = NOBODY;
	bus->turn = BRIDGE;
}
