/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the other side knows, and what it makes up of that. */
#include "fuzz.h"
#include "net/engine/ip.h"
#include "net/engine/tcp.h"

/* --- what the stack sends --------------------------------------------------------------------- */

static struct view *find_view(struct fuzz *z, uint16_t lport, uint16_t fport) {
	for (unsigned i = 0; i < MIN(z->views, VIEWS); i++)
		if (z->view[i].lport == lport && z->view[i].fport == fport)
			return &z->view[i];
	return NULL;
}

void fuzz_see(struct fuzz *z, const uint8_t *tcp, size_t payload) {
	uint16_t lport = get16(tcp), fport = get16(tcp + 2);
	struct view *v = find_view(z, lport, fport);
	uint32_t seq = get32(tcp + 4);
	uint8_t flags = tcp[13];

	if (flags & TCP_RST)
		return;
	if (!v) {
		v = &z->view[z->views++ % VIEWS];
		*v = (struct view){
			.lport = lport, .fport = fport, .first = seq, .next = seq, .una = seq};
	}
	seq += (uint32_t)payload + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
	if (flags & TCP_SYN || seq_gt(seq, v->next))
		v->next = seq;
	if (flags & TCP_ACK)
		v->ack = get32(tcp + 8);
}

/* --- what arrives ----------------------------------------------------------------------------- */

/* Puts an IP header before `f` and hands it over. */
static void arrive(struct fuzz *z, struct frame *f, uint8_t protocol, uint16_t fragment,
                   uint16_t id) {
	uint8_t *ip = frame_push(f, IP_HEADER), *eth;

	memset(ip, 0, IP_HEADER);
	ip[0] = 0x45;
	put16(ip + 2, f->len);
	put16(ip + 4, id);
	put16(ip + 6, fragment);
	ip[8] = 64;
	ip[9] = protocol;
	put32(ip + 12, THEIRS);
	put32(ip + 16, OURS);
	put16(ip + 10, cksum_fold(cksum_add(0, ip, IP_HEADER)));
	eth = frame_push(f, ETH_HEADER);
	memset(eth, 2, 12);
	put16(eth + 12, ETH_IP);
	net_input(z->st, z->ifp, f);
}

static size_t raw_options(struct fuzz *z, uint8_t *p) {
	size_t n = input_byte(&z->in) % 11 * 4;

	for (size_t i = 0; i < n; i++)
		p[i] = input_byte(&z->in);
	return n;
}

static size_t sensible_options(struct fuzz *z, const struct view *v, uint8_t *p, bool syn) {
	static const uint8_t all[20] = {2, 4, 5, 180, 4, 2, 8, 10, 0, 0,
	                                0, 9, 0, 0,   0, 0, 1, 3,  3, 2};
	unsigned blocks = input_byte(&z->in) % 4;
	size_t n = 0;

	if (syn) {
		memcpy(p, all, sizeof(all));
		put16(p + 2, (uint16_t)(input_word(&z->in) % 1600));
		return sizeof(all);
	}
	if (input_byte(&z->in) & 1) {
		memcpy(p, (const uint8_t[4]){1, 1, 8, 10}, 4);
		put32(p + 4,
		      (uint32_t)(z->now / SIM_MS) + 9 + (uint32_t)(int8_t)input_byte(&z->in));
		put32(p + 8, tcp_clock(z->st) - input_byte(&z->in) % 4);
		n = 12;
	}
	if (blocks) {
		memcpy(p + n, (const uint8_t[4]){1, 1, 5, (uint8_t)(2 + 8 * blocks)}, 4);
		n += 4;
		for (unsigned i = 0; i < blocks; i++, n += 8) {
			uint32_t out = v->next - v->una, start = v->una;

			start += out ? input_word(&z->in) % out : 0;
			put32(p + n, start);
			put32(p + n + 4,
			      start + input_word(&z->in) % 4000 + (uint32_t)input_offset(&z->in));
		}
	}
	return n;
}

