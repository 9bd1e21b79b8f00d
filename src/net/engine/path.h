/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which way does a packet go, and how large may it be there?  Internal to the engine.
 */
#ifndef NET_PATH_H
#define NET_PATH_H

#include "net/engine/route.h"

struct arp_entry;

struct route {
	struct net_route rt; /* first: net_route_next() casts back */
	struct route *next;
};

/* A resolved way to a destination, kept by whoever sends there often; valid while `generation` is
 * the stack's. */
struct path {
	uint32_t generation;
	uint32_t nexthop;
	struct net_if *ifp;
	struct arp_entry *arp;
};

/* route.c */
void route_connected(struct net_if *ifp, uint32_t addr, uint32_t mask);
void routes_drop(const struct net_if *ifp); /* all that lead through it */
void paths_changed(struct net_stack *st);
const struct net_route *route_find(const struct net_stack *st, uint32_t dst,
                                   const struct net_if *only);

/* ip.c */
/* Fills in `path` for dst from src (0: not chosen yet) by `only` (NULL: any interface), reusing it
 * when it is still valid: 0, -ENETUNREACH, -EINVAL when no interface has the source any more, or no
 * packet from there may go to dst.  With a source or an interface, limited broadcasts and groups
 * need no route, and with an interface nothing does. */
int path_find(struct net_stack *st, struct path *path, uint32_t dst, uint32_t src,
              const struct net_if *only);
/* 0.0.0.0 as a destination is this machine: the sender's own address, if it has one. */
uint32_t path_destination(uint32_t dst, uint32_t src, const struct net_if *only);
/* What a layer above says when nothing comes back this way (RFC 1122 3.3.1.4): the route is looked up
 * again, and the next hop's hardware address asked for while the known one stays in use. */
void path_doubt(struct net_stack *st, struct path *path);
/* The address that packets on this path are sent from. */
uint32_t path_source(const struct path *path, uint32_t dst);
/* Largest IP packet for dst on this path: the interface's or what ICMP reported. */
uint16_t path_mtu(struct net_stack *st, const struct path *path, uint32_t dst);
void pmtu_learn(struct net_stack *st, uint32_t dst, uint16_t mtu);

#endif
