/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ARP (RFC 826) with the manners of RFC 1122 2.3.2 and Linux 2.4's neighbour table: three requests,
 * a second apart (mcast_solicit, retrans_time); up to three frames wait for the answer
 * (unres_qlen); an entry unused for 60 s is asked for again (gc_staletime).
 */
#include "net/engine/internal.h"

enum { ARP_TRIES = 3, ARP_PENDING = 3 };
static const sim_time arp_retry = 1 * SIM_S;
static const sim_time arp_stale = 60 * SIM_S;
static const uint8_t broadcast_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static void arp_packet(struct net_if *ifp, uint16_t op, uint32_t sender, const uint8_t to[6],
                       uint32_t target) {
	struct frame *f = frame_new(FRAME_PAYLOAD_AT, ARP_BYTES);
	uint8_t *p = frame_push(f, ETH_HEADER);
	uint8_t *arp = p + ETH_HEADER;
	static const uint8_t fixed[6] = {0, 1, 0x08, 0x00, 6, 4};

	f->len += ARP_BYTES;
	memcpy(p, to, 6);
	memcpy(p + 6, ifp->mac, 6);
	put16(p + 12, ETH_ARP);
	memcpy(arp, fixed, 6);
	put16(arp + 6, op);
	memcpy(arp + 8, ifp->mac, 6);
	put32(arp + 14, sender);
	memset(arp + 18, 0, 6);
	if (op == ARP_REPLY)
		memcpy(arp + 18, to, 6);
	put32(arp + 24, target);
	ifp->st->n.arp_out++;
	iface_output(ifp, f, NET_KIND_OTHER, 0);
}

static struct arp_entry *find(const struct net_stack *st, uint32_t addr) {
	return g_hash_table_lookup(st->arp, GUINT_TO_POINTER(addr));
}

void arp_entry_free(gpointer entry) {
	struct arp_entry *e = entry;

	timer_stop(e->st, &e->timer);
	frame_queue_flush(&e->pending);
	g_free(e);
}

static void drop_entry(struct net_stack *st, struct arp_entry *e) {
	g_hash_table_remove(st->arp, GUINT_TO_POINTER(e->addr));
	st->path_generation++;
}

static void ask(struct net_stack *st, struct arp_entry *e) {
	e->state = ARP_INCOMPLETE;
	e->tries++;
	arp_packet(e->ifp, ARP_REQUEST, e->ifp->addr, broadcast_mac, e->addr);
	timer_set(st, &e->timer, stack_now(st) + arp_retry);
}

static void unresolved(struct net_stack *st, struct net_timer *t) {
	struct arp_entry *e = (struct arp_entry *)((char *)t - offsetof(struct arp_entry, timer));
	const struct icmp_news nobody = {.type = ICMP_UNREACH, .code = ICMP_UNREACH_HOST, .ifp = e->ifp,
	                                 .error = EHOSTUNREACH, .hard = true};
	struct frame_queue lost;
	struct frame *f;

	timer_acts(st);
	if (e->tries < ARP_TRIES) {
		ask(st, e);
		return;
	}
	lost = e->pending;
	e->pending = (struct frame_queue){0};
	drop_entry(st, e);
	while ((f = frame_queue_pop(&lost))) {
		icmp_notify(st, frame_data(f) + ETH_HEADER, f->len - ETH_HEADER, &nobody);
		frame_free(f);
	}
}

static struct arp_entry *add_entry(struct net_stack *st, struct net_if *ifp, uint32_t addr) {
	struct arp_entry *e = g_new0(struct arp_entry, 1);

	e->addr = addr;
	e->ifp = ifp;
	e->st = st;
	e->used = stack_now(st);
	e->timer.fire = unresolved;
	g_hash_table_insert(st->arp, GUINT_TO_POINTER(addr), e);
	return e;
}

struct arp_entry *arp_lookup(struct net_stack *st, struct net_if *ifp, uint32_t addr) {
	struct arp_entry *e = find(st, addr);

	if (!e || (e->ifp != ifp && e->state != ARP_PERMANENT)) {
		if (e)
			drop_entry(st, e);
		e = add_entry(st, ifp, addr);
	}
	return e;
}

void arp_doubt(struct arp_entry *e) {
	if (e->state == ARP_COMPLETE)
		arp_packet(e->ifp, ARP_REQUEST, e->ifp->addr, broadcast_mac, e->addr);
}

