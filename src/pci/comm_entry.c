/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a completion get into the host's memory? */
#include "pci/comm_internal.h"

/* The entry lies in host memory. */
static void entry_seen(void *arg) {
	struct entry *e = arg;
	struct comm *comm = e->comm;

	if (comm->stopped)
		return;
	comm->arrived++;
	comm->n.completions++;
	comm_saw(comm, COMM_SAW_COMPLETION, &e->body);
}

/* The entry has left the card: an interrupt sent now arrives behind it. */
static void entry_written(void *arg) {
	struct entry *e = arg;
	struct comm *comm = e->comm;

	if (comm->stopped)
		return;
	comm->written++;
	if (e->interrupt)
		comm->irq_flow = e->status.flow;
	comm_notify(comm, e->interrupt);
}

static void data_written(void *arg) { (void)arg; /* the entry behind it tells the host */ }

void comm_entry_write(struct comm *comm, const struct comm_completion *body, uint32_t length,
                      bool interrupt) {
	struct entry *e = &comm->entries[comm->posted++ % comm->conf.completions];

	e->body = *body;
	e->body.head = (uint32_t)comm->fetched;
	comm->fetched_told = comm->fetched;
	e->interrupt = interrupt;
	e->data.flow = e->status.flow = comm_answer_flow(comm, body);
	if (length) {
		e->data.to_host = true;
		e->data.bytes = length;
		e->data.done = data_written;
		pci_dma_start(comm->dev, &e->data);
	}
	e->status.to_host = true;
	e->status.bytes = COMM_ENTRY_BYTES;
	e->status.done = entry_written;
	e->status.seen = entry_seen;
	e->status.arg = e;
	pci_dma_start(comm->dev, &e->status);
}

bool comm_ring_full(const struct comm *comm) {
	return comm->posted - comm->taken_known >= comm->conf.completions;
}

void comm_post_truly(struct comm *comm, const struct comm_completion *entry, uint32_t length,
                     bool interrupt) {
	struct held held = {*entry, length, interrupt};

	if (!comm_ring_full(comm) && comm->held_first == comm->held->len) {
		comm_entry_write(comm, entry, length, interrupt);
		return;
	}
	comm->n.held++;
	g_array_append_val(comm->held, held);
}
