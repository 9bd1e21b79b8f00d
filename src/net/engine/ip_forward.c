/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of a packet that came for another machine?  ip_forward() and ip_fragment() of 2.4: RFC 1812 without
 * options, and without redirects.
 */
#include "net/engine/icmp.h"
#include "net/engine/internal.h"
#include "net/engine/ip.h"
#include "net/engine/netif.h"
#include "net/engine/wire.h"

/* A hop less to go, in the header too. */
static void age(uint8_t *ip, size_t header) {
	ip[8]--;
	put16(ip + 10, 0);
	put16(ip + 10, cksum_fold(cksum_header(0, ip, header)));
}

/* Pieces may be cut again: they keep their place in the whole, and that more follows. */
static void send_pieces(struct net_stack *st, const struct path *path, const struct ip_out *out,
                        const struct ip_info *ip, const struct frame *f) {
	const uint8_t *from = f->bytes + f->start;
	size_t header = ip->header, len = f->len - header;
	size_t most = ((size_t)path->ifp->mtu - header) & ~(size_t)7;

	for (size_t at = 0, bytes; at < len; at += bytes) {
		struct frame *piece;
		uint8_t *to;
		bool more = at + most < len || (ip->flags_offset & IP_MF);

		bytes = MIN(len - at, most);
		piece = frame_new(ETH_HEADER, header + bytes);
		piece->len = (uint16_t)(header + bytes);
		to = frame_data(piece);
		memcpy(to, from, header);
		memcpy(to + header, from + header + at, bytes);
		put16(to + 2, piece->len);
		put16(to + 6,
		      (uint16_t)((ip->flags_offset & IP_OFFSET) + at / 8) | (more ? IP_MF : 0));
		age(to, header);
		st->n.ip_fragments_out++;
		ip_send_on(st, path, out, piece);
	}
}

/* What a router does not touch: what went to many machines, or leads nowhere. */
static bool stays(const struct net_stack *st, const struct ip_info *ip) {
	return ip->to_many || IN_MULTICAST(ip->dst) || is_broadcast(st, ip->dst);
}

static void go_on(struct net_stack *st, const struct path *path, const struct ip_info *ip,
                  struct frame *f) {
	struct ip_out out = {.src = ip->src,
	                     .dst = ip->dst,
	                     .ttl = ip->ttl - 1,
	                     .kind = NET_KIND_FORWARD,
	                     .payload = f->len - ip->header};

	st->n.ip_forwarded++;
	frame_orphan(f);
	if (f->len > path->ifp->mtu) {
		send_pieces(st, path, &out, ip, f);
		frame_free(f);
		return;
	}
	age(frame_data(f), ip->header);
	ip_send_on(st, path, &out, f);
}

void ip_forward(struct net_stack *st, const struct ip_info *ip, struct frame *f) {
	struct path path = {0};

	if (stays(st, ip)) {
		st->n.ip_not_mine++;
	} else if (ip->ttl <= 1) {
		icmp_error(st, ip, frame_data(f), f->len, ICMP_EXCEEDED, 0);
	} else if (path_find(st, &path, ip->dst, 0, NULL)) {
		st->n.ip_no_route++;
		icmp_error(st, ip, frame_data(f), f->len, ICMP_UNREACH, 0);
	} else if (f->len > path.ifp->mtu && (ip->flags_offset & IP_DF)) {
		icmp_too_big(st, ip, frame_data(f), f->len, path.ifp->mtu);
	} else {
		go_on(st, &path, ip, f);
		return;
	}
	frame_free(f);
}

bool net_goes_on(const struct net_stack *st, const struct frame *frame) {
	const uint8_t *eth = frame->bytes + frame->start;

	return st->params.forward && frame->len >= ETH_HEADER + IP_HEADER &&
	       get16(eth + 12) == ETH_IP && !(eth[0] & 1) &&
	       !net_is_local(st, get32(eth + ETH_HEADER + 16));
}
