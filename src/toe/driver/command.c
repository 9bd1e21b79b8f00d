/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which command waits for which answer, and until when? */
#include "toe/driver/command.h"

#include <errno.h>
#include <string.h>

#include "toe/driver/channel.h"
#include "toe/driver/driver.h"
#include "toe/driver/suspect.h"
#include "toe/driver/toe_sock.h"

/* Buffers up to this size stay with their command. */
#define BUFFER_KEPT 16384U

/* --- slots ------------------------------------------------------------------------------------- */

struct toe_cmd *toe_cmd_new(struct toe *toe, const struct toe_sock *ts, enum comm_opcode opcode) {
	struct toe_cmd *cmd = toe->free_cmds;
	uint32_t id, generation;

	if (cmd) {
		toe->free_cmds = cmd->next_free;
	} else {
		cmd = g_new0(struct toe_cmd, 1);
		cmd->toe = toe;
		cmd->c.id = toe->cmds->len;
		wait_queue_init(&cmd->wait);
		g_ptr_array_add(toe->cmds, cmd);
	}
	id = cmd->c.id;
	generation = cmd->c.generation + 1;
	cmd->c = (struct comm_command){
		.id = id,
		.generation = generation,
		.opcode = (uint8_t)opcode,
	};
	cmd->posted = cmd->patient = cmd->spun = false;
	cmd->stream = ts && ts->sk.type == SOCK_STREAM;
	if (ts)
		cmd->c.sock = ts->handle;
	return cmd;
}

void toe_cmd_free(struct toe_cmd *cmd) {
	if (cmd->size > BUFFER_KEPT) {
		g_free(cmd->buffer);
		cmd->buffer = NULL;
		cmd->size = 0;
	}
	cmd->state = TOE_CMD_FREE;
	cmd->next_free = cmd->toe->free_cmds;
	cmd->toe->free_cmds = cmd;
}

void *toe_cmd_data(struct toe_cmd *cmd, size_t len, unsigned direction) {
	if (len > cmd->size) {
		g_free(cmd->buffer);
		cmd->buffer = g_malloc(len);
		cmd->size = len;
	}
	cmd->c.data = cmd->buffer;
	cmd->c.length = (uint32_t)len;
	cmd->c.flags |= (uint8_t)direction;
	return cmd->buffer;
}

/* --- time-outs --------------------------------------------------------------------------------- */

static void timed_add(struct toe *toe, struct toe_cmd *cmd) {
	cmd->deadline = sim_now(toe->kernel->sim) + toe->conf.command_timeout;
	list_add_last(&toe->timed, &cmd->timed);
}

/* SIM_NEVER: nobody has one. */
static sim_time first_deadline(const struct toe *toe) {
	const struct toe_cmd *first = LIST_FIRST(&toe->timed, struct toe_cmd, timed);

	return first ? first->deadline : SIM_NEVER;
}

/* The watchdog is set when the first command goes out and looks after all that follow: it fires
 * once a time-out and not once a command. */
static void watchdog_arm(struct toe *toe) {
	if (toe->conf.command_timeout && !sim_pending(&toe->watchdog))
		sim_after(toe->kernel->sim, &toe->watchdog, toe->conf.command_timeout);
}

static void watchdog_fired(void *arg) {
	struct toe *toe = arg;

	toe->watchdog_due = true;
	raise_softirq(toe->kernel, SOFTIRQ_TASKLET);
}

/* Only commands that wait for the network are outstanding, or the card shall tell of changes: is it
 * alive? */
static void keep_alive(struct toe *toe) {
	struct toe_cmd *cmd = toe_cmd_new(toe, NULL, COMM_NOP);

	toe_cmd_post(cmd, true);
}

/* False: what lies in the ring shall lie there for a while. */
static bool watchdog_look(struct toe *toe) {
	struct kernel *k = toe->kernel;
	sim_time again;

	charge(k, COST_TIMER, 0);
	again = suspect_silence(toe);
	if (again) {
		sim_after(k->sim, &toe->watchdog, again);
		return false;
	}
	if (toe->td.dead || (toe->outstanding == 0 && toe->watched == 0))
		return true;
	if (first_deadline(toe) <= sim_now(k->sim)) {
		toe_died(toe, "it does not answer");
		return true;
	}
	if (!toe->timed.first)
		keep_alive(toe);
	if (toe->timed.first)
		sim_at(k->sim, &toe->watchdog, first_deadline(toe));
	else
		watchdog_arm(toe);
	return true;
}

