/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IPv4 of an end system (RFC 791, 1122 section 3): options skipped. */
#include "net/engine/ip.h"
#include "net/engine/arp.h"
#include "net/engine/chain.h"
#include "net/engine/dgram.h"
#include "net/engine/icmp.h"
#include "net/engine/mac_filter.h"
#include "net/engine/netif.h"
#include "net/engine/socket.h"
#include "net/engine/wire.h"

/* --- paths ------------------------------------------------------------------------------------ */

/* What no route need lead to, if the interface is known. */
static bool is_to_many(uint32_t dst) { return dst == INADDR_BROADCAST || IN_MULTICAST(dst); }

/* Of these a route is not even looked for then: LOCAL_MCAST() of 2.4. */
static bool is_of_the_link(uint32_t dst) { return dst == INADDR_BROADCAST || dst >> 8 == 0xe00000; }

/* Class E and net 0 (BADCLASS(), ZERONET()). */
static bool is_nowhere(uint32_t dst) {
	return (dst >> 28 == 15 && dst != INADDR_BROADCAST) || dst >> 24 == 0;
}

/* A group is never handed to a gateway on the strength of a default route, nor a broadcast. */
static uint32_t next_hop(const struct net_route *rt, uint32_t dst) {
	if (!rt->gateway || dst == INADDR_BROADCAST ||
	    (IN_MULTICAST(dst) && rt->mask < 0xf0000000U))
		return dst;
	return rt->gateway;
}

/* Interface and next hop, in the order of ip_route_output_slow() of 2.4. */
static int path_choose(struct net_stack *st, struct path *path, uint32_t dst, uint32_t src,
                       const struct net_if *only) {
	struct net_if *home = src ? net_if_by_addr(st, src) : NULL;
	const struct net_route *rt = NULL;

	if (src && !home)
		return -EINVAL;
	if (!only && is_to_many(dst))
		only = home; /* whoever is bound to an address sends to groups by its interface */
	path->nexthop = dst;
	if (net_is_local(st, dst)) {
		path->ifp = st->lo;
		return 0;
	}
	if (!only || !is_of_the_link(dst))
		rt = route_find(st, dst, only);
	if (rt) {
		path->ifp = rt->ifp;
		path->nexthop = next_hop(rt, dst);
	} else if (only && only->up) {
		path->ifp = (struct net_if *)only; /* all that it can reach is on its link */
	} else {
		return -ENETUNREACH;
	}
	return (is_loopback(src) && !path->ifp->loopback) || is_nowhere(dst) ? -EINVAL : 0;
}

inline int path_find(struct net_stack *st, struct path *path, uint32_t dst, uint32_t src,
                     const struct net_if *only) {
	int err;

	if (path->generation == st->path_generation)
		return 0;
	path->generation = 0;
	path->arp = NULL;
	err = path_choose(st, path, dst, src, only);
	if (!err)
		path->generation = st->path_generation;
	return err;
}

uint32_t path_destination(uint32_t dst, uint32_t src, const struct net_if *only) {
	if (dst)
		return dst;
	return src ? src : only && only->addr ? only->addr : INADDR_LOOPBACK;
}

void path_doubt(struct net_stack *st, struct path *path) {
	if (path->generation == st->path_generation && path->arp)
		arp_doubt(path->arp);
	path->generation = 0;
}

uint32_t path_source(const struct path *path, uint32_t dst) {
	return path->ifp->loopback && !is_to_many(dst) ? dst : path->ifp->addr;
}

/* --- path MTU discovery (RFC 1191) ------------------------------------------------------------ */

struct pmtu_entry {
	uint16_t mtu;
	sim_time learned;
};

/* A larger one is tried again after ten minutes, RFC 1191 section 6.3. */
static const sim_time pmtu_age = 600 * SIM_S;

void pmtu_learn(struct net_stack *st, uint32_t dst, uint16_t mtu) {
	struct pmtu_entry *e = g_hash_table_lookup(st->pmtu, GUINT_TO_POINTER(dst));

	/* A message never raises it: RFC 1191 section 3. */
	if (e && e->mtu <= mtu && stack_now(st) - e->learned <= pmtu_age)
		return;
	e = g_new(struct pmtu_entry, 1);
	*e = (struct pmtu_entry){mtu, stack_now(st)};
	g_hash_table_replace(st->pmtu, GUINT_TO_POINTER(dst), e);
}

