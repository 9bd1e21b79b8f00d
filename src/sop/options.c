/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options.  Those of SOL_SOCKET never reach proto_ops: the socket layer keeps them on the outer
 * sock, and here they are copied inward, those that the program has set and no others, so that a
 * card's own defaults stand.  The rest goes to the stack in charge or to all, and is recorded for
 * inner sockets made later.
 */
#include "sop/internal.h"

#include <netinet/tcp.h>
#include <string.h>

/* --- SOL_SOCKET ------------------------------------------------------------------------------- */

struct sock_option {
	int name;
	size_t offset, size; /* of its field in struct sock; two for SO_LINGER */
	size_t offset2, size2;
};

#define FIELD(f) offsetof(struct sock, f), sizeof((struct sock *)0)->f

static const struct sock_option sock_options[] = {
	{SO_REUSEADDR, FIELD(reuse), 0, 0},
	{SO_KEEPALIVE, FIELD(keepalive), 0, 0},
	{SO_OOBINLINE, FIELD(oobinline), 0, 0},
	{SO_BROADCAST, FIELD(broadcast), 0, 0},
	{SO_LINGER, FIELD(linger), FIELD(lingertime)},
	{SO_RCVTIMEO, FIELD(rcvtimeo), 0, 0},
	{SO_SNDTIMEO, FIELD(sndtimeo), 0, 0},
	{SO_SNDBUF, FIELD(sndbuf), 0, 0},
	{SO_RCVBUF, FIELD(rcvbuf), 0, 0},
	{SO_RCVLOWAT, FIELD(rcvlowat), 0, 0},
	{SO_PRIORITY, FIELD(priority), 0, 0},
	{SO_BINDTODEVICE, FIELD(bound_dev), 0, 0},
};

/* Copies one field; true if it was different. */
static bool copy_field(struct sock *to, const struct sock *from, size_t offset, size_t size) {
	char *t = (char *)to + offset;
	const char *f = (const char *)from + offset;

	if (!size || memcmp(t, f, size) == 0)
		return false;
	memcpy(t, f, size);
	return true;
}

static bool copy_option(struct sock *to, const struct sock *from, const struct sock_option *opt) {
	bool changed = copy_field(to, from, opt->offset, opt->size);

	changed |= copy_field(to, from, opt->offset2, opt->size2);
	return changed;
}

void leg_sync_options(struct sop_leg *leg) {
	const struct sop_sock *ss = leg->ss;
	struct sock *inner = leg->inner->sk;

	if (leg->opt_seq == ss->sk.opt_seq)
		return;
	leg->opt_seq = ss->sk.opt_seq;
	for (unsigned i = 0; i < G_N_ELEMENTS(sock_options); i++) {
		if (!(ss->options_set & 1U << i) || !copy_option(inner, &ss->sk, &sock_options[i]))
			continue;
		inner->opt_seq++;
		if (inner->option_changed)
			inner->option_changed(inner, sock_options[i].name);
	}
}

/* What getsockopt shows of the buffers is in force: on the stack in charge, or the least of those that
 * may yet be. */
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

/* A stack may grant less than the program asks for: so each is asked at once.  The others come down to
 * the least with their next call. */
static void buffers_changed(struct sop_sock *ss) {
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		if (leg->inner && !leg->lost && (!ss->ps || ss->ps == leg))
			leg_sync_options(leg);
	sop_show_buffers(ss);
	ss->sk.opt_seq++;
}

/* SO_BINDTODEVICE says which stack; an empty name takes it back. */
static void device_changed(struct sop_sock *ss) {
	struct sop_stack *st;
	struct sop_leg *leg;

	if (ss->pin == SOP_PIN_device)
		sop_unpin(ss);
	if (ss->ps || !ss->sk.bound_dev[0])
		return;
	st = sop_device(ss->sop, ss->sk.bound_dev);
	leg = st ? sop_leg_of(ss, st) : NULL;
	if (leg && leg->inner && !leg->lost)
		sop_pin_to(ss, leg, SOP_PIN_device);
}

void sop_option_changed(struct sock *sk, int name) {
	struct sop_sock *ss = (struct sop_sock *)sk;

	for (unsigned i = 0; i < G_N_ELEMENTS(sock_options); i++)
		if (sock_options[i].name == name)
			ss->options_set |= 1U << i;
	if (name == SO_BINDTODEVICE)
		device_changed(ss);
	else if (name == SO_SNDBUF || name == SO_RCVBUF)
		buffers_changed(ss);
	if (ss->ps && ss->ps->inner)
		leg_sync_options(ss->ps);
}

/* Field by field without a notice: the stack's own child has inherited them already, and what it
 * has not is seen by leg_sync_options(). */
void sop_inherit_options(struct sop_sock *child, const struct sop_sock *from) {
	child->options_set = from->options_set;
	for (unsigned i = 0; i < G_N_ELEMENTS(sock_options); i++)
		copy_option(&child->sk, &from->sk, &sock_options[i]);
	child->sk.opt_seq = from->options_set ? 1 : 0;
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

/* --- the record ------------------------------------------------------------------------------- */

static void free_option(void *p) { g_free(((struct sop_option *)p)->val); }

static void record(struct sop_sock *ss, const struct sop_option *opt) {
	struct sop_option copy = *opt;

	if (ss->pin == SOP_PIN_accept || ss->pin == SOP_PIN_bind)
		return; /* no other inner socket will ever be made */
	if (!ss->options) {
		ss->options = g_array_new(FALSE, FALSE, sizeof(struct sop_option));
		g_array_set_clear_func(ss->options, free_option);
	}
	for (guint i = 0; i < ss->options->len; i++) {
		const struct sop_option *old = &g_array_index(ss->options, struct sop_option, i);

		if (old->level == opt->level && old->name == opt->name) {
			g_array_remove_index(ss->options, i);
			break;
		}
	}
	copy.val = g_memdup2(opt->val, (gsize)opt->len);
	g_array_append_val(ss->options, copy);
}

void leg_replay_options(struct sop_leg *leg) {
	const GArray *options = leg->ss->options;

	for (guint i = 0; options && i < options->len; i++) {
		const struct sop_option *opt = &g_array_index(options, struct sop_option, i);

		if (leg_setsockopt(leg, opt->level, opt->name, opt->val, opt->len))
			sop_count(leg->ss, SOP_EV_partial_option);
	}
}

void sop_forget_options(struct sop_sock *ss) {
	if (ss->options)
		g_array_unref(ss->options);
	ss->options = NULL;
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

	sop_choose(ss, SOP_OP_setsockopt, SOP_FOR_ALL, 0, &set);
	if (sop_is_group_option(level, name))
		return sop_group_option(ss, &set, name, val, len);
	if (!ss->ps && is_inet_only(&opt))
		sop_fill(ss, SOP_FOR_INET, 0, &set);
	err = sop_inet_represents(ss, &set, set_one, &opt, ignored);
	if (!err && len > 0 && val)
		record(ss, &opt);
	return err;
}

int sop_getsockopt(struct socket *sock, int level, int name, void *val, int *len) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;

	sop_choose(ss, SOP_OP_getsockopt, SOP_FOR_INET, 0, &set);
	if (level == IPPROTO_IP && name == IP_MULTICAST_IF && !ss->ps && ss->mcast_if.stack) {
		struct sop_leg *leg = sop_leg_of(ss, ss->mcast_if.stack);

		if (leg && leg->inner)
			set = (struct sop_set){.n = 1, .leg = {leg}};
	}
	return set.n ? leg_getsockopt(set.leg[0], level, name, val, len) : -ENETDOWN;
}
