/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does the target module take a command? */
#include "toe/card/target.h"
#include "toe/card/target_wait.h"

static void command_execute(void *a, void *b) {
	struct card *card = a;
	struct card_cmd *cc = b;
	int result;

	if (card->silent) {
		card_cmd_recycle(cc);
		return;
	}
	result = target_execute(card, target_find(card, &cc->cmd.sock), cc);
	card_charge_begun(card);
	if (result != TARGET_WAITS)
		target_answer(cc, result);
	target_settle(card);
}

void target_run(void *arg) {
	struct card *card = arg;
	struct card_cmd *cc = card->commands.head;

	card->commands.head = cc->next;
	if (!cc->next)
		card->commands.tail = NULL;
	cc->next = NULL;
	card->n_commands++;
	if (sim_heard(card->track))
		fw_flow(card->fw, comm_flow(card->comm, cc->cmd.id, cc->cmd.generation));
	fw_charge(card->fw, TOE_COST_COMMAND, 0);
	if (cc->cmd.opcode == COMM_SOCKET ||
	    (cc->cmd.opcode == COMM_RELEASE && target_find(card, &cc->cmd.sock)))
		fw_charge(card->fw, TOE_COST_SOCKET, 0);
	fw_then(card->fw, command_execute, card, cc);
}
