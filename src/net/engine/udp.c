/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UDP (RFC 768): who gets this datagram, and what goes out? */
#include "net/engine/chain.h"
#include "net/engine/dgram.h"
#include "net/engine/icmp.h"
#include "net/engine/internal.h"
#include "net/engine/netif.h"
#include "net/engine/socket.h"
#include "net/engine/wire.h"

#include <poll.h>

static const size_t udp_most = 65535 - IP_HEADER - UDP_HEADER;

/* --- naming ----------------------------------------------------------------------------------- */

static int autobind(struct user_sock *us) {
	int err;

	if (us->so.lport)
		return 0;
	err = port_bind(&us->so, us->so.laddr, 0);
	if (err)
		return -EAGAIN; /* inet_autobind() */
	table_insert(&us->so.st->udp_table, &us->so, port_hash(us->so.lport));
	return 0;
}

static int udp_connect(struct user_sock *us, uint32_t addr, uint16_t port) {
	int err = autobind(us);

	return err ? err : dgram_connect(us, addr, port);
}

static int udp_disconnect(struct user_sock *us) {
	struct net_sock *so = &us->so;

	dgram_disconnect(us);
	if (!(so->flags & SO_F_BOUND_PORT) && so->lport) {
		table_remove(&so->st->udp_table, so, port_hash(so->lport));
		port_leave(so);
		so->lport = 0;
	}
	return 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

static void udp_header(uint8_t *h, const struct net_sock *so, uint16_t fport, size_t len) {
	put16(h, so->lport);
	put16(h + 2, fport);
	put16(h + 4, (uint16_t)len);
	put16(h + 6, 0);
}

static void udp_checksum(uint8_t *h, const struct ip_out *out, size_t len) {
	uint32_t sum = pseudo_sum(out->src, out->dst, IPPROTO_UDP, len);
	uint16_t check = cksum_fold(cksum_add(sum, h, len));

	put16(h + 6, check ? check : 0xffff); /* zero says "no checksum" */
}

static int udp_transmit(struct user_sock *us, const struct path *path, struct ip_out *out,
                        uint16_t port, const struct net_msg *msg, size_t len) {
	struct net_stack *st = us->so.st;
	size_t total = len + UDP_HEADER;
	uint8_t *flat;
	int err;

	if (total + IP_HEADER <= path_mtu(st, path, out->dst)) {
		struct frame *f;
		uint8_t *h;

		if (!dgram_has_room(out->from))
			return -EAGAIN;
		f = frame_new(FRAME_PAYLOAD_AT, total);
		h = frame_data(f);
		dgram_owns(out->from, f, total + IP_HEADER);
		f->len = (uint16_t)total;
		msg_get(msg, 0, h + UDP_HEADER, len);
		udp_header(h, &us->so, port, total);
		udp_checksum(h, out, total);
		return ip_output(st, path, out, f) || !us->recverr ? 0 : -ENOBUFS;
	}
	flat = g_malloc(total);
	msg_get(msg, 0, flat + UDP_HEADER, len);
	udp_header(flat, &us->so, port, total);
	udp_checksum(flat, out, total);
	err = ip_output_bytes(st, path, out, flat, total);
	g_free(flat);
	return err;
}

static ssize_t udp_send(struct user_sock *us, const struct net_msg *msg) {
	size_t len = msg_length(msg);
	struct dgram_to to;
	struct ip_out out;
	int err;

	if (len > udp_most)
		return -EMSGSIZE;
	if (msg->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (msg->addr && !msg->port)
		return -EINVAL;
	err = dgram_destination(us, msg, &to);
	if (!err)
		err = autobind(us);
	if (err)
		return err;
	dgram_out(us, &to, IPPROTO_UDP, &out);
	out.kind = NET_KIND_UDP;
	out.payload = len;
	out.progress = msg->progress;
	err = udp_transmit(us, to.path, &out, to.port, msg, len);
	if (err == -EMSGSIZE)
		return dgram_too_big(us, &to);
	if (err)
		return err;
	us->so.st->n.udp_out++;
	return (ssize_t)len;
}

/* --- receiving -------------------------------------------------------------------------------- */

/* Who sent a datagram to whom, as sockets are looked up by it. */
struct udp_tuple {
	const struct net_if *ifp; /* of the error about it, if it did not arrive */
	uint32_t laddr, faddr;
	uint16_t lport, fport;
};

static bool udp_matches(const struct net_sock *so, const struct udp_tuple *t) {
	return so->lport == t->lport && (!so->laddr || so->laddr == t->laddr) &&
	       (!so->fport || (so->faddr == t->faddr && so->fport == t->fport)) &&
	       (!user_sock(so)->device || user_sock(so)->device == t->ifp);
}

/* The best match: a connected socket before a bound address before INADDR_ANY, as Linux's
 * udp_v4_lookup() scores them. */
static struct dgram_sock *udp_lookup(struct net_stack *st, const struct udp_tuple *t) {
	struct net_sock *best = NULL, *so = table_chain(&st->udp_table, port_hash(t->lport));
	int best_score = -1;

	for (; so; so = so->hash_next) {
		int score = 0;

		if (!udp_matches(so, t))
			continue;
		score = (so->laddr != 0) + 2 * (so->fport != 0) + (user_sock(so)->device != NULL);
		if (score > best_score) {
			best = so;
			best_score = score;
		}
	}
	return (struct dgram_sock *)best;
}

/* To many: a copy for each that matches, whether or not it has joined the group itself; nobody is
 * told if none does (udp_v4_mcast_deliver()). */
static void udp_deliver_many(struct net_stack *st, const struct udp_tuple *t, struct net_if *ifp,
                             const struct ip_info *ip, struct frame *chain, size_t len) {
	struct net_sock *so = table_chain(&st->udp_table, port_hash(t->lport));
	struct dgram_sock *last = NULL;

	frame_pull(chain, UDP_HEADER);
	len -= UDP_HEADER;
	for (; so; so = so->hash_next) {
		if (!udp_matches(so, t))
			continue;
		if (last)
			dgram_queue(last, chain_copy(chain), len, ip, t->fport, ifp);
		last = (struct dgram_sock *)so;
	}
	if (!last) {
		st->n.udp_no_port++;
		chain_free(chain);
		return;
	}
	st->n.udp_in++;
	dgram_queue(last, chain, len, ip, t->fport, ifp);
}

static bool udp_valid(struct net_stack *st, const struct ip_info *ip, const struct frame *chain,
                      size_t len) {
	const uint8_t *h = chain->bytes + chain->start;
	uint32_t sum;

	if (chain->len < UDP_HEADER || get16(h + 4) < UDP_HEADER || get16(h + 4) > len)
		return false;
	if (get16(h + 6) == 0)
		return true;
	sum = pseudo_sum(ip->src, ip->dst, IPPROTO_UDP, get16(h + 4));
	/* Every fragment but the last is of even length, so sums may be added up. */
	for (const struct frame *part = chain; part; part = part->next)
		sum = cksum_add(sum, part->bytes + part->start, part->len);
	if (cksum_fold(sum) == 0)
		return true;
	st->n.udp_bad_checksum++;
	return false;
}

static void udp_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                      struct frame *chain, size_t len) {
	const uint8_t *h = frame_data(chain);
	struct udp_tuple t = {.ifp = ifp, .laddr = ip->dst, .faddr = ip->src};
	struct dgram_sock *ds;

	if (!chain->next && len >= UDP_HEADER && get16(h + 4) >= UDP_HEADER && get16(h + 4) < len)
		len = chain->len = get16(h + 4);
	if (!udp_valid(st, ip, chain, len)) {
		chain_free(chain);
		return;
	}
	t.fport = get16(h);
	t.lport = get16(h + 2);
	if (IN_MULTICAST(ip->dst) || is_broadcast(st, ip->dst)) {
		udp_deliver_many(st, &t, ifp, ip, chain, len);
		return;
	}
	ds = udp_lookup(st, &t);
	if (!ds) {
		st->n.udp_no_port++;
		icmp_error(st, ip, h - ip->header, ip->header + chain->len, ICMP_UNREACH,
		           ICMP_UNREACH_PORT);
		chain_free(chain);
		return;
	}
	st->n.udp_in++;
	frame_pull(chain, UDP_HEADER);
	dgram_queue(ds, chain, len - UDP_HEADER, ip, t.fport, ifp);
}

/* Only a connected socket can know which datagram an error is about, and soft ones are not told; but
 * to one with IP_RECVERR all are, with what came back (udp_err() of 2.4). */
static void udp_icmp(struct net_stack *st, const struct ip_info *ip, const uint8_t *header,
                     size_t len, const struct icmp_news *news) {
	struct udp_tuple t = {news->ifp, ip->src, ip->dst, get16(header), get16(header + 2)};
	struct dgram_sock *ds = udp_lookup(st, &t);
	bool hard = news->hard || news->mtu;

	if (!ds || news->quench || (news->mtu && !us_dont_fragment(&ds->us)))
		return;
	if (ds->us.recverr)
		dgram_icmp_error(ds, ip, t.fport, news, header + UDP_HEADER, len - UDP_HEADER);
	else if (!hard || ds->us.so.state != TCP_ESTABLISHED)
		return;
	ds->us.error = news->error;
	sock_event(&ds->us, NET_EV_ERROR);
}

static const struct sock_ops udp_ops = {
	.forget_interface = dgram_forget_interface,
	.connect = udp_connect,
	.disconnect = udp_disconnect,
	.send = udp_send,
	DGRAM_OPS,
};

/* --- life ------------------------------------------------------------------------------------- */

static struct user_sock *udp_open(struct net_stack *st, int protocol) {
	struct dgram_sock *ds = g_new0(struct dgram_sock, 1);

	(void)protocol; /* there is one */
	user_sock_init(&ds->us, st, SOCK_KIND_UDP, &udp_ops);
	return &ds->us;
}

const struct protocol udp_protocol = {
	.open = udp_open,
	.input = udp_input,
	.icmp = udp_icmp,
};
