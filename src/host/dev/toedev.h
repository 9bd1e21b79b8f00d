/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stacks as the kernel knows them: the registry between the drivers of TOE cards of any kind and
 * whoever uses them (the AF_TOE family, SOP).
 *
 * A driver registers a `struct toedev`.  Users open *inner sockets* on it: a struct socket whose
 * ops are the driver's proto_ops.  What a card needs configured (addresses, routes) the driver
 * keeps as a shadow on the host, so that questions about it cost no command.  The host's own INET
 * registers in the same way, as stack 0, so that to a layer above INET and each card look alike.
 *
 * A driver names the operations that it has.  The others get a harmless default at registration: a
 * stack that has nothing, knows nothing and takes no socket.  So nobody who calls one tests for
 * NULL.
 */
#ifndef HOST_TOEDEV_H
#define HOST_TOEDEV_H

#include <net/route.h>
#include <netinet/in.h>

#include "host/core/kernel.h"

struct socket;
struct toedev;

struct toedev_ops {
	/* Makes `sock` (from sock_alloc_inner) a socket of this card: sets ops and sk and sends the
	 * initialise command, without waiting for its answer unless the driver is set so. -ENOBUFS,
	 * -ENETDOWN (card dead), -EPROTONOSUPPORT (default). */
	int (*create)(struct toedev *td, struct socket *sock, int protocol);
	/* accept() can put a connection into a socket that create() made. */
	bool accepts_into_made;
	/* Is `addr` (host byte order) one of the card's own?  Also when the card is down. */
	bool (*owns_addr)(struct toedev *td, uint32_t addr);
	/* Length of the longest prefix of the card's routes that holds `dst` (0: the default
	 * route), -1 if there is none.  Interfaces that are down have no routes. */
	int (*route)(struct toedev *td, uint32_t dst);
	/* Is `addr` the broadcast address of one of its nets, or inside one of its connected nets?
	 */
	bool (*is_broadcast)(struct toedev *td, uint32_t addr);
	bool (*on_link)(struct toedev *td, uint32_t addr);
	/* Does it have the interface of that name?  Default: its own. */
	bool (*has_device)(struct toedev *td, const char *name);
	/* Interface, route and ARP ioctls on the card's own configuration (stack_ioctl() on the
	 * shadow, then the command to the card). */
	int (*ioctl)(struct toedev *td, unsigned long cmd, void *arg);
	/* Metric of the route that SIOCDELRT with this request would delete, -1 if there is none.
	 */
	int64_t (*route_metric)(struct toedev *td, const struct rtentry *rt);
	/* Counts changes of addresses, routes and state. */
	uint32_t (*generation)(struct toedev *td);
	/* Number of the interface that a request about a group means now, 0: none.  Default: that
	 * which ioctl(SIOCGIFINDEX) gives for its name. */
	uint32_t (*group_device)(struct toedev *td, const struct ip_mreqn *request);
	/* The card's own stack, for lists of what it holds (routes, ARP, sockets); NULL: it cannot
	 * be looked into. */
	struct net_stack *(*stack)(struct toedev *td);
};

struct toedev {
	char name[16];                /* of its interface: "toe0" */
	const struct toedev_ops *ops; /* of the driver; NULL, or a slot: it has none */
	struct toedev_ops op;         /* to call: the same, with defaults */
	bool dead;                    /* failed or removed; stays registered until unregister */
	void *priv;
	struct toedev *next; /* the registry's: in order of registration */
	struct kernel *kernel;
};

/* What a listener hears. */
enum toedev_event { TOEDEV_ADDED, TOEDEV_FAILED, TOEDEV_REMOVED };
struct toedev_notifier {
	void (*fn)(struct toedev_notifier *nb, struct toedev *td, enum toedev_event event);
	void *arg;
	struct toedev_notifier *next;
};

int register_toedev(struct kernel *k, struct toedev *td); /* -EEXIST: name taken */
void unregister_toedev(struct toedev *td);                /* tells REMOVED first */
/* The driver reports that the card does not answer any more: tells FAILED once. */
void toedev_failed(struct toedev *td);
struct toedev *toedev_find(const struct kernel *k, const char *name);
struct toedev *toedev_first(const struct kernel *k); /* of the cards */
/* The host's own stack registers before anybody asks for it, and stays. */
void register_toedev_host(struct kernel *k, struct toedev *td);
struct toedev *toedev_host(const struct kernel *k);
/* A stack that has nothing, for one that is gone. */
void toedev_nobody(struct toedev *td);

void register_toedev_notifier(struct kernel *k, struct toedev_notifier *nb);
void unregister_toedev_notifier(struct kernel *k, struct toedev_notifier *nb);

/* Boot and end (host/boot). */
void toedev_init(struct kernel *k);
void toedev_exit(struct kernel *k);

#endif
