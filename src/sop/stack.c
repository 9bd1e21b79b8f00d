/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of stacks, and what is asked of all of them.
 */
#include "sop/stack.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>

struct sop_stack *sop_stack_new(struct sop *sop, struct toedev *td) {
	static const char *const events[] = {
#define X(name) #name,
		SOP_STACK_EVENTS(X)
#undef X
	};
	struct sop_stack *st = g_new0(struct sop_stack, 1);

	g_strlcpy(st->name, td->name, sizeof st->name);
	st->sop = sop;
	st->td = td;
	for (unsigned i = 0; i < SOP_STACK_EV_COUNT; i++)
		st->count_name[i] = g_strdup_printf("%s.%s", td->name, events[i]);
	return st;
}

int sop_stack_socket(struct sop_stack *st, struct socket *inner, int protocol) {
	return st->gone ? -ENETDOWN : SOP_ASK(st, create, inner, protocol);
}

void sop_stack_free(struct sop_stack *st) {
	for (unsigned i = 0; i < SOP_STACK_EV_COUNT; i++)
		g_free(st->count_name[i]);
	g_free(st);
}

/* A removed card has nothing; a failed one is still asked what belongs to it, so that its address
 * does not become somebody else's. */
uint32_t sop_generation(const struct sop *sop) {
	uint32_t sum = sop->epoch;

	for (struct sop_stack *st = sop->stacks; st; st = st->next)
		sum += st->td->op.generation(st->td);
	return sum;
}

struct sop_stack *sop_owner(const struct sop *sop, uint32_t addr) {
	for (struct sop_stack *st = sop->stacks; st; st = st->next)
		if (SOP_ASK(st, owns_addr, addr))
			return st;
	return NULL;
}

struct sop_stack *sop_neighbour(const struct sop *sop, uint32_t addr) {
	for (struct sop_stack *st = sop->stacks; st; st = st->next)
		if (SOP_ASK(st, on_link, addr))
			return st;
	return NULL;
}

struct sop_stack *sop_device(const struct sop *sop, const char *name) {
	for (struct sop_stack *st = sop->stacks; st; st = st->next)
		if (SOP_ASK(st, has_device, name))
			return st;
	return NULL;
}

/* Interfaces are numbered throughout the machine: only one stack has it. */
struct sop_stack *sop_device_by_index(const struct sop *sop, uint32_t index) {
	struct ifreq ifr = {.ifr_ifindex = (int)index};

	for (struct sop_stack *st = sop->stacks; st; st = st->next)
		if (!SOP_ASK(st, ioctl, SIOCGIFNAME, &ifr))
			return st;
	return NULL;
}

struct sop_stack *sop_route_holder(const struct sop *sop, const struct rtentry *rt) {
	struct sop_stack *holder = NULL;
	int64_t least = G_MAXINT64;

	for (struct sop_stack *st = sop->stacks; st; st = st->next) {
		int64_t metric = SOP_ASK(st, route_metric, rt);

		if (metric >= 0 && metric < least) {
			least = metric;
			holder = st;
		}
	}
	return holder;
}

struct sop_stack *sop_broadcaster(const struct sop *sop, uint32_t addr) {
	for (struct sop_stack *st = sop->stacks; st; st = st->next)
		if (SOP_ASK(st, is_broadcast, addr))
			return st;
	return NULL;
}
