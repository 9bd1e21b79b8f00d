/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Set-up requests as they travel to the card: the interface, route and ARP ioctls of the host, so
 * that the shadow on the host and the card's own stack are configured by the same code.
 */
#ifndef TOE_CONFIG_H
#define TOE_CONFIG_H

#include "host/dev/dev.h"

struct config_request {
	unsigned long cmd;
	union {
		struct ifreq ifr;
		struct rtentry rt;
		struct arpreq arp;
	} arg;
	char device[IFNAMSIZ]; /* a route's rt_dev, "" = none */
};

/* Fills in a request from an ioctl's argument; false if `cmd` is not one that a card is sent. */
bool config_request_init(struct config_request *request, unsigned long cmd, const void *arg);
/* Copies the answer of an ioctl that asks back into its argument. */
void config_request_answer(const struct config_request *request, void *arg);
/* Carries it out on a stack: 0 or a negative errno. */
int config_apply(struct net_stack *st, struct config_request *request);

#endif
