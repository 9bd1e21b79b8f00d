/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a stack know of its interfaces, and what changes with an address? */
#include "net/engine/arp.h"
#include "net/engine/mcast.h"
#include "net/engine/netif.h"

struct net_if *net_if_add(struct net_stack *st, const char *name, const uint8_t mac[6],
                          uint16_t mtu, void *user) {
	struct net_if *ifp = g_new0(struct net_if, 1), **at = &st->ifs;

	ifp->st = st;
	ifp->user = user;
	g_strlcpy(ifp->name, name, sizeof(ifp->name));
	memcpy(ifp->mac, mac, 6);
	ifp->mtu = mtu;
	ifp->index = ++st->last_index;
	while (*at)
		at = &(*at)->next;
	*at = ifp;
	return ifp;
}

/* What still points to an interface that goes. */
static void forget_interface(struct net_sock *so, const struct net_if *ifp) {
	if (!sock_is_user(so))
		return;
	if (user_sock(so)->device == ifp)
		user_sock(so)->device = NULL;
	mcast_forget_interface(user_sock(so), ifp);
	if (user_sock(so)->ops->forget_interface)
		user_sock(so)->ops->forget_interface(user_sock(so), ifp);
}

int net_if_remove(struct net_if *ifp) {
	struct net_stack *st = ifp->st;
	struct net_if **at = &st->ifs;

	if (ifp->loopback)
		return -EINVAL;
	routes_drop(ifp);
	arp_flush(st, ifp);
	for (struct net_sock *so = st->socks; so; so = so->all_next)
		forget_interface(so, ifp);
	if_groups_free(ifp);
	while (*at != ifp)
		at = &(*at)->next;
	*at = ifp->next;
	g_free(ifp);
	paths_changed(st);
	return 0;
}

void *net_if_user(const struct net_if *ifp) { return ifp->user; }
const char *net_if_name(const struct net_if *ifp) { return ifp->name; }

struct net_if *net_if_find(const struct net_stack *st, const char *name) {
	struct net_if *ifp = st->ifs;

	while (ifp && strcmp(ifp->name, name) != 0)
		ifp = ifp->next;
	return ifp;
}

struct net_if *net_if_by_index(const struct net_stack *st, uint32_t index) {
	struct net_if *ifp = st->ifs;

	while (ifp && ifp->index != index)
		ifp = ifp->next;
	return ifp;
}

struct net_if *net_if_next(const struct net_stack *st, const struct net_if *ifp) {
	return ifp ? ifp->next : st->ifs;
}

uint32_t net_if_index(const struct net_if *ifp) { return ifp->index; }
void net_if_set_index(struct net_if *ifp, uint32_t index) { ifp->index = index; }
void net_if_left(struct net_if *ifp, const struct frame *frame) {
	ifp->count.rx_others += !(frame->bytes[frame->start] & 1);
}

uint16_t net_if_mtu_max(const struct net_if *ifp) {
	return ifp->loopback ? FRAME_MTU_MAX : FRAME_MTU_JUMBO;
}

bool net_if_takes(struct net_if *ifp, const struct frame *frame) {
	bool fits = frame->len <= FRAME_ETHER + MAX(FRAME_MTU, ifp->mtu);

	ifp->count.rx_too_long += !fits;
	return fits;
}

void net_if_get(const struct net_if *ifp, struct net_if_config *conf) {
	*conf = (struct net_if_config){ifp->addr, ifp->netmask, ifp->broadcast, ifp->mtu,
	                               ifp->up,   {0},          ifp->promisc,   ifp->allmulti};
	memcpy(conf->mac, ifp->mac, 6);
}

void net_if_count(const struct net_if *ifp, struct net_if_counters *count) { *count = ifp->count; }

inline bool iface_output(struct net_if *ifp, struct frame *f, enum net_kind kind, size_t payload) {
	uint16_t len = f->len;

	if (!ifp->st->ops->output(ifp->st->owner, ifp, f, kind, payload))
		return false;
	ifp->count.tx_packets++;
	ifp->count.tx_bytes += len;
	return true;
}

static bool mask_has_holes(uint32_t mask) {
	uint32_t low = ~mask;

	return (low & (low + 1)) != 0;
}

static void set_up(struct net_if *ifp, bool up) {
	if (ifp->up == up)
		return;
	ifp->up = up;
	if (up)
		if_groups_up(ifp);
	else
		if_groups_down(ifp);
}

int net_if_configure(struct net_if *ifp, uint32_t addr, uint32_t mask, uint32_t gateway) {
	const struct net_route rt = {.gateway = gateway, .ifp = ifp};
	struct net_if_config conf;
	int err;

	net_if_get(ifp, &conf);
	conf.addr = addr;
	conf.netmask = mask;
	conf.broadcast = addr | ~mask;
	conf.up = true;
	err = net_if_set(ifp, &conf);
	return err < 0 || !gateway ? err : net_route_add(ifp->st, &rt);
}

int net_if_set(struct net_if *ifp, const struct net_if_config *conf) {
	if (mask_has_holes(conf->netmask) || conf->mtu < 68 || conf->mtu > net_if_mtu_max(ifp))
		return -EINVAL;
	/* A new address, mask or broadcast address is a new entry in the place of the only one; with
	 * that, and when the interface goes down, every route by it goes (fib_disable_ip() of 2.4), and
	 * of those none but the connected one comes back. */
	if (ifp->addr != conf->addr || ifp->netmask != conf->netmask ||
	    ifp->broadcast != conf->broadcast || ifp->up != conf->up) {
		routes_drop(ifp);
		arp_flush(ifp->st, ifp);
		if (conf->addr && conf->up)
			route_connected(ifp, conf->addr, conf->netmask);
	}
	ifp->addr = conf->addr;
	ifp->netmask = conf->netmask;
	ifp->broadcast = conf->broadcast;
	ifp->mtu = conf->mtu;
	ifp->promisc = conf->promisc;
	ifp->allmulti = conf->allmulti;
	memcpy(ifp->mac, conf->mac, 6);
	set_up(ifp, conf->up);
	if_filter_changed(ifp);
	paths_changed(ifp->st);
	return 0;
}

bool is_loopback(uint32_t addr) { return addr >> 24 == 127; }

struct net_if *net_if_by_addr(const struct net_stack *st, uint32_t addr) {
	if (is_loopback(addr))
		return st->lo;
	for (struct net_if *ifp = st->ifs; ifp; ifp = ifp->next)
		if (ifp->addr && ifp->addr == addr)
			return ifp;
	return NULL;
}

bool net_is_local(const struct net_stack *st, uint32_t addr) {
	return net_if_by_addr(st, addr) != NULL;
}

bool is_broadcast(const struct net_stack *st, uint32_t addr) {
	if (addr == INADDR_BROADCAST)
		return true;
	for (const struct net_if *ifp = st->ifs; ifp; ifp = ifp->next) {
		if (!ifp->addr || ifp->loopback)
			continue;
		if (addr == ifp->broadcast && ifp->broadcast)
			return true;
		/* The subnet's own: all host bits one, unless there is no host part to speak of. */
		if (ifp->netmask && ~ifp->netmask > 1 && addr == (ifp->addr | ~ifp->netmask))
			return true;
	}
	return false;
}

uint32_t net_config_generation(const struct net_stack *st) { return st->generation; }

void paths_changed(struct net_stack *st) {
	st->generation++;
	st->path_generation++;
}
