/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a machine shows under /proc: lists for which Linux has no ioctl, and that net-tools read
 * from files (/proc/net/dev, route, arp, tcp, udp, raw), as functions.  Reading takes no simulated
 * time: the tools charge for their ioctls alone.
 *
 * Devices, routes and ARP entries of cards are listed while SOP is loaded, which makes them part
 * of the machine's one name space; sockets on cards always, since programs of the family AF_TOE
 * have some without SOP.
 */
#ifndef APPS_PROC_H
#define APPS_PROC_H

#include "host/kernel.h"

/* /proc/net/dev: all interfaces, lo first, also those that are down or without address. */
struct proc_device {
	const char *name;
	bool counted; /* there are counters: the host's own interfaces */
	uint64_t rx_packets, rx_bytes, rx_dropped, tx_packets, tx_bytes, tx_dropped;
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

/* SOP's own list: a row for each socket of a program. */
struct proc_sop {
	int type;
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	const char *stack, *why; /* in charge, or "any"; what decided: "bind" ..., "" */
	const char *legs;        /* stacks where it has an inner socket: "inet toe0" */
};
void proc_sop(struct kernel *k, void (*fn)(void *arg, const struct proc_sop *row), void *arg);

#endif
