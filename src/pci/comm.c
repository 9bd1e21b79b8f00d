/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where is a message between its sender and its receiver?  The rings, their doorbells and their
 * room.
 */
#include "pci/comm_internal.h"

/* --- completions ------------------------------------------------------------------------------ */

void comm_post(struct comm *comm, const struct comm_completion *entry, uint32_t length,
               bool interrupt) {
	const struct held post = {*entry, length, interrupt};

	if (comm->stopped)
		return;
	if (comm->faults.kind)
		comm_post_falsely(comm, &post);
	else
		comm_post_truly(comm, entry, length, interrupt);
}

void comm_read(struct comm *comm, struct pci_dma *dma) {
	if (!comm->stopped)
		pci_dma_start(comm->dev, dma);
}

static void release_held(struct comm *comm) {
	while (comm->held_first < comm->held->len && !comm_ring_full(comm)) {
		struct held *h = &g_array_index(comm->held, struct held, comm->held_first++);

		comm_entry_write(comm, &h->body, h->length, h->interrupt);
	}
	if (comm->held_first == comm->held->len) {
		g_array_set_size(comm->held, 0);
		comm->held_first = 0;
	}
}

bool comm_pending(const struct comm *comm) { return comm->taken < comm->arrived; }

bool comm_peek(const struct comm *comm, struct comm_completion *entry) {
	if (!comm_pending(comm))
		return false;
	*entry = comm->entries[comm->taken % comm->conf.completions].body;
	return true;
}

uint64_t comm_taken(const struct comm *comm) { return comm->taken; }

bool comm_take(struct comm *comm, struct comm_completion *entry) {
	uint32_t fetched;

	if (!comm_peek(comm, entry))
		return false;
	comm->taken++;
	/* The entry carries the low half of the counter. */
	fetched = entry->head - (uint32_t)comm->fetched_known;
	comm->fetched_known += fetched;
	if (fetched)
		comm_ring_changed(comm);
	return true;
}

bool comm_credit_due(const struct comm *comm) {
	return comm->taken - comm->taken_told >= (comm->conf.completions + 1) / 2;
}

/* --- commands --------------------------------------------------------------------------------- */

static struct fetched *inside(struct comm *comm, uint64_t i) { return &comm->inside[i % FETCHED]; }

/* Hands commands over in the order of the ring, as far as they are there with their data. */
static void hand_over(struct comm *comm) {
	while (comm->handed < comm->fetched && inside(comm, comm->handed)->here && !comm->stopped) {
		const struct comm_command *cmd = &inside(comm, comm->handed++)->cmd;

		comm_saw(comm, COMM_SAW_COMMAND, cmd);
		if (comm->faults.kind == COMM_FAULT_DAMAGED_READ)
			comm_refuse_damaged(comm, cmd);
		else
			comm->deliver(comm->arg, cmd);
	}
}

/* When many commands are waited for and none is answered, the host has to be told by an entry of
 * its own that their descriptors are free: it may be out of them. */
static void room_tell(struct comm *comm) {
	struct comm_completion entry = {.kind = COMM_EVENT};

	if (comm->fetched - comm->fetched_told >= (comm->conf.commands + 1) / 2)
		comm_post(comm, &entry, 0, true);
}

/* One read for the descriptors that lie behind one another in the ring.  It may go out while the data
 * of those before it come. */
static void fetch_next(struct comm *comm) {
	uint64_t n = comm->rung - comm->fetched;
	uint64_t to_wrap = comm->conf.commands - comm->fetched % comm->conf.commands;
	uint64_t room = FETCHED - (comm->fetched - comm->handed);

	n = MIN(MIN(n, to_wrap), MIN(room, FETCH_BATCH));
	if (comm->batch || n == 0 || comm->stopped)
		return;
	comm->batch = (unsigned)n;
	comm->fetch.bytes = comm->batch * COMM_ENTRY_BYTES;
	comm->fetch.flow = comm_ring_flow(comm, comm->fetched);
	comm->n.fetches++;
	pci_dma_start(comm->dev, &comm->fetch);
}

static void data_fetched(void *arg) {
	struct fetched *f = arg;

	f->here = true;
	hand_over(f->comm);
	fetch_next(f->comm);
}

