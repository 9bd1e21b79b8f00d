/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups on the whole machine: the rulings that the scripted stacks test, on stacks that carry them
 * out.  Each test runs with both kinds of card. */
#include "kinds.h"

#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>

#define GROUP 0xef010101U /* 239.1.1.1 */
#define PORT 6000

/* --- what programs say ------------------------------------------------------------------------ */

static int group_option(struct task *me, int fd, int name, uint32_t group, uint32_t addr,
                        int index) {
	struct ip_mreqn mreq = {{g_htonl(group)}, {g_htonl(addr)}, index};

	return sys_setsockopt(me, fd, IPPROTO_IP, name, &mreq,
	                      index ? sizeof mreq : sizeof(struct ip_mreq));
}
static int join(struct task *me, int fd, uint32_t addr) {
	return group_option(me, fd, IP_ADD_MEMBERSHIP, GROUP, addr, 0);
}
static int leave(struct task *me, int fd, uint32_t addr) {
	return group_option(me, fd, IP_DROP_MEMBERSHIP, GROUP, addr, 0);
}
static int through(struct task *me, int fd, uint32_t addr) {
	struct in_addr in = {g_htonl(addr)};

	return sys_setsockopt(me, fd, IPPROTO_IP, IP_MULTICAST_IF, &in, sizeof in);
}
static uint32_t way(struct task *me, int fd) {
	struct in_addr in;
	int len = sizeof in;

	g_assert_cmpint(sys_getsockopt(me, fd, IPPROTO_IP, IP_MULTICAST_IF, &in, &len), ==, 0);
	return g_ntohl(in.s_addr);
}
static ssize_t send_to(struct task *me, int fd, uint32_t addr) {
	struct sockaddr_in to = at(addr, PORT);

	return sys_sendto(me, fd, "mc", 2, 0, (struct sockaddr *)&to, sizeof to);
}
static unsigned received(struct task *me, int fd) {
	char buf[8];
	unsigned n = 0;

	while (sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT) == 2)
		n++;
	return n;
}

/* --- the far ends ------------------------------------------------------------------------------ */

static struct peer_sock far[NETS];

/* A peer that is in the group and sends to it. */
static void far_up(unsigned n) {
	struct ip_mreq mreq = {{g_htonl(GROUP)}, {g_htonl(peer_addr(n))}};

	far[n].event = peer_ignore;
	peer_bound(n, SOCK_DGRAM, &far[n], PORT);
	g_assert_cmpint(net_setopt(far[n].so, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof mreq),
	                ==, 0);
	g_assert_cmpint(net_setopt(far[n].so, IPPROTO_IP, IP_MULTICAST_IF, &mreq.imr_interface,
	                           sizeof mreq.imr_interface),
	                ==, 0);
	g_assert_cmpint(net_setopt(far[n].so, IPPROTO_IP, IP_MULTICAST_LOOP, &(int){0}, 4), ==, 0);
}
static void all_far_up(void) {
	for (unsigned n = 0; n < NETS; n++)
		far_up(n);
}
static unsigned far_received(unsigned n) {
	char buf[8];
	struct iovec iov = {buf, sizeof buf};
	unsigned got = 0;
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	while (net_recv(far[n].so, &msg) == 2) {
		msg = (struct net_msg){.iov = &iov, .iovlen = 1};
		got++;
	}
	return got;
}
/* A datagram to the group from net n: how many come to the program. */
static unsigned from_far(struct task *me, unsigned n, int fd) {
	struct iovec iov = {"mc", 2};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = GROUP, .port = PORT};

	g_assert_cmpint(net_send(far[n].so, &msg), ==, 2);
	sys_nanosleep(me, 20 * SIM_MS); /* an interval of recvmsg's, and more */
	return received(me, fd);
}

static int any_member(struct task *me) {
	int fd = UDP(me);

	sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, 4);
	ck_assert_int_eq(bind_any(me, fd, PORT), 0);
	return fd;
}

/* --- joining ---------------------------------------------------------------------------------- */

