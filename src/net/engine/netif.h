/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is an interface to the engine: its state, the groups on it, and the way out?  Internal to the
 * engine.
 */
#ifndef NET_NETIF_H
#define NET_NETIF_H

#include "net/engine/iface.h"
#include "net/engine/stack.h"
#include "net/engine/timer.h"

struct net_if {
	struct net_if *next;
	struct net_stack *st;
	void *user;
	char name[NET_IF_NAME];
	uint32_t index, addr, netmask, broadcast;
	uint16_t mtu;
	bool up, loopback, promisc, allmulti;
	uint8_t mac[6];
	struct net_if_counters count;
	struct if_group *groups;
	sim_time v1_until; /* a router that knows IGMPv1 only was heard: it is present until then */
};

/* A group that an interface takes part in (in_device.mc_list of 2.4). */
struct if_group {
	struct net_group g; /* first: net_group_next() casts back */
	struct if_group *next;
	struct net_if *ifp;
	struct net_timer timer; /* of the next report */
	uint8_t unsolicited;    /* reports to repeat after it */
	bool reporter;          /* the last report on this net was ours */
};

/* Hands a frame to the owner; false if his queue did not take it. */
bool iface_output(struct net_if *ifp, struct frame *f, enum net_kind kind, size_t payload);

/* iface.c */
bool is_broadcast(const struct net_stack *st, uint32_t addr);
bool is_loopback(uint32_t addr);
struct net_if *net_if_by_addr(const struct net_stack *st, uint32_t addr); /* NULL: not ours */

/* mcast.c: groups of an interface */
bool if_has_group(const struct net_if *ifp, uint32_t group);
void if_groups_up(struct net_if *ifp);
void if_groups_down(struct net_if *ifp);
void if_groups_free(struct net_if *ifp);
void if_filter_changed(struct net_if *ifp);

#endif
