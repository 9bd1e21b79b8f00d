/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An Ethernet NIC on the PCI bus and its driver: descriptor rings in host memory, DMA, doorbells,
 * interrupts with optional throttling.  A common gigabit NIC of the era (Intel 82540 class).
 */
#ifndef HOST_NIC_H
#define HOST_NIC_H

#include "host/dev/dev.h"
#include "net/wire/link.h"
#include "pci/bus.h"

struct nic;

struct nic_conf {
	const char *name; /* of the interface, "eth0"; copied */
	uint8_t mac[6];
	uint16_t mtu;              /* of the interface at first, 68..9000 */
	unsigned irq;              /* line 0..31 */
	unsigned tx_ring, rx_ring; /* descriptors (2.4's e1000: 256) */
	sim_time irq_throttle;     /* least time between two interrupts; 0: none */
	/* A card that waits with its interrupt: until so many frames have come (0, 1: the first), or for so long
	 * from the first on.  What is there when the driver enables interrupts is told at once. */
	unsigned rx_irq_frames;
	sim_time rx_irq_delay;
	/* Registers in I/O space, or reads: each keeps the processor waiting as a read does. So many for a
	 * frame that is sent, cleaned, or received, and for an interrupt beside the read of its cause. */
	unsigned tx_accesses, clean_accesses, rx_accesses, irq_accesses;
	bool napi; /* poll in softirq with the interrupt masked; false: per-packet */
	unsigned
		tx_irq_every; /* transmit-done interrupt each n-th descriptor; 0: only cleaned on rx,
	                            from half a ring on when sending, and when the ring fills */
	unsigned budget;      /* frames per turn of the poll list */
	bool scatter_gather, tx_checksum,
		rx_checksum; /* what the card does itself; not, as the driver sees it */
	uint64_t bits_per_s; /* of the wire: when a full transmit FIFO is looked at again */
};

/* "eth0", rings of 256, NAPI, budget 64, no throttling, an interrupt for
 * each frame, no accesses that wait, transmit interrupt each 32nd descriptor,
 * 1 Gbit/s, MTU 1500; line 11 and a locally administered MAC address, which the second card must
 * change. */
void nic_conf_default(struct nic_conf *conf);

/* Plugs the card into the bus, attaches the port, registers the net_device, requests the line.
 * NULL: the name is taken, a ring is shorter than 4, or the line is none of 0..31. */
struct nic *nic_new(struct kernel *k, struct pci_bus *bus, struct port *port,
                    const struct nic_conf *conf);
/* Pulls the card out: frames inside it are lost.  Before kernel_free(), and only when nothing that
 * the processor still has to do names its device. */
void nic_free(struct nic *nic);
struct net_device *nic_netdev(struct nic *nic);

struct nic_counters {
	uint64_t rx_frames, rx_dropped, tx_frames, irqs;
	uint64_t tx_ring_full; /* frames that found no descriptor */
};
void nic_counters(const struct nic *nic, struct nic_counters *counters);

#endif
