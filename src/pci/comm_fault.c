/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A card that lies: what the host gets to see of it is not what the card has done.  The firmware
 * behind it knows nothing of that.
 */
#include "pci/comm_internal.h"

#include <errno.h>

/* --- entries ---------------------------------------------------------------------------------- */

/* A wrong answer: to a command that nobody gave, of another socket, or with a count out of bounds. */
static void falsify(enum comm_fault fault, struct comm_completion *entry) {
	if (entry->kind != COMM_ANSWER)
		return;
	if (fault == COMM_FAULT_WRONG_COMMAND)
		entry->generation += 77;
	else if (fault == COMM_FAULT_WRONG_SOCKET)
		entry->sock.index++;
	else if (fault == COMM_FAULT_WRONG_COUNT && entry->result >= 0)
		entry->result += 1 << 20;
}

static void late_due(void *arg) {
	struct comm *comm = arg;
	struct comm_faults *f = &comm->faults;

	while (!g_queue_is_empty(&f->late)) {
		struct late *l = g_queue_peek_head(&f->late);

		if (l->when > sim_now(comm->sim)) {
			sim_at(comm->sim, &f->event, l->when);
			return;
		}
		g_queue_pop_head(&f->late);
		comm_post_truly(comm, &l->post.body, l->post.length, l->post.interrupt);
		g_free(l);
	}
}

static void post_late(struct comm *comm, const struct held *post) {
	struct comm_faults *f = &comm->faults;
	struct late *l = g_new(struct late, 1);

	*l = (struct late){*post, sim_now(comm->sim) + f->time};
	g_queue_push_tail(&f->late, l);
	if (!sim_pending(&f->event))
		sim_at(comm->sim, &f->event, l->when);
}

void comm_post_falsely(struct comm *comm, const struct held *post) {
	struct comm_completion entry = post->body;

	switch (comm->faults.kind) {
	case COMM_FAULT_LATE:
		post_late(comm, post);
		return;
	case COMM_FAULT_DOUBLED:
		comm_post_truly(comm, &entry, post->length, post->interrupt);
		break;
	case COMM_FAULT_DAMAGED_WRITE:
		entry.damaged = true;
		break;
	default:
		falsify(comm->faults.kind, &entry);
		break;
	}
	comm_post_truly(comm, &entry, post->length, post->interrupt);
}

/* The card's end has seen that what it fetched is damaged: it can only say so. */
void comm_refuse_damaged(struct comm *comm, const struct comm_command *cmd) {
	const struct comm_completion entry = {
		.id = cmd->id,
		.generation = cmd->generation,
		.sock = cmd->sock,
		.result = -EIO,
	};

	comm_post_truly(comm, &entry, 0, true);
}

/* --- interrupts ------------------------------------------------------------------------------- */

static void spurious_due(void *arg) {
	struct comm *comm = arg;

	comm_interrupt_falsely(comm);
	sim_after(comm->sim, &comm->faults.event, comm->faults.time);
}

/* --- life ------------------------------------------------------------------------------------- */

void comm_lie(struct comm *comm, enum comm_fault fault, sim_time time) {
	struct comm_faults *f = &comm->faults;

	if (comm->stopped)
		return;
	g_assert(time > 0 || (fault != COMM_FAULT_LATE && fault != COMM_FAULT_SPURIOUS_IRQ));
	comm_fault_stop(comm);
	f->kind = fault;
	f->time = time;
	sim_event_init(&f->event, fault == COMM_FAULT_LATE ? late_due : spurious_due, comm);
	if (fault == COMM_FAULT_SPURIOUS_IRQ)
		sim_after(comm->sim, &f->event, time);
}

/* What is late never comes. */
void comm_fault_stop(struct comm *comm) {
	struct comm_faults *f = &comm->faults;

	if (f->kind)
		sim_cancel(comm->sim, &f->event);
	g_queue_clear_full(&f->late, g_free);
	f->kind = COMM_FAULT_NONE;
}

const char *const comm_fault_names[] = {
#define X(name, key, text) key,
	COMM_FAULTS(X)
#undef X
		NULL,
};
