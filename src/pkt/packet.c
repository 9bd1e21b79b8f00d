/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames from packets and packets from frames: Ethernet, ARP, IPv4, TCP, UDP, ICMP. */
#include <net/ethernet.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "pkt/run.h"

enum {
	ETH_BYTES = 14,
	ARP_BYTES = 28,
	IP_BYTES = 20,
	TCP_BYTES = 20,
	UDP_BYTES = 8,
	ICMP_BYTES = 8,
};

static const uint8_t far_mac[6] = {2, 0, 0, 0, 0xff, 1};

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }
static void put16(uint8_t *p, uint32_t v) {
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static void put32(uint8_t *p, uint32_t v) {
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t pseudo_header(uint32_t src, uint32_t dst, uint8_t protocol, size_t len) {
	uint8_t h[12] = {0};

	put32(h, src);
	put32(h + 4, dst);
	h[9] = protocol;
	put16(h + 10, (uint32_t)len);
	return cksum_add(0, h, sizeof h);
}

/* --- options ---------------------------------------------------------------------------------- */

/* Writes one option; 0: `ecr` is not known. */
static size_t put_option(struct run *r, struct conn *c, const struct event *ev,
                         const struct packet_option *o, uint8_t *at) {
	gpointer stamp = NULL;

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
			put32(at + 2 + 8 * i, o->start[i] + c->local_offset);
			put32(at + 6 + 8 * i, o->end[i] + c->local_offset);
		}
		break;
	case OPTION_TS:
		at[1] = 10;
		if (o->b && !g_hash_table_lookup_extended(c->stamps, GUINT_TO_POINTER(o->b), NULL, &stamp)) {
			run_fail(r, ev->line, "error handling packet: "
			         "unable to infer live ecr for unseen script ecr %u", o->b);
			return 0;
		}
		put32(at + 2, o->a);
		put32(at + 6, GPOINTER_TO_UINT(stamp));
		break;
	default:
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
			run_fail(r, ev->line, "error handling packet: TCP options do not fit 40 bytes");
			return -1;
		}
		memcpy(at + n, one, len);
		n += len;
	}
	while (n % 4)
		at[n++] = OPTION_EOL;
	return (int)n;
}

/* --- building --------------------------------------------------------------------------------- */

static void put_ip(struct run *r, const struct packet *p, struct frame *f, uint8_t protocol) {
	uint8_t *h = frame_push(f, IP_BYTES);

	memset(h, 0, IP_BYTES);
	h[0] = 0x45;
	h[1] = (uint8_t)((p->tos >= 0 ? p->tos : 0) | (p->ecn > 0 ? p->ecn : 0));
	put16(h + 2, f->len);
	put16(h + 4, r->ip_id++);
	h[8] = (uint8_t)(p->ttl >= 0 ? p->ttl : 255); /* as packetdrill */
	h[9] = protocol;
	put32(h + 12, r->conf.remote_ip);
	put32(h + 16, r->conf.local_ip);
	put16(h + 10, cksum_fold(cksum_add(0, h, IP_BYTES)));
}

static void put_ethernet(struct run *r, struct frame *f) {
	struct net_if_config conf;
	const char *name = r->conf.via == VIA_SOP_TOE ? "toe0" : "eth0";
	uint8_t *h = frame_push(f, ETH_BYTES);

	net_if_get(net_if_find(r->m.stack, name), &conf);
	memcpy(h, conf.mac, 6);
	memcpy(h + 6, far_mac, 6);
	put16(h + 12, ETHERTYPE_IP);
}

/* Payload that differs from byte to byte, so that a stream put together wrongly would show. */
static void put_payload(struct frame *f, uint32_t seq, uint32_t len) {
	uint8_t *at;

	f->start = (uint16_t)(f->start - len);
	f->len = (uint16_t)len;
	at = frame_data(f);
	for (uint32_t i = 0; i < len; i++)
		at[i] = (uint8_t)((seq + i) * 131);
}

