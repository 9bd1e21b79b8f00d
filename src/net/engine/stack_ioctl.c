/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do ifconfig, route and arp ask of a stack, and what may they change? */
#include "net/engine/stack_ioctl.h"
#include "net/engine/iface.h"
#include "net/engine/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/ioctl.h>

/*
 * The answers follow Linux 2.4: net/core/dev.c (dev_ioctl), net/ipv4/devinet.c (devinet_ioctl),
 * net/ipv4/fib_frontend.c (ip_rt_ioctl) and net/ipv4/arp.c (arp_ioctl).
 */

/* --- addresses in and out of ifreq and friends ------------------------------------------------ */

static void put_addr(struct sockaddr *sa, uint32_t addr) {
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(addr)};

	memcpy(sa, &in, sizeof in);
}

static uint32_t get_addr(const struct sockaddr *sa) {
	struct sockaddr_in in;

	memcpy(&in, sa, sizeof in);
	return ntohl(in.sin_addr.s_addr);
}

static bool is_loopback(const struct net_if *ifp) { return !strcmp(net_if_name(ifp), "lo"); }

static bool mask_has_holes(uint32_t mask) {
	uint32_t host = ~mask;

	return host & (host + 1);
}

/* The mask of an address's class, as inet_abc_len() has it; false for classes D and E. */
static bool class_mask(uint32_t addr, uint32_t *mask) {
	if (addr == 0)
		*mask = 0;
	else if (!(addr & 0x80000000U))
		*mask = 0xff000000U;
	else if ((addr & 0xc0000000U) == 0x80000000U)
		*mask = 0xffff0000U;
	else if ((addr & 0xe0000000U) == 0xc0000000U)
		*mask = 0xffffff00U;
	else
		return false;
	return true;
}

static struct net_if *if_by_name(const struct net_stack *st, const char *name, size_t size) {
	char copy[IFNAMSIZ + 1];

	g_strlcpy(copy, name, MIN(size + 1, sizeof copy));
	return net_if_find(st, copy);
}

/* --- interfaces ------------------------------------------------------------------------------ */

static short if_flags(const struct net_if *ifp, const struct net_if_config *conf) {
	int flags = is_loopback(ifp) ? IFF_LOOPBACK : IFF_BROADCAST | IFF_MULTICAST;

	if (conf->up)
		flags |= IFF_UP | IFF_RUNNING;
	if (conf->promisc)
		flags |= IFF_PROMISC;
	if (conf->allmulti)
		flags |= IFF_ALLMULTI;
	return (short)flags;
}

static int if_get_hwaddr(const struct net_if *ifp, const struct net_if_config *conf,
                         struct ifreq *ifr) {
	memset(&ifr->ifr_hwaddr, 0, sizeof ifr->ifr_hwaddr);
	ifr->ifr_hwaddr.sa_family = is_loopback(ifp) ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
	memcpy(ifr->ifr_hwaddr.sa_data, conf->mac, sizeof conf->mac);
	return 0;
}

static int if_get(const struct net_if *ifp, unsigned long cmd, struct ifreq *ifr) {
	struct net_if_config conf;

	net_if_get(ifp, &conf);
	switch (cmd) {
	case SIOCGIFFLAGS:
		ifr->ifr_flags = if_flags(ifp, &conf);
		return 0;
	case SIOCGIFMETRIC:
		ifr->ifr_metric = 0; /* 2.4 has none either */
		return 0;
	case SIOCGIFMTU:
		ifr->ifr_mtu = conf.mtu;
		return 0;
	case SIOCGIFINDEX:
		ifr->ifr_ifindex = (int)net_if_index(ifp);
		return 0;
	case SIOCGIFHWADDR:
		return if_get_hwaddr(ifp, &conf, ifr);
	default:
		break;
	}
	if (!conf.addr)
		return -EADDRNOTAVAIL;
	if (cmd == SIOCGIFADDR)
		put_addr(&ifr->ifr_addr, conf.addr);
	else if (cmd == SIOCGIFBRDADDR)
		put_addr(&ifr->ifr_broadaddr, conf.broadcast);
	else
		put_addr(&ifr->ifr_netmask, conf.netmask);
	return 0;
}

/* The address that it has already changes nothing, not even the mask. */
static int set_if_addr(struct net_if_config *conf, const struct ifreq *ifr) {
	uint32_t addr = get_addr(&ifr->ifr_addr), mask;

	if (ifr->ifr_addr.sa_family != AF_INET || !class_mask(addr, &mask))
		return -EINVAL;
	if (addr == conf->addr)
		return 0;
	conf->addr = addr;
	conf->netmask = mask;
	conf->broadcast = conf->addr ? conf->addr | ~mask : 0;
	return 0;
}

