/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pci/comm.h"

#include <glib.h>

/* Descriptors that the card fetches with one DMA read at most. */
#define FETCH_BATCH 8U

/* What a doorbell tells, in flight to the card. */
struct doorbell {
	uint64_t published, taken;
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

/*
 * Counters run on for ever; a ring's slot is the counter modulo its size.
 * Commands:    fetched <= rung <= published <= reserved, reserved - fetched_known <= size.
 * Completions: taken_known <= taken <= arrived <= posted, posted - taken_known <= size.
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
	uint64_t rung, fetched;                      /* the card's */
	struct doorbell *doorbells;
	uint64_t doorbell_in, doorbell_out;

	struct comm_command batch[FETCH_BATCH];
	unsigned batch_size, batch_next;
	bool fetching;
	struct pci_dma fetch, data;

	struct entry *entries;
	uint64_t posted, arrived, taken_known; /* the card's */
	uint64_t taken, taken_told;            /* the host's */
	GArray *held;
	guint held_first;

	bool cause, line;
	sim_time last_irq;
	struct sim_event throttle;

	struct comm_counters n;
};

/* --- interrupts -------------------------------------------------------------------------------- */

static void line_raise(struct comm *comm) {
	comm->line = true;
	comm->last_irq = sim_now(comm->sim);
	comm->n.interrupts++;
	pci_irq_set(comm->dev, true);
}

static void throttle_over(void *arg) {
	struct comm *comm = arg;

	if (comm->cause && !comm->line && !comm->stopped)
		line_raise(comm);
}

static void assert_irq(struct comm *comm) {
	comm->cause = true;
	if (comm->line || sim_pending(&comm->throttle))
		return;
	if (comm->conf.irq_throttle && comm->n.interrupts &&
	    sim_now(comm->sim) < comm->last_irq + comm->conf.irq_throttle)
		sim_at(comm->sim, &comm->throttle, comm->last_irq + comm->conf.irq_throttle);
	else
		line_raise(comm);
}

bool comm_asserted(const struct comm *comm) {
	return comm->line && comm->cause;
}

void comm_ack(struct comm *comm) {
	comm->cause = false;
	if (!comm->line)
		return;
	comm->line = false;
	pci_irq_set(comm->dev, false);
}

/* --- completions ------------------------------------------------------------------------------- */

static void entry_arrived(void *arg) {
	struct entry *e = arg;
	struct comm *comm = e->comm;

	if (comm->stopped)
		return;
	comm->arrived++;
	comm->n.completions++;
	if (e->interrupt)
		assert_irq(comm);
}

static void data_arrived(void *arg) {
	(void)arg; /* the entry behind it tells the host */
}

static void entry_write(struct comm *comm, const struct comm_completion *body, uint32_t length,
                        bool interrupt) {
	struct entry *e = &comm->entries[comm->posted++ % comm->conf.completions];

	e->body = *body;
	e->body.head = (uint32_t)comm->fetched;
	e->interrupt = interrupt;
	if (length) {
		e->data.to_host = true;
		e->data.bytes = length;
		e->data.done = data_arrived;
		pci_dma_start(comm->dev, &e->data);
	}
	e->status.to_host = true;
	e->status.bytes = COMM_ENTRY_BYTES;
	e->status.done = entry_arrived;
	e->status.arg = e;
	pci_dma_start(comm->dev, &e->status);
}

static bool ring_full(const struct comm *comm) {
	return comm->posted - comm->taken_known >= comm->conf.completions;
}

void comm_post(struct comm *comm, const struct comm_completion *entry, uint32_t length,
               bool interrupt) {
	struct held held = {*entry, length, interrupt};

	if (comm->stopped)
		return;
	if (!ring_full(comm) && comm->held_first == comm->held->len) {
		entry_write(comm, entry, length, interrupt);
		return;
	}
	comm->n.held++;
	g_array_append_val(comm->held, held);
}

static void release_held(struct comm *comm) {
	while (comm->held_first < comm->held->len && !ring_full(comm)) {
		struct held *h = &g_array_index(comm->held, struct held, comm->held_first++);

		entry_write(comm, &h->body, h->length, h->interrupt);
	}
	if (comm->held_first == comm->held->len) {
		g_array_set_size(comm->held, 0);
		comm->held_first = 0;
	}
}

bool comm_pending(const struct comm *comm) {
	return comm->taken < comm->arrived;
}

bool comm_take(struct comm *comm, struct comm_completion *entry) {
	uint32_t fetched;

	if (!comm_pending(comm))
		return false;
	*entry = comm->entries[comm->taken++ % comm->conf.completions].body;
	/* The entry carries the low half of the counter. */
	fetched = entry->head - (uint32_t)comm->fetched_known;
	comm->fetched_known += fetched;
	return true;
}

bool comm_credit_due(const struct comm *comm) {
	return comm->taken - comm->taken_told >= (comm->conf.completions + 1) / 2;
}

/* --- commands ---------------------------------------------------------------------------------- */

static void fetch_next(struct comm *comm);

