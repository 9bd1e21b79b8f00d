/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which groups are sockets in, and what is told to routers?  Internal to the engine.
 */
#ifndef NET_MCAST_H
#define NET_MCAST_H

#include "net/engine/sock.h"

struct if_group;
struct net_timer;

/* mcast.c */
int mcast_setopt(struct user_sock *us, int name, const void *value, socklen_t len);
int mcast_set_number(struct user_sock *us, int name, int value); /* IP_MULTICAST_TTL, _LOOP */
int mcast_get_number(const struct user_sock *us, int name);
uint32_t mcast_source(const struct user_sock *us); /* of IP_MULTICAST_IF, 0: none */
/* The interface that a socket's datagrams to a group go through if no route is to be asked. */
const struct net_if *mcast_device(const struct user_sock *us);
void mcast_close(struct user_sock *us); /* leaves all groups */
void mcast_forget_interface(struct user_sock *us, const struct net_if *ifp);

/* igmp.c */
void igmp_joined(struct if_group *g);
void igmp_left(struct if_group *g); /* tells routers, if we are who reported it */
void igmp_stop(struct if_group *g);
void igmp_fire(struct net_stack *st, struct net_timer *t);

#endif