static int by_interface(struct task *me, void *arg) {
	int fd = any_member(me);

	(void)arg;
	all_far_up();
	ck_assert_int_eq(join(me, fd, own_addr(1)), 0);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(from_far(me, n, fd), n == 1);
	ck_assert_int_eq(join(me, fd, own_addr(1)), -EADDRINUSE);
	ck_assert_int_eq(join(me, fd, own_addr(0)), 0);
	ck_assert_int_eq(join(me, fd, own_addr(2)), 0);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(from_far(me, n, fd), 1);
	ck_assert_int_eq(join(me, fd, peer_addr(1)), -ENODEV); /* INET says so */
	ck_assert_int_eq(leave(me, fd, peer_addr(1)), -EADDRNOTAVAIL);
	ck_assert_int_eq(join(me, fd, 0), -ENODEV); /* no route */
	ck_assert_int_eq(leave(me, fd, own_addr(1)), 0);
	ck_assert_int_eq(leave(me, fd, own_addr(1)), -EADDRNOTAVAIL);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(from_far(me, n, fd), n != 1);
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &fd, 4), -EINVAL);
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, NULL, 8), -EFAULT);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T11e_T11h_joined_on_the_interface) { machine_do(by_interface); }
END_TEST

static int add_route(struct task *me, int fd, unsigned long cmd, const char *dev) {
	struct rtentry rt = {.rt_flags = RTF_UP, .rt_dev = (char *)dev};
	struct sockaddr_in groups = at(0xe0000000U, 0), mask = at(0xf0000000U, 0);

	memcpy(&rt.rt_dst, &groups, sizeof groups);
	memcpy(&rt.rt_genmask, &mask, sizeof mask);
	return sys_ioctl(me, fd, cmd, &rt);
}

/* What was joined by the route is left where it was joined, wherever the route leads by then. */
static int by_route(struct task *me, void *arg) {
	int fd = any_member(me);

	(void)arg;
	all_far_up();
	ck_assert_int_eq(add_route(me, fd, SIOCADDRT, "toe1"), 0);
	ck_assert_int_eq(join(me, fd, 0), 0);
	ck_assert_int_eq(join(me, fd, 0), 0); /* counted */
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(from_far(me, n, fd), n == 2);
	ck_assert_int_eq(add_route(me, fd, SIOCDELRT, "toe1"), 0);
	ck_assert_int_eq(add_route(me, fd, SIOCADDRT, "eth0"), 0);
	ck_assert_int_eq(leave(me, fd, 0), 0);
	ck_assert_uint_eq(from_far(me, 2, fd), 1);
	ck_assert_int_eq(leave(me, fd, 0), 0);
	ck_assert_uint_eq(from_far(me, 2, fd), 0);
	ck_assert_int_eq(leave(me, fd, 0), -EADDRNOTAVAIL);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T11e_joined_by_route) { machine_do(by_route); }
END_TEST

static int index_of(struct task *me, int fd, const char *name) {
	struct ifreq ifr = {0}, back = {0};

	g_strlcpy(ifr.ifr_name, name, IFNAMSIZ);
	g_assert_cmpint(sys_ioctl(me, fd, SIOCGIFINDEX, &ifr), ==, 0);
	back.ifr_ifindex = ifr.ifr_ifindex;
	g_assert_cmpint(sys_ioctl(me, fd, SIOCGIFNAME, &back), ==, 0);
	g_assert_cmpstr(back.ifr_name, ==, name);
	return ifr.ifr_ifindex;
}

