/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The channel of the paper's card: a doorbell for each command, an interrupt for completions.
 *
 * The handler reads the cause register, which also clears it; the line falls when the read reaches
 * the card, half-way through the CPU's stall.  Completions are taken in a tasklet, all that have
 * arrived by then, so that several share an interrupt when they come close together.
 */
#include "toe/driver/channel.h"
#include "toe/driver/command.h"
#include "toe/driver/driver.h"
#include "toe/driver/suspect.h"

static bool irq_submit(struct toe *toe, struct toe_cmd *cmd) {
	if (!channel_reserve(toe))
		return false;
	channel_publish(toe, cmd);
	channel_ring(toe);
	return true;
}

static sim_time irq_wait(struct toe *toe, struct toe_cmd *cmd, sim_time timeout) {
	(void)cmd; /* whose queue the task has joined */
	return schedule_timeout(toe->kernel, timeout);
}

static void cause_read(void *a, void *b) {
	struct toe *toe = a;

	(void)b;
	comm_ack(toe->comm);
}

static bool irq_handler_run(void *arg) {
	struct toe *toe = arg;
	struct kernel *k = toe->kernel;
	bool mine = comm_asserted(toe->comm);
	sim_time stall;

	if (toe->td.dead || !pci_present(toe->dev))
		return false;
	stall = pci_read_stall(toe->dev);
	charge_time(k, COST_MMIO_READ, stall / 2);
	if (mine) {
		suspect_interrupt(toe);
		cpu_defer(k, cause_read, toe, NULL);
		raise_softirq(k, SOFTIRQ_TASKLET);
	}
	charge_time(k, COST_MMIO_READ, stall - stall / 2);
	charge(k, COST_MMIO_READ, 0);
	return mine;
}

const struct comm_ops channel_interrupt = {
	.submit = irq_submit,
	.wait = irq_wait,
	.collect = channel_take,
	.interrupt = irq_handler_run,
};
