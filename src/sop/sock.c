/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The SOP socket and the list of its legs.
 */
#include "sop/sock.h"

struct sop *sop_of(const struct kernel *k) {
	struct module *module = module_find(k, "sop");

	return module ? module->arg : NULL;
}

/* --- the SOP sock ----------------------------------------------------------------------------- */

static void link_sock(struct sop *sop, struct sop_sock *ss) {
	list_add_first(&sop->socks, &ss->node);
	sop->module->use_count++; /* put by sop_sock_free() */
}

static void unlink_sock(struct sop_sock *ss) {
	list_remove(&ss->sop->socks, &ss->node);
	ss->sop->module->use_count--;
}

struct sop_sock *sop_sock_new(struct sop *sop, struct socket *sock, int type, int protocol,
                              const struct sop_face *face) {
	struct sop_sock *ss = g_slice_new0(struct sop_sock);

	charge(sop->kernel, COST_SOP_CREATE, 0);
	ss->sop = sop;
	sock_init_data(sock, &ss->sk, PF_INET, type, protocol);
	sock->sk = &ss->sk;
	sock->ops = face->ops;
	ss->sk.option_changed = face->option_changed;
	ss->sk.fetch_error = face->fetch_error;
	wait_queue_init(&ss->any_wait);
	wait_queue_init(&ss->callers);
	wait_queue_init(&ss->lock_wait);
	link_sock(sop, ss);
	return ss;
}

static void free_legs(struct sop_sock *ss) {
	for (struct sop_leg *leg; (leg = ss->legs);) {
		ss->legs = leg->next;
		g_slice_free(struct sop_leg, leg);
	}
}

void sop_sock_free(struct sop_sock *ss) {
	charge(sop_kernel(ss), COST_SOP_RELEASE, 0);
	unlink_sock(ss);
	free_legs(ss);
	sop_forget_options(ss);
	g_clear_pointer(&ss->origins, g_hash_table_unref);
	sop_forget_groups(ss);
	g_slice_free(struct sop_sock, ss);
}

/* --- legs ------------------------------------------------------------------------------------- */

struct sop_leg *sop_leg_of(const struct sop_sock *ss, const struct sop_stack *st) {
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		if (leg->stack == st)
			return leg;
	return NULL;
}

struct sop_leg *sop_usable_leg(const struct sop_sock *ss, const struct sop_stack *st) {
	struct sop_leg *leg = st ? sop_leg_of(ss, st) : NULL;

	return leg && leg->inner && !leg->lost ? leg : NULL;
}

struct sop_leg *sop_add_leg(struct sop_sock *ss, struct sop_stack *st) {
	struct sop_leg *leg = g_slice_new0(struct sop_leg), **link = &ss->legs;

	leg->ss = ss;
	leg->stack = st;
	for (; *link; link = &(*link)->next)
		;
	*link = leg; /* stacks come in their order, late ones last */
	return leg;
}

int sop_open_legs(struct sop_sock *ss, const struct sop_stack *except) {
	ss->epoch = ss->sop->epoch;
	for (struct sop_stack *st = ss->sop->stacks; st; st = st->next) {
		int err;

		if (st == except || (!sop_is_inet(st) && st->gone))
			continue;
		err = leg_open(sop_add_leg(ss, st));
		if (err && sop_is_inet(st))
			return err;
		if (err)
			sop_count(ss, SOP_EV_partial_create);
	}
	return 0;
}

void sop_wake_callers(struct sop_sock *ss) { wake_up_all(sop_kernel(ss), &ss->callers); }
