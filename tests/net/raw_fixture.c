/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "raw_fixture.h"
#include "bytes.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"

#include <string.h>

static const uint8_t mss_1000[4] = {2, 4, 1000 >> 8, 1000 & 255};

void plain(struct net_params *p) {
	p->timestamps = false;
	p->window_scaling = false;
	p->quickacks = 0;
	p->delack_min = p->delack_max = 100 * SIM_MS;
	p->linux_rto = false; /* RFC 2988's own rule */
	p->growing_window = false;
	p->fack = p->rate_halving = p->adapt_reordering = false; /* RFC 3517 alone */
}

struct world *w;
struct net_sock *so;
uint32_t iss;
struct seg s;

void up(void) {
	w = world_raw(plain);
	so = raw_connected(w, &iss, mss_1000, sizeof(mss_1000), 20000);
}
void up_sack(void) {
	static const uint8_t both[8] = {2, 4, 1000 >> 8, 1000 & 255, 1, 1, 4, 2};

	near_wrap_at(10500); /* among what is under way */
	w = world_raw(plain);
	so = raw_connected(w, &iss, both, sizeof(both), 60000);
}
void down(void) { world_free(w); }

void from_peer(uint8_t flags, uint32_t seq, uint32_t ack, const char *text) {
	inject(w, &(struct seg){.flags = flags,
	                        .seq = seq,
	                        .ack = ack,
	                        .wnd = 20000,
	                        .data = text,
	                        .len = strlen(text)});
}

uint32_t twelve_of(size_t len) {
	static char block[60000];

	send_flags(so, block, len, 0);
	for (uint32_t n = 1; n <= 8; n++)
		inject(w,
		       &(struct seg){
			       .flags = ACK, .seq = 5001, .ack = iss + 1 + 1000 * n, .wnd = 60000});
	drop_caught(w);
	return iss + 8001;
}

uint32_t twelve(void) { return twelve_of(60000); }

void sack_from_peer(uint32_t ack, uint32_t start, uint32_t end, uint32_t start2, uint32_t end2) {
	uint8_t opt[20] = {1, 1, 5, end2 ? 18 : 10};
	uint32_t v[4] = {start, end, start2, end2};

	for (int i = 0; i < 16; i++)
		opt[4 + i] = (uint8_t)(v[i / 4] >> (24 - 8 * (i % 4)));
	inject(w, &(struct seg){.flags = ACK,
	                        .seq = 5001,
	                        .ack = ack,
	                        .wnd = 60000,
	                        .opt = opt,
	                        .optlen = end2 ? 20 : 12});
}

struct tcp_info info(void) {
	struct tcp_info ti;
	socklen_t len = sizeof(ti);

	ck_assert_int_eq(net_getopt(so, IPPROTO_TCP, TCP_INFO, &ti, &len), 0);
	return ti;
}

static void sum(uint8_t *at, const uint8_t *data, size_t len) {
	put(at, cksum_fold(cksum_add(0, data, len)), 2);
}

void icmp_from_peer(const struct icmp *icmp) {
	struct frame *f = frame_new(0, FRAME_MTU);
	uint8_t *p = frame_data(f), *ip = p + 14, *ic = ip + 20, *q = ic + 8;
	uint16_t lport = icmp->port;
	uint32_t addr;

	if (!lport)
		net_sockname(so, &addr, &lport);
	f->len = 14 + 20 + 8 + 28;
	memset(p, 0, f->len);
	memcpy(p, node_mac[A], 6);
	p[12] = 8;
	ip[0] = q[0] = 0x45;
	ip[3] = 56;
	ip[8] = 64;
	ip[9] = IPPROTO_ICMP;
	put(ip + 12, ADDR_B, 4);
	put(ip + 16, ADDR_A, 4);
	sum(ip + 10, ip, 20);
	ic[0] = icmp->type;
	ic[1] = icmp->code;
	put(ic + 6, icmp->mtu, 2);
	put(q + 2, icmp->total ? icmp->total : 40, 2);
	q[9] = IPPROTO_TCP;
	put(q + 12, ADDR_A, 4);
	put(q + 16, ADDR_B, 4);
	put(q + 20, lport, 2);
	put(q + 22, 80, 2);
	put(q + 24, icmp->seq, 4);
	sum(ic + 2, ic, 36);
	net_input(w->node[A].st, w->node[A].ifp, f);
}
