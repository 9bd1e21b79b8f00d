/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kinds of channel share: room in the command ring, doorbells, completions taken. */
#include "toe/driver/channel.h"

#include "toe/driver/command.h"
#include "toe/driver/driver.h"

/* Posted writes stall the CPU only when it is far ahead of the bus; the stall is known when the
 * write is done, and falls on what comes next. */
static void charge_stall(struct toe *toe) {
	sim_time stall = pci_stall_take(&toe->stall);

	if (stall)
		charge_time(toe->kernel, COST_MMIO_WRITE, stall);
}

void channel_stalled(struct toe *toe, sim_time stall) {
	pci_stall_add(&toe->stall, sim_now(toe->kernel->sim), stall);
}

/* A task sleeps until the ring has a free descriptor; false if the card died. */
static bool room_wait(struct toe *toe) {
	bool got = false;

	wait_event(toe->kernel, &toe->room, false, toe->td.dead || (got = comm_reserve(toe->comm)));
	return got;
}

bool channel_reserve(struct toe *toe) {
	if (comm_reserve(toe->comm))
		return true;
	return !in_interrupt(toe->kernel) && room_wait(toe);
}

static SIM_TELLS void tell(const struct toe *toe, const char *what, uint32_t id,
                           uint32_t generation) {
	sim_tell_mark(cpu_track(toe->kernel), what, comm_flow(toe->comm, id, generation));
}

static void publish_go(void *a, void *b) {
	struct toe *toe = a;
	const struct toe_cmd *cmd = b;

	if (toe->td.dead)
		return;
	if (sim_heard(toe->kernel->track))
		tell(toe, "command", cmd->c.id, cmd->c.generation);
	comm_publish(toe->comm, &cmd->c);
}

void channel_publish(struct toe *toe, struct toe_cmd *cmd) {
	charge_stall(toe);
	charge(toe->kernel, COST_COMM_COMMAND, 0);
	cpu_defer(toe->kernel, publish_go, toe, cmd);
}

static void bell_go(void *a, void *b) {
	struct toe *toe = a;

	(void)b;
	if (!toe->td.dead)
		channel_stalled(toe, comm_doorbell(toe->comm));
}

void channel_ring(struct toe *toe) {
	charge(toe->kernel, COST_MMIO_WRITE, 0);
	cpu_defer(toe->kernel, bell_go, toe, NULL);
}

static void arm_go(void *a, void *b) {
	struct toe *toe = a;

	(void)b;
	if (!toe->td.dead)
		channel_stalled(toe, comm_arm(toe->comm));
}

void channel_arm(struct toe *toe) {
	charge(toe->kernel, COST_MMIO_WRITE, 0);
	cpu_defer(toe->kernel, arm_go, toe, NULL);
}

bool channel_take(struct toe *toe) {
	struct comm_completion entry;

	if (!comm_take(toe->comm, &entry))
		return false;
	if (sim_heard(toe->kernel->track) && entry.generation)
		tell(toe, "answer", entry.id, entry.generation);
	charge_stall(toe);
	toe->idle_irqs = 0;
	toe_complete(toe, &entry);
	if (!toe->td.dead && comm_credit_due(toe->comm))
		channel_ring(toe);
	return true;
}