static void finish_tcp(struct fuzz *z, struct frame *f, const struct view *v, uint8_t flags,
                       size_t options) {
	uint8_t *h = frame_data(f);

	put16(h, v->fport);
	put16(h + 2, v->lport);
	h[12] = (uint8_t)((TCP_HEADER + options) << 2);
	h[13] = flags;
	put16(h + 16, 0);
	put16(h + 16,
	      cksum_fold(cksum_add(pseudo_sum(THEIRS, OURS, IPPROTO_TCP, f->len), h, f->len)));
	arrive(z, f, IPPROTO_TCP, 0, 0);
}

static struct view any_view(struct fuzz *z) {
	struct view v = {.lport = fuzz_port(z), .fport = fuzz_port(z)};
	uint8_t which = input_byte(&z->in);

	if (z->views && which < 240)
		v = z->view[which % MIN(z->views, VIEWS)];
	return v;
}

/* What a segment acknowledges: all, what was acknowledged before, or a part of the rest. */
static uint32_t choose_ack(struct fuzz *z, const struct view *v) {
	uint8_t b = input_byte(&z->in);
	uint32_t out = v->next - v->una;

	if (b < 64)
		return v->next;
	if (b < 160)
		return v->una;
	if (b < 224)
		return v->una + (out ? input_word(&z->in) % out : 0);
	return v->next + (uint32_t)input_offset(&z->in);
}

/* A segment of a known connection, more or less off the mark, or of a new one. */
static void segment(struct fuzz *z) {
	static const uint8_t usual[] = {TCP_ACK, TCP_ACK,           TCP_ACK | TCP_PSH,
	                                TCP_SYN, TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK,
	                                TCP_RST, TCP_ACK | TCP_URG};
	struct view v = any_view(z);
	uint8_t b = input_byte(&z->in), flags = b < 224 ? usual[b % 8] : input_byte(&z->in);
	struct frame *f = frame_new(FRAME_PAYLOAD_AT, FRAME_MTU - IP_HEADER);
	uint8_t options[TCP_OPTIONS_MAX], *h;
	uint32_t seq = v.ack + (uint32_t)input_offset(&z->in), ack = choose_ack(z, &v);
	struct view *known = find_view(z, v.lport, v.fport);
	size_t n;

	if (known && seq_gt(ack, known->una) && seq_le(ack, known->next))
		known->una = ack;

	f->len = (uint16_t)(b & 8 ? input_byte(&z->in) : b & 16 ? input_word(&z->in) % 1400 : 0);
	for (size_t i = 0; i < f->len; i++)
		frame_data(f)[i] = (uint8_t)(seq + i);
	n = input_byte(&z->in) & 1 ? raw_options(z, options)
	                           : sensible_options(z, &v, options, flags & TCP_SYN);
	memcpy(frame_push(f, n), options, n);
	h = frame_push(f, TCP_HEADER);
	put32(h + 4, seq);
	put32(h + 8, ack);
	b = input_byte(&z->in);
	put16(h + 14, b < 128 ? 0xffff : b < 192 ? 0 : input_word(&z->in));
	put16(h + 18, input_byte(&z->in));
	finish_tcp(z, f, &v, flags, n);
}

/* What an honest peer would say now: completes handshakes and acknowledges all. */
void fuzz_answer(struct fuzz *z, struct view v, size_t len) {
	struct frame *f = frame_new(FRAME_PAYLOAD_AT, FRAME_MTU - IP_HEADER);
	uint8_t *h, flags = TCP_ACK, options[TCP_OPTIONS_MAX] = {0};
	struct view *known = find_view(z, v.lport, v.fport);
	size_t n = 0;

	if (!v.ack) { /* the stack's SYN */
		flags |= TCP_SYN;
		v.ack = 1000;
		if (input_byte(&z->in) & 1)
			n = sensible_options(z, &v, options, true);
	}
	if (known)
		known->una = v.next;
	f->len = (uint16_t)(flags & TCP_SYN ? 0 : len);
	memset(frame_data(f), 'h', f->len);
	memcpy(frame_push(f, n), options, n);
	h = frame_push(f, TCP_HEADER);
	put32(h + 4, v.ack);
	put32(h + 8, v.next);
	put16(h + 14, 0xffff);
	put16(h + 18, 0);
	finish_tcp(z, f, &v, flags, n);
}

