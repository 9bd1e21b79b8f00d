/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a machine tells by rtnetlink (NETLINK_ROUTE), after net/core/rtnetlink.c of Linux 2.4: the lists
 * of proc.h and the configuration that ifconfig shows, as messages.  Nothing is changed by it.
 */
#ifndef TOOLS_RTNETLINK_H
#define TOOLS_RTNETLINK_H

#include <linux/netlink.h>

#include "host/core/kernel.h"

/*
 * Answers a request, all of whose nlmsg_len bytes are there, of a socket of that port, by reply() for each
 * datagram, which is shorter than a page: RTM_GETLINK, also for one interface by
 * number or name (-ENODEV), and lists of RTM_GETADDR, RTM_GETROUTE and RTM_GETNEIGH, which are empty for
 * families but AF_INET.  Others are answered with -EOPNOTSUPP.  False: with that.
 */
bool rtnetlink_serve(struct kernel *k, const struct nlmsghdr *request, uint32_t port,
                     void (*reply)(void *arg, const void *datagram, size_t len), void *arg);

#endif
