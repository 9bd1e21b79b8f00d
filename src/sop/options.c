/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options: those of the outer sock, once they have been set there, and setsockopt() and
 * getsockopt() of the rest, which go to the stack in charge or to all.
 */
#include "sop/ops.h"

#include <netinet/tcp.h>

#include "sop/merge.h"

/* --- SOL_SOCKET ------------------------------------------------------------------------------- */

/* A stack may grant less than the program asks for: so each is asked at once.  The others come down
 * to the least with their next call. */
static void buffers_changed(struct sop_sock *ss) {
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		if (leg->inner && !leg->lost && (!ss->ps || ss->ps == leg))
			leg_sync_options(leg);
	sop_show_buffers(ss);
	ss->sk.opt_seq++;
}

/* SO_BINDTODEVICE says which stack; an empty name takes it back. */
static void device_changed(struct sop_sock *ss) {
	struct sop_leg *leg;

	if (ss->pin == SOP_PIN_device)
		sop_unpin(ss);
	if (ss->ps || !ss->sk.bound_dev[0])
		return;
	leg = sop_usable_leg(ss, sop_device(ss->sop, ss->sk.bound_dev));
	if (leg)
		sop_pin_to(ss, leg, SOP_PIN_device);
}

void sop_option_changed(struct sock *sk, int name) {
	struct sop_sock *ss = (struct sop_sock *)sk;

	sop_note_option(ss, name);
	if (name == SO_BINDTODEVICE)
		device_changed(ss);
	else if (name == SO_SNDBUF || name == SO_RCVBUF)
		buffers_changed(ss);
	if (ss->ps && ss->ps->inner)
		leg_sync_options(ss->ps);
}

/* One stack's error a call: the pinned one's, or the first that has one. */
void sop_fetch_error(struct sock *sk) {
	struct sop_sock *ss = (struct sop_sock *)sk;

	if (sk->err)
		return;
	if (ss->ps) {
		sk->err = leg_take_error(ss->ps);
		return;
	}
	for (struct sop_leg *leg = ss->legs; leg && !sk->err; leg = leg->next)
		if (!leg->lost)
			sk->err = leg_take_error(leg);
}

/* --- setsockopt, getsockopt ------------------------------------------------------------------- */

static ssize_t set_one(struct sop_leg *leg, void *arg) {
	const struct sop_option *opt = arg;

	return leg_setsockopt(leg, opt->level, opt->name, opt->val, opt->len);
}

/* Header inclusion, multicast routing and packet filters are INET's alone. */
static bool is_inet_only(const struct sop_option *opt) {
	return opt->level == IPPROTO_IP && (opt->name == IP_HDRINCL || opt->name >= 64);
}

int sop_setsockopt(struct socket *sock, int level, int name, const void *val, int len) {
	static const int ignored[] = {-ENOPROTOOPT, -EOPNOTSUPP, 0};
	struct sop_option opt = {.level = level, .name = name, .len = len, .val = (uint8_t *)val};
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;
	int err;

	sop_choose(ss, SOP_OP_setsockopt, &set);
	if (sop_is_group_option(level, name))
		return sop_group_option(ss, &set, name, val, len);
	if (is_inet_only(&opt))
		sop_choose_step(ss, SOP_STEP_judge, 0, &set);
	err = sop_inet_represents(ss, &set, set_one, &opt, ignored);
	if (!err && len > 0 && val)
		sop_record_option(ss, &opt);
	return err;
}

int sop_getsockopt(struct socket *sock, int level, int name, void *val, int *len) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;

	sop_choose(ss, SOP_OP_getsockopt, &set);
	if (level == IPPROTO_IP && name == IP_MULTICAST_IF && !ss->ps && ss->mcast_if.stack) {
		struct sop_leg *leg = sop_leg_of(ss, ss->mcast_if.stack);

		if (leg && leg->inner)
			set = (struct sop_set){.n = 1, .leg = {leg}};
	}
	return set.n ? leg_getsockopt(set.leg[0], level, name, val, len) : -ENETDOWN;
}