/* One name space of numbers: each means one interface, of whatever stack. */
static int by_number(struct task *me, void *arg) {
	static const char *const names[NETS] = {"eth0", "toe0", "toe1"};
	int fd = any_member(me), number[NETS];
	struct ifreq ifr = {.ifr_ifindex = 99};

	(void)arg;
	all_far_up();
	for (unsigned n = 0; n < NETS; n++) {
		number[n] = index_of(me, fd, names[n]);
		for (unsigned i = 0; i < n; i++)
			ck_assert_int_ne(number[i], number[n]);
	}
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFNAME, &ifr), -ENODEV);
	ck_assert_int_eq(group_option(me, fd, IP_ADD_MEMBERSHIP, GROUP, 0, number[2]), 0);
	ck_assert_int_eq(group_option(me, fd, IP_ADD_MEMBERSHIP, GROUP, 0, 99), -ENODEV);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(from_far(me, n, fd), n == 2);
	ck_assert_int_eq(group_option(me, fd, IP_MULTICAST_IF, 0, 0, number[1]), 0);
	ck_assert_int_eq(send_to(me, fd, GROUP), 2);
	ck_assert_int_eq(group_option(me, fd, IP_DROP_MEMBERSHIP, GROUP, 0, number[2]), 0);
	sys_nanosleep(me, SIM_MS);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(far_received(n), n == 1);
	ck_assert_uint_eq(from_far(me, 2, fd), 0);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T11e_joined_by_number) { machine_do(by_number); }
END_TEST

/* A socket that one stack serves asks that one alone. */
static int pinned(struct task *me, void *arg) {
	int fd = UDP(me);

	(void)arg;
	ck_assert_int_eq(bind_to(me, fd, own_addr(1), PORT), 0);
	ck_assert_str_eq(stack_of(me, fd), "toe0");
	ck_assert_int_eq(join(me, fd, own_addr(2)), -ENODEV);
	ck_assert_int_eq(join(me, fd, own_addr(1)), 0);
	ck_assert_int_eq(leave(me, fd, own_addr(1)), 0);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T11c_T11e_pinned) { machine_do(pinned); }
END_TEST

/* --- sending ---------------------------------------------------------------------------------- */

static int one_copy(struct task *me, void *arg) {
	int fd = UDP(me);

	(void)arg;
	all_far_up();
	ck_assert_int_eq(send_to(me, fd, GROUP), -ENETUNREACH);
	for (unsigned via = 0; via < NETS; via++) {
		ck_assert_int_eq(through(me, fd, own_addr(via)), 0);
		ck_assert_uint_eq(way(me, fd), own_addr(via));
		ck_assert_int_eq(send_to(me, fd, GROUP), 2);
		sys_nanosleep(me, SIM_MS);
		for (unsigned n = 0; n < NETS; n++)
			ck_assert_uint_eq(far_received(n), n == via);
	}
	ck_assert_int_eq(through(me, fd, peer_addr(0)), -EADDRNOTAVAIL);
	ck_assert_uint_eq(way(me, fd), own_addr(2)); /* as it was */
	ck_assert_int_eq(through(me, fd, 0), 0);
	ck_assert_uint_eq(way(me, fd), 0);
	ck_assert_int_eq(send_to(me, fd, GROUP), -ENETUNREACH);
	ck_assert_int_eq(add_route(me, fd, SIOCADDRT, "toe0"), 0);
	ck_assert_int_eq(send_to(me, fd, GROUP), 2);
	sys_nanosleep(me, SIM_MS);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(far_received(n), n == 1);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_8_T11e_one_copy_by_the_interface) { machine_do(one_copy); }
END_TEST

/* A copy for this machine comes back on the stack that sent it, for members there. */
static int local_copy(struct task *me, void *arg) {
	int in = any_member(me), out = UDP(me), off = 0, ttl = 0;

	(void)arg;
	all_far_up();
	for (unsigned n = 0; n < NETS; n++) {
		ck_assert_int_eq(through(me, out, own_addr(n)), 0);
		ck_assert_int_eq(send_to(me, out, GROUP), 2);
		sys_nanosleep(me, 20 * SIM_MS);
		ck_assert_uint_eq(received(me, in), 0); /* no member yet */
		ck_assert_int_eq(join(me, in, own_addr(n)), 0);
		ck_assert_int_eq(send_to(me, out, GROUP), 2);
		sys_nanosleep(me, 20 * SIM_MS);
		ck_assert_uint_eq(received(me, in), 1);
		ck_assert_uint_eq(far_received(n), 2);
	}
	ck_assert_int_eq(sys_setsockopt(me, out, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, 4), 0);
	for (unsigned n = 0; n < NETS; n++) {
		ck_assert_int_eq(through(me, out, own_addr(n)), 0);
		ck_assert_int_eq(send_to(me, out, GROUP), 2);
		sys_nanosleep(me, 20 * SIM_MS);
		ck_assert_uint_eq(received(me, in), 1);
		ck_assert_uint_eq(far_received(n), 0); /* TTL 0 */
	}
	ck_assert_int_eq(sys_setsockopt(me, out, IPPROTO_IP, IP_MULTICAST_LOOP, &off, 4), 0);
	for (unsigned n = 0; n < NETS; n++) {
		ck_assert_int_eq(through(me, out, own_addr(n)), 0);
		ck_assert_int_eq(send_to(me, out, GROUP), 2);
	}
	sys_nanosleep(me, 20 * SIM_MS);
	ck_assert_uint_eq(received(me, in), 0);
	sys_close(me, in);
	sys_close(me, out);
	PROGRAM_END();
}
START_TEST(T11e_local_copies) { machine_do(local_copy); }
END_TEST

