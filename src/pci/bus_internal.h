/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do the arbiter, the CPU's side and the devices' side of a bus share inside this room? */
#ifndef PCI_BUS_INTERNAL_H
#define PCI_BUS_INTERNAL_H

#include <glib.h>

#include "pci/bus.h"
#include "sim/watch.h"

#define PCI_LINES 32U

/* Index of a master: 0 is the bridge, i + 1 the i-th device. */
#define BRIDGE 0
#define NOBODY (-1)

/* Something on its way through the bridge: down, a posted write; up, the last byte of a DMA write or
 * (fn NULL) a change of an interrupt line. */
struct crossing {
	sim_time when; /* of its arrival; of a write that waits for the bus: since when it asks */
	struct pci_dev *dev;
	void (*fn)(void *arg); /* of a posted write, NULL: it was done early */
	void *arg;
	union {
		bool (*early)(void *arg, sim_time when); /* of a posted write, or NULL */
		bool high;
	};
	sim_flow flow; /* of a posted write */
};

/* A FIFO of crossings in an array that grows; the counters run freely. */
struct crossing_ring {
	struct crossing *at;
	uint32_t head, tail, mask;
};

/* A device's reads, and its writes, in the order of pci_dma_start(). */
enum dma_way { DMA_READ, DMA_WRITE, DMA_WAYS };
struct dma_queue {
	struct pci_dma *head, **tail;
	struct pci_dma *waiting; /* the first one beyond max_outstanding */
	unsigned in_flight;
	uint32_t admitted; /* so far */
	const struct sim_track *
		*tracks; /* one for each that may be in flight; NULL: not made yet */
};

/* What the arbiter has decided.  It may change its mind until `start`; then only the end moves. */
struct grant {
	int owner;        /* NOBODY: none */
	enum dma_way way; /* of the device's transfer */
	sim_time start;
	sim_time data_at; /* start + arbitration: the first burst's address phase */
	sim_time end;
	uint32_t bytes; /* that it will have moved */
};

/* What is booked as used before it is: up to `until` by the owner of a grant, then by a posted write. */
struct ahead {
	sim_time until;
	sim_time post;     /* how long the write takes */
	int owner, poster; /* masters */
};

struct pci_dev {
	struct pci_bus *bus;
	char *name;
	unsigned line;
	int master;
	bool present, high;
	const struct sim_track *track;
	struct dma_queue dma[DMA_WAYS];
	sim_time ready
		[DMA_WAYS]; /* when the first transfer of one way asks for the bus; SIM_NEVER: there is none */
	enum dma_way served; /* last */
	struct pci_usage usage;
};

struct pci_bus {
	struct sim *sim;
	char *name;
	const struct sim_track *track, *bridge; /* of all of it; of what the CPU does with it */
	struct pci_conf conf;
	/* durations that the configuration gives */
	unsigned phase_shift; /* a data phase moves 1 << phase_shift bytes ... */
	unsigned phase;       /* ... which are so many */
	sim_time *bursts;     /* by data phases */
	sim_time *spans;      /* of whole transfers, by data phases */
	uint32_t n_spans; /* there are that many; 0: the longest burst has other bytes than they */
	sim_time arbitration, setup;
	sim_time lead[DMA_WAYS]; /* from a transfer's set-up on, until it asks */
	sim_time full_burst, register_access;
	/* arbitration */
	struct pci_dev **dev_of; /* by master; the bridge has none */
	int masters;             /* the bridge and the devices */
	sim_time *asks;          /* each master's date from which on it asks; SIM_NEVER: not */
	/* Both, as long as there are no more masters. */
	struct pci_dev *two_devs[2];
	sim_time two_asks[2];
	struct sim_event decide; /* the grant's end; its start when it is the bridge's */
	struct grant grant;
	struct ahead ahead;
	sim_time free_at; /* end of what can not be undone */
	int last;         /* last owner: who follows himself needs no turnaround */
	int turn;         /* last one served in rotation */
	/* the CPU's side */
	struct crossing_ring posts; /* head..sent cross the bridge, sent..tail ask for the bus */
	uint32_t sent;
	sim_time post_end; /* when the last write left the bridge's buffer */
	struct sim_event arrive;
	struct crossing_ring up; /* all take the latency: they arrive in order */
	struct sim_event surface;
	unsigned raised[PCI_LINES]; /* devices that drive the line */
	void (*on_irq)(void *arg, unsigned line, bool high);
	void *on_irq_arg;
};

