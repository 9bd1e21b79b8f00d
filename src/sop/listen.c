/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listen(): on the stack of the recorded address, or on every one.
 */
#include "sop/ops.h"

/* There is no unlisten either: a new inner socket, bound as before. */
static void stop_listening(struct sop_leg *leg) {
	if (leg_reopen(leg) || leg_catch_up(leg))
		sop_count(leg->ss, SOP_EV_partial_bind);
}

static int listen_strictly(struct sop_sock *ss, const struct sop_set *set, unsigned failed,
                           int err) {
	sop_count(ss, SOP_EV_undone);
	for (unsigned i = 0; i < failed; i++)
		stop_listening(set->leg[i]);
	return err;
}

/* The first (INET, or the only one) must listen.  A card that cannot is left out, as the offload
 * drivers of other systems do, unless the module was told otherwise. */
static int listen_all(struct sop_sock *ss, const struct sop_set *set, int backlog) {
	for (unsigned i = 0; i < set->n; i++) {
		int err = leg_listen(set->leg[i], backlog);

		if (!err)
			continue;
		if (i == 0)
			return err;
		if (ss->sop->conf.listen_all_or_nothing && !ss->listening)
			return listen_strictly(ss, set, i, err);
		g_debug("sop: %s does not listen on port %u: %s", set->leg[i]->stack->name,
		        ss->port, g_strerror(-err));
		sop_count(ss, SOP_EV_partial_listen);
	}
	return 0;
}

int sop_listen(struct socket *sock, int backlog) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;
	int err;

	SOP_LOCKED held = sop_lock(ss); /* a card added meanwhile would miss the listen */
	sop_choose(ss, SOP_OP_listen, &set);
	if (sock->state != SS_UNCONNECTED || sock->type != SOCK_STREAM)
		return -EINVAL;
	if (!ss->bound && sop_agree_port(ss))
		return -EADDRINUSE;                  /* as tcp_listen_start */
	sop_choose_step(ss, SOP_OP_listen, 0, &set); /* a card may have dropped out while binding */
	if (!set.n)
		return -EINVAL;
	err = listen_all(ss, &set, backlog);
	if (err)
		return err;
	sop_listens(ss, backlog);
	return 0;
}
