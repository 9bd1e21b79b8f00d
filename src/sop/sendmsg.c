/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sendmsg(): a pinned socket's goes straight to its stack.  Datagrams of the others go along the
 * routes, and the last destination is remembered.
 */
#include "sop/ops.h"

#include "host/inet/inet.h"
#include "sop/merge.h"

struct send_args {
	struct msghdr *msg;
	size_t len;
	bool broadcast; /* to a broadcast address */
};

static ssize_t send_one(struct sop_leg *leg, void *arg) {
	const struct send_args *args = arg;

	return leg_sendmsg(leg, args->msg, args->len);
}

/* Only "there is no way from here" sends the datagram on to the next stack.  A full queue does not:
 * a burst would be scattered and reordered. */
static bool no_way(int err, void *arg) {
	const struct send_args *args = arg;

	switch (err) {
	case -ENETUNREACH:
	case -EHOSTUNREACH:
	case -ENETDOWN:
	case -ENODEV:
		return true;
	case -EACCES:
		return !args->broadcast; /* a prohibit route; else SO_BROADCAST is missing */
	default:
		return false;
	}
}

/* Does udp_sendmsg refuse it whatever the route?  Then INET says so, in its own words. */
static bool is_wrong(const struct msghdr *msg, size_t len, uint32_t *addr, uint16_t *port) {
	if (!msg->msg_name || len > 0xffff || msg->msg_flags & MSG_OOB)
		return true;
	if (sockaddr_get_in(msg->msg_name, (int)msg->msg_namelen, addr, port) || !*port)
		return true;
	if (!*addr)
		*addr = INADDR_LOOPBACK; /* 0.0.0.0 is this machine: INET's */
	return ((struct sockaddr *)msg->msg_name)->sa_family != AF_INET;
}

static bool cache_valid(const struct sop_sock *ss, uint32_t addr, uint16_t port) {
	return ss->last.leg && ss->last.addr == addr && ss->last.port == port &&
	       ss->last.generation == sop_generation(ss->sop);
}

static void remember(struct sop_sock *ss, struct sop_leg *leg, uint32_t addr, uint16_t port) {
	ss->last.leg = leg;
	ss->last.addr = addr;
	ss->last.port = port;
	ss->last.generation = sop_generation(ss->sop);
}

static ssize_t send_routed(struct sop_sock *ss, struct send_args *args, uint32_t addr,
                           uint16_t port) {
	struct sop_leg *leg = NULL;
	struct sop_set set;
	ssize_t n;

	if (cache_valid(ss, addr, port)) {
		sop_count(ss, SOP_EV_cache_hits);
		n = leg_sendmsg(ss->last.leg, args->msg, args->len);
		if (n >= 0 || !no_way((int)n, args))
			return n;
		ss->last.leg = NULL;
	}
	sop_count(ss, SOP_EV_cache_misses);
	sop_choose_step(ss, SOP_STEP_send, addr, &set);
	if (!set.n)
		return -ENETUNREACH;
	if (set.n > 1)
		sop_count(ss, SOP_EV_send_sweeps);
	n = sop_first_success(&set, send_one, args, no_way, args, &leg);
	if (n >= 0)
		remember(ss, leg, addr, port);
	return n;
}

/* An unconnected stream: no stack is asked.  2.4 binds it, then it is a broken pipe. */
static ssize_t send_unconnected(struct sop_sock *ss, const struct msghdr *msg) {
	if (sop_agree_port(ss))
		return -EAGAIN;
	if (!(msg->msg_flags & MSG_NOSIGNAL))
		send_sig(sop_kernel(ss), current_task(sop_kernel(ss)), SIGPIPE);
	return -EPIPE;
}

/* The leg of the interface or of the source address that IP_PKTINFO names, INET's if nobody has it
 * or the control messages are wrong; NULL: they name none. */
static struct sop_leg *named_leg(struct sop_sock *ss, const struct msghdr *msg) {
	uint32_t index, source;
	struct sop_stack *st = NULL;

	if (!msg->msg_controllen)
		return NULL;
	if (!inet_pktinfo(msg, &index, &source)) {
		if (!index && !source)
			return NULL;
		st = index ? sop_device_by_index(ss->sop, index) : sop_owner(ss->sop, source);
	}
	return sop_leg_of(ss, st ? st : ss->sop->stacks);
}

static ssize_t send_any(struct sop_sock *ss, struct msghdr *msg, size_t len,
                        const struct sop_set *set) {
	struct send_args args = {.msg = msg, .len = len};
	struct sop_leg *leg;
	uint32_t addr;
	uint16_t port;

	if (set->rule == SOP_FOR_nobody)
		return send_unconnected(ss, msg);
	if (is_wrong(msg, len, &addr, &port))
		return set->n ? leg_sendmsg(set->leg[0], msg, len) : -EINVAL;
	if (sop_agree_port(ss))
		return -EAGAIN;
	leg = named_leg(ss, msg);
	if (leg)
		return leg_sendmsg(leg, msg, len);
	args.broadcast = addr == INADDR_BROADCAST || sop_broadcaster(ss->sop, addr);
	return send_routed(ss, &args, addr, port);
}

ssize_t sop_sendmsg(struct socket *sock, struct msghdr *msg, size_t len) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;
	ssize_t n;

	sop_choose(ss, SOP_OP_sendmsg, &set);
	if (set.rule != SOP_FOR_alone)
		return send_any(ss, msg, len, &set);
	n = leg_sendmsg(set.leg[0], msg, len);
	if (ss->losers && n >= 0)
		sop_release_losers(ss);
	return n;
}

ssize_t sop_sendpage(struct socket *sock, const void *page, size_t size, int flags) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;

	if (sop_rule(SOP_OP_sendpage, ss->sk.type == SOCK_DGRAM, sop_phase(ss)) == SOP_FOR_nobody)
		return sock_no_sendpage(sock, page, size, flags); /* by way of sendmsg */
	sop_choose(ss, SOP_OP_sendpage, &set);
	return leg_sendpage(set.leg[0], page, size, flags);
}
