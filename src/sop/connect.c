/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * connect(): along the routes, until one stack succeeds.
 */
#include "sop/ops.h"

#include "sop/merge.h"
#include "sop/threads.h"

struct connect_args {
	const struct sockaddr *addr;
	int len, flags;
};

/* Under way: the stack that said so is the one, whatever comes of it. */
static bool is_under_way(const struct sop_leg *leg, int err) {
	return err == -EINPROGRESS || err == -EALREADY ||
	       (err && leg->inner && leg->inner->state == SS_CONNECTING);
}

static void note_peer(struct sop_sock *ss, const struct sockaddr *addr, int len) {
	sockaddr_get_in(addr, len, &ss->peer_addr, &ss->peer_port);
}

static bool is_unspec(const struct sockaddr *addr, int len) {
	return len >= (int)sizeof addr->sa_family && addr->sa_family == AF_UNSPEC;
}

/* --- streams ---------------------------------------------------------------------------------- */

static ssize_t try_stream(struct sop_leg *leg, void *arg) {
	const struct connect_args *args = arg;
	struct sop_sock *ss = leg->ss;
	int err;

	sop_tries(ss, leg);
	err = leg_connect(leg, args->addr, args->len, args->flags);
	if (err && !is_under_way(leg, err) && ss->ps == leg)
		sop_refused(ss);
	return err;
}

/* Another process that has the socket may have taken back the port meanwhile: the stack drew one.
 */
static void note_port(struct sop_sock *ss, struct sop_leg *leg) {
	if (!ss->bound)
		sop_got_port(ss, ss->addr, leg_port(leg), true);
}

static bool next_stack_may(int err, void *arg) {
	const struct sop_sock *ss = arg;

	if (ss->ps)
		return false; /* under way */
	if (ss->sop->conf.connect_on_refused_only)
		return err == -ECONNREFUSED || err == -ENETUNREACH || err == -EHOSTUNREACH;
	return true;
}

/* What tcp_v4_connect and udp_connect judge.  0.0.0.0 is this machine: the address that the socket
 * has from an earlier connect, else INET's. */
static int judge(struct sop_sock *ss, const struct sockaddr *addr, int len, uint32_t *dst) {
	uint16_t port;
	int err = sockaddr_get_in(addr, len, dst, &port);

	if (err)
		return err;
	if (addr->sa_family != AF_INET)
		return -EAFNOSUPPORT;
	if (!*dst && ss->ps)
		*dst = leg_address(ss->ps);
	if (!*dst)
		*dst = INADDR_LOOPBACK;
	return 0;
}

/* The pinned stack's connection may have ended under the call: then the socket is free again. */
static int connect_pinned(struct sop_sock *ss, struct connect_args *args) {
	struct sop_leg *leg = ss->ps;
	int err = leg_connect(leg, args->addr, args->len, args->flags);

	if (ss->ps != leg)
		return err; /* another process has shut it down, or goes on with the next stack */
	sop_takes_over_state(ss);
	if (!err)
		note_port(ss, leg);
	if (err && !is_under_way(leg, err) && err != -EISCONN && ss->pin == SOP_PIN_connect)
		sop_ends_connect(ss);
	else if (!err && ss->losers)
		sop_release_losers(ss);
	return err;
}

static ssize_t disconnect_one(struct sop_leg *leg, void *arg) {
	(void)arg;
	return leg_disconnect(leg);
}

static int disconnect(struct sop_sock *ss) {
	SOP_LOCKED held = sop_lock(ss); /* or a late card would begin to listen meanwhile */
	struct sop_set set;
	int err;

	sop_choose_step(ss, SOP_OP_connect, 0, &set);
	if (ss->listening)
		sop_end_listening(ss);
	err = sop_inet_answers(&set, disconnect_one, NULL);
	sop_ends_connect(ss);
	sop_review_port(ss);
	return err;
}

/* What the sweep has come to, if no other process that has the socket has undone it meanwhile. */
static void conclude(struct sop_sock *ss, const struct connect_args *args, struct sop_leg *leg,
                     int err) {
	if (ss->ps && ss->ps == leg) {
		note_peer(ss, args->addr, args->len);
		sop_connects(ss);
		if (!err) {
			note_port(ss, leg);
			sop_release_losers(ss);
		}
	} else if (!ss->ps && err) {
		sop_drop_drawn_port(ss);
	}
}