static void honest_answer(struct fuzz *z) {
	struct view v = any_view(z);

	fuzz_answer(z, v, input_byte(&z->in));
}

static void datagram(struct fuzz *z) {
	struct frame *f = frame_new(FRAME_PAYLOAD_AT, FRAME_MTU - IP_HEADER);
	uint8_t *h = frame_data(f);

	f->len = (uint16_t)(UDP_HEADER + input_byte(&z->in));
	memset(h, 'u', f->len);
	put16(h, fuzz_port(z));
	put16(h + 2, fuzz_port(z));
	put16(h + 4, (uint16_t)(f->len + (uint32_t)input_offset(&z->in)));
	put16(h + 6, 0); /* none */
	arrive(z, f, IPPROTO_UDP, 0, 0);
}

static void fragment(struct fuzz *z) {
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, 99};
	struct frame *f = frame_new(FRAME_PAYLOAD_AT, FRAME_MTU - IP_HEADER);
	uint8_t b = input_byte(&z->in);

	f->len = (uint16_t)(b & 1 ? input_word(&z->in) % 1400 : input_byte(&z->in) % 9 * 8);
	for (size_t i = 0; i < f->len; i++)
		frame_data(f)[i] = i < 24 ? input_byte(&z->in) : (uint8_t)i;
	arrive(z, f, protocols[b / 2 % 4],
	       (uint16_t)(input_byte(&z->in) % 4 * f->len / 8 | (b & 16 ? IP_MF : 0)), b >> 6);
}

/* An ICMP message; errors quote a segment of the stack's. */
static void icmp(struct fuzz *z) {
	static const uint8_t types[] = {ICMP_UNREACH,
	                                ICMP_UNREACH,
	                                ICMP_EXCEEDED,
	                                ICMP_PARAMETER,
	                                ICMP_ECHO,
	                                ICMP_ECHOREPLY,
	                                13};
	struct view v = any_view(z);
	struct frame *f = frame_new(FRAME_PAYLOAD_AT, FRAME_MTU - IP_HEADER);
	uint8_t *m = frame_data(f), *q = m + ICMP_HEADER;

	f->len = (uint16_t)(ICMP_HEADER + IP_HEADER + 8);
	memset(m, 0, f->len);
	m[0] = types[input_byte(&z->in) % G_N_ELEMENTS(types)];
	m[1] = input_byte(&z->in) % 18;
	put16(m + 6, input_word(&z->in));
	q[0] = input_byte(&z->in) % 16 ? 0x45 : input_byte(&z->in);
	put16(q + 2, input_word(&z->in));
	q[9] = input_byte(&z->in) & 1 ? IPPROTO_TCP : IPPROTO_UDP;
	put32(q + 12, OURS);
	put32(q + 16, THEIRS);
	put16(q + 20, v.lport);
	put16(q + 22, v.fport);
	put32(q + 24, v.first + (uint32_t)input_offset(&z->in));
	f->len = (uint16_t)(input_byte(&z->in) % 16 ? f->len : input_byte(&z->in) % f->len);
	if (f->len >= ICMP_HEADER)
		put16(m + 2, cksum_fold(cksum_add(0, m, f->len)));
	arrive(z, f, IPPROTO_ICMP, 0, 0);
}

static void garbage(struct fuzz *z) {
	struct frame *f = frame_new(0, FRAME_MTU);
	uint8_t *p = frame_data(f);

	f->len = input_byte(&z->in);
	for (size_t i = 0; i < f->len; i++)
		p[i] = input_byte(&z->in);
	if (f->len >= ETH_HEADER && input_byte(&z->in) & 1)
		memset(p, 2, 6); /* to this machine */
	if (f->len >= ETH_HEADER && input_byte(&z->in) & 1)
		put16(p + 12, input_byte(&z->in) & 1 ? ETH_IP : ETH_ARP);
	net_input(z->st, z->ifp, f);
}

void fuzz_arrival(struct fuzz *z, unsigned which) {
	if (which < 9)
		segment(z);
	else if (which < 13)
		honest_answer(z);
	else if (which == 13)
		datagram(z);
	else if (which == 14)
		fragment(z);
	else if (which == 15)
		icmp(z);
	else
		garbage(z);
}
