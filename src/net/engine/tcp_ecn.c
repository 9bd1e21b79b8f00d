/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Explicit congestion notification (RFC 3168) with the habits of Linux 2.4 (include/net/tcp_ecn.h):
 * only data that was not sent before is marked ECT(0); data without a mark from a peer that marks is
 * taken for a retransmission, and acknowledged at once.
 */
#include "net/engine/ip.h"
#include "net/engine/tcp_congestion.h"

enum { NOT_ECT = 0, ECT_0 = 2, CE = 3 };

uint8_t ecn_syn_flags(const struct tcp_sock *tp, bool reply) {
	if (!reply)
		return tcp_params(tp)->ecn ? TCP_ECE | TCP_CWR : 0;
	return tp->flags & TF_ECN ? TCP_ECE : 0;
}

void ecn_agree(struct tcp_sock *tp, const struct segment *s) {
	uint8_t wanted = s->flags & TCP_ACK ? TCP_ECE : TCP_ECE | TCP_CWR;

	if (tcp_params(tp)->ecn && (s->flags & (TCP_ECE | TCP_CWR)) == wanted)
		tp->flags |= TF_ECN;
}

uint8_t ecn_mark(struct tcp_sock *tp, bool fresh, uint8_t *flags) {
	if (*flags & TCP_RST)
		return NOT_ECT;
	if (tp->flags & TF_ECN_ECHO)
		*flags |= TCP_ECE;
	if (!fresh)
		return NOT_ECT;
	if (tp->flags & TF_ECN_REDUCED)
		*flags |= TCP_CWR;
	tp->flags &= ~(uint32_t)TF_ECN_REDUCED;
	return ECT_0;
}

void ecn_reduced(struct tcp_sock *tp) {
	if (tp->flags & TF_ECN)
		tp->flags |= TF_ECN_REDUCED;
}

void ecn_data_input(struct tcp_sock *tp, const struct segment *s) {
	uint8_t mark = s->ip->tos & 3;

	if (s->flags & TCP_CWR)
		tp->flags &= ~(uint32_t)TF_ECN_ECHO;
	if (mark == CE)
		tp->flags |= TF_ECN_ECHO;
	else if (mark == NOT_ECT)
		tp->flags |= TF_ACK_NOW;
}