/* Takes a descriptor in and asks for the data that go with it. */
static void take_in(struct comm *comm, const struct comm_command *cmd) {
	struct fetched *f = inside(comm, comm->fetched++);

	f->cmd = *cmd;
	f->here = !(cmd->flags & COMM_TO_CARD) || !cmd->length;
	if (f->here)
		return;
	f->data.bytes = cmd->length;
	f->data.flow = comm_flow(comm, cmd->id, cmd->generation);
	pci_dma_start(comm->dev, &f->data);
}

static void descriptors_fetched(void *arg) {
	struct comm *comm = arg;

	if (comm->stopped)
		return;
	for (; comm->batch > 0; comm->batch--)
		take_in(comm, &comm->ring[comm->fetched % comm->conf.commands]);
	room_tell(comm);
	hand_over(comm);
	fetch_next(comm);
}

/* Each tells of a command or of half a ring of completions, or arms, which one between two of the
 * others does: more cannot be in flight. */
static unsigned doorbells_size(const struct comm *comm) {
	return 2 * (comm->conf.commands + comm->conf.completions);
}

static void doorbell_arrived(void *arg) {
	struct comm *comm = arg;
	const struct comm_doorbell *bell;

	if (comm->stopped)
		return;
	bell = &comm->doorbells[comm->doorbell_out++ % doorbells_size(comm)];
	comm->rung = bell->published;
	comm->taken_known = bell->taken;
	comm_saw(comm, COMM_SAW_DOORBELL, bell);
	comm_set_armed(comm, bell);
	release_held(comm);
	fetch_next(comm);
}

unsigned comm_room(const struct comm *comm) { return comm->conf.commands - comm_used(comm); }

bool comm_reserve(struct comm *comm) {
	if (comm_room(comm) == 0)
		return false;
	comm->reserved++;
	comm_ring_changed(comm);
	return true;
}

void comm_publish(struct comm *comm, const struct comm_command *cmd) {
	g_assert(comm->published < comm->reserved);
	sim_seen(comm->sim, "a command in the ring");
	comm->ring[comm->published++ % comm->conf.commands] = *cmd;
	comm->n.commands++;
}

static sim_time ring(struct comm *comm, bool arm) {
	unsigned size = doorbells_size(comm);

	if (comm->stopped || comm->doorbell_in - comm->doorbell_out >= size)
		return 0;
	comm->doorbells[comm->doorbell_in++ % size] = (struct comm_doorbell){
		.published = comm->published, .taken = comm->taken, .arm = arm};
	comm->taken_told = comm->taken;
	comm->n.doorbells++;
	comm->n.arms += arm;
	return pci_post_write_of(comm->dev,
	                         comm->published ? comm_ring_flow(comm, comm->published - 1) : 0,
	                         doorbell_arrived, NULL, comm);
}

sim_time comm_doorbell(struct comm *comm) { return ring(comm, false); }

sim_time comm_arm(struct comm *comm) { return ring(comm, true); }

/* --- life ------------------------------------------------------------------------------------- */

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
	for (unsigned i = 0; i < conf->completions; i++) {
		comm->entries[i].comm = comm;
		comm->entries[i].data.what = "write data";
		comm->entries[i].status.what = "write completion";
	}
	comm->doorbells = g_new0(struct comm_doorbell, doorbells_size(comm));
	comm->held = g_array_new(FALSE, FALSE, sizeof(struct held));
	comm->fetch = (struct pci_dma){
		.done = descriptors_fetched, .arg = comm, .what = "read descriptors"};
	for (unsigned i = 0; i < FETCHED; i++) {
		comm->inside[i].comm = comm;
		comm->inside[i].data = (struct pci_dma){
			.done = data_fetched, .arg = &comm->inside[i], .what = "read data"};
	}
	comm_irq_init(comm);
	comm_told(comm);
	return comm;
}

void comm_stop(struct comm *comm) {
	if (comm->stopped)
		return;
	comm->stopped = true;
	comm->taken = comm->arrived;
	comm_fault_stop(comm);
	comm_irq_stop(comm);
}

void comm_free(struct comm *comm) {
	sim_cancel(comm->sim, &comm->throttle);
	comm_fault_stop(comm);
	g_array_free(comm->held, TRUE);
	g_free(comm->doorbells);
	g_free(comm->entries);
	g_free(comm->ring);
	g_free(comm);
}

void comm_tap(struct comm *comm, comm_tap_fn fn, void *arg) {
	comm->tap = fn;
	comm->tap_arg = arg;
}

void comm_counters(const struct comm *comm, struct comm_counters *counters) { *counters = comm->n; }