/* Every stack has the port, then each with a route is asked in turn. */
static int connect_sweep(struct sop_sock *ss, struct connect_args *args, uint32_t dst) {
	struct sop_leg *leg = NULL;
	uint32_t generation = sop_generation(ss->sop);
	struct sop_set set;
	int err;

	sop_choose_step(ss, SOP_STEP_aim, dst, &set);
	if (!set.n)
		return -ENETUNREACH;
	if (sop_agree_port(ss))
		return -EAGAIN;
	if (ss->ps)
		return connect_pinned(ss, args); /* another process was faster */
	ss->sk.err = 0; /* of an earlier attempt: tcp_connect() of 2.4 forgets it too */
	if (generation != sop_generation(ss->sop)) /* a card may have dropped out while binding */
		sop_choose_step(ss, SOP_STEP_aim, dst, &set);
	if (!set.n)
		return -ENETUNREACH;
	if (set.n > 1)
		sop_count(ss, SOP_EV_connect_sweeps);
	err = (int)sop_first_success(&set, try_stream, args, next_stack_may, ss, &leg);
	conclude(ss, args, leg, err);
	return err;
}

int sop_stream_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags) {
	struct connect_args args = {addr, addr_len, flags};
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;
	uint32_t dst;
	int err;

	sop_choose(ss, SOP_OP_connect, &set);
	if (is_unspec(addr, addr_len))
		return disconnect(ss);
	if (ss->ps)
		return connect_pinned(ss, &args);
	if (ss->listening)
		return -EISCONN;
	err = judge(ss, addr, addr_len, &dst);
	return err ? err : connect_sweep(ss, &args, dst);
}

/* --- datagrams -------------------------------------------------------------------------------- */

static ssize_t try_dgram(struct sop_leg *leg, void *arg) {
	const struct connect_args *args = arg;

	return leg_connect(leg, args->addr, args->len, args->flags);
}

static bool no_route(int err, void *arg) {
	(void)arg;
	return err == -ENETUNREACH || err == -EHOSTUNREACH || err == -ENETDOWN;
}

/* Aimed at a net of another stack: the old one is disconnected; what it had received stays
 * readable, and the port is still the socket's: udp_disconnect() of 2.4 puts back a drawn one. */
static void leave_stack(struct sop_sock *ss, struct sop_leg *next) {
	struct sop_leg *leg = ss->ps;

	if (ss->pin != SOP_PIN_connect || leg == next)
		return;
	leg_disconnect(leg);
	if (leg_port(leg) != ss->port)
		leg_bind(leg, ss->addr, ss->port);
	if (ss->ps != leg)
		return; /* another process has disconnected or aimed it meanwhile */
	sop_moves_on(ss);
}

static int dgram_aim(struct sop_sock *ss, struct connect_args *args, uint32_t dst) {
	struct sop_leg *leg = NULL;
	struct sop_set set;
	int err;

	if (sop_agree_port(ss))
		return -EAGAIN;
	if (ss->epoch != ss->sop->epoch)
		sop_refresh(ss);
	sop_choose_step(ss, SOP_STEP_aim, dst, &set);
	if (!set.n)
		return -ENETUNREACH;
	leave_stack(ss, set.leg[0]);
	err = (int)sop_first_success(&set, try_dgram, args, no_route, NULL, &leg);
	if (err)
		return err;
	if (!leg->inner)
		return -ENETDOWN;
	ss->last.leg = NULL;
	note_peer(ss, args->addr, args->len);
	if (ss->ps != leg)
		sop_pin_to(ss, leg, SOP_PIN_connect);
	return 0;
}

int sop_dgram_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags) {
	struct connect_args args = {addr, addr_len, flags};
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;
	uint32_t dst;
	int err;

	sop_choose(ss, SOP_OP_connect, &set);
	if (is_unspec(addr, addr_len))
		return disconnect(ss);
	err = judge(ss, addr, addr_len, &dst);
	if (err)
		return err;
	if (ss->ps && ss->pin != SOP_PIN_connect)
		return leg_connect(ss->ps, addr, addr_len, flags);
	return dgram_aim(ss, &args, dst);
}
