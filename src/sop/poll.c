/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * poll(): the pinned stack's mask, or the masks of all.
 */
#include "sop/ops.h"

#include "sop/merge.h"
#include "sop/threads.h"

/* The mask alone: SOP's callbacks wake the pollers of the outer socket, so that the stacks may
 * change while somebody polls. */
static ssize_t poll_one(struct sop_leg *leg, void *file) { return leg_poll(leg, file, NULL); }

/* The caller is on the queue before any stack's state is read. */
unsigned sop_poll(struct file *file, struct socket *sock, struct poll_table *table) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;
	unsigned mask;

	sop_choose(ss, SOP_OP_poll, &set); /* a leg that does not listen is no news */
	if (set.rule == SOP_FOR_alone && !ss->drain)
		return leg_poll(set.leg[0], file, table);
	poll_wait(file, &sock->wait, table);
	mask = sop_or_masks(&set, poll_one, file);
	if (ss->drain)
		mask |= leg_poll(ss->drain, file, NULL) & (POLLIN | POLLRDNORM);
	if (sop_has_surplus(ss))
		mask |= POLLIN | POLLRDNORM;
	if (ss->sk.err)
		mask |= POLLERR;
	return mask;
}
