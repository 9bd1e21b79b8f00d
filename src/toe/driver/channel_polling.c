/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The channel of a card that is polled: completions appear in host memory, and the host looks.
 *
 * Commands.  A command is only written into the ring.  The doorbell is rung when somebody is about
 * to wait, when a batch of them has come together, or when the next look at the ring is due: so
 * one posted write carries several commands, and one DMA read of the card fetches them.
 *
 * Completions.  Who waits for an answer looks for a short time by itself (spins) and then sleeps.
 * A soft timer, finer than the kernel's tick, makes the tasklet look on as long as things come: it
 * pays for no interrupt of its own, and runs when the kernel is entered anyway (host/core/soft_timer.h).
 * When the ring was found empty so many times in a row, nothing is under way but waits for the
 * network: the driver arms the card and stops looking.  Then the next entry raises one interrupt, which says no more than "look again"; it costs no register read, since the card
 * has written into host memory that it is the one.  Under load nothing ever interrupts.
 */
#include "toe/driver/channel.h"
#include "toe/driver/command.h"
#include "toe/driver/driver.h"
#include "toe/driver/suspect.h"

/* Commands that one doorbell shall tell of at most. */
#define BATCH 8U
/* How long between two looks of a task that spins. */
#define SPIN_STEP SIM_US

/* --- looking by timer ------------------------------------------------------------------------- */

static void look_due(void *arg) {
	struct toe *toe = arg;

	toe->poll.due = true;
	raise_softirq(toe->kernel, SOFTIRQ_TASKLET);
}

/* There is a reason to look: from now on, if the driver had stopped. */
static void look_on(struct toe *toe) {
	toe->poll.empty = 0;
	if (!soft_timer_pending(&toe->poll.timer) && !toe->poll.due)
		soft_timer_after(&toe->poll.timer, toe->conf.poll_period);
}

/* Somebody has looked just now: the timer's next look is a period away. */
static void looked(struct toe *toe) {
	if (soft_timer_pending(&toe->poll.timer))
		soft_timer_after(&toe->poll.timer, toe->conf.poll_period);
}

static void ring_unrung(struct toe *toe) {
	if (!toe->poll.unrung)
		return;
	toe->poll.unrung = 0;
	channel_ring(toe);
}

/* The tasklet has taken all that was there: what next? */
static void look_ended(struct toe *toe) {
	toe->poll.due = false;
	charge(toe->kernel, COST_TIMER, 0);
	ring_unrung(toe);
	if (toe->poll.empty++ < toe->conf.poll_rounds)
		soft_timer_after(&toe->poll.timer, toe->conf.poll_period);
	else
		channel_arm(toe);
}

static bool poll_collect(struct toe *toe) {
	if (channel_take(toe)) {
		look_on(toe);
		return true;
	}
	if (toe->poll.due)
		look_ended(toe);
	return false;
}

/* --- commands --------------------------------------------------------------------------------- */

static bool poll_submit(struct toe *toe, struct toe_cmd *cmd) {
	if (!comm_room(toe->comm))
		ring_unrung(toe); /* else nobody makes room */
	look_on(toe);
	if (!channel_reserve(toe))
		return false;
	channel_publish(toe, cmd);
	if (++toe->poll.unrung >= BATCH)
		ring_unrung(toe);
	return true;
}

static void spin(struct toe *toe, const struct toe_cmd *cmd) {
	struct kernel *k = toe->kernel;

	set_task_state(current_task(k), TASK_RUNNING);
	charge(k, COST_COMM_SPIN, 0);
	for (sim_time left = toe->conf.poll_spin; left > 0; left -= SPIN_STEP) {
		charge_time(k, COST_COMM_SPIN, MIN(left, SPIN_STEP));
		cpu_settle(k);
		while (!toe->td.dead && poll_collect(toe))
			;
		if (cmd->state == TOE_CMD_DONE) {
			looked(toe);
			return;
		}
		if (toe->td.dead)
			return;
	}
}

/* The caller looks whether the command is DONE, and comes back to sleep if it is not. */
static sim_time poll_wait_done(struct toe *toe, struct toe_cmd *cmd, sim_time timeout) {
	sim_time start = sim_now(toe->kernel->sim);

	ring_unrung(toe);
	if (cmd->spun)
		return schedule_timeout(toe->kernel, timeout);
	cmd->spun = true;
	spin(toe, cmd);
	if (timeout == SIM_NEVER)
		return timeout;
	return MAX(timeout - (sim_now(toe->kernel->sim) - start), 0);
}

/* --- the interrupt ---------------------------------------------------------------------------- */

static void ack_arrived(void *arg) {
	struct toe *toe = arg;

	toe->poll.acking = false;
	comm_ack(toe->comm);
}

static void ack_go(void *a, void *b) {
	struct toe *toe = a;

	(void)b;
	if (!toe->td.dead)
		channel_stalled(toe, pci_post_write(toe->dev, ack_arrived, toe));
}

static bool poll_interrupt(void *arg) {
	struct toe *toe = arg;

	if (toe->td.dead || !comm_asserted(toe->comm))
		return false;
	if (toe->poll.acking) /* the line falls when the write has arrived */
		return true;
	toe->poll.acking = true;
	suspect_interrupt(toe);
	charge(toe->kernel, COST_MMIO_WRITE, 0);
	cpu_defer(toe->kernel, ack_go, toe, NULL);
	look_on(toe);
	raise_softirq(toe->kernel, SOFTIRQ_TASKLET);
	return true;
}

/* --- life ------------------------------------------------------------------------------------- */

static void poll_open(struct toe *toe) {
	soft_timer_init(toe->kernel, &toe->poll.timer, look_due, toe);
}

static void poll_close(struct toe *toe) { soft_timer_cancel(&toe->poll.timer); }

const struct comm_ops channel_polling = {
	.on_demand = true,
	.open = poll_open,
	.close = poll_close,
	.submit = poll_submit,
	.wait = poll_wait_done,
	.collect = poll_collect,
	.interrupt = poll_interrupt,
};
