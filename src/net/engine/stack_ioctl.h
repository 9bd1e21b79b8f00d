/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interfaces, routes and ARP entries of a stack as ifconfig, route and arp ask for them: the same
 * switch serves the host's stack, the shadow of a card and the card itself.
 */
#ifndef NET_STACK_IOCTL_H
#define NET_STACK_IOCTL_H

#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <stdbool.h>
#include <stdint.h>

struct net_stack;

/* SIOC[GS]IF{ADDR,NETMASK,BRDADDR,FLAGS,MTU,HWADDR,METRIC,INDEX}, SIOCGIFCONF, SIOCGIFNAME,
 * SIOCADDRT, SIOCDELRT, SIOC[SGD]ARP with the arguments and answers of Linux 2.4.  -EINVAL for
 * others, -EFAULT without an argument. */
int stack_ioctl(struct net_stack *st, unsigned long cmd, void *arg);
/* Does it set something of an interface? */
bool stack_ioctl_sets(unsigned long cmd);
/* Metric of the route that SIOCDELRT with this request would delete, -1 if it would find none. */
int64_t stack_route_metric(struct net_stack *st, const struct rtentry *rt);

#endif
