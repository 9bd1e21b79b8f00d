/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups: who is in which, and how datagrams to them leave. */
#include "random_world.h"

#include <net/route.h>
#include <sys/ioctl.h>

#include "host/socket/syscalls.h"

#define GROUPS 2
#define MOST 20 /* memberships of a socket */

uint32_t random_group(uint32_t n) { return 0xef010101 + n % GROUPS; }

/* An own address, nobody's, or none: the route decides. */
static uint32_t some_interface(uint32_t n) {
	switch (n % 8) {
	case 0:
		return INADDR_ANY;
	case 1:
		return 0x0a090909;
	default:
		return random_addr(random_net(n / 8));
	}
}

static int membership(struct task *me, int fd, int name, uint32_t group, uint32_t addr) {
	struct ip_mreq mreq = {{g_htonl(group)}, {g_htonl(addr)}};

	return sys_setsockopt(me, fd, IPPROTO_IP, name, &mreq, sizeof mreq);
}

/* More than a socket may join (sysctl_igmp_max_memberships of 2.4): groups that nobody sends to. */
static int join_many(struct task *me, int fd, uint32_t addr) {
	int err = 0;

	for (uint32_t i = 0; i <= MOST && !err; i++)
		err = membership(me, fd, IP_ADD_MEMBERSHIP, random_group(0) + 0x100 + i, addr);
	return err;
}

/* Now and then an address that is no group. */
long random_join(struct task *me, int fd, const struct random_op *op) {
	uint32_t addr = some_interface(op->b);

	if (op->c / 16 % 32 == 0)
		return join_many(me, fd, addr);
	return membership(me, fd, IP_ADD_MEMBERSHIP,
	                  op->c % 16 ? random_group(op->c / 16) : 0x0a000001, addr);
}

/* One that it is in, if it is in any. */
long random_leave(struct task *me, int fd, const struct random_op *op) {
	int err = -EADDRNOTAVAIL;

	for (uint32_t i = 0; i < GROUPS * (NETS + 1) && err == -EADDRNOTAVAIL; i++) {
		unsigned net = (op->b + i) % (NETS + 1);

		err = membership(me, fd, IP_DROP_MEMBERSHIP, random_group(op->c + i / (NETS + 1)),
		                 net < NETS ? random_addr(net) : INADDR_ANY);
	}
	return err;
}

/* A receiver that is in a group on each stack that answers. */
long random_member(struct task *me, struct actor *a, const struct random_op *op) {
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0), err, on = 1;
	uint32_t group = random_group(op->b);
	struct sockaddr_in sin =
		at(op->b / GROUPS % 4 ? INADDR_ANY : group, (uint16_t)(80 + op->c % PORTS));

	random_put(me, a, op->a, fd);
	if (fd < 0)
		return fd;
	sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	err = sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin);
	for (unsigned net = 0; net < NETS && !err; net++)
		if (op->c / PORTS >> net & 1) {
			long joined =
				membership(me, fd, IP_ADD_MEMBERSHIP, group, random_addr(net));

			random_note((uint64_t)joined);
			if (!random_is_known(RANDOM_join, SOCK_DGRAM, joined))
				return joined;
		}
	return err;
}

long random_mcast(struct task *me, int fd, const struct random_op *op) {
	int value, len = sizeof value, name, err;

	switch (op->b % 4) {
	case 0:
		name = IP_MULTICAST_TTL;
		value = (int)(op->c % 4) - 1;
		break;
	case 1:
		name = IP_MULTICAST_LOOP;
		value = op->c % 3 != 0;
		break;
	default:
		name = IP_MULTICAST_IF;
		value = (int)g_htonl(some_interface(op->c));
		break;
	}
	err = sys_setsockopt(me, fd, IPPROTO_IP, name, &value, sizeof value);
	if (sys_getsockopt(me, fd, IPPROTO_IP, name, &value, &len) == 0)
		random_note((uint64_t)(uint32_t)value);
	return err;
}

/* The way to all groups, where no address decides: there is none at first. */
long random_groute(struct task *me, int fd, const struct random_op *op) {
	struct sockaddr_in groups = at(0xe0000000, 0), mask = at(0xf0000000, 0);
	unsigned net = random_net(op->b);
	char dev[16] = "eth0";
	struct rtentry rt = {.rt_flags = RTF_UP, .rt_dev = dev};

	if (net)
		snprintf(dev, sizeof dev, "toe%u", net - 1);
	memcpy(&rt.rt_dst, &groups, sizeof groups);
	memcpy(&rt.rt_genmask, &mask, sizeof mask);
	return sys_ioctl(me, fd, op->c % 3 ? SIOCADDRT : SIOCDELRT, &rt);
}
