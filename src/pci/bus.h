/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PCI bus: a shared parallel bus between the host bridge and its devices.
 *
 * Timing.  One transaction owns the bus at a time.  An arbiter serves masters round robin, a burst
 * each; a change of owner costs arbitration and turnaround clocks.  Address phase, wait states
 * before the first data and one data phase per clock and bus width follow.
 *
 * Distance.  `latency` is the way through the bridge, between the bus and what lies behind it, the
 * CPU and its memory.  Devices sit on the bus.  So each crossing takes it once (docs/time.md):
 *   posted write     carried by the bus, then once to the device
 *   register read    flushes the posted writes before it, then there and back
 *   DMA read         request there, `host_read_latency` of the memory, data back, then the bus:
 *                    a delayed transaction, others use the bus meanwhile
 *   DMA write        carried by the bus, which frees the device, then once to host memory
 *   interrupt line   once
 * What a device sends up (data of DMA writes, changes of its line) arrives in the order of sending.
 *
 * Masters.  The bridge is one (a posted write is a burst), each device is another.  What the CPU
 * stalls for (a read and the writes that it flushes, a write into a full bridge) goes out of turn,
 * at the next end of a burst, and leaves the rotation as it was.
 *
 * Order.  A device's DMA writes use the bus and arrive in the order in which they were started, and
 * so do its DMA reads; set-up and fetch of up to `max_outstanding` of each overlap.  Writes pass
 * reads that wait for their data (PCI 2.2, appendix E: posted writes must pass delayed reads), and
 * when both can go the device's bursts take turns.  Posted writes arrive in order.  A device that
 * raises its interrupt from a write's done() (or later) can be sure that the data are in host
 * memory when the CPU sees the interrupt.
 */
#ifndef PCI_BUS_H
#define PCI_BUS_H

#include "sim/trace.h"

struct pci_bus;
struct pci_dev;

struct pci_conf {
	unsigned width_bits;         /* 32 or 64 */
	uint64_t clock_hz;           /* 33, 66, 133 MHz */
	sim_time latency;            /* one way through the bridge: 10 ns .. 10 us */
	double bandwidth_scale;      /* multiplies the clock: the second knob; 1 = as clocked */
	unsigned burst_bytes;        /* longest burst before the arbiter is asked again */
	unsigned arbitration_clocks; /* change of owner, turnaround included */
	unsigned setup_clocks;       /* address phase and target wait states, per burst */
	sim_time
		host_read_latency; /* bridge: until the first data of a DMA read (Myricom: ~0.5 us) */
	sim_time dma_setup;        /* engine: to bus request; a read's retried address phase too */
	unsigned max_outstanding; /* DMA reads, and writes, a device may have in flight */
	unsigned posted_depth;    /* posted writes the bridge holds before the CPU stalls */
};

/* A 64-bit, 66 MHz bus and common chips of 2004: 0.6 us DMA set-up, about 220 MB/s effective when
 * frames are fetched one at a time, register reads of 0.9 us.  The arithmetic stands in bus.c. */
void pci_conf_default(struct pci_conf *conf);

/* A bus without devices.  `name` and *conf are copied.  Nonsense (width other than 32 or 64, a
 * clock, scale or burst of 0, a negative time) aborts: scenarios are checked where they are
 * read. */
struct pci_bus *pci_bus_new(struct sim *sim, const char *name, const struct pci_conf *conf);
/* Frees the bus with its devices, also the removed ones; nothing pending runs any more. */
void pci_bus_free(struct pci_bus *bus);

/* Where the bus's interrupt lines end: fn(arg, line, level), after `latency`. */
void pci_bus_on_irq(struct pci_bus *bus, void (*fn)(void *arg, unsigned line, bool high),
                    void *arg);

/* Plugs in a device that drives interrupt `line` (shared with whoever else has it). */
struct pci_dev *pci_dev_add(struct pci_bus *bus, const char *name, unsigned line);
/* Surprise removal: pending DMA never completes, posted writes vanish, reads give all ones (the
 * caller learns it from pci_present()), the interrupt line is released. */