/* --- sending and waiting ------------------------------------------------------------------------- */

/* What a card that is dead answers. */
static int dead_errno(const struct toe_cmd *cmd) {
	/* socket() has no connection to lose. */
	return cmd->stream && cmd->c.opcode != COMM_SOCKET ? -ECONNRESET : -ENETDOWN;
}

static void finish(struct toe_cmd *cmd) {
	struct toe *toe = cmd->toe;

	toe->outstanding--;
	if (!cmd->patient)
		list_remove(&toe->timed, &cmd->timed);
	cmd->state = TOE_CMD_DONE;
	if (cmd->posted)
		toe_cmd_free(cmd);
	else
		wake_up(toe->kernel, &cmd->wait);
}

/* False if the card is dead, or a softirq found no room; a posted command is free then. */
static bool submit(struct toe_cmd *cmd) {
	struct toe *toe = cmd->toe;

	if (toe->td.dead || toe->failing) {
		if (cmd->posted)
			toe_cmd_free(cmd);
		return false;
	}
	cmd->state = TOE_CMD_SENT;
	toe->outstanding++;
	if (!cmd->patient)
		timed_add(toe, cmd);
	watchdog_arm(toe);
	if (toe->channel->submit(toe, cmd))
		return true;
	/* If the card died while the task slept for room, toe_died() has finished the command. */
	if (!toe->td.dead)
		finish(cmd);
	return false;
}

static void cancel(const struct toe_cmd *cmd) {
	struct toe_cmd *c = toe_cmd_new(cmd->toe, NULL, COMM_CANCEL);

	c->c.sock = cmd->c.sock;
	c->c.u.cancel.id = cmd->c.id;
	toe_cmd_post(c, true);
}

/* Why a wait for the network ends early: a signal comes before the time. */
static int cut_short(const struct task *me, sim_time left) {
	return signal_pending(me) ? -EINTR : left == 0 ? -EAGAIN : 0;
}

/* Waits until the command is DONE.  Returns why the wait was cut short, 0 if it was not. */
static int wait_done(struct toe_cmd *cmd, sim_time *timeout, bool interruptible) {
	struct kernel *k = cmd->toe->kernel;
	struct task *me = current_task(k);
	sim_time left = timeout ? *timeout : SIM_NEVER;
	WAIT_PLACE place = {.wq = NULL};
	int reason = 0;

	wait_join(&place, k, &cmd->wait, false);
	if (interruptible)
		reason = wait_until(me, TASK_INTERRUPTIBLE, cmd->state == TOE_CMD_DONE,
		                    cut_short(me, left),
		                    left = cmd->toe->channel->wait(cmd->toe, cmd, left));
	if (reason) {
		/* The card answers at once; what raced in comes with the answer. */
		left = SIM_NEVER;
		cancel(cmd);
	}
	wait_until(me, TASK_UNINTERRUPTIBLE, cmd->state == TOE_CMD_DONE, 0,
	           left = cmd->toe->channel->wait(cmd->toe, cmd, left));
	wait_leave(&place);
	if (timeout)
		*timeout = reason ? 0 : left;
	return reason;
}

int toe_cmd_call(struct toe_cmd *cmd) {
	if (!submit(cmd))
		return dead_errno(cmd);
	wait_done(cmd, NULL, false);
	return cmd->answer.result;
}

int toe_cmd_wait(struct toe_cmd *cmd, sim_time *timeout) {
	int reason;

	if (*timeout == 0) {
		cmd->c.flags |= COMM_NONBLOCK;
		return toe_cmd_call(cmd);
	}
	cmd->patient = true;
	if (!submit(cmd))
		return dead_errno(cmd);
	reason = wait_done(cmd, timeout, true);
	return cmd->answer.result == -ECANCELED && reason ? reason : cmd->answer.result;
}

void toe_cmd_post(struct toe_cmd *cmd, bool quiet) {
	/* Quiet answers give no room back by themselves. */
	if (quiet && cmd->toe->outstanding < cmd->toe->conf.ring / 2)
		cmd->c.flags |= COMM_QUIET;
	cmd->posted = true;
	submit(cmd);
}

/* --- completions --------------------------------------------------------------------------------- */

struct toe_cmd *command_of(const struct toe *toe, const struct comm_completion *entry) {
	struct toe_cmd *cmd;

