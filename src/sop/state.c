/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The transitions of a SOP socket, and what must hold between them.
 */
#include "sop/state.h"

/* --- ports ------------------------------------------------------------------------------------ */

void sop_got_port(struct sop_sock *ss, uint32_t addr, uint16_t port, bool drawn) {
	ss->bound = true;
	ss->drawn = drawn;
	ss->addr = addr;
	ss->port = port;
	ss->last.leg = NULL;
}

/* A connect that failed, or AF_UNSPEC, has put back a drawn port in the stack that served, while
 * the others still hold it: one by one they would drift apart.  So all start anew. */
void sop_drop_drawn_port(struct sop_sock *ss) {
	SOP_LOCKED held = sop_lock(ss);

	/* While we waited for the lock another process may have begun to listen at it. */
	if (!ss->bound || !ss->drawn || ss->listening)
		return;
	ss->bound = ss->drawn = false;
	ss->port = 0;
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		if (leg->inner && leg->state != LEG_OPEN && leg_reopen(leg))
			sop_count(ss, SOP_EV_partial_create);
}

/* Asked of INET alone: a shutdown of a listener or AF_UNSPEC ends a drawn port there (tcp_put_port
 * and udp_disconnect of 2.4), and the others follow. */
void sop_review_port(struct sop_sock *ss) {
	if (!ss->ps && ss->bound && ss->drawn && leg_port(ss->legs) != ss->port)
		sop_drop_drawn_port(ss);
}

/* --- listening -------------------------------------------------------------------------------- */

void sop_listens(struct sop_sock *ss, int backlog) {
	ss->listening = ss->sk.acceptconn = true;
	ss->backlog = backlog;
	SOP_CHECK(ss);
}

void sop_listens_no_more(struct sop_sock *ss) {
	ss->listening = ss->sk.acceptconn = false;
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		if (leg->state == LEG_LISTENING)
			leg->state = LEG_BOUND;
}

/* --- connecting ------------------------------------------------------------------------------- */

/* poll and a second connect by another process belong to the stack that is asked. */
void sop_tries(struct sop_sock *ss, struct sop_leg *leg) {
	ss->ps = leg;
	ss->pin = SOP_PIN_connect;
	ss->losers = true;
	ss->sk.socket->state = SS_CONNECTING;
}

void sop_refused(struct sop_sock *ss) {
	ss->ps = NULL;
	ss->pin = SOP_PIN_NONE;
	ss->losers = false;
	ss->sk.socket->state = SS_UNCONNECTED;
}

void sop_connects(struct sop_sock *ss) {
	sop_pin_to(ss, ss->ps, SOP_PIN_connect);
	ss->losers = true;
	SOP_CHECK(ss);
}

void sop_takes_over_state(struct sop_sock *ss) { ss->sk.socket->state = ss->ps->inner->state; }

void sop_ends_connect(struct sop_sock *ss) {
	ss->sk.socket->state = SS_UNCONNECTED;
	if (ss->pin == SOP_PIN_connect)
		sop_unpin(ss);
}

void sop_moves_on(struct sop_sock *ss) {
	ss->drain = ss->ps;
	ss->drain->lost = ss->drain->stack->gone; /* the card failed while it was in charge */
	ss->ps = NULL;
	ss->pin = SOP_PIN_NONE;
}

/* --- pins ------------------------------------------------------------------------------------- */

void sop_pin_to(struct sop_sock *ss, struct sop_leg *leg, enum sop_pin why) {
	ss->ps = leg;
	ss->pin = why;
	ss->sop->pin_count[why]++;
	leg->stack->count[SOP_STACK_pinned]++;
	sop_show_buffers(ss);
}

void sop_release_losers(struct sop_sock *ss) {
	ss->losers = false;
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next) {
		if (leg == ss->ps || !leg->inner)
			continue;
		if (ss->ps)
			sop_count(ss, SOP_EV_losers_released);
		leg_drop(leg);
	}
}

void sop_unpin(struct sop_sock *ss) {
	struct sop_leg *leg = ss->ps;
	bool lost_port =
		ss->pin == SOP_PIN_connect; /* also a card's, where a drawn one was asked for */

	sop_count(ss, SOP_EV_unpins);
	if (leg->state > LEG_BOUND)
		leg->state = ss->bound ? LEG_BOUND : LEG_OPEN;
	ss->ps = NULL;
	ss->pin = SOP_PIN_NONE;
	ss->losers = false;
	ss->peer_addr = ss->peer_port = 0;
	if (lost_port)
		sop_drop_drawn_port(ss);
	ss->epoch = ss->sop->epoch - 1; /* the next call brings back the legs that were released */
}