void pci_dev_remove(struct pci_dev *dev);
bool pci_present(const struct pci_dev *dev);
/* The line on which its bursts lie. */
const struct sim_track *pci_dev_track(const struct pci_dev *dev);

/* --- the CPU's side ------------------------------------------------------------------------ */

/* A posted register write: fn(arg) runs in the device when it arrives.  Returns how long the CPU
 * stalls beyond its own cost (0 unless the bridge's buffer is full).  Call it from an effect
 * (cpu_defer), at the time when the CPU does it. */
sim_time pci_post_write(struct pci_dev *dev, void (*fn)(void *arg), void *arg);
/* The same; traces tie it to what it is for.  A device may do early what nobody can see until later: `early`
 * (NULL: it does not) is asked as soon as the write's arrival is certain, and if it returns true it has done by
 * itself all that fn() would have done `when` the write arrives.  That may be to start transfers then. */
sim_time pci_post_write_of(struct pci_dev *dev, sim_flow flow, void (*fn)(void *arg),
                           bool (*early)(void *arg, sim_time when), void *arg);

/* What the CPU owes for its posted writes until somebody charges it.  All zero: nothing. */
struct pci_stall {
	sim_time owed;
	sim_time date, longest; /* the last write's instant, and the longest stall then */
};
/* Adds the stall of a write at `now`.  Writes of one instant wait for the same bridge at the same
 * time: together they stall the CPU for as long as the one that waits longest. */
void pci_stall_add(struct pci_stall *stall, sim_time now, sim_time time);
/* Takes what is owed. */
sim_time pci_stall_take(struct pci_stall *stall);

/* A register read: how long the CPU stalls (flush of posted writes, bus wait, both ways), counted
 * from now.  The caller takes the value itself at the end of the stall. */
sim_time pci_read_stall(struct pci_dev *dev);

/* --- the device's side ---------------------------------------------------------------------- */

/* A DMA transfer; embed it.  `done` runs in the device when it is through with it: the last byte of
 * a read has come, the last byte of a write has gone.  `seen` runs when the last byte of a write
 * lies in host memory, `latency` later; NULL if nobody is to be told: who looks for himself whether it has
 * come finds the date in `lands`, from done() on. */
struct pci_dma {
	bool to_host; /* DMA write; else DMA read of host memory */
	uint32_t bytes;
	void (*done)(void *arg);
	void (*seen)(void *arg);
	void *arg;
	sim_time lands;
	const char
		*what; /* "read data", a static string: for traces, as is the flow; NULL: "dma" */
	sim_flow flow;
	/* the bus's own */
	struct pci_dma *next;
	uint32_t left;
	uint32_t nr; /* of its way, in the order of their set-ups */
	sim_time begun, ready;
};
/* Starts a transfer; `dma` must stay put until done(), which may start it again; `arg` until seen().
 * A device that is gone moves nothing: neither runs any more. */
void pci_dma_start(struct pci_dev *dev, struct pci_dma *dma);
/* The same at a date that may be to come: that of a write, which its early() was told. */
void pci_dma_start_at(struct pci_dev *dev, struct pci_dma *dma, sim_time when);

/* Drives the device's interrupt line; the level at the CPU is the OR of all sharers.  Every change
 * of the OR is reported after `latency`, in order, however short it was. */
void pci_irq_set(struct pci_dev *dev, bool high);

struct pci_usage {
	uint64_t reads, writes;   /* of registers, by the CPU */
	uint64_t dmas, dma_bytes; /* completed */
	uint64_t irqs;            /* times that a device raised its line */
	sim_time busy;            /* time in which the bus was owned */
};
void pci_bus_usage(const struct pci_bus *bus, struct pci_usage *usage);
/* For tests: of one device, where scenarios tell of the whole bus. */
void pci_dev_usage(const struct pci_dev *dev, struct pci_usage *usage);

#endif
