/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loading and unloading, cards that come and go, and what the module counts.
 */
#include "sop/sop.h"

#include "sop/target.h"

void sop_conf_default(struct sop_conf *conf) {
	*conf = (struct sop_conf){
		.accept = SOP_ACCEPT_PER_CALL,
		.receive = SOP_RECV_INTERVAL,
		.recv_interval = 10 * SIM_MS,
	};
}

/* --- cards that come and go ------------------------------------------------------------------- */

static int add_card(struct sop *sop, struct toedev *td) {
	struct sop_stack **link = &sop->stacks;
	unsigned n = 0;

	for (; *link; link = &(*link)->next)
		n++;
	if (n == SOP_STACKS_MAX)
		return -ENOSPC;
	*link = sop_stack_new(sop, td);
	(*link)->gone = td->dead;
	sop->epoch++;
	return 0;
}

static struct sop_stack *stack_of(const struct sop *sop, const struct toedev *td) {
	for (struct sop_stack *st = sop->stacks; st; st = st->next)
		if (st->td == td)
			return st;
	return NULL;
}

/* Inner sockets are dropped and made by tasks: here no processor may be running. */
static void stacks_changed(struct sop *sop, const struct sop_stack *lost) {
	for (struct sop_sock *ss = LIST_FIRST(&sop->socks, struct sop_sock, node); ss;
	     ss = LIST_NEXT(ss, struct sop_sock, node)) {
		struct sop_leg *leg = lost ? sop_leg_of(ss, lost) : NULL;

		if (leg && leg != ss->ps)
			leg->lost = true;
	}
	sop_follow(sop);
}

static void on_toedev(struct toedev_notifier *nb, struct toedev *td, enum toedev_event event) {
	struct sop *sop = nb->arg;
	struct sop_stack *st = stack_of(sop, td);

	switch (event) {
	case TOEDEV_ADDED:
		if (st || add_card(sop, td))
			return;
		sop->count[SOP_EV_cards_added]++;
		stacks_changed(sop, NULL);
		return;
	case TOEDEV_FAILED:
		if (!st || st->gone)
			return;
		sop->count[SOP_EV_cards_failed]++;
		break;
	case TOEDEV_REMOVED:
		if (!st)
			return;
		sop->epoch +=
			td->op.generation(td); /* sop_generation() must not come back to a sum */
		st->td = &sop->nobody;
		sop->count[SOP_EV_cards_removed]++;
		break;
	}
	st->gone = true;
	sop->epoch++;
	stacks_changed(sop, st);
}

/* --- the module ------------------------------------------------------------------------------- */

static void free_stacks(struct sop *sop) {
	for (struct sop_stack *st; (st = sop->stacks);) {
		sop->stacks = st->next;
		sop_stack_free(st);
	}
}

static int make_stacks(struct sop *sop) {
	int err = 0;

	free_stacks(sop); /* of an earlier load: they were kept for what they had counted */
	sop->stacks = sop_stack_new(sop, toedev_host(sop->kernel));
	for (struct toedev *td = toedev_first(sop->kernel); td && !err; td = td->next)
		err = add_card(sop, td);
	return err;
}

/* The window between the two calls is Linux's own: a socket() in it fails EAFNOSUPPORT. */
static int sop_init(struct kernel *k, void *arg) {
	struct sop *sop = arg;
	int err;

	sop->kernel = k;
	err = make_stacks(sop);
	if (err)
		return err;
	sop->inet = k->net_families[PF_INET];
	if (!sop->inet)
		return -EAFNOSUPPORT;
	err = sock_unregister(k, PF_INET);
	if (!err)
		err = sock_register(k, &sop_family_ops);
	if (err)
		return err;
	register_toedev_notifier(k, &sop->notifier);
	return 0;
}

static void sop_exit(struct kernel *k, void *arg) {
	struct sop *sop = arg;

	unregister_toedev_notifier(k, &sop->notifier);
	sock_unregister(k, PF_INET);
	if (sock_register(k, sop->inet))
		g_warning("sop: the INET family could not be put back");
}

struct module *sop_module_new(const struct sop_conf *conf) {
	struct sop *sop = g_new0(struct sop, 1);

	sop->conf = *conf;
	sop->module = g_new0(struct module, 1);
	*sop->module =
		(struct module){.name = "sop", .init = sop_init, .exit = sop_exit, .arg = sop};
	toedev_nobody(&sop->nobody);
	sop->notifier = (struct toedev_notifier){.fn = on_toedev, .arg = sop};
	return sop->module;
}

void sop_module_free(struct module *module) {
	struct sop *sop = module->arg;

	free_stacks(sop);
	g_free(sop);
	g_free(module);
}

/* --- counters --------------------------------------------------------------------------------- */

static const char *const op_names[] = {
#define X(name) "calls." #name,
	SOP_OPS(X)
#undef X
};

static const char *const pin_names[] = {
#define X(name) "pins." #name,
	SOP_PINS(X)
#undef X
};

static const char *const event_names[] = {
#define X(name) #name,
	SOP_EVENTS(X)
#undef X
};

bool sop_counter(const struct module *module, size_t i, const char **name, uint64_t *value) {
	const struct sop *sop = module->arg;

	if (i < SOP_OP_COUNT) {
		*name = op_names[i];
		*value = sop->op_count[i];
		return true;
	}
	i -= SOP_OP_COUNT;
	if (i < SOP_PIN_COUNT - 1) { /* SOP_PIN_NONE is not counted */
		*name = pin_names[i];
		*value = sop->pin_count[i + 1];
		return true;
	}
	i -= SOP_PIN_COUNT - 1;
	if (i < SOP_EV_COUNT) {
		*name = event_names[i];
		*value = sop->count[i];
		return true;
	}
	i -= SOP_EV_COUNT;
	for (const struct sop_stack *st = sop->stacks; st; st = st->next) {
		if (i < SOP_STACK_EV_COUNT) {
			*name = st->count_name[i];
			*value = st->count[i];
			return true;
		}
		i -= SOP_STACK_EV_COUNT;
	}
	return false;
}
