/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reassembly (RFC 791, RFC 815's idea of holes kept as a sorted list of what came).  A datagram
 * that is not complete within reassembly_timeout is dropped; if its first fragment came, the sender is
 * told (ICMP 11/1).  At most 256 KiB wait at a time (Linux: ipfrag_high_thresh); the oldest give way.
 */
#include "net/engine/chain.h"
#include "net/engine/icmp.h"
#include "net/engine/internal.h"
#include "net/engine/ip.h"
#include "net/engine/wire.h"

enum { REASSEMBLY_LIMIT = 256 * 1024 };

struct datagram_key {
	uint32_t src, dst;
	uint16_t id;
	uint8_t protocol;
};

struct reassembly {
	struct datagram_key key;
	struct net_stack *st;
	struct list_node age;
	struct frame *parts; /* sorted; a frame's mark is its offset */
	size_t have, total;  /* total 0: last fragment not yet seen */
	uint32_t edge;       /* where the farthest ends */
	struct ip_info ip;   /* of the first fragment, once seen */
	struct net_timer timer;
};

guint reassembly_hash(gconstpointer key) {
	const struct datagram_key *k = key;

	return k->src * 31 + k->dst * 17 + k->id * 2654435761U + k->protocol;
}

gboolean reassembly_equal(gconstpointer a, gconstpointer b) {
	const struct datagram_key *x = a, *y = b;

	return x->src == y->src && x->dst == y->dst && x->id == y->id && x->protocol == y->protocol;
}

void reassembly_free(gpointer r) {
	struct reassembly *re = r;

	timer_stop(re->st, &re->timer);
	list_remove(&re->st->reassembly_age, &re->age);
	re->st->reassembly_bytes -= re->have;
	chain_free(re->parts);
	g_free(re);
}

static void timed_out(struct net_stack *st, struct net_timer *t) {
	struct reassembly *re =
		(struct reassembly *)((char *)t - offsetof(struct reassembly, timer));

	timer_acts(st);
	st->n.ip_reassembly_timeouts++;
	if (re->parts && re->parts->mark == 0)
		icmp_error(st, &re->ip, frame_data(re->parts) - re->ip.header,
		           re->ip.header + re->parts->len, ICMP_EXCEEDED, ICMP_EXCEEDED_REASSEMBLY);
	g_hash_table_remove(st->reassembly, &re->key);
}

static struct reassembly *reassembly_new(struct net_stack *st, const struct datagram_key *key) {
	struct reassembly *re = g_new0(struct reassembly, 1);

	re->key = *key;
	re->st = st;
	re->timer.fire = timed_out;
	g_hash_table_insert(st->reassembly, &re->key, re);
	list_add_last(&st->reassembly_age, &re->age);
	timer_set(st, &re->timer, stack_now(st) + st->params.reassembly_timeout);
	return re;
}

/* Does the fragment [f->mark, end) fit what is known of its datagram, NULL if nothing is? */
static bool fragment_ok(const struct reassembly *re, bool more, const struct frame *f) {
	uint32_t end = f->mark + f->len;

	if (f->len == 0 || (more && f->len % 8) || end > 65535 - IP_HEADER)
		return false;
	if (!re)
		return true;
	if (re->total)
		return more ? end < re->total : end == re->total;
	return more || end >= re->edge;
}

/* The oldest others give way until there is room. */
static void make_room(struct net_stack *st, const struct reassembly *re, size_t bytes) {
	for (struct reassembly *old = LIST_FIRST(&st->reassembly_age, struct reassembly, age),
	                       *next;
	     old && st->reassembly_bytes + bytes > REASSEMBLY_LIMIT; old = next) {
		next = LIST_NEXT(old, struct reassembly, age);
		if (old != re)
			g_hash_table_remove(st->reassembly, &old->key);
	}
}

static bool add_part(struct reassembly *re, const struct ip_info *ip, struct frame *f) {
	uint32_t end = f->mark + f->len;
	struct chain_gone gone = {0};
	struct frame **at;

	re->edge = MAX(re->edge, end);
	if (!(ip->flags_offset & IP_MF))
		re->total = end;
	at = chain_place(&re->parts, f, &gone);
	if (!at)
		return false;
	f->next = *at;
	*at = f;
	if (f->mark == 0)
		re->ip = *ip;
	re->have += f->len;
	re->have -= gone.bytes;
	re->st->reassembly_bytes += f->len;
	re->st->reassembly_bytes -= gone.bytes;
	return true;
}

static void complete(struct net_stack *st, struct net_if *ifp, struct reassembly *re) {
	struct frame *chain = re->parts;
	struct ip_info ip = re->ip;
	size_t len = re->total;

	re->parts = NULL;
	g_hash_table_remove(st->reassembly, &re->key);
	st->n.ip_reassembled++;
	ip_deliver(st, ifp, &ip, chain, len);
}

void reassembly_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                      struct frame *f) {
	struct datagram_key key = {ip->src, ip->dst, ip->id, ip->protocol};
	struct reassembly *re = g_hash_table_lookup(st->reassembly, &key);

	st->n.ip_fragments_in++;
	f->mark = (ip->flags_offset & IP_OFFSET) * 8U;
	if (!fragment_ok(re, ip->flags_offset & IP_MF, f)) {
		frame_free(f);
		return;
	}
	make_room(st, re, f->len);
	if (!re)
		re = reassembly_new(st, &key);
	if (!add_part(re, ip, f))
		frame_free(f);
	else if (re->total && re->have == re->total)
		complete(st, ifp, re);
}