void sop_adopts(struct sop_sock *child, struct sop_leg *leg, const struct sop_sock *listener) {
	sop_got_port(child, listener->addr, listener->port, false);
	child->sk.socket->state = SS_CONNECTED;
	sop_pin_to(child, leg, SOP_PIN_accept);
	sop_release_losers(child);
	SOP_CHECK(child);
}

/* --- the invariant ---------------------------------------------------------------------------- */

static bool is_leg(const struct sop_sock *ss, const struct sop_leg *one) {
	const struct sop_leg *leg = ss->legs;

	while (leg && leg != one)
		leg = leg->next;
	return !one || leg;
}

/* At any time. */
static const char *check_fields(const struct sop_sock *ss) {
	if (!ss->ps != (ss->pin == SOP_PIN_NONE))
		return "it is pinned without reason, or has a reason and is not";
	if (ss->losers && (ss->pin != SOP_PIN_connect || ss->sk.type != SOCK_STREAM))
		return "others stand by, but no stream connects";
	if (ss->drawn && !ss->bound)
		return "its port was drawn, but it has none";
	if (ss->listening && (!ss->bound || !ss->sk.acceptconn || ss->sk.type != SOCK_STREAM))
		return "it listens without a port, without saying so, or is no stream";
	if (!is_leg(ss, ss->ps) || !is_leg(ss, ss->last.leg) || !is_leg(ss, ss->served) ||
	    !is_leg(ss, ss->peeked) || !is_leg(ss, ss->drain) || !is_leg(ss, ss->stamped))
		return "it remembers a leg that it does not have";
	for (const struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		if (!leg->inner != (leg->state == LEG_ABSENT))
			return "a leg says that it is absent and is not, or the other way round";
	return NULL;
}

bool sop_sock_rests(const struct sop_sock *ss) {
	if (ss->locker || ss->followed || ss->closing || ss->epoch != ss->sop->epoch)
		return false;
	for (const struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		if (leg->busy || leg->lost || leg->stack->gone)
			return false;
	return true;
}

/* One stack serves it, the others were released; datagram sockets may be aimed elsewhere. */
static const char *check_pinned(const struct sop_sock *ss) {
	if (!ss->ps->inner)
		return "it is pinned to a stack on which it has no inner socket";
	if (ss->losers || ss->pin == SOP_PIN_device || ss->sk.type == SOCK_DGRAM)
		return NULL;
	for (const struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		if (leg != ss->ps && leg->inner)
			return "it is pinned and still has another stack";
	return NULL;
}

/* All stacks are where it is. */
static const char *check_unpinned(const struct sop_sock *ss) {
	if (!ss->bound && (!ss->legs || !ss->legs->inner))
		return "it has no port, and no inner socket on INET";
	for (const struct sop_leg *leg = ss->legs; leg; leg = leg->next) {
		if (!leg->inner)
			continue;
		if (ss->bound && leg->state < LEG_BOUND)
			return "it has a port, but not on every stack";
		if (!ss->bound && leg->state > LEG_OPEN)
			return "it has no port, but on a stack";
		if (!ss->listening && leg->state == LEG_LISTENING)
			return "it does not listen, but on a stack";
	}
	return NULL;
}

const char *sop_sock_check(const struct sop_sock *ss) {
	const char *wrong = check_fields(ss);

	if (wrong || !sop_sock_rests(ss))
		return wrong;
	if (ss->bound && !ss->port)
		return "its port is 0";
	return ss->ps ? check_pinned(ss) : check_unpinned(ss);
}

#ifdef SOP_CHECKS
void sop_sock_must_be_right(const struct sop_sock *ss) {
	static const char *const phases[] = {
#define X(name) #name,
		SOP_PHASES(X)
#undef X
	};
	const char *wrong = sop_sock_check(ss);

	if (wrong)
		g_error("sop: a socket with port %u, %s: %s", ss->port, phases[sop_phase(ss)],
		        wrong);
}
#endif
