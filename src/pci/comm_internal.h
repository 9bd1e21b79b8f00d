/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of the rings: what the files comm_*.c share. */
#ifndef PCI_COMM_INTERNAL_H
#define PCI_COMM_INTERNAL_H

#include <glib.h>

#include "pci/comm.h"
#include "sim/watch.h"

/* Descriptors that the card fetches with one DMA read at most; commands that it holds at most until
 * their data are there and it is their turn: two batches, so that one is fetched while the other's
 * data come. */
#define FETCH_BATCH 8U
#define FETCHED (2 * FETCH_BATCH)

/* A command in the card, and the transfer that brings its data. */
struct fetched {
	struct comm_command cmd;
	struct pci_dma data;
	struct comm *comm;
	bool here; /* with its data */
};

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

/* What is wrong with a card that lies. */
struct late {
	struct held post;
	sim_time when;
};
struct comm_faults {
	enum comm_fault kind;
	sim_time time;
	struct sim_event event; /* when the next late entry or spurious interrupt is due */
	GQueue late;            /* of struct late, in order */
};

/*
 * Counters run on for ever; a ring's slot is the counter modulo its size.
 * Commands:    handed <= fetched <= rung <= published <= reserved, reserved - fetched_known <= size,
 *              fetched - handed <= FETCHED.
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
	uint64_t reserved, published, fetched_known;  /* the host's */
	uint64_t rung, fetched, fetched_told, handed; /* the card's */
	struct comm_doorbell *doorbells;
	uint64_t doorbell_in, doorbell_out;

	struct fetched inside[FETCHED];
	unsigned batch; /* descriptors in the read under way, 0: none is */
	struct pci_dma fetch;

	struct entry *entries;
	uint64_t posted, written, taken_known; /* the card's */
	uint64_t arrived, taken, taken_told;   /* the host's */
	GArray *held;
	guint held_first;

	bool armed; /* the card's: the host asked for an interrupt */
	bool cause, line;
	sim_time last_irq;
	struct sim_event throttle;

	struct comm_faults faults;
	struct comm_counters n;
	comm_tap_fn tap;
	void *tap_arg;
	const struct sim_track *track, *length; /* of what is said; of the command ring */
	unsigned nr;                            /* among the world's, in flows */
	sim_flow irq_flow;                      /* of the last entry that asked for an interrupt */
};

/* --- comm_told.c ------------------------------------------------------------------------------ */

/* The rings' lines in traces. */
void comm_told(struct comm *comm);
/* The flow that an entry belongs to: its command's, if it answers one; of the n-th command
 * published. */
SIM_TELLS sim_flow comm_tell_answer(const struct comm *comm, const struct comm_completion *entry);
SIM_TELLS sim_flow comm_tell_ring(const struct comm *comm, uint64_t n);
SIM_TELLS void comm_tell(const struct comm *comm, enum comm_sight what, const void *message);

/* Descriptors in use, as the host knows. */
static inline unsigned comm_used(const struct comm *comm) {
	return (unsigned)(comm->reserved - comm->fetched_known);
}

/* The same, if anybody listens; else 0. */
static inline sim_flow comm_answer_flow(const struct comm *comm,
                                        const struct comm_completion *entry) {
	return sim_heard(comm->track) ? comm_tell_answer(comm, entry) : 0;
}
static inline sim_flow comm_ring_flow(const struct comm *comm, uint64_t n) {
	return sim_heard(comm->track) ? comm_tell_ring(comm, n) : 0;
}

/* Descriptors were taken or given back. */
static inline void comm_ring_changed(const struct comm *comm) {
	sim_count(comm->length, comm_used(comm));
}

/* Captures and traces have it from here. */
static inline void comm_saw(const struct comm *comm, enum comm_sight what, const void *message) {
	if (comm->tap)
		comm->tap(comm->tap_arg, what, message);
	if (sim_heard(comm->track))
		comm_tell(comm, what, message);
}

/* comm_irq.c, in the card. */

/* An entry has been written, `wanted`: with the wish to interrupt. */
void comm_notify(struct comm *comm, bool wanted);
/* A doorbell came: how does the host notice entries from now on? */
void comm_set_armed(struct comm *comm, const struct comm_doorbell *bell);
void comm_irq_init(struct comm *comm);
void comm_irq_stop(struct comm *comm);
/* For nothing. */
void comm_interrupt_falsely(struct comm *comm);

/* comm_entry.c, in the card. */

/* No entry of the ring is free, as the card knows. */
bool comm_ring_full(const struct comm *comm);
/* Writes the next one, behind `length` bytes of data. */
void comm_entry_write(struct comm *comm, const struct comm_completion *body, uint32_t length,
                      bool interrupt);
/* The same when there is room. */
void comm_post_truly(struct comm *comm, const struct comm_completion *entry, uint32_t length,
                     bool interrupt);

/* comm_fault.c */

void comm_post_falsely(struct comm *comm, const struct held *post);
void comm_refuse_damaged(struct comm *comm, const struct comm_command *cmd);
void comm_fault_stop(struct comm *comm);

#endif
