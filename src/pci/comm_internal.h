/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of the rings: what comm.c and comm_irq.c share. */
#ifndef PCI_COMM_INTERNAL_H
#define PCI_COMM_INTERNAL_H

#include <glib.h>

#include "pci/comm.h"

/* Descriptors that the card fetches with one DMA read at most. */
#define FETCH_BATCH 8U

/* An entry of the completion ring with the transfers that fill it. */
struct entry {
	struct comm_completion body;
	struct pci_dma data, status;
	struct comm *comm;
	bool interrupt;
};

/* A completion that waits for room. */
struct held {
	struct comm_completion body;
	uint32_t length;
	bool interrupt;
};

/*
 * Counters run on for ever; a ring's slot is the counter modulo its size.
 * Commands:    fetched <= rung <= published <= reserved, reserved - fetched_known <= size.
 * Completions: taken_known <= taken <= arrived <= written <= posted, posted - taken_known <= size.
 */
struct comm {
	struct sim *sim;
	struct pci_dev *dev;
	struct comm_conf conf;
	comm_deliver deliver;
	void *arg;
	bool stopped;

	struct comm_command *ring;
	uint64_t reserved, published, fetched_known; /* the host's */
	uint64_t rung, fetched, fetched_told;        /* the card's */
	struct comm_doorbell *doorbells;
	uint64_t doorbell_in, doorbell_out;

	struct comm_command batch[FETCH_BATCH];
	unsigned batch_size, batch_next;
	bool fetching;
	struct pci_dma fetch, data;

	struct entry *entries;
	uint64_t posted, written, taken_known; /* the card's */
	uint64_t arrived, taken, taken_told;   /* the host's */
	GArray *held;
	guint held_first;

	bool armed; /* the card's: the host asked for an interrupt */
	bool cause, line;
	sim_time last_irq;
	struct sim_event throttle;

	struct comm_counters n;
	comm_tap_fn tap;
	void *tap_arg;
};

static inline void comm_saw(const struct comm *comm, enum comm_sight what, const void *message) {
	if (comm->tap)
		comm->tap(comm->tap_arg, what, message);
}

/* comm_irq.c, in the card. */

/* An entry has been written, `wanted`: with the wish to interrupt. */
void comm_notify(struct comm *comm, bool wanted);
/* A doorbell came: how does the host notice entries from now on? */
void comm_set_armed(struct comm *comm, const struct comm_doorbell *bell);
void comm_irq_init(struct comm *comm);
void comm_irq_stop(struct comm *comm);

#endif
