/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames from the script's packets: TCP, UDP, ICMP, IPv4 and its fragments, Ethernet. */
#include <net/ethernet.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "net/engine/iface.h"
#include "pkt/bytes.h"
#include "pkt/conf.h"
#include "pkt/conn.h"
#include "pkt/frames.h"
#include "pkt/run.h"
#include "pkt/stream.h"

/* --- options ---------------------------------------------------------------------------------- */

/* The time-stamp of ours that the script's number stands for.  0 without one is what a SYN has. */
static bool live_echo(struct run *r, const struct conn *c, const struct event *ev, uint32_t script,
                      uint32_t *echo) {
	gpointer stamp = NULL;

	*echo = script;
	if (!(ev->packet.flags & FLAG_ACK))
		return true;
	if (g_hash_table_lookup_extended(c->stamps, GUINT_TO_POINTER(script), NULL, &stamp))
		*echo = GPOINTER_TO_UINT(stamp);
	else if (r->conf.ts_ecr_scaled && c->have_stamp)
		*echo = script - c->first_script_stamp + c->first_stamp;
	else if (script)
		return run_fail(r, ev->line,
		                "error handling packet: unable to infer live TS ecr for "
		                "script TS ecr %u; no matching or preceding outbound TS val",
		                script);
	return true;
}

/* Writes one option; 0: `ecr` is not known. */
static size_t put_option(struct run *r, struct conn *c, const struct event *ev,
                         const struct packet_option *o, uint8_t *at) {
	uint32_t echo, local = conn_local(c, ev->packet.flags);

	at[0] = o->kind;
	at[1] = 2;
	switch (o->kind) {
	case OPTION_EOL:
	case OPTION_NOP:
		return 1;
	case OPTION_MSS:
		at[1] = 4;
		put16(at + 2, o->a);
		break;
	case OPTION_WSCALE:
		at[1] = 3;
		at[2] = (uint8_t)o->a;
		break;
	case OPTION_SACK:
		at[1] = (uint8_t)(2 + 8 * o->blocks);
		for (unsigned i = 0; i < o->blocks; i++) {
			put32(at + 2 + 8 * i, o->start[i] + local);
			put32(at + 6 + 8 * i, o->end[i] + local);
		}
		break;
	case OPTION_TS:
		at[1] = 10;
		if (!live_echo(r, c, ev, o->b, &echo))
			return 0;
		put32(at + 2, o->a);
		put32(at + 6, echo);
		break;
	default:
		at[1] = (uint8_t)(2 + o->len);
		memcpy(at + 2, o->data, o->len);
		break;
	}
	return at[1];
}

/* All of them, filled up to whole words with end-of-list; -1 after run_fail(). */
static int put_options(struct run *r, struct conn *c, const struct event *ev, uint8_t *at) {
	const struct packet *p = &ev->packet;
	size_t n = 0;

	for (unsigned i = 0; i < p->n_options; i++) {
		uint8_t one[OPTIONS_MAX + 4];
		size_t len = put_option(r, c, ev, &p->options[i], one);

		if (!len)
			return -1;
		if (n + len > OPTIONS_MAX) {
			run_fail(r, ev->line,
			         "error handling packet: TCP options do not fit 40 bytes");
			return -1;
		}
		memcpy(at + n, one, len);
		n += len;
	}
	while (n % 4)
		at[n++] = OPTION_EOL;
	return (int)n;
}

/* --- transport -------------------------------------------------------------------------------- */

/* What follows the IP header, in a buffer of its own. */
struct datagram {
	uint8_t protocol;
	uint8_t *bytes;
	size_t len;
};

static struct datagram datagram_new(uint8_t protocol, size_t len) {
	return (struct datagram){protocol, g_malloc0(len), len};
}

static void put_payload(uint8_t *at, uint32_t seq, size_t len) {
	for (size_t i = 0; i < len; i++)
		at[i] = stream_byte(seq + (uint32_t)i);
}

static uint16_t transport_sum(const struct run *r, const struct datagram *d) {
	uint32_t pseudo = pseudo_header(r->conf.remote_ip, r->conf.local_ip, d->protocol, d->len);

	return cksum_fold(cksum_add(pseudo, d->bytes, d->len));
}

/* Bytes `from` to `to` of a segment's payload: an aggregate, as a card that gathers segments hands
 * them up, comes in pieces. */