/* --- bound to a group -------------------------------------------------------------------------- */

/* Bound to a group a socket is served by all stacks, and hears nothing else. */
static int bound_to_group(struct task *me, void *arg) {
	int fd = UDP(me), other = UDP(me);
	struct iovec iov = {"mc", 2};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .port = PORT};

	(void)arg;
	all_far_up();
	for (int *s = (int[]){fd, other, -1}; *s >= 0; s++)
		sys_setsockopt(me, *s, SOL_SOCKET, SO_REUSEADDR, &(int){1}, 4);
	ck_assert_int_eq(bind_to(me, fd, GROUP, PORT), 0);
	ck_assert_int_eq(bind_to(me, other, GROUP + 1, PORT), 0);
	ck_assert_str_eq(stack_of(me, fd), "any");
	for (unsigned n = 0; n < NETS; n++) {
		ck_assert_int_eq(join(me, fd, own_addr(n)), 0);
		ck_assert_uint_eq(from_far(me, n, fd), 1);
		msg.addr = own_addr(n);
		g_assert_cmpint(net_send(far[n].so, &msg), ==, 2);
	}
	sys_nanosleep(me, 20 * SIM_MS);
	ck_assert_uint_eq(received(me, fd), 0);
	ck_assert_uint_eq(received(me, other), 0);
	sys_close(me, fd);
	sys_close(me, other);
	PROGRAM_END();
}
START_TEST(T2_10_bound_to_a_group) { machine_do(bound_to_group); }
END_TEST

/* --- made again ------------------------------------------------------------------------------- */

/* bind() fails on INET, so cards that had bound get new inner sockets: which join again. */
static int after_a_failed_bind(struct task *me, void *arg) {
	struct sockaddr_in taken = at(own_addr(0), PORT);
	int holder = UDP(me), fd = UDP(me);

	(void)arg;
	all_far_up();
	ck_assert_int_eq(sys_bind(me, holder, (struct sockaddr *)&taken, sizeof taken), 0);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_int_eq(join(me, fd, own_addr(n)), 0);
	ck_assert_int_eq(bind_any(me, fd, PORT), -EADDRINUSE);
	sys_close(me, holder);
	ck_assert_int_eq(bind_any(me, fd, PORT), 0);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(from_far(me, n, fd), 1);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_int_eq(leave(me, fd, own_addr(n)), 0);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(from_far(me, n, fd), 0);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T11d_joined_again_after_a_failed_bind) { machine_do(after_a_failed_bind); }
END_TEST

static void set_up(struct task *me, int fd, const char *dev, bool up) {
	struct ifreq ifr = {0};

	g_strlcpy(ifr.ifr_name, dev, sizeof ifr.ifr_name);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFFLAGS, &ifr), 0);
	ifr.ifr_flags = (short)(up ? ifr.ifr_flags | IFF_UP : ifr.ifr_flags & ~IFF_UP);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCSIFFLAGS, &ifr), 0);
}

/* A drawn port is put back by AF_UNSPEC, so that all inner sockets are made anew. */
static void start_anew(struct task *me, int fd, uint32_t by) {
	struct sockaddr none = {.sa_family = AF_UNSPEC};

	ck_assert_int_eq(connect_to(me, fd, by, 7), 0);
	ck_assert_int_eq(sys_connect(me, fd, &none, sizeof none), 0);
}

