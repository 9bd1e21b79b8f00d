/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ARP (RFC 826) with the manners of RFC 1122 2.3.2 and Linux 2.4's neighbour table
 * (net/core/neighbour.c, net/ipv4/arp.c): three requests, a second apart (mcast_solicit, retrans_time);
 * up to three frames wait for the answer (unres_qlen).
 *
 * What was not confirmed for 15 to 45 s is stale (reachable_time; looked at every 30 s), and used as it
 * is.  If nobody above confirms it within 5 s (delay_first_probe_time) the neighbour itself is asked,
 * three times, then everybody, three times; then it is unknown.  Entries in use are kept by routes in 2.4's
 * cache; none goes here for being old.
 */
#include "net/engine/arp.h"
#include "net/engine/icmp.h"
#include "net/engine/netif.h"
#include "net/engine/wire.h"

enum { ARP_TRIES = 3, ARP_PENDING = 3 };
static const sim_time arp_retry = 1 * SIM_S;
static const sim_time arp_delay = 5 * SIM_S;
static const sim_time arp_lock = 1 * SIM_S;       /* locktime: the first of several answers holds */
static const sim_time arp_look = 30 * SIM_S;      /* gc_interval */
static const sim_time arp_reachable = 30 * SIM_S; /* base_reachable_time, and drawn anew ... */
static const sim_time arp_draw = 300 * SIM_S;     /* ... so often: neigh_rand_reach_time() */
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

/* --- states ------------------------------------------------------------------------------------ */

static sim_time reachable_time(const struct net_stack *st) {
	uint64_t drawn = stack_mix(st->seed ^ 0x617270U ^ (uint64_t)(stack_now(st) / arp_draw));

	return arp_reachable / 2 + (sim_time)(drawn % (uint64_t)arp_reachable);
}

static void reachable(struct net_stack *st, struct arp_entry *e) {
	e->state = ARP_REACHABLE;
	e->fresh_until = ((e->confirmed + reachable_time(st)) / arp_look + 1) * arp_look;
	timer_stop(st, &e->timer);
}

/* What a look every 30 s has made of an entry by now. */
static void age(struct net_stack *st, struct arp_entry *e) {
	if (e->state != ARP_REACHABLE || stack_now(st) < e->fresh_until)
		return;
	reachable(st, e); /* it may have been confirmed since */
	if (stack_now(st) >= e->fresh_until)
		e->state = ARP_STALE;
}

static void use(struct net_stack *st, struct arp_entry *e) {
	age(st, e);
	if (e->state != ARP_STALE)
		return;
	e->state = ARP_DELAY;
	timer_set(st, &e->timer, stack_now(st) + arp_delay);
}

/* In 2.4 the timer goes off and finds that; here it is stopped. */
void arp_confirm(struct arp_entry *e) {
	if (e->state == ARP_DELAY || e->state == ARP_PROBE)
		reachable(e->st, e);
}

/* DELAY or PROBE, and nobody confirmed it.  neigh_timer_handler(), arp_solicit() */
static void probe(struct net_stack *st, struct arp_entry *e) {
	timer_acts(st);
	if (e->state == ARP_DELAY)
		e->tries = 0;
	e->state = ARP_PROBE;
	if (e->tries == 2 * ARP_TRIES) {
		drop_entry(st, e);
		return;
	}
	arp_packet(e->ifp, ARP_REQUEST, e->ifp->addr, e->tries < ARP_TRIES ? e->mac : broadcast_mac,
	           e->addr);
	e->tries++;
	timer_set(st, &e->timer, stack_now(st) + arp_retry);
}

static void unresolved(struct net_stack *st, struct arp_entry *e) {
	const struct icmp_news nobody = {.type = ICMP_UNREACH,
	                                 .code = ICMP_UNREACH_HOST,
	                                 .ifp = e->ifp,
	                                 .error = EHOSTUNREACH,
	                                 .hard = true};
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

static void fire(struct net_stack *st, struct net_timer *t) {
	struct arp_entry *e = (struct arp_entry *)((char *)t - offsetof(struct arp_entry, timer));

	if (e->state == ARP_INCOMPLETE)
		unresolved(st, e);
	else
		probe(st, e);
}

static struct arp_entry *add_entry(struct net_stack *st, struct net_if *ifp, uint32_t addr) {
	struct arp_entry *e = g_new0(struct arp_entry, 1);

	e->addr = addr;
	e->ifp = ifp;
	e->st = st;
	e->updated = e->confirmed = stack_now(st) - 2 * arp_reachable;
	e->timer.fire = fire;
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
	if (e->state != ARP_INCOMPLETE && e->state != ARP_PERMANENT)
		arp_packet(e->ifp, ARP_REQUEST, e->ifp->addr, broadcast_mac, e->addr);
}

inline bool arp_send(struct net_stack *st, struct arp_entry *e, struct frame *f, enum net_kind kind,
                     size_t payload) {
	if (e->state != ARP_REACHABLE || stack_now(st) >= e->fresh_until)
		use(st, e);
	if (e->state != ARP_INCOMPLETE) {
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

/* What waited for an address: a router's packets have others' sources. */
static enum net_kind kind_of(const struct net_stack *st, const struct frame *f, size_t *payload) {
	enum net_kind kind = net_classify(f, payload);
	uint32_t src = get32(f->bytes + f->start + ETH_HEADER + 12);

	return st->params.forward && !net_is_local(st, src) ? NET_KIND_FORWARD : kind;
}

/* neigh_update(): an answer to us alone says that the neighbour is there, anything else no more than
 * where it is. */
static void resolved(struct net_stack *st, struct arp_entry *e, const uint8_t mac[6], bool answer) {
	bool known = e->state != ARP_INCOMPLETE, same = known && !memcmp(e->mac, mac, 6);
	struct frame *f;

	age(st, e);
	if (e->state == ARP_PERMANENT || (same && !answer && e->state == ARP_REACHABLE) ||
	    (known && !same && answer && stack_now(st) - e->updated < arp_lock))
		return;
	memcpy(e->mac, mac, 6);
	if (!same)
		e->updated = stack_now(st);
	e->tries = 0;
	timer_stop(st, &e->timer);
	e->state = ARP_STALE;
	if (answer) {
		e->confirmed = stack_now(st);
		reachable(st, e);
	} else if (!same) {
		e->confirmed = stack_now(st) - 2 * arp_reachable;
	}
	while ((f = frame_queue_pop(&e->pending))) {
		size_t payload;
		enum net_kind kind = kind_of(st, f, &payload);

		arp_send(st, e, f, kind, payload);
	}
}

void arp_input(struct net_stack *st, struct net_if *ifp, struct frame *f) {
	const uint8_t *p = frame_data(f);
	uint32_t sender, target;
	struct arp_entry *e;
	bool to_many = p[-ETH_HEADER] & 1;
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
		resolved(st, e, mac, get16(p + 6) == ARP_REPLY && !to_many);
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
	resolved(st, e, mac, true);
	timer_stop(st, &e->timer);
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
