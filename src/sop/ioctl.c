/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ioctl(): command and argument say which stack serves.  So the ordinary tools (ifconfig, route,
 * arp) see the NICs and the cards as interfaces of one machine.
 */
#include "sop/ops.h"

#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>

/* --- the socket's own ------------------------------------------------------------------------- */

/* What the next receive would get: from the first stack in turn that has something. */
static int readable(const struct sop_set *set, int *bytes) {
	int err = 0;

	*bytes = 0;
	for (unsigned i = 0; i < set->n && !*bytes && !err; i++)
		err = leg_ioctl(set->leg[i], SIOCINQ, bytes);
	return err;
}

static int unsent(const struct sop_set *set, int *bytes) {
	int sum = 0, one, err = 0;

	for (unsigned i = 0; i < set->n && !err; i++) {
		one = 0;
		err = leg_ioctl(set->leg[i], SIOCOUTQ, &one);
		sum += one;
	}
	*bytes = sum;
	return err;
}

static int stream_ioctl(struct sop_sock *ss, const struct sop_set *set, unsigned long cmd,
                        void *arg) {
	if (ss->listening && cmd != SIOCATMARK)
		return -EINVAL;
	return set->n ? leg_ioctl(set->leg[0], cmd, arg) : -ENETDOWN;
}

static int socket_ioctl(struct sop_sock *ss, const struct sop_set *set, unsigned long cmd,
                        void *arg) {
	struct sop_leg *leg = ss->ps ? ss->ps : ss->stamped;

	if (cmd == SIOCGSTAMP)
		return leg ? leg_ioctl(leg, cmd, arg) : -ENOENT;
	if (ss->sk.type == SOCK_STREAM || ss->ps || cmd == SIOCATMARK)
		return stream_ioctl(ss, set, cmd, arg);
	return cmd == SIOCINQ ? readable(set, arg) : unsent(set, arg);
}

/* --- the machine's ---------------------------------------------------------------------------- */

static bool may_configure(struct sop *sop) {
	const struct task *task = current_task(sop->kernel);

	return !task || capable(task);
}

/* INET checks its own callers; a card does not know who asks. */
static int stack_set(struct sop_stack *st, unsigned long cmd, void *arg, bool changes) {
	if (changes && !sop_is_inet(st) && !may_configure(st->sop))
		return -EPERM;
	return SOP_ASK(st, ioctl, cmd, arg);
}

/* A card may have got what it needs to take another's place. */
static int card_set(struct sop_stack *st, unsigned long cmd, void *arg) {
	int err = stack_set(st, cmd, arg, true);

	if (!err && !sop_is_inet(st))
		sop_follow(st->sop);
	return err;
}

/* The union of all, one name space; also when only the length is asked for. */
static int if_list(struct sop *sop, struct ifconf *conf) {
	struct ifconf part;
	int used = 0, err;

	for (struct sop_stack *st = sop->stacks; st; st = st->next) {
		if (st->gone)
			continue;
		part = *conf;
		part.ifc_len = conf->ifc_buf ? conf->ifc_len - used : 0;
		if (conf->ifc_buf)
			part.ifc_buf = conf->ifc_buf + used;
		err = SOP_ASK(st, ioctl, SIOCGIFCONF, &part);
		if (err)
			return err;
		used += part.ifc_len;
	}
	conf->ifc_len = used;
	return 0;
}

static int if_name(struct sop *sop, struct ifreq *ifr) {
	struct sop_stack *st = sop_device_by_index(sop, (uint32_t)ifr->ifr_ifindex);

	return st ? SOP_ASK(st, ioctl, SIOCGIFNAME, ifr) : -ENODEV;
}

/* An alias "toe0:1" is its interface's. */
static struct sop_stack *device_stack(struct sop *sop, const char *dev) {
	char name[IFNAMSIZ + 1] = "";
	struct sop_stack *st;

	memcpy(name, dev, strnlen(dev, IFNAMSIZ));
	name[strcspn(name, ":")] = '\0';
	st = sop_device(sop, name);
	return st ? st : sop->stacks; /* INET says ENODEV */
}

static uint32_t sockaddr_ip(const struct sockaddr *addr) {
	struct sockaddr_in sin;

	memcpy(&sin, addr, sizeof sin);
	return g_ntohl(sin.sin_addr.s_addr);
}

static struct sop_stack *neighbour_stack(struct sop *sop, const struct sockaddr *addr) {
	struct sop_stack *st = sop_neighbour(sop, sockaddr_ip(addr));

	return st ? st : sop->stacks;
}

/* A route that goes need say neither device nor gateway: whoever has it. */
static struct sop_stack *route_stack(struct sop *sop, unsigned long cmd, const struct rtentry *rt) {
	struct sop_stack *st;

	if (rt->rt_dev)
		return device_stack(sop, rt->rt_dev);
	if (cmd == SIOCDELRT) {
		st = sop_route_holder(sop, rt);
		return st ? st : sop->stacks; /* INET says ESRCH */
	}
	return neighbour_stack(sop, rt->rt_flags & RTF_GATEWAY ? &rt->rt_gateway : &rt->rt_dst);
}

static struct sop_stack *arp_stack(struct sop *sop, const struct arpreq *arp) {
	return arp->arp_dev[0] ? device_stack(sop, arp->arp_dev)
	                       : neighbour_stack(sop, &arp->arp_pa);
}

static int machine_ioctl(struct sop *sop, unsigned long cmd, void *arg) {
	switch (cmd) {
	case SIOCGIFCONF:
		return arg ? if_list(sop, arg) : -EFAULT;
	case SIOCGIFNAME:
		return arg ? if_name(sop, arg) : -EFAULT;
	case SIOCGIFFLAGS:
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
	case SIOCGIFMETRIC:
	case SIOCGIFMTU:
	case SIOCGIFHWADDR:
	case SIOCGIFINDEX:
	case SIOCGIFTXQLEN:
	case SIOCGIFMAP:
		return arg ? stack_set(device_stack(sop, ((struct ifreq *)arg)->ifr_name), cmd, arg,
		                       false)
		           : -EFAULT;
	case SIOCSIFFLAGS:
	case SIOCSIFADDR:
	case SIOCSIFDSTADDR:
	case SIOCSIFBRDADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFMETRIC:
	case SIOCSIFMTU:
	case SIOCSIFHWADDR:
	case SIOCSIFTXQLEN:
	case SIOCSIFMAP:
		return arg ? card_set(device_stack(sop, ((struct ifreq *)arg)->ifr_name), cmd, arg)
		           : -EFAULT;
	case SIOCADDRT:
	case SIOCDELRT:
		return arg ? stack_set(route_stack(sop, cmd, arg), cmd, arg, true) : -EFAULT;
	case SIOCGARP:
	case SIOCSARP:
	case SIOCDARP:
		return arg ? stack_set(arp_stack(sop, arg), cmd, arg, cmd != SIOCGARP) : -EFAULT;
	default:
		return SOP_ASK(sop->stacks, ioctl, cmd, arg);
	}
}

int sop_ioctl(struct socket *sock, unsigned long cmd, void *arg) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;

	sop_choose(ss, SOP_OP_ioctl, &set);
	switch (cmd) {
	case SIOCATMARK:
	case SIOCINQ:
	case SIOCOUTQ:
	case SIOCGSTAMP:
		return socket_ioctl(ss, &set, cmd, arg);
	default:
		return machine_ioctl(ss->sop, cmd, arg);
	}
}
