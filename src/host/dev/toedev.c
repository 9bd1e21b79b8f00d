/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which stacks does this machine have?  The registry, and the defaults that stand in for what a
 * driver leaves out.
 */
#include "host/dev/toedev.h"

#include <errno.h>
#include <glib.h>
#include <linux/sockios.h>
#include <string.h>

#include "host/dev/dev.h"

struct toedevs {
	struct toedev *host; /* stack 0 */
	struct toedev *first;
	struct toedev_notifier *listeners; /* in order of registration */
};

/* --- defaults --------------------------------------------------------------------------------- */

static int no_socket(struct toedev *td, struct socket *sock, int protocol) {
	(void)td, (void)sock, (void)protocol;
	return -EPROTONOSUPPORT;
}

static bool no_addr(struct toedev *td, uint32_t addr) {
	(void)td, (void)addr;
	return false;
}

static int no_route(struct toedev *td, uint32_t dst) {
	(void)td, (void)dst;
	return -1;
}

static bool own_name(struct toedev *td, const char *name) {
	return *td->name && !strcmp(td->name, name);
}

static int no_ioctl(struct toedev *td, unsigned long cmd, void *arg) {
	(void)td, (void)cmd, (void)arg;
	return -EINVAL;
}

static int64_t no_metric(struct toedev *td, const struct rtentry *rt) {
	(void)td, (void)rt;
	return -1;
}

static uint32_t no_change(struct toedev *td) {
	(void)td;
	return 0;
}

static uint32_t own_index(struct toedev *td, const struct ip_mreqn *request) {
	struct ifreq ifr = {0};

	(void)request;
	g_strlcpy(ifr.ifr_name, td->name, sizeof ifr.ifr_name);
	return td->op.ioctl(td, SIOCGIFINDEX, &ifr) ? 0 : (uint32_t)ifr.ifr_ifindex;
}

static struct net_stack *no_stack(struct toedev *td) {
	(void)td;
	return NULL;
}

static const struct toedev_ops defaults = {
	.create = no_socket,
	.owns_addr = no_addr,
	.route = no_route,
	.is_broadcast = no_addr,
	.on_link = no_addr,
	.has_device = own_name,
	.ioctl = no_ioctl,
	.route_metric = no_metric,
	.generation = no_change,
	.group_device = own_index,
	.stack = no_stack,
};

static void fill(struct toedev *td) {
	struct toedev_ops op = td->ops ? *td->ops : defaults;

#define SLOT(name) op.name = op.name ? op.name : defaults.name
	SLOT(create);
	SLOT(owns_addr);
	SLOT(route);
	SLOT(is_broadcast);
	SLOT(on_link);
	SLOT(has_device);
	SLOT(ioctl);
	SLOT(route_metric);
	SLOT(generation);
	SLOT(group_device);
	SLOT(stack);
#undef SLOT
	td->op = op;
}

void toedev_nobody(struct toedev *td) { *td = (struct toedev){.op = defaults, .dead = true}; }

/* --- the registry ----------------------------------------------------------------------------- */

void toedev_init(struct kernel *k) { k->toedevs = g_new0(struct toedevs, 1); }

void toedev_exit(struct kernel *k) { g_clear_pointer(&k->toedevs, g_free); }

/* A listener may take itself off the list while it is told. */
static void notify(struct toedev *td, enum toedev_event event) {
	struct toedev_notifier *next;

	for (struct toedev_notifier *nb = td->kernel->toedevs->listeners; nb; nb = next) {
		next = nb->next;
		nb->fn(nb, td, event);
	}
}

struct toedev *toedev_first(const struct kernel *k) { return k->toedevs->first; }

struct toedev *toedev_host(const struct kernel *k) { return k->toedevs->host; }

void register_toedev_host(struct kernel *k, struct toedev *td) {
	td->kernel = k;
	fill(td);
	k->toedevs->host = td;
}

struct toedev *toedev_find(const struct kernel *k, const char *name) {
	for (struct toedev *td = k->toedevs->first; td; td = td->next)
		if (!strcmp(td->name, name))
			return td;
	return NULL;
}

/* Interfaces of the host and of cards share one name space: SIOCGIFCONF shows both. */
int register_toedev(struct kernel *k, struct toedev *td) {
	struct toedev **link = &k->toedevs->first;

	if (toedev_find(k, td->name) || dev_get(k, td->name))
		return -EEXIST;
	while (*link)
		link = &(*link)->next;
	td->kernel = k;
	td->next = NULL;
	fill(td);
	*link = td;
	notify(td, TOEDEV_ADDED);
	return 0;
}

void unregister_toedev(struct toedev *td) {
	notify(td, TOEDEV_REMOVED);
	for (struct toedev **link = &td->kernel->toedevs->first; *link; link = &(*link)->next)
		if (*link == td) {
			*link = td->next;
			td->next = NULL;
			return;
		}
}

void toedev_failed(struct toedev *td) {
	if (td->dead)
		return;
	td->dead = true;
	notify(td, TOEDEV_FAILED);
}

void register_toedev_notifier(struct kernel *k, struct toedev_notifier *nb) {
	struct toedev_notifier **link = &k->toedevs->listeners;

	while (*link)
		link = &(*link)->next;
	nb->next = NULL;
	*link = nb;
}

void unregister_toedev_notifier(struct kernel *k, struct toedev_notifier *nb) {
	for (struct toedev_notifier **link = &k->toedevs->listeners; *link; link = &(*link)->next)
		if (*link == nb) {
			*link = nb->next;
			return;
		}
}