/* Hands the batch over one by one; stops at a command whose data has to be fetched first. */
static void batch_go(struct comm *comm) {
	while (comm->batch_next < comm->batch_size && !comm->stopped) {
		struct comm_command *cmd = &comm->batch[comm->batch_next];

		if ((cmd->flags & COMM_TO_CARD) && cmd->length) {
			comm->data.bytes = cmd->length;
			pci_dma_start(comm->dev, &comm->data);
			return;
		}
		comm->batch_next++;
		comm->deliver(comm->arg, cmd);
	}
	comm->fetching = false;
	fetch_next(comm);
}

static void data_fetched(void *arg) {
	struct comm *comm = arg;

	if (comm->stopped)
		return;
	comm->deliver(comm->arg, &comm->batch[comm->batch_next++]);
	batch_go(comm);
}

static void descriptors_fetched(void *arg) {
	struct comm *comm = arg;

	if (comm->stopped)
		return;
	for (unsigned i = 0; i < comm->batch_size; i++)
		comm->batch[i] = comm->ring[(comm->fetched + i) % comm->conf.commands];
	comm->fetched += comm->batch_size;
	comm->batch_next = 0;
	batch_go(comm);
}

/* One read for the descriptors that lie behind one another in the ring. */
static void fetch_next(struct comm *comm) {
	uint64_t n = comm->rung - comm->fetched;
	uint64_t to_wrap = comm->conf.commands - comm->fetched % comm->conf.commands;

	if (comm->fetching || n == 0 || comm->stopped)
		return;
	comm->fetching = true;
	comm->batch_size = (unsigned)MIN(MIN(n, to_wrap), FETCH_BATCH);
	comm->fetch.bytes = comm->batch_size * COMM_ENTRY_BYTES;
	comm->n.fetches++;
	pci_dma_start(comm->dev, &comm->fetch);
}

static void doorbell_arrived(void *arg) {
	struct comm *comm = arg;
	const struct doorbell *bell;

	if (comm->stopped)
		return;
	bell = &comm->doorbells[comm->doorbell_out++ % (comm->conf.commands + comm->conf.completions)];
	comm->rung = bell->published;
	comm->taken_known = bell->taken;
	release_held(comm);
	fetch_next(comm);
}

unsigned comm_room(const struct comm *comm) {
	return comm->conf.commands - (unsigned)(comm->reserved - comm->fetched_known);
}

bool comm_reserve(struct comm *comm) {
	if (comm_room(comm) == 0)
		return false;
	comm->reserved++;
	return true;
}

void comm_publish(struct comm *comm, const struct comm_command *cmd) {
	g_assert(comm->published < comm->reserved);
	comm->ring[comm->published++ % comm->conf.commands] = *cmd;
	comm->n.commands++;
}

sim_time comm_doorbell(struct comm *comm) {
	unsigned size = comm->conf.commands + comm->conf.completions;

	/* Each tells of a command or of half a ring of completions: more cannot be in flight. */
	if (comm->stopped || comm->doorbell_in - comm->doorbell_out >= size)
		return 0;
	comm->doorbells[comm->doorbell_in++ % size] =
		(struct doorbell){.published = comm->published, .taken = comm->taken};
	comm->taken_told = comm->taken;
	comm->n.doorbells++;
	return pci_post_write(comm->dev, doorbell_arrived, comm);
}

/* --- life -------------------------------------------------------------------------------------- */

struct comm *comm_new(struct sim *sim, struct pci_dev *dev, const struct comm_conf *conf,
                      comm_deliver deliver, void *arg) {
	struct comm *comm = g_new0(struct comm, 1);

	g_assert(conf->commands > 0 && conf->completions > 0);
	comm->sim = sim;
	comm->dev = dev;
	comm->conf = *conf;
	comm->deliver = deliver;
	comm->arg = arg;
	comm->ring = g_new0(struct comm_command, conf->commands);
	comm->entries = g_new0(struct entry, conf->completions);
	for (unsigned i = 0; i < conf->completions; i++)
		comm->entries[i].comm = comm;
	comm->doorbells = g_new0(struct doorbell, conf->commands + conf->completions);
	comm->held = g_array_new(FALSE, FALSE, sizeof(struct held));
	comm->fetch = (struct pci_dma){.done = descriptors_fetched, .arg = comm};
	comm->data = (struct pci_dma){.done = data_fetched, .arg = comm};
	sim_event_init(&comm->throttle, throttle_over, comm);
	return comm;
}

void comm_stop(struct comm *comm) {
	if (comm->stopped)
		return;
	comm->stopped = true;
	comm->taken = comm->arrived;
	sim_cancel(comm->sim, &comm->throttle);
	if (pci_present(comm->dev))
		comm_ack(comm);
	comm->cause = comm->line = false;
}

void comm_free(struct comm *comm) {
	sim_cancel(comm->sim, &comm->throttle);
	g_array_free(comm->held, TRUE);
	g_free(comm->doorbells);
	g_free(comm->entries);
	g_free(comm->ring);
	g_free(comm);
}

void comm_counters(const struct comm *comm, struct comm_counters *counters) {
	*counters = comm->n;
}
