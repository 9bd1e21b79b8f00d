/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bind(), and the agreement of all stacks on one port.
 */
#include "sop/ops.h"

#include "host/inet/inet.h"
#include "sop/merge.h"

struct bind_args {
	uint32_t addr;
	uint16_t port;
};

/* One stack of several.  A card to which the address is not known (its configuration raced with the
 * call), that is gone, or that had no room for the socket when the posted initialise command came
 * to it, drops out; the others go on. */
static ssize_t bind_one(struct sop_leg *leg, void *arg) {
	const struct bind_args *args = arg;
	int err = leg_bind(leg, args->addr, args->port);

	if (!sop_is_inet(leg->stack) && leg != leg->ss->ps &&
	    (err == -EADDRNOTAVAIL || err == -ENOBUFS || card_is_gone(leg, err))) {
		sop_count(leg->ss, SOP_EV_partial_bind);
		leg_drop(leg);
		return 0;
	}
	return err;
}

static ssize_t unbind_one(struct sop_leg *leg, void *arg) {
	(void)arg;
	if (leg->state == LEG_BOUND && leg_reopen(leg))
		sop_count(leg->ss, SOP_EV_partial_create);
	return 0;
}

/* The first stack (INET) draws, the others must have the port free too, else it draws again: at
 * most as often as it has ports.  As inet_bind, EADDRINUSE when there is none left. */
static int bind_drawn(struct sop_sock *ss, const struct sop_set *set, struct bind_args *args) {
	uint16_t low, high;
	struct sop_leg *first = set->leg[0];
	struct sop_set rest = {.n = 0};

	for (unsigned i = 1; i < set->n; i++)
		rest.leg[rest.n++] = set->leg[i];
	inet_port_range(sop_kernel(ss), &low, &high);
	for (int tries = high - low; tries >= 0; tries--) {
		int err = leg_bind(first, args->addr, 0);

		if (err)
			return err;
		sop_count(ss, SOP_EV_port_draws);
		args->port = leg_port(first);
		err = sop_all_or_undo(ss, &rest, bind_one, unbind_one, args);
		if (!err)
			return 0;
		unbind_one(first, NULL);
		if (err != -EADDRINUSE || !first->inner)
			return err;
		sop_count(ss, SOP_EV_port_redraws);
	}
	return -EADDRINUSE;
}

static int bind_set(struct sop_sock *ss, const struct sop_set *set, uint32_t addr, uint16_t port) {
	struct bind_args args = {addr, port};
	int err;

	if (!set->n)
		return -EADDRNOTAVAIL;
	err = port ? sop_all_or_undo(ss, set, bind_one, unbind_one, &args)
	           : bind_drawn(ss, set, &args);
	if (err)
		return err;
	sop_got_port(ss, addr, args.port, !port);
	return 0;
}

int sop_agree_port(struct sop_sock *ss) {
	struct sop_set set;

	if (ss->bound)
		return 0;
	SOP_LOCKED held = sop_lock(ss);
	if (ss->bound)
		return 0;
	sop_choose_step(ss, SOP_STEP_port, 0, &set);
	return bind_set(ss, &set, INADDR_ANY, 0);
}

/* A specific address decides: its stack alone serves from now on, the twins are not needed. */
static int bind_specific(struct sop_sock *ss, struct sop_stack *st, uint32_t addr, uint16_t port) {
	struct sop_leg *leg = sop_leg_of(ss, st);
	int err;

	if (ss->ps && ss->ps != leg)
		return -EADDRNOTAVAIL; /* SO_BINDTODEVICE said another */
	if (!leg || !leg->inner || leg->lost)
		return st->gone ? -ENETDOWN : -ENOBUFS; /* it did not take the socket */
	err = leg_bind(leg, addr, port);
	if (err)
		return err;
	if (!leg->inner)
		return -ENETDOWN; /* the card failed meanwhile */
	sop_got_port(ss, addr, port ? port : leg_port(leg), !port);
	sop_pin_to(ss, leg, SOP_PIN_bind);
	sop_release_losers(ss);
	return 0;
}

/* What inet_bind judges, in its order, once and for every stack. */
static int judge(struct sop_sock *ss, const struct sockaddr *addr, int addr_len, uint32_t *ip,
                 uint16_t *port, struct sop_stack **st) {
	int err = sockaddr_get_in(addr, addr_len, ip, port);

	if (!err)
		err = sop_choose_address(ss, *ip, st);
	if (err)
		return err;
	if (*port && *port < IPPORT_RESERVED && !capable(current_task(sop_kernel(ss))))
		return -EACCES;
	if (ss->bound || ss->listening || ss->sk.socket->state != SS_UNCONNECTED)
		return -EINVAL;
	return 0;
}

int sop_bind(struct socket *sock, const struct sockaddr *addr, int addr_len) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_stack *st;
	struct sop_set set;
	uint32_t ip;
	uint16_t port;
	int err;

	SOP_LOCKED held = sop_lock(ss);
	sop_choose(ss, SOP_OP_bind, &set);
	err = judge(ss, addr, addr_len, &ip, &port, &st);
	if (err)
		return err;
	return st ? bind_specific(ss, st, ip, port) : bind_set(ss, &set, ip, port);
}
