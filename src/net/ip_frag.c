/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reassembly (RFC 791, RFC 815's idea of holes kept as a sorted list of what came).  A datagram
 * that is not complete within reassembly_timeout is dropped; if its first fragment came, the sender is
 * told (ICMP 11/1).  At most 256 KiB wait at a time (Linux: ipfrag_high_thresh).
 */
#include "net/internal.h"

enum { REASSEMBLY_LIMIT = 256 * 1024 };

struct datagram_key {
	uint32_t src, dst;
	uint16_t id;
	uint8_t protocol;
};

struct reassembly {
	struct datagram_key key;
	struct net_stack *st;
	struct frame *parts; /* sorted; a frame's mark is its offset */
	size_t have, total;  /* total 0: last fragment not yet seen */
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
	re->st->reassembly_bytes -= re->have;
	chain_free(re->parts);
	g_free(re);
}

static void timed_out(struct net_stack *st, struct net_timer *t) {
	struct reassembly *re =
		(struct reassembly *)((char *)t - offsetof(struct reassembly, timer));

	st->n.ip_reassembly_timeouts++;
	if (re->parts && re->parts->mark == 0)
		icmp_error(st, &re->ip, frame_data(re->parts) - re->ip.header,
		           re->ip.header + re->parts->len, ICMP_EXCEEDED, ICMP_EXCEEDED_REASSEMBLY);
	g_hash_table_remove(st->reassembly, &re->key);
}

static struct reassembly *reassembly_of(struct net_stack *st, const struct ip_info *ip) {
	struct datagram_key key = {ip->src, ip->dst, ip->id, ip->protocol};
	struct reassembly *re = g_hash_table_lookup(st->reassembly, &key);

	if (re)
		return re;
	re = g_new0(struct reassembly, 1);
	re->key = key;
	re->st = st;
	re->timer.fire = timed_out;
	g_hash_table_insert(st->reassembly, &re->key, re);
	timer_set(st, &re->timer, stack_now(st) + st->params.reassembly_timeout);
	return re;
}

/* Puts a fragment into its place.  What overlaps is cut from the newcomer, so that bytes once
 * accepted never change; false if nothing of it is new. */
static bool insert_part(struct reassembly *re, struct frame *f) {
	struct frame **at = &re->parts;
	uint32_t end;

	while (*at && (*at)->mark <= f->mark) {
		uint32_t prev_end = (*at)->mark + (*at)->len;

		if (prev_end > f->mark) {
			uint32_t cut = prev_end - f->mark;

			if (cut >= f->len)
				return false;
			frame_pull(f, cut);
			f->mark += cut;
		}
		at = &(*at)->next;
	}
	end = f->mark + f->len;
	if (*at && (*at)->mark < end)
		f->len = (uint16_t)((*at)->mark - f->mark);
	f->next = *at;
	*at = f;
	re->have += f->len;
	re->st->reassembly_bytes += f->len;
	return true;
}

static bool fragment_ok(const struct reassembly *re, const struct ip_info *ip,
                        const struct frame *f) {
	bool more = ip->flags_offset & IP_MF;
	uint32_t offset = (ip->flags_offset & IP_OFFSET) * 8U, end = offset + f->len;

	if (f->len == 0 || (more && f->len % 8) || end > 65535 - IP_HEADER)
		return false;
	return !re->total || (more ? end < re->total : end == re->total);
}

void reassembly_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                      struct frame *f) {
	struct reassembly *re = reassembly_of(st, ip);
	struct ip_info whole;
	struct frame *chain;

	st->n.ip_fragments_in++;
	if (!fragment_ok(re, ip, f) || st->reassembly_bytes + f->len > REASSEMBLY_LIMIT) {
		frame_free(f);
		return;
	}
	f->mark = (ip->flags_offset & IP_OFFSET) * 8U;
	if (!(ip->flags_offset & IP_MF))
		re->total = f->mark + f->len;
	if (f->mark == 0)
		re->ip = *ip;
	if (!insert_part(re, f)) {
		frame_free(f);
		return;
	}
	if (!re->total || re->have < re->total)
		return;
	chain = re->parts;
	whole = re->ip;
	re->parts = NULL;
	st->reassembly_bytes -= re->have;
	re->have = 0;
	g_hash_table_remove(st->reassembly, &re->key);
	st->n.ip_reassembled++;
	{
		size_t total = 0;

		for (const struct frame *part = chain; part; part = part->next)
			total += part->len;
		ip_deliver(st, ifp, &whole, chain, total);
	}
}