static bool put_tcp(struct run *r, struct conn *c, const struct event *ev, struct frame *f) {
	const struct packet *p = &ev->packet;
	uint8_t options[OPTIONS_MAX], *h;
	int n = put_options(r, c, ev, options);

	if (n < 0)
		return false;
	memcpy(frame_push(f, (size_t)n), options, (size_t)n);
	h = frame_push(f, TCP_BYTES);
	put16(h, c->remote_port);
	put16(h + 2, c->local_port);
	put32(h + 4, p->seq + c->remote_offset);
	put32(h + 8, p->flags & FLAG_ACK ? p->ack + c->local_offset : 0);
	h[12] = (uint8_t)((TCP_BYTES + n) << 2);
	h[13] = p->flags;
	put16(h + 14, (uint32_t)p->win);
	put16(h + 16, 0);
	put16(h + 18, p->urg);
	put16(h + 16, cksum_fold(cksum_add(pseudo_header(r->conf.remote_ip, r->conf.local_ip,
	                                                 IPPROTO_TCP, f->len), h, f->len)));
	return true;
}

static void put_udp(struct run *r, struct conn *c, struct frame *f) {
	uint8_t *h = frame_push(f, UDP_BYTES);
	uint16_t sum;

	put16(h, c->remote_port);
	put16(h + 2, c->local_port);
	put16(h + 4, f->len);
	put16(h + 6, 0);
	sum = cksum_fold(cksum_add(pseudo_header(r->conf.remote_ip, r->conf.local_ip, IPPROTO_UDP,
	                                         f->len), h, f->len));
	put16(h + 6, sum ? sum : 0xffff);
}

static void put_icmp_header(const struct packet *p, struct frame *f) {
	uint8_t *h = frame_push(f, ICMP_BYTES);

	memset(h, 0, ICMP_BYTES);
	h[0] = p->icmp_type;
	h[1] = p->icmp_code;
	put16(h + 6, p->icmp_mtu);
	put16(h + 2, cksum_fold(cksum_add(0, h, f->len)));
}

/* The header that a router would quote of a packet of ours, and the first 8 bytes behind it. */
static void put_quoted(struct run *r, struct conn *c, const struct packet *p, struct frame *f) {
	enum packet_kind quoted = p->quotes ? p->quoted : c->kind;
	uint32_t total = IP_BYTES + p->len + (quoted == PACKET_UDP ? UDP_BYTES : TCP_BYTES);
	uint8_t *t = frame_push(f, 8), *h;

	put16(t, c->local_port);
	put16(t + 2, c->remote_port);
	if (quoted == PACKET_UDP)
		put32(t + 4, (uint32_t)(UDP_BYTES + p->len) << 16);
	else
		put32(t + 4, p->seq + c->local_offset);
	h = frame_push(f, IP_BYTES);
	memset(h, 0, IP_BYTES);
	h[0] = 0x45;
	put16(h + 2, total);
	put16(h + 6, 0x4000);
	h[8] = 64;
	h[9] = quoted == PACKET_UDP ? IPPROTO_UDP : IPPROTO_TCP;
	put32(h + 12, r->conf.local_ip);
	put32(h + 16, r->conf.remote_ip);
	put16(h + 10, cksum_fold(cksum_add(0, h, IP_BYTES)));
}

struct frame *packet_build(struct run *r, struct conn *c, const struct event *ev) {
	const struct packet *p = &ev->packet;
	struct frame *f = frame_new(64 + FRAME_MAX);

