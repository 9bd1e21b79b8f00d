/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does the target module keep between commands?  The table of sockets, answers, what connections cost. */
#include "toe/card/target.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>

#include "net/engine/socket_state.h"
#include "net/engine/stack.h"
#include "toe/card/internal.h"
#include "toe/card/target_wait.h"

/* --- the socket table -------------------------------------------------------------------------- */

struct card_sock *target_find(struct card *card, const struct comm_handle *handle) {
	struct card_sock *cs;

	if (handle->index >= card->socks->len)
		return NULL;
	cs = g_ptr_array_index(card->socks, handle->index);
	return cs && cs->handle.generation == handle->generation ? cs : NULL;
}

struct card_sock *target_sock_new(struct card *card, const struct comm_handle *handle, int type) {
	struct card_sock *cs = g_slice_new0(struct card_sock);

	cs->card = card;
	cs->handle = *handle;
	cs->type = type;
	if (handle->index >= card->socks->len)
		g_ptr_array_set_size(card->socks,
		                     (gint)MAX(handle->index + 1, card->socks->len * 2));
	g_ptr_array_index(card->socks, handle->index) = cs;
	card->n_sockets++;
	return cs;
}

void target_sock_free(struct card_sock *cs) {
	struct card *card = cs->card;

	if (cs->dirty)
		g_ptr_array_remove(card->dirty, cs);
	if (cs->held)
		g_ptr_array_remove(card->output, cs);
	if (cs->lingering)
		g_ptr_array_remove(card->lingering, cs);
	g_ptr_array_index(card->socks, cs->handle.index) = NULL;
	g_slice_free(struct card_sock, cs);
}

/* --- answers ----------------------------------------------------------------------------------- */

struct card_cmd *card_cmd_new(struct card *card) {
	struct card_cmd *cc = card->pool;

	if (cc) {
		card->pool = cc->next;
	} else {
		cc = g_new(struct card_cmd, 1);
		g_ptr_array_add(card->cmds, cc);
	}
	memset(cc, 0, sizeof *cc);
	cc->card = card;
	return cc;
}

void card_cmd_recycle(struct card_cmd *cc) {
	cc->next = cc->card->pool;
	cc->card->pool = cc;
}

static uint32_t room_of(const struct card_sock *cs) {
	return cs->type == SOCK_STREAM ? (uint32_t)net_send_space(cs->so) : 0;
}

/* The poll masks and the state are those of the moment of sending: with commands that overtake base
 * work, an older mask behind a newer one would mislead the host. */
static void put_state(struct card *card, struct card_cmd *cc, struct card_sock *cs) {
	struct card_sock *child;

	cs->told = net_poll(cs->so);
	cc->answer.poll = (uint16_t)cs->told;
	cc->answer.state = (uint8_t)net_state(cs->so);
	cc->answer.interest = cs->interest;
	cc->answer.room = room_of(cs);
	if (cc->cmd.opcode != COMM_ACCEPT || cc->answer.result < 0) {
		net_sockname(cs->so, &cc->answer.laddr, &cc->answer.lport);
		return;
	}
	child = target_find(card, &cc->cmd.u.accept.child);
	if (child) {
		child->told = net_poll(child->so);
		cc->answer.child_poll = (uint16_t)child->told;
		cc->answer.child_interest = child->interest;
		cc->answer.room = room_of(child);
	}
}

/* What the card has no socket for is dead to the host. */
static void put_none(struct card_cmd *cc) {
	cc->answer.poll = POLLERR | POLLHUP;
	cc->answer.state = TCP_CLOSE;
}

/* An event may have been overtaken by an answer that said it all. */
static bool worth_sending(struct card_sock *cs, const struct card_cmd *cc) {
	if (cc->answer.kind != COMM_EVENT)
		return true;
	if (!cs)
		return false;
	cs->telling = false;
	return cc->answer.urgent || (net_poll(cs->so) & ~cs->told);
}

void target_post(void *a, void *b) {
	struct card *card = a;
	struct card_cmd *cc = b;
	struct card_sock *cs = target_find(card, &cc->answer.sock);

	if (!card->silent && worth_sending(cs, cc)) {
		if (cs)
			put_state(card, cc, cs);
		else
			put_none(cc);
		comm_post(card->comm, &cc->answer, cc->to_host,
		          !(cc->cmd.flags & COMM_QUIET) || cc->answer.result < 0);
	}
	card_cmd_recycle(cc);
}

/* The peer's name is told of a connection that is over, too: accept() wants it. */
void target_names(const struct net_sock *so, struct comm_completion *answer) {
	struct net_sock_info info;

	net_sock_get(so, &info);
	answer->laddr = info.laddr;
	answer->lport = info.lport;
	answer->faddr = info.faddr;
	answer->fport = info.fport;
}

void target_answer(struct card_cmd *cc, int result) {
	struct comm_completion *a = &cc->answer;

	a->kind = COMM_ANSWER;
	a->id = cc->cmd.id;
	a->generation = cc->cmd.generation;
	a->sock = cc->cmd.sock;
	a->result = result;
	a->length = cc->to_host;
	fw_defer(cc->card->fw, target_post, cc->card, cc);
}

/* --- connections ------------------------------------------------------------------------------- */

/* Half of a connection's cost falls due with the first segment of its hand-shake, in or out, when its
 * block is made; half when it is over (TIME_WAIT, reset, refused, given up), when the block goes.  So
 * each pays once, whoever asks for it and however, and nobody's accept() is any longer for it. */
void card_charge_begun(struct card *card) {
	uint64_t begun = net_stack_counters(card->stack)->tcp_begun;

	for (; card->begun_paid < begun; card->begun_paid++)
		fw_charge_half(card->fw, TOE_COST_CONNECTION, true);
}

void card_charge_over(struct card *card) {
	uint64_t over = net_stack_counters(card->stack)->tcp_over;

	for (; card->over_paid < over; card->over_paid++)
		fw_charge_half(card->fw, TOE_COST_CONNECTION, false);
}

bool card_charges_due(const struct card *card) {
	const struct net_counters *n = net_stack_counters(card->stack);

	return card->begun_paid < n->tcp_begun || card->over_paid < n->tcp_over;
}

/* --- life -------------------------------------------------------------------------------------- */

void target_init(struct card *card) {
	card->cmds = g_ptr_array_new_with_free_func(g_free);
	card->fetches = g_ptr_array_new_with_free_func(g_free);
	card->socks = g_ptr_array_new();
	card->dirty = g_ptr_array_new();
	card->lingering = g_ptr_array_new();
	card->output = g_ptr_array_new();
}

void target_exit(struct card *card) {
	for (guint i = 0; i < card->socks->len; i++)
		if (g_ptr_array_index(card->socks, i))
			g_slice_free(struct card_sock, g_ptr_array_index(card->socks, i));
	g_ptr_array_free(card->socks, TRUE);
	g_ptr_array_free(card->dirty, TRUE);
	g_ptr_array_free(card->lingering, TRUE);
	g_ptr_array_free(card->output, TRUE);
	g_ptr_array_free(card->cmds, TRUE);
	g_ptr_array_free(card->fetches, TRUE);
}
