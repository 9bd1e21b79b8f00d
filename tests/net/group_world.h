/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two stacks that take part in groups: what several test programs share. */
#ifndef GROUP_WORLD_H
#define GROUP_WORLD_H

#include "two_stacks.h"

#define GROUP 0xef010101U /* 239.1.1.1 */
#define OTHER 0xef010102U
#define ALIAS 0xef810101U /* has GROUP's Ethernet address */
enum { PORT = 6000 };

extern struct world *gw;

/* What A and B sent by IGMP; each packet's form is checked as it is noted. */
struct seen {
	sim_time when;
	int from;
	uint8_t type, ttl, dst_mac[6], options[4];
	uint32_t src, dst, group;
};
extern struct seen seen[64];
extern unsigned n_seen;
extern uint8_t last_dst[6]; /* where the last frame went */

void group_up(void);
void group_down(void);

/* ip_mreqn if `index` is given, else ip_mreq */
int group_option(struct net_sock *so, int name, uint32_t group, uint32_t addr, int index);
int join(struct net_sock *so, uint32_t group, uint32_t addr);
int leave(struct net_sock *so, uint32_t group, uint32_t addr);
int through(struct net_sock *so, uint32_t addr); /* IP_MULTICAST_IF */

/* Bound, with SO_REUSEADDR. */
struct net_sock *udp(int id, uint32_t addr, uint16_t port);
/* Its IP_MULTICAST_IF is the only interface. */
struct net_sock *sender(int id);
ssize_t send_to(struct net_sock *so, uint32_t addr, const char *text);
/* Sends and lets it arrive: how many of the sockets got it. */
unsigned told(struct net_sock *from, uint32_t addr, struct net_sock **to, unsigned n);
void drain(struct net_sock *so);

#endif