	if (p->kind != PACKET_ICMP && p->len > FRAME_MTU - IP_BYTES - TCP_BYTES) {
		run_skip(r, ev->line, "an inbound packet longer than the wire's MTU");
		frame_free(f);
		return NULL;
	}
	if (p->kind != PACKET_ICMP)
		put_payload(f, p->seq, p->len);
	if (p->kind == PACKET_TCP && !put_tcp(r, c, ev, f)) {
		frame_free(f);
		return NULL;
	}
	if (p->kind == PACKET_UDP)
		put_udp(r, c, f);
	if (p->kind == PACKET_ICMP) {
		if (p->icmp_type != ICMP_ECHO && p->icmp_type != ICMP_ECHOREPLY)
			put_quoted(r, c, p, f);
		put_icmp_header(p, f);
	}
	put_ip(r, p, f, p->kind == PACKET_TCP   ? IPPROTO_TCP
	               : p->kind == PACKET_UDP ? IPPROTO_UDP
	                                       : IPPROTO_ICMP);
	put_ethernet(r, f);
	return f;
}

/* --- looking at frames ------------------------------------------------------------------------ */

static bool dissect_transport(const uint8_t *t, size_t len, struct dissected *d) {
	uint32_t sum = cksum_add(pseudo_header(d->src, d->dst, d->protocol, len), t, len);

	if (d->protocol == IPPROTO_ICMP && len >= ICMP_BYTES) {
		d->icmp_type = t[0];
		d->icmp_code = t[1];
		d->icmp_mtu = get16(t + 6);
		d->payload = (uint16_t)(len - ICMP_BYTES);
		d->bad_checksum = cksum_fold(cksum_add(0, t, len)) != 0;
		return true;
	}
	if (len < UDP_BYTES)
		return false;
	d->sport = get16(t);
	d->dport = get16(t + 2);
	d->bad_checksum = cksum_fold(sum) != 0;
	if (d->protocol == IPPROTO_UDP) {
		d->bad_checksum &= get16(t + 6) != 0;
		d->payload = (uint16_t)(len - UDP_BYTES);
		return true;
	}
	if (d->protocol != IPPROTO_TCP || len < TCP_BYTES || (t[12] >> 4) * 4U > len || t[12] >> 4 < 5)
		return false;
	d->seq = get32(t + 4);
	d->ack = get32(t + 8);
	d->flags = t[13];
	d->win = get16(t + 14);
	d->urg = get16(t + 18);
	d->options = t + TCP_BYTES;
	d->options_len = (t[12] >> 4) * 4U - TCP_BYTES;
	d->payload = (uint16_t)(len - TCP_BYTES - d->options_len);
	return true;
}

bool packet_dissect(const struct frame *f, struct dissected *d) {
	const uint8_t *eth = f->bytes + f->start, *ip = eth + ETH_BYTES;
	size_t header, total;

	*d = (struct dissected){0};
	if (f->len < ETH_BYTES + IP_BYTES || get16(eth + 12) != ETHERTYPE_IP || ip[0] >> 4 != 4)
		return false;
	header = (ip[0] & 15) * 4U;
	total = get16(ip + 2);
	if (total < header || total + ETH_BYTES > f->len)
		return false;
	d->tos = ip[1];
	d->ttl = ip[8];
	d->protocol = ip[9];
	d->src = get32(ip + 12);
	d->dst = get32(ip + 16);
	d->fragment = (get16(ip + 6) & 0x3fff) != 0;
	return d->fragment || dissect_transport(ip + header, total - header, d);
}

bool packet_answer_arp(struct run *r, struct frame *f) {
	uint8_t *eth = frame_data(f), *arp = eth + ETH_BYTES, mac[6];
	uint32_t asker, asked;

	if (f->len < ETH_BYTES + ARP_BYTES || get16(eth + 12) != ETHERTYPE_ARP)
		return false;
	asker = get32(arp + 14);
	asked = get32(arp + 24);
	if (get16(arp + 6) != 1 || asked == r->conf.local_ip) {
		frame_free(f);
		return true;
	}
	memcpy(mac, arp + 8, 6);
	memcpy(eth, mac, 6);
	memcpy(eth + 6, far_mac, 6);
	put16(arp + 6, 2);
	memcpy(arp + 8, far_mac, 6);
	put32(arp + 14, asked);
	memcpy(arp + 18, mac, 6);
	put32(arp + 24, asker);
	port_send(r->m.far, f);
	return true;
}
