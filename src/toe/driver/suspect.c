/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the driver does not believe.  A card whose word is no good is worse than none: it is taken
 * out at the first lie, with what the driver has to say of it, before anything of the lie is used.
 */
#include "toe/driver/suspect.h"

#include <errno.h>
#include <sys/socket.h>

#include "toe/driver/channel.h"
#include "toe/driver/command.h"
#include "toe/driver/driver.h"

/* Results below that are no errno (MAX_ERRNO of later kernels). */
#define LEAST_RESULT (-4095)
/* Interrupts in a row that found nothing to take. */
#define IDLE_IRQS 100U
/* For so long an interrupt may be on its way, and the tasklet behind it. */
#define PATIENCE (10 * SIM_MS)

/* --- entries ---------------------------------------------------------------------------------- */

static int64_t most_result(const struct comm_command *c) {
	switch (c->opcode) {
	case COMM_SEND:
		return c->length;
	case COMM_RECV: /* MSG_TRUNC: the size of the datagram, whatever there is room for */
		return c->u.recv.flags & MSG_TRUNC ? COMM_MAX_DATA : c->length;
	case COMM_QUERY:
	case COMM_GETSOCKOPT:
		return INT32_MAX;
	default:
		return 0;
	}
}

/* Bytes and control messages of a receive have room of their own each. */
static bool fits(const struct comm_command *c, const struct comm_completion *entry) {
	uint32_t room = c->flags & COMM_TO_HOST ? c->length : 0;
	uint32_t control = c->opcode == COMM_RECV ? c->u.recv.control : 0;

	return entry->length <= room && entry->control <= MIN(control, entry->length) &&
	       entry->length - entry->control <= room - control;
}

static const char *wrong_answer(const struct comm_command *c, const struct comm_completion *entry) {
	if (entry->sock.index != c->sock.index || entry->sock.generation != c->sock.generation)
		return "it answers for another socket than was asked about";
	if (entry->result == -EIO)
		return "what it fetches from memory is damaged";
	if (entry->result < LEAST_RESULT || entry->result > most_result(c) || !fits(c, entry))
		return "its answers are out of bounds";
	return NULL;
}

const char *suspect_entry(const struct toe *toe, const struct comm_completion *entry,
                          const struct toe_cmd *cmd) {
	if (entry->damaged)
		return "what it writes into memory is damaged";
	if (entry->kind == COMM_ANSWER)
		return cmd ? wrong_answer(&cmd->c, entry) : "it answers what nobody has asked";
	if (entry->sock.generation && entry->sock.index >= toe->slots->len)
		return "it tells of sockets that there are not";
	return NULL;
}

/* --- interrupts ------------------------------------------------------------------------------- */

/* Hard-interrupt context: the tasklet carries it out. */
void suspect_interrupt(struct toe *toe) {
	toe->announced = true;
	if (comm_pending(toe->comm))
		toe->idle_irqs = 0;
	else if (++toe->idle_irqs > IDLE_IRQS)
		toe_doomed(toe, "it interrupts for nothing");
}

static bool is_quiet(const struct toe_cmd *cmd, const struct comm_completion *entry) {
	return cmd && cmd->c.flags & COMM_QUIET && entry->result >= 0;
}

/* Answers that nobody is to be interrupted for lie there until somebody looks; so do false ones in
 * their place, which name no command that would say so. */
static void take_quiet(struct toe *toe) {
	struct comm_completion entry;

	while (!toe->channel->on_demand && comm_peek(toe->comm, &entry)) {
		const struct toe_cmd *cmd = command_of(toe, &entry);

		if (!is_quiet(cmd, &entry) && !suspect_entry(toe, &entry, cmd))
			break;
		toe->channel->collect(toe);
	}
}

/* Completions that should have interrupted lie in the ring: the interrupt may be on its way.  What
 * lies there still when it must have come is told to nobody. */
sim_time suspect_silence(struct toe *toe) {
	uint64_t seen = toe->silent_at;

	take_quiet(toe);
	toe->silent_at = UINT64_MAX;
	if (toe->td.dead || !comm_pending(toe->comm))
		return 0;
	if (comm_taken(toe->comm) == seen) {
		toe_died(toe, "its interrupts do not come");
		return 0;
	}
	toe->silent_at = comm_taken(toe->comm);
	return PATIENCE;
}
