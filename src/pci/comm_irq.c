/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When the card interrupts the host.
 *
 * On completion: each entry says whether it is worth an interrupt.  On demand: entries are only
 * written, and the host looks at its ring by itself; when it stops looking it arms the card, and
 * the first entry behind those that it has taken raises one interrupt.  An entry that was written
 * while the arming was on its way counts: nothing is slept over.
 */
#include "pci/comm_internal.h"

static void line_raise(struct comm *comm) {
	if (comm->faults.kind == COMM_FAULT_LOST_IRQ)
		return;
	comm->line = true;
	comm->last_irq = sim_now(comm->sim);
	comm->n.interrupts++;
	comm_saw(comm, COMM_SAW_INTERRUPT, NULL);
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

bool comm_asserted(const struct comm *comm) { return comm->line && comm->cause; }

void comm_ack(struct comm *comm) {
	comm->cause = false;
	if (!comm->line)
		return;
	comm->line = false;
	pci_irq_set(comm->dev, false);
}

void comm_interrupt_falsely(struct comm *comm) {
	comm->cause = true;
	if (!comm->line)
		line_raise(comm);
}

/* --- when ------------------------------------------------------------------------------------- */

void comm_notify(struct comm *comm, bool wanted) {
	if (comm->conf.on_demand) {
		wanted = comm->armed;
		comm->armed = false;
	}
	if (wanted)
		assert_irq(comm);
}

void comm_set_armed(struct comm *comm, const struct comm_doorbell *bell) {
	comm->armed = bell->arm;
	if (comm->armed && comm->written > bell->taken)
		comm_notify(comm, true);
}

/* --- life ------------------------------------------------------------------------------------- */

void comm_irq_init(struct comm *comm) { sim_event_init(&comm->throttle, throttle_over, comm); }

void comm_irq_stop(struct comm *comm) {
	sim_cancel(comm->sim, &comm->throttle);
	if (pci_present(comm->dev))
		comm_ack(comm);
	comm->cause = comm->line = false;
}