/* ... while the interface of the group is down: 2.4 keeps a membership with the interface. */
static int while_down(struct task *me, void *arg) {
	static const char *const names[NETS] = {"eth0", "toe0", "toe1"};

	(void)arg;
	all_far_up();
	for (unsigned n = 0; n < NETS; n++) {
		int fd = UDP(me);

		ck_assert_int_eq(join(me, fd, own_addr(n)), 0);
		ck_assert_int_eq(through(me, fd, own_addr(n)), 0);
		set_up(me, fd, names[n], false);
		start_anew(me, fd, peer_addr((n + 1) % NETS));
		set_up(me, fd, names[n], true);
		ck_assert_int_eq(bind_any(me, fd, PORT), 0);
		ck_assert_uint_eq(from_far(me, n, fd), 1);
		ck_assert_int_eq(send_to(me, fd, GROUP), 2);
		sys_nanosleep(me, SIM_MS);
		ck_assert_uint_eq(far_received(n), 1);
		received(me, fd); /* the copy for this machine */
		ck_assert_int_eq(leave(me, fd, own_addr(n)), 0);
		ck_assert_uint_eq(from_far(me, n, fd), 0);
		sys_close(me, fd);
	}
	PROGRAM_END();
}
START_TEST(T11d_joined_again_while_the_interface_is_down) { machine_do(while_down); }
END_TEST

static void pull_out(void *unused) {
	(void)unused;
	toe_free(m.toe[1]);
	m.toe[1] = NULL;
}
static void put_in(void *unused) {
	(void)unused;
	machine_plug_card(1);
}

/* A card is replaced: the new one has the old one's address, and the socket its groups. */
static int replaced(struct task *me, void *arg) {
	int fd = any_member(me), out = any_member(me);

	(void)arg;
	all_far_up();
	ck_assert_int_eq(join(me, fd, own_addr(1)), 0);
	ck_assert_int_eq(through(me, out, own_addr(1)), 0);
	ck_assert_uint_eq(from_far(me, 1, fd), 1);
	sim_call_at(m.sim, sim_now(m.sim) + 10 * SIM_MS, pull_out, NULL);
	sys_nanosleep(me, 20 * SIM_MS);
	ck_assert_uint_eq(from_far(me, 1, fd), 0);
	sim_call_at(m.sim, sim_now(m.sim) + 10 * SIM_MS, put_in, NULL);
	sys_nanosleep(me, 100 * SIM_MS);
	received(me, out);
	ck_assert_uint_eq(from_far(me, 1, fd), 1);
	ck_assert_int_eq(send_to(me, out, GROUP), 2);
	sys_nanosleep(me, SIM_MS);
	ck_assert_uint_eq(far_received(1), 1);
	ck_assert_uint_eq(received(me, fd), 1); /* the copy for this machine */
	ck_assert_int_eq(leave(me, fd, own_addr(1)), 0);
	ck_assert_uint_eq(from_far(me, 1, fd), 0);
	sys_close(me, fd);
	sys_close(me, out);
	PROGRAM_END();
}
START_TEST(T11d_T1_4_joined_again_on_a_new_card) { machine_do(replaced); }
END_TEST

static void add(TCase *tc) {
	tcase_add_test(tc, T11e_T11h_joined_on_the_interface);
	tcase_add_test(tc, T11e_joined_by_route);
	tcase_add_test(tc, T11e_joined_by_number);
	tcase_add_test(tc, T11c_T11e_pinned);
	tcase_add_test(tc, T6_8_T11e_one_copy_by_the_interface);
	tcase_add_test(tc, T11e_local_copies);
	tcase_add_test(tc, T2_10_bound_to_a_group);
	tcase_add_test(tc, T11d_joined_again_after_a_failed_bind);
	tcase_add_test(tc, T11d_joined_again_while_the_interface_is_down);
	tcase_add_test(tc, T11d_T1_4_joined_again_on_a_new_card);
}

int main(void) { return run_kinds("sop_groups", add); }
