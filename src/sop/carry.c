/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options of SOL_SOCKET never reach proto_ops: the socket layer keeps them on the outer sock, and
 * here they are copied inward, those that the program has set and no others, so that a card's own
 * defaults stand.
 */
#include "sop/carry.h"

#include <string.h>

#include "sop/sock.h"

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
	for (unsigned i = 0; i < G_N_ELEMENTS(sock_options); i++)
		copy_option(&child->sk, &from->sk, &sock_options[i]);
	child->sk.opt_seq = from->options_set ? 1 : 0;
}

void sop_note_option(struct sop_sock *ss, int name) {
	for (unsigned i = 0; i < G_N_ELEMENTS(sock_options); i++)
		if (sock_options[i].name == name)
			ss->options_set |= 1U << i;
}