/* A broadcast address that was the old mask's follows the new one, as in 2.4. */
static int set_if_netmask(struct net_if_config *conf, const struct ifreq *ifr) {
	uint32_t mask = get_addr(&ifr->ifr_netmask);
	bool usual = conf->broadcast == (conf->addr | ~conf->netmask);

	if (ifr->ifr_netmask.sa_family != AF_INET || mask_has_holes(mask))
		return -EINVAL;
	if (!conf->addr)
		return -EADDRNOTAVAIL;
	conf->netmask = mask;
	if (usual)
		conf->broadcast = conf->addr | ~mask;
	return 0;
}

static int set_if_hwaddr(const struct net_if *ifp, struct net_if_config *conf,
                         const struct ifreq *ifr) {
	if (is_loopback(ifp))
		return -EOPNOTSUPP;
	if (ifr->ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return -EINVAL;
	if (conf->up)
		return -EBUSY;
	memcpy(conf->mac, ifr->ifr_hwaddr.sa_data, sizeof conf->mac);
	return 0;
}

static int if_set(struct net_if *ifp, unsigned long cmd, const struct ifreq *ifr) {
	struct net_if_config conf;
	int err = 0;

	net_if_get(ifp, &conf);
	switch (cmd) {
	case SIOCSIFADDR:
		err = set_if_addr(&conf, ifr);
		break;
	case SIOCSIFNETMASK:
		err = set_if_netmask(&conf, ifr);
		break;
	case SIOCSIFBRDADDR:
		if (ifr->ifr_broadaddr.sa_family != AF_INET)
			return -EINVAL;
		if (!conf.addr)
			return -EADDRNOTAVAIL;
		conf.broadcast = get_addr(&ifr->ifr_broadaddr);
		break;
	case SIOCSIFFLAGS:
		conf.up = ifr->ifr_flags & IFF_UP;
		conf.promisc = ifr->ifr_flags & IFF_PROMISC;
		conf.allmulti = ifr->ifr_flags & IFF_ALLMULTI;
		break;
	case SIOCSIFMTU:
		if (ifr->ifr_mtu < 68 || ifr->ifr_mtu > net_if_mtu_max(ifp))
			return -EINVAL;
		conf.mtu = (uint16_t)ifr->ifr_mtu;
		break;
	case SIOCSIFHWADDR:
		err = set_if_hwaddr(ifp, &conf, ifr);
		break;
	default: /* SIOCSIFMETRIC */
		return -EOPNOTSUPP;
	}
	return err ? err : net_if_set(ifp, &conf);
}

/* Whole entries only; with no buffer the length that all of them need. */
static int if_list(struct net_stack *st, struct ifconf *ifc) {
	int size = (int)sizeof(struct ifreq), used = 0;

	if (!ifc)
		return -EFAULT;
	for (struct net_if *ifp = net_if_next(st, NULL); ifp; ifp = net_if_next(st, ifp)) {
		struct ifreq ifr = {0};
		struct net_if_config conf;

		net_if_get(ifp, &conf);
		if (!conf.addr)
			continue;
		if (ifc->ifc_buf) {
			if (used + size > ifc->ifc_len)
				break;
			g_strlcpy(ifr.ifr_name, net_if_name(ifp), IFNAMSIZ);
			put_addr(&ifr.ifr_addr, conf.addr);
			memcpy(ifc->ifc_buf + used, &ifr, sizeof ifr);
		}
		used += size;
	}
	ifc->ifc_len = used;
	return 0;
}

static int if_name_of(struct net_stack *st, struct ifreq *ifr) {
	const struct net_if *ifp = net_if_by_index(st, (uint32_t)ifr->ifr_ifindex);

	if (!ifp)
		return -ENODEV;
	g_strlcpy(ifr->ifr_name, net_if_name(ifp), IFNAMSIZ);
	return 0;
}

/* --- routes ---------------------------------------------------------------------------------- */

static int route_destination(const struct rtentry *rt, struct net_route *route) {
	if (rt->rt_dst.sa_family != AF_INET)
		return -EAFNOSUPPORT;
	route->dst = get_addr(&rt->rt_dst);
	route->mask = 0xffffffffU;
	if (!(rt->rt_flags & RTF_HOST)) {
		route->mask = get_addr(&rt->rt_genmask);
		if (rt->rt_genmask.sa_family != AF_INET &&
		    (route->mask || rt->rt_genmask.sa_family))
			return -EAFNOSUPPORT;
		if (mask_has_holes(route->mask) || (route->dst & ~route->mask))
			return -EINVAL;
	}
	if (rt->rt_metric > 0)
		route->metric = (uint32_t)rt->rt_metric - 1;
	return 0;
}

/* The interface through which a gateway is reached must have it on its own net. */
static struct net_if *gateway_if(struct net_stack *st, uint32_t gateway) {
	const struct net_route *via = net_route_lookup(st, gateway);

	return via && !via->gateway ? via->ifp : NULL;
}

/* What a request says of a route: destination, and interface and gateway if it names them. */
static int route_of(struct net_stack *st, const struct rtentry *rt, struct net_route *route) {
	int err = route_destination(rt, route);

	if (err)
		return err;
	if (rt->rt_dev) {
		route->ifp = net_if_find(st, rt->rt_dev);
		if (!route->ifp)
			return -ENODEV;
	}
	if (rt->rt_gateway.sa_family == AF_INET)
		route->gateway = get_addr(&rt->rt_gateway);
	return 0;
}

static int route_change(struct net_stack *st, unsigned long cmd, const struct rtentry *rt) {
	struct net_route route = {0};
	int err;

	if (!rt)
		return -EFAULT;
	err = route_of(st, rt, &route);
	if (err)
		return err;
	if (cmd == SIOCDELRT)
		return net_route_del(st, &route);
	if ((rt->rt_flags & RTF_GATEWAY) && !route.gateway)
		return -EINVAL;
	if (!route.ifp && !route.gateway)
		return -ENODEV;
	if (route.gateway && !route.ifp)
		route.ifp = gateway_if(st, route.gateway);
	return route.ifp ? net_route_add(st, &route) : -ENETUNREACH;
}

int64_t stack_route_metric(struct net_stack *st, const struct rtentry *rt) {
	struct net_route route = {0};
	const struct net_route *held = NULL;

	if (!route_of(st, rt, &route))
		held = net_route_match(st, &route);
	return held ? (int64_t)held->metric : -1;
}

/* --- ARP ------------------------------------------------------------------------------------- */

static int arp_check(struct net_stack *st, unsigned long cmd, struct arpreq *req) {
	if (req->arp_pa.sa_family != AF_INET)
		return -EPFNOSUPPORT;
	if (!(req->arp_flags & ATF_PUBL) && (req->arp_flags & (ATF_NETMASK | ATF_DONTPUB)))
		return -EINVAL;
	if (!req->arp_dev[0])
		return cmd == SIOCGARP ? -ENODEV : 0;
	if (!if_by_name(st, req->arp_dev, sizeof req->arp_dev))
		return -ENODEV;
	if (!req->arp_ha.sa_family)
		req->arp_ha.sa_family = ARPHRD_ETHER;
	return cmd == SIOCSARP && req->arp_ha.sa_family != ARPHRD_ETHER ? -EINVAL : 0;
}

static int arp_change(struct net_stack *st, unsigned long cmd, struct arpreq *req) {
	uint8_t mac[6];
	int err;

	if (!req)
		return -EFAULT;
	err = arp_check(st, cmd, req);
	if (err)
		return err;
	uint32_t addr = get_addr(&req->arp_pa);
	switch (cmd) {
	case SIOCSARP:
		if (!req->arp_dev[0] && !net_route_lookup(st, addr))
			return -EINVAL;
		memcpy(mac, req->arp_ha.sa_data, sizeof mac);
		return net_arp_set(st, addr, mac);
	case SIOCDARP:
		return net_arp_del(st, addr);
	default:
		err = net_arp_get(st, addr, mac);
		if (err)
			return err;
		req->arp_ha.sa_family = ARPHRD_ETHER;
		memcpy(req->arp_ha.sa_data, mac, sizeof mac);
		req->arp_flags = ATF_COM;
		return 0;
	}
}

/* --- the switch ------------------------------------------------------------------------------ */

static int if_request(struct net_stack *st, unsigned long cmd, struct ifreq *ifr, bool set) {
	struct net_if *ifp;

	if (!ifr)
		return -EFAULT;
	ifp = if_by_name(st, ifr->ifr_name, sizeof ifr->ifr_name);
	if (!ifp)
		return -ENODEV;
	return set ? if_set(ifp, cmd, ifr) : if_get(ifp, cmd, ifr);
}

bool stack_ioctl_sets(unsigned long cmd) {
	switch (cmd) {
	case SIOCSIFADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFBRDADDR:
	case SIOCSIFFLAGS:
	case SIOCSIFMTU:
	case SIOCSIFHWADDR:
	case SIOCSIFMETRIC:
		return true;
	default:
		return false;
	}
}

int stack_ioctl(struct net_stack *st, unsigned long cmd, void *arg) {
	if (stack_ioctl_sets(cmd))
		return if_request(st, cmd, arg, true);
	switch (cmd) {
	case SIOCGIFCONF:
		return if_list(st, arg);
	case SIOCGIFNAME:
		return arg ? if_name_of(st, arg) : -EFAULT;
	case SIOCGIFADDR:
	case SIOCGIFNETMASK:
	case SIOCGIFBRDADDR:
	case SIOCGIFFLAGS:
	case SIOCGIFMTU:
	case SIOCGIFHWADDR:
	case SIOCGIFMETRIC:
	case SIOCGIFINDEX:
		return if_request(st, cmd, arg, false);
	case SIOCADDRT:
	case SIOCDELRT:
		return route_change(st, cmd, arg);
	case SIOCGARP:
	case SIOCSARP:
	case SIOCDARP:
		return arp_change(st, cmd, arg);
	default:
		return -EINVAL;
	}
}