uint16_t path_mtu(struct net_stack *st, const struct path *path, uint32_t dst) {
	const struct pmtu_entry *e;

	if (!g_hash_table_size(st->pmtu))
		return path->ifp->mtu;
	e = g_hash_table_lookup(st->pmtu, GUINT_TO_POINTER(dst));
	if (!e)
		return path->ifp->mtu;
	if (stack_now(st) - e->learned > pmtu_age) {
		g_hash_table_remove(st->pmtu, GUINT_TO_POINTER(dst));
		return path->ifp->mtu;
	}
	return MIN(e->mtu, path->ifp->mtu);
}

/* --- output ----------------------------------------------------------------------------------- */

uint32_t pseudo_sum(uint32_t src, uint32_t dst, uint8_t protocol, size_t len) {
	return cksum_two(src) + cksum_two(dst) + protocol + (uint32_t)len;
}

/* Where packets stand that do not leave the machine, in their order. */
static void lo_queue(struct net_stack *st, const struct net_if *ifp, struct frame *f) {
	f->mark = ifp->index;
	frame_queue_push(&st->lo_queue, f);
	if (!timer_runs(&st->lo_timer))
		timer_set(st, &st->lo_timer, stack_now(st));
}

/* What goes to many machines goes to this one too, if it is one of them: ip_mc_output(). */
static bool is_for_us_too(struct net_stack *st, const struct net_if *ifp,
                          const struct ip_out *out) {
	if (IN_MULTICAST(out->dst))
		return !out->no_loop && if_has_group(ifp, out->dst);
	return is_broadcast(st, out->dst);
}

static void loop(struct net_if *ifp, struct frame *f, const struct ip_out *out) {
	struct net_stack *st = ifp->st;

	frame_orphan(f); /* loopback_xmit() */
	if (st->ops->loopback)
		st->ops->loopback(st->owner, ifp, f, out->kind, out->payload);
	else
		lo_queue(st, ifp, f);
}

static void loopback_output(struct net_if *lo, struct frame *f, const struct ip_out *out) {
	lo->count.tx_packets++;
	lo->count.tx_bytes += f->len - ETH_HEADER;
	loop(lo, f, out);
}

/* ip_dev_loopback_xmit() of 2.4. */
static void loop_copy(struct net_if *ifp, const struct frame *f, const struct ip_out *out) {
	struct frame *copy = frame_copy(f);

	copy->looped = true;
	loop(ifp, copy, out);
}

/* Puts the Ethernet header before a packet and hands the frame to the interface.  False if its queue did
 * not take it. */
static inline bool ether_output(struct net_stack *st, const struct path *path,
                                const struct ip_out *out, struct frame *f) {
	uint8_t *eth = frame_push(f, ETH_HEADER);
	struct net_if *ifp = path->ifp;

	put16(eth + 12, ETH_IP);
	memcpy(eth + 6, ifp->mac, 6);
	if (ifp->loopback) {
		memset(eth, 0, 6);
		loopback_output(ifp, f, out);
		return true;
	}
	if ((!path->arp || IN_MULTICAST(out->dst)) && is_for_us_too(st, ifp, out))
		loop_copy(ifp, f, out);
	if (IN_MULTICAST(out->dst) && !out->ttl) { /* shall not leave the machine */
		frame_free(f);
		return true;
	}
	if (path->arp) /* nearly always: then it is one machine */
		return arp_send(st, path->arp, f, out->kind, out->payload);
	if (is_broadcast(st, path->nexthop)) {
		memset(eth, 0xff, 6);
	} else if (IN_MULTICAST(path->nexthop)) {
		mac_of_group(eth, path->nexthop);
	} else {
		struct arp_entry *e = arp_lookup(st, ifp, path->nexthop);

		/* An entry that gave way may have made the path stale: look again then. */
		if (path->generation == st->path_generation)
			((struct path *)path)->arp = e;
		return arp_send(st, e, f, out->kind, out->payload);
	}
	return iface_output(ifp, f, out->kind, out->payload);
}

