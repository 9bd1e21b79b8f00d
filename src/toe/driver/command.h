/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How is a command given to the card, and what becomes of it?  A command lives in a slot with a
 * generation.  Its owner either waits for the answer and frees the slot, or posts it and forgets
 * it.  A command that waits for the network can be cancelled, and the canceller still waits for the
 * answer: so there is exactly one answer to each command, and a connection or bytes that raced in
 * are not lost but returned.
 */
#ifndef TOE_COMMAND_H
#define TOE_COMMAND_H

#include "pci/comm.h"
#include "sim/list.h"
#include "toe/driver/toe.h"

struct toe_sock;

enum toe_cmd_state { TOE_CMD_FREE, TOE_CMD_SENT, TOE_CMD_DONE };

struct toe_cmd {
	struct comm_command c;
	struct comm_completion answer; /* when DONE */
	struct toe *toe;
	enum toe_cmd_state state;
	bool posted;  /* nobody waits for the answer */
	bool patient; /* may wait for the network: has no time-out */
	bool spun;    /* the task has spun for it: it sleeps from now on */
	bool stream;  /* of a stream socket: says which errno a dead card gives */
	sim_time deadline;
	struct toe_cmd *next_free;
	struct list_node timed; /* in toe->timed */
	struct wait_queue wait;
	uint8_t *buffer; /* for DMA; grows */
	size_t size;
};

void commands_init(struct toe *toe);
void commands_exit(struct toe *toe);
/* A free slot for a command on socket `ts` (NULL: on the card). */
struct toe_cmd *toe_cmd_new(struct toe *toe, const struct toe_sock *ts, enum comm_opcode opcode);
void toe_cmd_free(struct toe_cmd *cmd);
/* Room for `len` bytes of data in host memory, which go in `direction` (COMM_TO_...). */
void *toe_cmd_data(struct toe_cmd *cmd, size_t len, unsigned direction);
/* Sends it and waits for the answer, whatever happens: its result. */
int toe_cmd_call(struct toe_cmd *cmd);
/* Sends it and waits for the answer, at most *timeout, which is brought up to date (0: the card
 * itself was told not to wait); a signal ends the wait as well.  The result, or -EINTR as
 * sock_intr_errno() has it, or -EAGAIN when the time was over. */
int toe_cmd_wait(struct toe_cmd *cmd, sim_time *timeout);
/* Sends it and forgets it. `quiet`: its answer is worth no interrupt. */
void toe_cmd_post(struct toe_cmd *cmd, bool quiet);
/* From the channel: an answer or an event arrived.  Charges. */
void toe_complete(struct toe *toe, const struct comm_completion *entry);
/* The tasklet's part for a card: one step of what is to do; true if there is more. */
bool commands_step(struct toe *toe);
/* The command that an entry answers; NULL: it is an event, or nobody waits for it. */
struct toe_cmd *command_of(const struct toe *toe, const struct comm_completion *entry);
/* The card does not answer, lies, or is gone: see toedev_failed().  Softirq or task context. */
void toe_died(struct toe *toe, const char *why);
/* The same from anywhere: the tasklet will see to it.  The first reason counts. */
void toe_doomed(struct toe *toe, const char *why);

#endif
