/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "group_world.h"
#include "net/engine/socket.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct world *gw;

struct seen seen[64];
unsigned n_seen;
uint8_t last_dst[6];

static uint32_t get32(const uint8_t *p) {
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct fate note(struct world *world, int from, struct frame *f) {
	const uint8_t *eth = frame_data(f), *ip = eth + 14, *igmp = ip + 24;
	struct seen *s = &seen[n_seen % G_N_ELEMENTS(seen)];

	memcpy(last_dst, eth, 6);
	if (eth[12] == 8 && eth[13] == 0 && ip[9] == IPPROTO_IGMP) {
		n_seen++;
		*s = (struct seen){world->now, from,           igmp[0],        ip[8],          {0},
		                   {0},        get32(ip + 12), get32(ip + 16), get32(igmp + 4)};
		memcpy(s->dst_mac, eth, 6);
		memcpy(s->options, ip + 20, 4);
		ck_assert_uint_eq(ip[0], 0x46);
		ck_assert_uint_eq(f->len, 14 + 24 + 8);
		ck_assert_uint_eq(cksum_fold(cksum_add(0, ip, 24)), 0);
		ck_assert_uint_eq(cksum_fold(cksum_add(0, igmp, 8)), 0);
	}
	return (struct fate){1, 0, false};
}

void group_up(void) {
	gw = world_new("linux-2.4", SIM_MS);
	gw->fate = note;
	n_seen = 0;
}
void group_down(void) { world_free(gw); }

/* --- calls ------------------------------------------------------------------------------------ */

int group_option(struct net_sock *so, int name, uint32_t group, uint32_t addr, int index) {
	struct ip_mreqn mreq = {{htonl(group)}, {htonl(addr)}, index};

	return net_setopt(so, IPPROTO_IP, name, &mreq,
	                  index ? sizeof mreq : sizeof(struct ip_mreq));
}
int join(struct net_sock *so, uint32_t group, uint32_t addr) {
	return group_option(so, IP_ADD_MEMBERSHIP, group, addr, 0);
}
int leave(struct net_sock *so, uint32_t group, uint32_t addr) {
	return group_option(so, IP_DROP_MEMBERSHIP, group, addr, 0);
}
int through(struct net_sock *so, uint32_t addr) {
	struct in_addr in = {htonl(addr)};

	return net_setopt(so, IPPROTO_IP, IP_MULTICAST_IF, &in, sizeof in);
}

struct net_sock *udp(int id, uint32_t addr, uint16_t port) {
	struct net_sock *so = sock_open(gw, id, SOCK_DGRAM);

	set_int(so, SOL_SOCKET, SO_REUSEADDR, 1);
	ck_assert_int_eq(net_bind(so, addr, port), 0);
	return so;
}
struct net_sock *sender(int id) {
	struct net_sock *so = udp(id, 0, 0);

	ck_assert_int_eq(through(so, id == A ? ADDR_A : ADDR_B), 0);
	return so;
}
ssize_t send_to(struct net_sock *so, uint32_t addr, const char *text) {
	struct iovec iov = {(void *)text, strlen(text)};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = addr, .port = PORT};

	return net_send(so, &msg);
}
unsigned told(struct net_sock *from, uint32_t addr, struct net_sock **to, unsigned n) {
	unsigned got = 0;
	char buf[8];

	ck_assert_int_eq(send_to(from, addr, "hi"), 2);
	world_for(gw, 10 * SIM_MS);
	for (unsigned i = 0; i < n; i++)
		got += recv_flags(to[i], buf, sizeof buf, 0) == 2;
	return got;
}
void drain(struct net_sock *so) {
	while (recv_flags(so, (char[8]){0}, 8, 0) > 0)
		continue;
}