static size_t header_bytes(const struct ip_out *out) {
	return IP_HEADER + (out->router_alert ? OPT_ALERT_BYTES : 0);
}

/* Its checksum is that of the numbers that are written: to read them again as words would have to wait until
 * they are in the cache. */
static inline void ip_header(struct net_stack *st, const struct ip_out *out, struct frame *f,
                             uint16_t id, uint16_t flags_offset) {
	size_t header = header_bytes(out);
	uint8_t *ip = frame_push(f, header);
	uint16_t first = (uint16_t)(0x4000U | header / 4 << 8 | out->tos);
	uint16_t fifth = (uint16_t)(out->ttl << 8 | out->protocol);
	uint32_t sum =
		pseudo_sum(out->src, out->dst, 0, f->len) + first + id + flags_offset + fifth;

	put16(ip, first);
	put16(ip + 2, f->len);
	put16(ip + 4, id);
	put16(ip + 6, flags_offset);
	put16(ip + 8, fifth);
	put32(ip + 12, out->src);
	put32(ip + 16, out->dst);
	if (out->router_alert) {
		put16(ip + 20, OPT_ALERT << 8 | OPT_ALERT_BYTES);
		put16(ip + 22, 0);
		sum += OPT_ALERT << 8 | OPT_ALERT_BYTES;
	}
	put16(ip + 10, cksum_fold(sum));
	st->n.ip_out++;
}

inline bool ip_output(struct net_stack *st, const struct path *path, const struct ip_out *out,
                      struct frame *f) {
	ip_header(st, out, f, ++st->ip_id, out->df ? IP_DF : 0);
	return ether_output(st, path, out, f);
}

bool ip_send_on(struct net_stack *st, const struct path *path, const struct ip_out *out,
                struct frame *f) {
	return ether_output(st, path, out, f);
}

/* A packet, or a piece of one; `header` is what the protocol puts before the user's data. */
struct piece {
	const uint8_t *data;
	size_t len, header; /* of the whole */
	size_t at, bytes;
	uint16_t id;
};

/* False if the machine's own queue did not take it. */
static bool output_piece(struct net_stack *st, const struct path *path, const struct ip_out *whole,
                         const struct piece *p) {
	struct frame *f = frame_new(FRAME_PAYLOAD_AT, p->bytes);
	bool more = p->at + p->bytes < p->len;
	struct ip_out out = *whole;

	memcpy(frame_data(f), p->data + p->at, p->bytes);
	f->len = (uint16_t)p->bytes;
	if (out.from)
		dgram_owns(out.from, f, p->bytes + header_bytes(&out));
	ip_header(st, &out, f, p->id,
	          (uint16_t)(p->at / 8 | (more ? IP_MF : 0) | (out.df ? IP_DF : 0)));
	if (more || p->at) {
		st->n.ip_fragments_out++;
		out.kind = NET_KIND_OTHER;
		out.payload = MAX(p->at + p->bytes, p->header) - MAX(p->at, p->header);
	}
	return ether_output(st, path, &out, f);
}

/* Fragment by fragment, as ip_build_xmit_slow() of 2.4, which begins with the last: so the checksum, which
 * stands in the first, is known when that is made. */
int ip_output_bytes(struct net_stack *st, const struct path *path, const struct ip_out *out,
                    const uint8_t *data, size_t len) {
	size_t most = path_mtu(st, path, out->dst) - (size_t)IP_HEADER;
	struct piece p = {.data = data, .len = len, .header = len - out->payload};
	struct net_progress once = {0}, *progress = out->progress ? out->progress : &once;
	size_t count = 1, number;

	if (len > most) {
		if (out->whole)
			return -EMSGSIZE;
		most &= ~(size_t)7;
		count = (len + most - 1) / most;
	}
	if (!progress->done)
		progress->id = ++st->ip_id;
	p.id = progress->id;
	for (; progress->done < count; progress->done++) {
		if (out->from && (out->progress || !progress->done) && !dgram_has_room(out->from))
			return -EAGAIN;
		number = st->params.last_fragment_first ? count - 1 - progress->done
		                                        : progress->done;
		p.at = number * most;
		p.bytes = MIN(len - p.at, most);
		if (!output_piece(st, path, out, &p) && out->from && out->from->us.recverr)
			return -ENOBUFS;
	}
	return 0;
}