static struct datagram put_segment(struct run *r, struct conn *c, const struct packet *p,
                                   const uint8_t *options, size_t options_len, uint32_t from,
                                   uint32_t to) {
	struct datagram d = datagram_new(IPPROTO_TCP, TCP_BYTES + options_len + to - from);
	uint32_t first = p->flags & FLAG_SYN ? p->seq - c->remote_isn + 1 : p->seq;
	uint8_t *h = d.bytes, flags = p->flags;
	bool urgent = flags & FLAG_URG && (p->urg > from || to == p->len);

	if (from)
		flags &= (uint8_t)~FLAG_SYN;
	if (to < p->len)
		flags &= (uint8_t)~(FLAG_FIN | FLAG_PSH);
	if (!urgent)
		flags &= (uint8_t)~FLAG_URG;
	put16(h, c->remote_port);
	put16(h + 2, c->local_port);
	put32(h + 4, p->seq + from + (from && p->flags & FLAG_SYN) + conn_remote(c, p->flags));
	put32(h + 8, p->flags & FLAG_ACK ? p->ack + conn_local(c, p->flags) : p->ack);
	h[12] = (uint8_t)((TCP_BYTES + options_len) << 2);
	h[13] = flags;
	put16(h + 14, (uint32_t)p->win);
	put16(h + 18, urgent && p->urg > from ? p->urg - from : p->urg);
	memcpy(h + TCP_BYTES, options, options_len);
	put_payload(h + TCP_BYTES + options_len, first + from, to - from);
	c->odd_in |= (flags & FLAG_URG) != 0;
	put16(h + 16, transport_sum(r, &d));
	return d;
}

static struct datagram put_udp(struct run *r, struct conn *c, const struct packet *p) {
	struct datagram d = datagram_new(IPPROTO_UDP, UDP_BYTES + p->len);
	uint16_t sum;

	put16(d.bytes, c->remote_port);
	put16(d.bytes + 2, c->local_port);
	put16(d.bytes + 4, (uint32_t)d.len);
	put_payload(d.bytes + UDP_BYTES, 0, p->len);
	sum = transport_sum(r, &d);
	put16(d.bytes + 6, sum ? sum : 0xffff);
	return d;
}

/* The header that a router would quote of a packet of ours, and the first 8 bytes behind it. */
static void put_quoted(struct run *r, struct conn *c, const struct packet *p, uint8_t *h) {
	enum packet_kind quoted = p->quotes ? p->quoted : c->kind;
	uint32_t total = IP_BYTES + p->len + (quoted == PACKET_UDP ? UDP_BYTES : TCP_BYTES);
	uint8_t *t = h + IP_BYTES;

	h[0] = 0x45;
	put16(h + 2, total);
	put16(h + 6, 0x4000);
	h[8] = 64;
	h[9] = quoted == PACKET_UDP ? IPPROTO_UDP : IPPROTO_TCP;
	put32(h + 12, r->conf.local_ip);
	put32(h + 16, r->conf.remote_ip);
	put16(h + 10, cksum_fold(cksum_add(0, h, IP_BYTES)));
	put16(t, c->local_port);
	put16(t + 2, c->remote_port);
	if (quoted == PACKET_UDP)
		put32(t + 4, (uint32_t)(UDP_BYTES + p->len) << 16);
	else
		put32(t + 4, p->seq + conn_local(c, 0));
}

/* Errors are about a packet (RFC 792), queries are not. */
static bool about_packet(const struct packet *p) {
	return !p->icmp_raw &&
	       (p->quotes || p->icmp_type == ICMP_DEST_UNREACH ||
	        p->icmp_type == ICMP_SOURCE_QUENCH || p->icmp_type == ICMP_REDIRECT ||
	        p->icmp_type == ICMP_TIME_EXCEEDED || p->icmp_type == ICMP_PARAMETERPROB);
}

static struct datagram put_icmp(struct run *r, struct conn *c, const struct packet *p) {
	bool quotes = about_packet(p);
	struct datagram d = datagram_new(IPPROTO_ICMP, p->icmp_raw ? p->icmp_raw
	                                               : quotes    ? ICMP_BYTES + IP_BYTES + 8
	                                                           : ICMP_BYTES);

	d.bytes[0] = p->icmp_type;
	d.bytes[1] = p->icmp_code;
	put16(d.bytes + 4, p->echo_id);
	put16(d.bytes + 6, p->icmp_mtu);
	if (quotes)
		put_quoted(r, c, p, d.bytes + ICMP_BYTES);
	put16(d.bytes + 2, cksum_fold(cksum_add(0, d.bytes, d.len)));
	return d;
}

/* --- IP --------------------------------------------------------------------------------------- */

