/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/dev/toedev.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "host/dev/dev.h"

struct toedevs {
	struct toedev *first;
	struct toedev_notifier *listeners; /* in order of registration */
};

void toedev_init(struct kernel *k) {
	k->toedevs = g_new0(struct toedevs, 1);
}

void toedev_exit(struct kernel *k) {
	g_clear_pointer(&k->toedevs, g_free);
}

/* A listener may take itself off the list while it is told. */
static void notify(struct toedev *td, enum toedev_event event) {
	struct toedev_notifier *next;

	for (struct toedev_notifier *nb = td->kernel->toedevs->listeners; nb; nb = next) {
		next = nb->next;
		nb->fn(nb, td, event);
	}
}

struct toedev *toedev_first(const struct kernel *k) { return k->toedevs->first; }

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
