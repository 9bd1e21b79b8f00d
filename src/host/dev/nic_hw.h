/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the NIC and its driver share: the descriptor rings, which lie in host memory, and the
 * card's registers.  Private to nic.c (the card) and nic_driver.c (the driver).
 *
 * Ring positions are counters that run freely; a position's descriptor is `& (size - 1)` of it
 * (sizes are powers of two), and differences stay right across the wrap.
 *
 * Transmit.  The driver fills descriptors and rings the doorbell.  The card reads descriptor and
 * data by DMA (one transfer of 16 bytes + the frame: they lie on different pages, but are asked
 * for back to back), puts the frame into its FIFO and from there on the wire.  Where the driver
 * asked for a report, the card writes back how far it has come (8 bytes), so that descriptors up
 * to there may be used again, and raises the transmit cause if that was asked for too.  Where the driver
 * asked for a late report, since somebody's send buffer waits for it, that comes with an interrupt when
 * no such frame was sent for a while.
 *
 * Receive.  The card writes a frame and then its descriptor to the next free buffer (one transfer
 * of the frame + 16 bytes) and raises the receive cause.  The driver gives buffers back in batches,
 * by a write to the tail register.
 *
 * Filter.  The driver writes the registers of the receive filter that change, and the card takes
 * them over together when the last of these writes arrives.  Frames that the filter leaves cost
 * nobody anything.
 *
 * Interrupts.  The line is high while a cause is up and interrupts are enabled.  Reading the cause
 * register clears it.  The enabling write carries the driver's positions: if the card is ahead of
 * them it raises the cause at once, so that nothing that came in between is forgotten (Broadcom's
 * tagged status of that time works this way).
 */
#ifndef HOST_NIC_HW_H
#define HOST_NIC_HW_H

#include "host/dev/nic.h"
#include "net/engine/mac_filter.h"

enum {
	NIC_DESCRIPTOR = 16,        /* bytes, each ring (Intel 8254x) */
	NIC_WRITE_BACK = 8,         /* bytes of a status report */
	NIC_TX_FIFO = 16 * 1024,    /* 82540: 64 KB of packet memory, 16 of it for transmission */
	NIC_TX_FIFO_LOW = 8 * 1024, /* fetching goes on below this */
	NIC_TX_SURE = 16, /* so many frames under way into it do not hide whether it will be full */
	NIC_RX_FIFO = 48 * 1024,
	NIC_TX_DELAY = 64 * 1024, /* ns: 64 steps of 1,024 (2.4's e1000: TxIntDelay, TIDV) */
};

enum nic_cause { NIC_CAUSE_RX = 1, NIC_CAUSE_TX = 2 };

struct nic_slot {
	struct nic *nic;
	struct frame *frame;
	struct pci_dma dma;
	bool arrived;              /* transmit: it lies in the card */
	bool report, irq, late;    /* transmit: what the driver asked for */
	struct frame_owner *owner; /* transmit: whose the frame was, and for how much */
	uint32_t truesize;
	uint32_t told; /* position in the report under way that ends with this slot */
};

struct nic {
	struct kernel *k;
	struct pci_dev *pdev;
	struct port *port;
	struct nic_conf conf;
	char *name;
	const struct sim_track *tx_length, *rx_length; /* descriptors in use */
	sim_flow stored;                               /* the frame that went up last */
	struct net_device netdev;
	struct nic_counters count;

	/* rings: positions the driver moves, positions the card moves */
	struct nic_slot *tx, *rx;
	uint32_t tx_size, rx_size;
	uint32_t tx_tail, tx_clean; /* driver: next to fill, next to reclaim */
	uint32_t tx_report; /* driver: a position with none of these bits asks for a report */
	uint32_t
		tx_since_irq; /* driver: positions since one that asked for an interrupt by its number */
	/* card: doorbells that the bus has carried, end by doorbell, next to fetch, next to send */
	uint32_t tx_rung, tx_seen, tx_fetch, tx_sent;
	uint32_t tx_done, tx_irq_done;  /* in host memory: written back; card: last irq for */
	uint32_t rx_taken, rx_unposted; /* driver: next to take; taken and not yet given back */
	uint32_t rx_head, rx_stored,
		rx_free; /* card: next to fill, next to go up, buffers it has */

	/* the card's inside */
	struct mac_filter filter;
	uint32_t tx_fifo, rx_fifo; /* bytes of frames that the card holds */
	bool keeps;                /* the wire drops nothing of what fits into the FIFO */
	bool sending;              /* what has come; then it is looked at whether more is fetched */
	struct frame_queue rx_waiting; /* those of rx_fifo for which there was no buffer yet */
	struct sim_event fifo_check;   /* the wire should have drained the FIFO */
	struct pci_dma write_back;
	uint32_t wb_next; /* position to report */
	uint32_t wb_irq;  /* last position that wants an interrupt */
	uint32_t late;    /* last position sent that wants one by and by */
	struct sim_event late_timer;
	bool wb_busy;
	unsigned cause;
	bool enabled, asserted;
	sim_time last_irq;
	struct sim_event throttle;
	unsigned untold; /* frames stored since the last receive cause, while it waits for more */
	struct sim_event rx_wait;

	/* the driver's inside */
	struct mac_filter wanted; /* what it has written, or is about to, to the filter */
	sim_time read_stall;      /* of the last read of the cause */
	sim_time read_back;       /* the way back of a read of the cause */
	bool stopped;             /* a frame was refused: wake the queue when there is room */
	struct pci_stall stall;   /* of doorbells, to be charged with the next one */
};

/* --- nic.c: registers, as a posted write or a read finds them -------------------------------- */

void nic_reg_tx_doorbell(void *nic);                  /* one more transmit descriptor */
bool nic_early_tx_doorbell(void *nic, sim_time when); /* the same, if what it leads to is certain */
void nic_reg_rx_tail(void *nic);                      /* a batch of receive buffers came back */
void nic_reg_filter(void *nic);                       /* the last of the filter's registers */
void nic_reg_mask(void *nic);                         /* interrupts off */
void nic_reg_enable(void *nic);                       /* on, with the driver's positions */
unsigned nic_reg_cause(struct nic *nic);              /* read and clear */

/* Receive buffers per write of the tail register (2.4's e1000: E1000_RX_BUFFER_WRITE 16). */
static inline uint32_t nic_rx_batch(const struct nic *nic) {
	return nic->rx_size >= 64 ? 16 : nic->rx_size / 4;
}

/* How many descriptors are in use, of either ring, has changed. */
static inline void nic_tx_changed(const struct nic *nic) {
	sim_count(nic->tx_length, nic->tx_tail - nic->tx_clean);
}
static inline void nic_rx_changed(const struct nic *nic) {
	sim_count(nic->rx_length, nic->rx_head - nic->rx_taken);
}

/* --- its life, for who puts card and driver together (nic.c) ------------------------------------- */

/* A card that is in no slot yet, and has what its configuration says. */
struct nic *nic_hw_new(struct kernel *k, struct port *port, const struct nic_conf *conf);
/* Its driver is ready: it is seen on the bus, and takes frames. */
void nic_hw_attach(struct nic *nic, struct pci_bus *bus);
/* Nothing of its own comes any more; it is out of slot and port; it is gone. */
void nic_hw_stop(struct nic *nic);
void nic_hw_detach(struct nic *nic);
void nic_hw_free(struct nic *nic);

#endif
