/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options of SOL_SOCKET never reach proto_ops: the socket layer keeps them on the outer sock, and
 * here they are copied inward, those that the program has set and no others, so that a card's own
 * defaults stand.
 */
#include "sop/carry.h"

#include "sop/sock.h"

void leg_sync_options(struct sop_leg *leg) {
	const struct sop_sock *ss = leg->ss;
	struct sock *inner = leg->inner->sk;

	if (leg->opt_seq == ss->sk.opt_seq)
		return;
	leg->opt_seq = ss->sk.opt_seq;
	for (unsigned i = 0; i < SOCK_OPTIONS; i++) {
		if (!(ss->options_set & 1U << i) ||
		    !sock_option_copy(inner, &ss->sk, &sock_options[i]))
			continue;
		inner->opt_seq++;
		if (inner->option_changed)
			inner->option_changed(inner, sock_options[i].name);
	}
}

/* What getsockopt shows of the buffers is in force: on the stack in charge, or the least of those
 * that may yet be. */
void sop_show_buffers(struct sop_sock *ss) {
	uint32_t sndbuf = UINT32_MAX, rcvbuf = UINT32_MAX;

	for (const struct sop_leg *leg = ss->legs; leg; leg = leg->next) {
		if (!leg->inner || leg->lost || (ss->ps && ss->ps != leg))
			continue;
		sndbuf = MIN(sndbuf, leg->inner->sk->sndbuf);
		rcvbuf = MIN(rcvbuf, leg->inner->sk->rcvbuf);
	}
	if (sndbuf == UINT32_MAX)
		return;
	ss->sk.sndbuf = sndbuf;
	ss->sk.rcvbuf = rcvbuf;
}

/* Field by field without a notice: the stack's own child has inherited them already, and what it
 * has not is seen by leg_sync_options(). */
void sop_inherit_options(struct sop_sock *child, const struct sop_sock *from) {
	child->options_set = from->options_set;
	for (unsigned i = 0; i < SOCK_OPTIONS; i++)
		sock_option_copy(&child->sk, &from->sk, &sock_options[i]);
	child->sk.opt_seq = from->options_set ? 1 : 0;
}

void sop_note_option(struct sop_sock *ss, int name) {
	for (unsigned i = 0; i < SOCK_OPTIONS; i++)
		if (sock_options[i].name == name)
			ss->options_set |= 1U << i;
}