static inline uint32_t ring_count(const struct crossing_ring *r) { return r->tail - r->head; }
static inline struct crossing *ring_at(const struct crossing_ring *r, uint32_t i) {
	return &r->at[i & r->mask];
}

static inline void ring_init(struct crossing_ring *r) {
	r->mask = 15;
	r->at = g_new(struct crossing, r->mask + 1);
}
void ring_grow(struct crossing_ring *r); /* bus_up.c */
/* A new last entry; the pointer holds until the next one. */
static inline struct crossing *ring_push(struct crossing_ring *r) {
	if (G_UNLIKELY(ring_count(r) > r->mask))
		ring_grow(r);
	return ring_at(r, r->tail++);
}

/* bus_time.c: what bursts and transfers take on a bus of this configuration; ... */
void bus_time(struct pci_bus *bus);
/* ... and a transfer that is in no table. */
sim_time bus_long_span(const struct pci_bus *bus, uint32_t bytes);

/* Data phases that move `bytes`; none is still one. */
static inline uint32_t bus_phases(const struct pci_bus *bus, uint32_t bytes) {
	return bytes ? ((bytes - 1) >> bus->phase_shift) + 1 : 1;
}
/* Time of one burst with `bytes` of data, at most the longest, from its address phase on. */
static inline sim_time bus_burst(const struct pci_bus *bus, uint32_t bytes) {
	return bus->bursts[bus_phases(bus, bytes)];
}
/* How long a transfer takes that nobody interrupts, in bursts as long as may be. */
static inline sim_time bus_span(const struct pci_bus *bus, uint32_t bytes) {
	uint64_t phases = ((uint64_t)bytes + bus->phase - 1) >> bus->phase_shift;

	return G_LIKELY(phases < bus->n_spans) ? bus->spans[phases] : bus_long_span(bus, bytes);
}
static inline sim_time bus_turnaround(const struct pci_bus *bus, int master) {
	return bus->last == master ? 0 : bus->arbitration;
}

/* A master that asked for nothing asks from `when` (>= now) on. */
void arbiter_request(struct pci_bus *bus, int master, sim_time when);
/* Ends the burst in progress as soon as it may; the date from which the bus is free then. */
sim_time arbiter_interrupt(struct pci_bus *bus);
/* Thinks again after reservations. */
void arbiter_resume(struct pci_bus *bus);
/* The device has gone: frees the bus if it was the owner. */
void arbiter_forget(struct pci_dev *dev);
void arbiter_init(struct pci_bus *bus);

/* bus_carry.c: books one access to a register of `dev` that begins at `start`; it ends at bus->free_at. */
void bus_carry_init(struct pci_bus *bus);
void bus_access(struct pci_bus *bus, struct pci_dev *dev, sim_time start);
/* The bus carries the oldest posted write that asks, from `start` on. */
void post_transact(struct pci_bus *bus, sim_time start);
/* Lets a transfer's set-up begin: it asks for the bus when that is over, and a read when its data
 * have come to the bridge's near end. */
void dma_admit(struct pci_dev *dev, struct dma_queue *queue, struct pci_dma *dma);
/* A part or all of the device's first transfer of one way was carried. */
void dma_progress(struct pci_dev *dev, enum dma_way way, uint32_t bytes);

/* bus_up.c */
void bus_up_init(struct pci_bus *bus);
/* Something of the device sets out for the CPU's side: arrives after the latency. */
void send_up(struct pci_dev *dev, void (*fn)(void *arg), void *arg, bool high);

#endif