/* --- input ------------------------------------------------------------------------------------ */

static bool header_ok(const struct frame *f, struct ip_info *ip, size_t *total) {
	const uint8_t *p = f->bytes + f->start;
	uint32_t sum;

	if (f->len < IP_HEADER || p[0] >> 4 != 4)
		return false;
	ip->header = (uint8_t)((p[0] & 15) * 4);
	*total = get16(p + 2);
	if (ip->header < IP_HEADER || *total < ip->header || *total > f->len)
		return false;
	/* A length that is known needs no loop. */
	sum = ip->header == IP_HEADER ? cksum_header(0, p, IP_HEADER)
	                              : cksum_header(0, p, ip->header);
	if (cksum_fold(sum) != 0)
		return false;
	ip->tos = p[1];
	ip->id = get16(p + 4);
	ip->flags_offset = get16(p + 6);
	ip->ttl = p[8];
	ip->protocol = p[9];
	ip->src = get32(p + 12);
	ip->dst = get32(p + 16);
	ip->to_many = p[-ETH_HEADER] & 1;
	return true;
}

/* Addresses that no packet may come from: RFC 1122 3.2.1.3. */
static bool martian(const struct net_stack *st, const struct net_if *ifp,
                    const struct ip_info *ip) {
	if (ifp->loopback)
		return false;
	return is_loopback(ip->src) || is_loopback(ip->dst) || IN_MULTICAST(ip->src) ||
	       is_broadcast(st, ip->src);
}

/* Of groups the interface must be a member, whatever its filter let through: ip_route_input(). */
static bool for_us(const struct net_stack *st, const struct net_if *ifp, uint32_t dst) {
	if (IN_MULTICAST(dst))
		return if_has_group(ifp, dst);
	return net_is_local(st, dst) || is_broadcast(st, dst);
}

/* Those of the last packet that was for us: they need no second look until interfaces or routes change (2.4
 * keeps routes of input so). */
static bool as_before(const struct net_stack *st, const struct net_if *ifp,
                      const struct ip_info *ip) {
	const struct known_input *known = &st->known_input;

	return ip->src == known->src && ip->dst == known->dst && ifp == known->ifp &&
	       st->generation == known->generation;
}

/* Of a group one may cease to be a member. */
static void remember(struct net_stack *st, const struct net_if *ifp, const struct ip_info *ip) {
	if (!IN_MULTICAST(ip->dst))
		st->known_input = (struct known_input){ip->src, ip->dst, st->generation, ifp};
}

inline void ip_input(struct net_stack *st, struct net_if *ifp, struct frame *f, bool looped) {
	struct ip_info ip;
	size_t total;
	bool ok, known;

	st->n.ip_in++;
	ok = header_ok(f, &ip, &total);
	known = ok && (looped || as_before(st, ifp, &ip));
	if (!ok || (!known && martian(st, ifp, &ip))) {
		st->n.ip_bad_header++;
		frame_free(f);
		return;
	}
	if (!known && !for_us(st, ifp, ip.dst)) {
		f->len = (uint16_t)total;
		if (st->forward) {
			st->forward(st, &ip, f);
			return;
		}
		st->n.ip_not_mine++;
		frame_free(f);
		return;
	}
	if (!known)
		remember(st, ifp, &ip);
	st->n.ip_looped_in += looped;
	ip.looped = looped;
	ip.to_many |= looped;
	f->len = (uint16_t)total; /* Ethernet may have padded it */
	frame_pull(f, ip.header);
	if (ip.flags_offset & (IP_MF | IP_OFFSET))
		reassembly_input(st, ifp, &ip, f);
	else
		ip_deliver(st, ifp, &ip, f, f->len);
}

inline void ip_deliver(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                       struct frame *chain, size_t len) {
	const struct protocol *above = protocol_find(st->protocols, ip->protocol);

	if (st->raws)
		st->protocols->raw->input(st, ifp, ip, chain, len);
	if (above) {
		above->input(st, ifp, ip, chain, len);
		return;
	}
	icmp_error(st, ip, frame_data(chain) - ip->header, ip->header + chain->len, ICMP_UNREACH,
	           ICMP_UNREACH_PROTOCOL);
	chain_free(chain);
}
