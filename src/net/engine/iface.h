/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stack's interfaces, for its owner: which are there, how are they configured, what passed them,
 * and which groups do they take part in?  Addresses are in host byte order.
 */
#ifndef NET_IFACE_H
#define NET_IFACE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/engine/frame.h"

struct net_stack;
struct net_if;

#define NET_IF_NAME 16

/* Adds an interface, down and without address; `mtu` 68..9000.  A loop-back interface "lo" with
 * 127.0.0.1/8 always exists; packets to any of the stack's own addresses stay inside. */
struct net_if *net_if_add(struct net_stack *st, const char *name, const uint8_t mac[6],
                          uint16_t mtu, void *user);
/* For tests, as no scenario pulls an interface yet: takes it out and frees it: its routes, ARP entries and SO_BINDTODEVICE bindings go with
 * it, datagrams that came through it stay readable.  Sockets with its address stay too, and find no
 * route.  The loop-back interface cannot be removed: -EINVAL. */
int net_if_remove(struct net_if *ifp);
void *net_if_user(const struct net_if *ifp);
const char *net_if_name(const struct net_if *ifp);
/* Its number: lo is 1 and the others follow as they were added, unless the owner says otherwise,
 * whose machine has interfaces of more than one stack. */
uint32_t net_if_index(const struct net_if *ifp);
void net_if_set_index(struct net_if *ifp, uint32_t index);
struct net_if *net_if_find(const struct net_stack *st, const char *name);
struct net_if *net_if_by_index(const struct net_stack *st, uint32_t index);       /* NULL: none */
struct net_if *net_if_next(const struct net_stack *st, const struct net_if *ifp); /* NULL: first */

/* The largest MTU that it may have: 9,000, which 2.4's gigabit drivers allow (acenic, tg3; e1000 even
 * more); the loop-back interface 16,436. */
uint16_t net_if_mtu_max(const struct net_if *ifp);

struct net_if_config {
	uint32_t addr, netmask, broadcast; /* 0: none */
	uint16_t mtu;
	bool up;
	uint8_t mac[6];
	bool promisc, allmulti; /* the controller takes all frames; those to all groups */
};
void net_if_get(const struct net_if *ifp, struct net_if_config *conf);
/* Applies a configuration.  With a new address, mask or broadcast address, and when the interface
 * goes up or down, all routes by it go and the connected one comes (back), if it is up.  -EINVAL for
 * a mask with holes or an MTU outside 68..net_if_mtu_max(). */
int net_if_set(struct net_if *ifp, const struct net_if_config *conf);
/* Address, mask, the usual broadcast address, and up; and a default route unless `gateway` is 0. */
int net_if_configure(struct net_if *ifp, uint32_t addr, uint32_t mask, uint32_t gateway);

/* What passed an interface since it was added: frames, with their Ethernet headers in the bytes; of
 * the loop-back, which has none, packets. */
struct net_if_counters {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
	/* None of these went further: to other stations (not to groups); longer than it takes. */
	uint64_t rx_others, rx_too_long;
};
void net_if_count(const struct net_if *ifp, struct net_if_counters *count);
/* The controller's filter left a frame on the wire: its owner tells. */
void net_if_left(struct net_if *ifp, const struct frame *frame);
/* Whether the controller takes a frame of this length: 1,514 bytes whatever the MTU, or a larger
 * MTU's.  Counts those that it does not; their owner drops them. */
bool net_if_takes(struct net_if *ifp, const struct frame *frame);

/* A group that an interface takes part in, 224.0.0.1 among them while it is up.  Newest first; NULL:
 * the first, the end. */
struct net_group {
	uint32_t addr;
	unsigned users; /* memberships of sockets */
};
const struct net_group *net_group_next(const struct net_if *ifp, const struct net_group *group);
/* Number of the interface that IP_ADD_MEMBERSHIP would join on now (ip_mc_find_dev()), 0: none. */
uint32_t net_group_device(const struct net_stack *st, const struct ip_mreqn *mreq);

#endif