bool arp_send(struct net_stack *st, struct arp_entry *e, struct frame *f, enum net_kind kind,
              size_t payload) {
	sim_time now = stack_now(st);

	if (e->state == ARP_COMPLETE && now - e->used > arp_stale)
		e->tries = 0, e->state = ARP_INCOMPLETE;
	if (e->state != ARP_INCOMPLETE) {
		e->used = now;
		memcpy(frame_data(f), e->mac, 6);
		return iface_output(e->ifp, f, kind, payload);
	}
	if (e->pending.count == ARP_PENDING)
		frame_free(frame_queue_pop(&e->pending));
	frame_queue_push(&e->pending, f);
	if (!timer_runs(&e->timer))
		ask(st, e);
	return true;
}

static void resolved(struct net_stack *st, struct arp_entry *e, const uint8_t mac[6]) {
	struct frame *f;

	if (e->state == ARP_PERMANENT)
		return;
	memcpy(e->mac, mac, 6);
	e->state = ARP_COMPLETE;
	e->tries = 0;
	e->used = stack_now(st);
	timer_stop(st, &e->timer);
	while ((f = frame_queue_pop(&e->pending))) {
		size_t payload;
		enum net_kind kind = net_classify(f, &payload);

		memcpy(frame_data(f), mac, 6);
		iface_output(e->ifp, f, kind, payload);
	}
}

void arp_input(struct net_stack *st, struct net_if *ifp, struct frame *f) {
	const uint8_t *p = frame_data(f);
	uint32_t sender, target;
	struct arp_entry *e;
	uint8_t mac[6];

	st->n.arp_in++;
	if (f->len < ARP_BYTES || get16(p) != 1 || get16(p + 2) != ETH_IP || p[4] != 6 ||
	    p[5] != 4) {
		frame_free(f);
		return;
	}
	sender = get32(p + 14);
	target = get32(p + 24);
	memcpy(mac, p + 8, 6);
	e = sender ? find(st, sender) : NULL;
	if (target && target == ifp->addr) {
		if (!e && sender && !net_is_local(st, sender))
			e = add_entry(st, ifp, sender);
		if (get16(p + 6) == ARP_REQUEST)
			arp_packet(ifp, ARP_REPLY, target, mac, sender);
	}
	if (e && e->ifp == ifp)
		resolved(st, e, mac);
	frame_free(f);
}

static gboolean on_interface(gpointer key, gpointer value, gpointer ifp) {
	(void)key;
	return ((struct arp_entry *)value)->ifp == ifp;
}

void arp_flush(struct net_stack *st, const struct net_if *ifp) {
	if (g_hash_table_foreach_remove(st->arp, on_interface, (gpointer)ifp))
		st->path_generation++;
}

/* --- the cache as seen from outside ----------------------------------------------------------- */

int net_arp_set(struct net_stack *st, uint32_t addr, const uint8_t mac[6]) {
	const struct net_route *rt = net_route_lookup(st, addr);
	struct arp_entry *e;

	if (!rt || rt->gateway || rt->ifp->loopback)
		return -ENETUNREACH;
	e = arp_lookup(st, rt->ifp, addr);
	resolved(st, e, mac);
	memcpy(e->mac, mac, 6);
	e->state = ARP_PERMANENT;
	return 0;
}

int net_arp_get(const struct net_stack *st, uint32_t addr, uint8_t mac[6]) {
	const struct arp_entry *e = find(st, addr);

	if (!e || e->state == ARP_INCOMPLETE)
		return -ENXIO;
	memcpy(mac, e->mac, 6);
	return 0;
}

int net_arp_del(struct net_stack *st, uint32_t addr) {
	struct arp_entry *e = find(st, addr);

	if (!e)
		return -ENXIO;
	drop_entry(st, e);
	return 0;
}

bool net_arp_next(const struct net_stack *st, int64_t after, struct net_arp_entry *entry) {
	const struct arp_entry *best = NULL;
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, st->arp);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct arp_entry *e = value;

		if (e->addr > after && (!best || e->addr < best->addr))
			best = e;
	}
	if (!best)
		return false;
	*entry = (struct net_arp_entry){
		.addr = best->addr,
		.complete = best->state != ARP_INCOMPLETE,
		.permanent = best->state == ARP_PERMANENT,
		.ifp = best->ifp,
	};
	memcpy(entry->mac, best->mac, sizeof entry->mac);
	return true;
}