static void put_ethernet(struct run *r, struct frame *f) {
	struct net_if_config conf;
	const char *name = r->conf.via == VIA_SOP_TOE ? "toe0" : "eth0";
	uint8_t *h = frame_push(f, ETH_BYTES);

	net_if_get(net_if_find(r->m.stack, name), &conf);
	memcpy(h, conf.mac, 6);
	memcpy(h + 6, far_mac, 6);
	put16(h + 12, ETHERTYPE_IP);
}

/* Sends the bytes `from` to `to` of a datagram. */
static void send_part(struct run *r, const struct packet *p, const struct datagram *d, size_t from,
                      size_t to) {
	struct frame *f = frame_new(64 + FRAME_ETHER, to - from);
	uint8_t *h;

	f->len = (uint16_t)(to - from);
	memcpy(frame_data(f), d->bytes + from, to - from);
	h = frame_push(f, IP_BYTES);
	memset(h, 0, IP_BYTES);
	h[0] = 0x45;
	h[1] = (uint8_t)((p->tos >= 0 ? p->tos : 0) | (p->ecn > 0 ? p->ecn : 0));
	put16(h + 2, f->len);
	put16(h + 4, r->ip_id);
	put16(h + 6, (to < d->len ? 0x2000U : 0) | (uint32_t)from / 8);
	h[8] = (uint8_t)(p->ttl >= 0 ? p->ttl : 255); /* as packetdrill */
	h[9] = d->protocol;
	put32(h + 12, r->conf.remote_ip);
	put32(h + 16, r->conf.local_ip);
	put16(h + 10, cksum_fold(cksum_add(0, h, IP_BYTES)));
	put_ethernet(r, f);
	port_send(r->m.far, f);
}

static bool same_datagram(const struct packet *a, const struct packet *b) {
	return a->kind == b->kind && a->len == b->len && a->seq == b->seq &&
	       a->remote_port == b->remote_port && a->local_port == b->local_port;
}

/* Fragments of the same datagram that follow each other in the script have one identification. */
static void choose_id(struct run *r, const struct packet *p) {
	if (!p->fragment || !r->fragment_before || !same_datagram(p, r->fragment_before))
		r->ip_id++;
	r->fragment_before = p->fragment ? p : NULL;
}

/* What the machine's interface takes in one frame. */
static uint16_t wire_mtu(const struct run *r) { return MAX(FRAME_MTU, r->conf.mtu); }

static bool can_be(const struct run *r, const struct packet *p, const struct datagram *d) {
	return p->frag_end <= d->len && p->frag_end - p->frag_start <= wire_mtu(r) - IP_BYTES &&
	       (p->frag_end % 8 == 0 || p->frag_end == d->len);
}

/* Sends a datagram, in fragments if it is longer than the wire takes, or the one part that the
 * script wants; frees it. */
static bool send_datagram(struct run *r, const struct event *ev, struct datagram *d) {
	const struct packet *p = &ev->packet;
	const size_t whole = wire_mtu(r) - IP_BYTES, most = whole / 8 * 8;
	bool good = !p->fragment || can_be(r, p, d);

	choose_id(r, p);
	if (!good)
		run_fail(r, ev->line,
		         "error handling packet: no fragment %u:%u of %zu bytes can be",
		         p->frag_start, p->frag_end, d->len);
	else if (p->fragment)
		send_part(r, p, d, p->frag_start, p->frag_end);
	else if (d->len <= whole)
		send_part(r, p, d, 0, d->len);
	else
		for (size_t at = 0; at < d->len; at += most)
			send_part(r, p, d, at, MIN(at + most, d->len));
	g_free(d->bytes);
	return good;
}

static bool send_segments(struct run *r, struct conn *c, const struct event *ev) {
	const struct packet *p = &ev->packet;
	uint8_t options[OPTIONS_MAX];
	int n = put_options(r, c, ev, options);
	uint32_t most, from = 0;

	if (n < 0)
		return false;
	most = wire_mtu(r) - IP_BYTES - TCP_BYTES - (uint32_t)n;
	if (r->conf.gathered)
		most = MIN(most, r->conf.gathered);
	if (p->fragment)
		most = p->len;
	do {
		uint32_t to = MIN(p->len, from + most);
		struct datagram d = put_segment(r, c, p, options, (size_t)n, from, to);

		if (!send_datagram(r, ev, &d))
			return false;
		from = to;
	} while (from < p->len);
	return true;
}

bool packet_send(struct run *r, struct conn *c, const struct event *ev) {
	struct datagram d;

	if (ev->packet.kind == PACKET_TCP)
		return send_segments(r, c, ev);
	d = ev->packet.kind == PACKET_UDP ? put_udp(r, c, &ev->packet)
	                                  : put_icmp(r, c, &ev->packet);
	return send_datagram(r, ev, &d);
}
