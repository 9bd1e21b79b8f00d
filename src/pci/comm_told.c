/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said between host and card, for those who listen? */
#include "pci/comm_internal.h"

const char *comm_opcode_name(unsigned opcode) {
	static const char *const names[] = {
#define X(name, type, field, text) #name,
		COMM_OPS(X)
#undef X
	};

	return opcode < COMM_OPCODES ? names[opcode] : "?";
}

sim_flow comm_flow(const struct comm *comm, uint32_t id, uint32_t generation) {
	return sim_heard(comm->track) ? sim_flow_command(comm->nr, id, generation) : 0;
}

sim_flow comm_tell_answer(const struct comm *comm, const struct comm_completion *entry) {
	return entry->generation ? comm_flow(comm, entry->id, entry->generation) : 0;
}

sim_flow comm_tell_ring(const struct comm *comm, uint64_t n) {
	const struct comm_command *cmd = &comm->ring[n % comm->conf.commands];

	return comm_flow(comm, cmd->id, cmd->generation);
}

void comm_tell(const struct comm *comm, enum comm_sight what, const void *message) {
	const struct comm_command *cmd = message;

	if (what == COMM_SAW_COMMAND)
		sim_tell_mark(comm->track, comm_opcode_name(cmd->opcode),
		              comm_flow(comm, cmd->id, cmd->generation));
	else if (what == COMM_SAW_DOORBELL)
		sim_tell_mark(comm->track, "doorbell",
		              comm->rung ? comm_tell_ring(comm, comm->rung - 1) : 0);
	else if (what == COMM_SAW_COMPLETION)
		sim_tell_mark(comm->track, "completion", comm_tell_answer(comm, message));
	else
		sim_tell_mark(comm->track, "interrupt", comm->irq_flow);
}

void comm_told(struct comm *comm) {
	const struct sim_track *card = pci_dev_track(comm->dev);

	comm->track = sim_track(comm->sim, card, "messages", 0);
	comm->length = sim_counter(comm->sim, card, "command ring", "descriptors", 0);
	comm->nr = card->nr;
}
