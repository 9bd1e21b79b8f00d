/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a machine shows under /proc: lists for which Linux has no ioctl, and that net-tools read
 * from files (/proc/net/dev, route, arp, igmp, tcp, udp, raw), as functions.  Reading takes no simulated
 * time: the tools charge for their ioctls alone.
 *
 * Devices, routes, ARP entries and groups of cards are listed while SOP is loaded, which makes them part
 * of the machine's one name space; sockets on cards always, since programs of the family AF_TOE
 * have some without SOP.
 */
#ifndef TOOLS_PROC_H
#define TOOLS_PROC_H

#include <glib.h>

#include "host/core/kernel.h"
#include "net/engine/iface.h"
#include "net/engine/stack.h"

/* /proc/net/dev: all interfaces, lo first, also those that are down or without address; `rx_errors`
 * are frames that were too long.  A NIC's
 * counters are its driver's; lo's and a card's those of the stack whose interface it is. */
struct proc_device {
	char name[NET_IF_NAME];
	unsigned tx_queue; /* frames that wait for a full ring, at most; lo has no queue: 0 */
	uint64_t rx_packets, rx_bytes, rx_errors, rx_dropped, tx_packets, tx_bytes, tx_dropped;
};
void proc_devices(struct kernel *k, void (*fn)(void *arg, const struct proc_device *dev),
                  void *arg);

/* /proc/net/route.  Addresses in host byte order. */
struct proc_route {
	uint32_t dst, mask, gateway, metric;
	const char *device;
};
void proc_routes(struct kernel *k, void (*fn)(void *arg, const struct proc_route *route),
                 void *arg);

/* /proc/net/arp, by stack and address. */
struct proc_arp {
	uint32_t addr;
	uint8_t mac[6];
	bool complete, permanent;
	const char *device;
};
void proc_arp(struct kernel *k, void (*fn)(void *arg, const struct proc_arp *entry), void *arg);

/* /proc/net/igmp: the groups of each interface. */
struct proc_group {
	uint32_t addr;
	unsigned users;
	const char *device;
};
void proc_groups(struct kernel *k, void (*fn)(void *arg, const struct proc_group *group),
                 void *arg);

/* /proc/net/snmp: sums over the host's stack and those of the cards. */
void proc_snmp(struct kernel *k, struct net_counters *sum);

/* /proc/net/tcp, udp, raw. */
struct proc_socket {
	const char *stack; /* "inet" or a card's name */
	int type, state;   /* SOCK_STREAM ...; TCP_ESTABLISHED ... */
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	int recv_q, send_q;
};
void proc_sockets(struct kernel *k, void (*fn)(void *arg, const struct proc_socket *sock),
                  void *arg);

/* The sockets that programs hold open, as /proc/PID/fd tells: rows in order of pids.  To be freed. */
struct proc_owner {
	pid_t pid;
	const char *name;
	int type;
	uint32_t laddr, faddr;
	uint16_t lport, fport;
};
GArray *proc_owners(struct kernel *k);
/* The first who holds `sock`; NULL: nobody, as of a connection that outlives its program. */
const struct proc_owner *proc_owner_of(const GArray *owners, const struct proc_socket *sock);

/* SOP's own list: a row for each socket of a program. */
struct proc_sop {
	int type;
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	const char *stack, *why; /* in charge, or "any"; what decided: "bind" ..., "" */
	const char *legs;        /* stacks where it has an inner socket: "inet toe0" */
};
void proc_sop(struct kernel *k, void (*fn)(void *arg, const struct proc_sop *row), void *arg);

/* The text of /proc/net/NAME (dev, route, arp, tcp, udp, raw), to be freed; NULL: there is none. */
char *proc_net_file(struct kernel *k, const char *name);

#endif