	if (entry->kind != COMM_ANSWER || entry->id >= toe->cmds->len)
		return NULL;
	cmd = g_ptr_array_index(toe->cmds, entry->id);
	return cmd->state == TOE_CMD_SENT && cmd->c.generation == entry->generation ? cmd : NULL;
}

static void complete_command(struct toe *toe, struct toe_cmd *cmd,
                             const struct comm_completion *entry) {
	cmd->answer = *entry;
	if (cmd->posted)
		toe_sock_answered(toe, &cmd->c);
	if (cmd->posted && entry->result < 0)
		toe_sock_posted_error(toe, &cmd->c, entry->result);
	finish(cmd);
}

void toe_complete(struct toe *toe, const struct comm_completion *entry) {
	struct toe_cmd *cmd = command_of(toe, entry);
	const char *lie = suspect_entry(toe, entry, cmd);

	charge(toe->kernel, COST_COMM_COMPLETE, 0);
	if (lie) {
		toe_died(toe, lie);
		return;
	}
	if (entry->sock.generation)
		toe_sock_heard(toe, entry, cmd ? &cmd->c : NULL);
	if (cmd)
		complete_command(toe, cmd, entry);
	if (wait_queue_active(&toe->room))
		wake_up_all(toe->kernel, &toe->room);
}

/* What the card has announced is taken before the watchdog looks at what it has not. */
bool commands_step(struct toe *toe) {
	bool more;

	if (toe->td.dead)
		return false;
	if (toe->failing) {
		toe_died(toe, toe->why);
		return false;
	}
	if (toe->watchdog_due && !toe->announced && !toe->poll.due) {
		toe->watchdog_due = false;
		return watchdog_look(toe);
	}
	more = toe->channel->collect(toe);
	toe->announced &= more;
	return more || toe->watchdog_due;
}

/* --- the end --------------------------------------------------------------------------------- */

void toe_doomed(struct toe *toe, const char *why) {
	if (!toe->failing)
		toe->why = why;
	toe->failing = true;
	raise_softirq(toe->kernel, SOFTIRQ_TASKLET);
}

void toe_died(struct toe *toe, const char *why) {
	if (toe->td.dead)
		return;
	toe->why = why;
	comm_stop(toe->comm);
	card_stop(toe->card);
	sim_cancel(toe->kernel->sim, &toe->watchdog);
	toedev_failed(&toe->td);
	for (guint i = 0; i < toe->cmds->len; i++) {
		struct toe_cmd *cmd = g_ptr_array_index(toe->cmds, i);

		if (cmd->state != TOE_CMD_SENT)
			continue;
		cmd->answer = (struct comm_completion){.result = dead_errno(cmd)};
		finish(cmd);
	}
	toe_socks_died(toe);
	wake_up_all(toe->kernel, &toe->room);
	if (toe->on_death)
		toe->on_death(toe->on_death_arg, why);
}

/* The watchdog has taken a deadline up when its tasklet is due, and when it gives what lies in the ring a
 * while. */
static sim_time watchdog_owed(const void *arg) {
	const struct toe *toe = arg;

	if (!toe->conf.command_timeout || toe->td.dead || toe->failing || toe->watchdog_due ||
	    toe->silent_at != UINT64_MAX)
		return SIM_NEVER;
	return first_deadline(toe);
}

void commands_init(struct toe *toe) {
	toe->cmds = g_ptr_array_new();
	toe->slots = g_array_new(FALSE, TRUE, sizeof(struct toe_slot));
	toe->free_slots = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	wait_queue_init(&toe->room);
	toe->silent_at = UINT64_MAX;
	sim_event_init(&toe->watchdog, watchdog_fired, toe);
	toe->duty = (struct sim_duty){
		.name = "time-outs of commands", .due = watchdog_owed, .arg = toe};
	sim_duty_add(toe->kernel->sim, &toe->duty);
}

void commands_exit(struct toe *toe) {
	sim_duty_remove(toe->kernel->sim, &toe->duty);
	sim_cancel(toe->kernel->sim, &toe->watchdog);
	for (guint i = 0; i < toe->cmds->len; i++) {
		struct toe_cmd *cmd = g_ptr_array_index(toe->cmds, i);

		g_free(cmd->buffer);
		g_free(cmd);
	}
	g_ptr_array_free(toe->cmds, TRUE);
	toe_socks_exit(toe);
	g_array_free(toe->slots, TRUE);
	g_array_free(toe->free_slots, TRUE);
}
