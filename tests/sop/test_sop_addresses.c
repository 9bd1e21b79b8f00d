/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which stack a destination means: 0.0.0.0, a second connect, everybody and groups from an address or
 * a device.  Each test runs with both kinds of card. */
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>

#include "kinds.h"
#include "net/engine/iface.h"

#define EVERYBODY INADDR_BROADCAST
#define GROUP 0xef090909U /* 239.9.9.9 */

static struct peer_sock server[NETS];

static void serve_datagrams(void) {
	for (unsigned n = 0; n < NETS; n++) {
		server[n].event = peer_echo;
		peer_bound(n, SOCK_DGRAM, &server[n], 67);
	}
}

static ssize_t send_to(struct task *me, int fd, uint32_t addr, uint16_t port) {
	struct sockaddr_in sin = at(addr, port);

	return sys_sendto(me, fd, "data", 4, 0, (struct sockaddr *)&sin, sizeof sin);
}

static uint32_t address_of(struct task *me, int fd, bool peer) {
	struct sockaddr_in sin = {0};
	int len = sizeof sin;
	int err = peer ? sys_getpeername(me, fd, (struct sockaddr *)&sin, &len)
	               : sys_getsockname(me, fd, (struct sockaddr *)&sin, &len);

	ck_assert_int_eq(err, 0);
	return g_ntohl(sin.sin_addr.s_addr);
}

static int udp(struct task *me, const char *device, uint32_t addr, uint16_t port) {
	int fd = UDP(me), on = 1;

	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on), 0);
	if (device)
		ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, device,
		                                (int)strlen(device) + 1),
		                 0);
	if (addr || port)
		ck_assert_int_eq(bind_to(me, fd, addr, port), 0);
	return fd;
}

static uint64_t sent(unsigned net) {
	struct net_stack *st = net ? toe_stack(m.toe[net]) : m.k->stack;

	return net_stack_counters(st)->udp_out;
}

/* --- this machine ----------------------------------------------------------------------------- */

static int zero_connect(struct task *me, void *arg) {
	int l = listen_at(me, INADDR_ANY, 8080), s, fd;

	(void)arg;
	s = TCP(me);
	ck_assert_int_eq(connect_to(me, s, INADDR_ANY, 8080), 0);
	ck_assert_uint_eq(address_of(me, s, true), INADDR_LOOPBACK);
	ck_assert_str_eq(stack_of(me, s), "inet");
	sys_close(me, s);
	/* bound to a stack's address: that stack, that address */
	for (unsigned n = 0; n < NETS; n++) {
		s = TCP(me);
		ck_assert_int_eq(bind_to(me, s, own_addr(n), 0), 0);
		ck_assert_int_eq(connect_to(me, s, INADDR_ANY, 8080), 0);
		ck_assert_uint_eq(address_of(me, s, true), own_addr(n));
		ck_assert_str_eq(stack_of(me, s), stack_names[n]);
		sys_close(me, s);
	}
	/* aimed at a card's net before: its address */
	fd = UDP(me);
	ck_assert_int_eq(connect_to(me, fd, INADDR_ANY, 53), 0);
	ck_assert_uint_eq(address_of(me, fd, true), INADDR_LOOPBACK);
	ck_assert_str_eq(stack_of(me, fd), "inet");
	sys_close(me, fd);
	fd = UDP(me);
	ck_assert_int_eq(connect_to(me, fd, peer_addr(2), 53), 0);
	ck_assert_int_eq(connect_to(me, fd, INADDR_ANY, 53), 0);
	ck_assert_uint_eq(address_of(me, fd, true), own_addr(2));
	ck_assert_str_eq(stack_of(me, fd), "toe1");
	sys_close(me, fd);
	sys_close(me, l);
	PROGRAM_END();
}
START_TEST(T5_19_connect_to_zero) { machine_do(zero_connect); }
END_TEST

static int zero_send(struct task *me, void *arg) {
	int to = udp(me, NULL, INADDR_ANY, 6000), fd = UDP(me);
	struct sockaddr_in from, zero = at(INADDR_ANY, 6000);
	struct iovec iov = {(char[1]){'m'}, 1};
	struct msghdr msg = {
		.msg_name = &zero, .msg_namelen = sizeof zero, .msg_iov = &iov, .msg_iovlen = 1};
	int len = sizeof from;
	char buf[8];

	(void)arg;
	ck_assert_int_eq(send_to(me, fd, INADDR_ANY, 6000), 4);
	ck_assert_int_eq(sys_sendmsg(me, fd, &msg, 0), 1);
	ck_assert_uint_eq(sent(0), 2);
	ck_assert_uint_eq(counter("cache_hits"), 1);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_gt(
			sys_recvfrom(me, to, buf, sizeof buf, 0, (struct sockaddr *)&from, &len),
			0);
		ck_assert_uint_eq(g_ntohl(from.sin_addr.s_addr), INADDR_LOOPBACK);
	}
	sys_close(me, to);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_11_send_to_zero) { machine_do(zero_send); }
END_TEST

/* --- a second connect ------------------------------------------------------------------------- */

static int second_connect(struct task *me, void *arg) {
	int fd = UDP(me);

	(void)arg;
	ck_assert_int_eq(connect_to(me, fd, INADDR_LOOPBACK, 53), 0);
	ck_assert_int_eq(connect_to(me, fd, peer_addr(0), 53), -EINVAL);
	ck_assert_uint_eq(address_of(me, fd, true), INADDR_LOOPBACK); /* as it was */
	/* another stack's net: its own source, a difference from one stack for all */
	ck_assert_int_eq(connect_to(me, fd, peer_addr(1), 53), 0);
	ck_assert_uint_eq(address_of(me, fd, false), own_addr(1));
	ck_assert_int_eq(connect_to(me, fd, peer_addr(1) + 5, 53), 0);
	ck_assert_uint_eq(address_of(me, fd, false), own_addr(1));
	/* a stack's own other address: the source stays that of the first connect */
	ck_assert_int_eq(connect_to(me, fd, peer_addr(0), 53), 0);
	ck_assert_uint_eq(address_of(me, fd, false), own_addr(0));
	ck_assert_int_eq(connect_to(me, fd, INADDR_LOOPBACK, 53), 0);
	ck_assert_uint_eq(address_of(me, fd, false), own_addr(0));
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T5_15_keeps_the_first_source) { machine_do(second_connect); }
END_TEST

/* --- IP_PKTINFO ------------------------------------------------------------------------------- */

static ssize_t message(struct task *me, int fd, bool send, struct in_pktinfo *info) {
	struct sockaddr_in to = at(peer_addr(2), 67);
	struct iovec iov = {(char[8]){0}, send ? 1 : 8};
	union {
		struct cmsghdr head;
		uint8_t bytes[64];
	} c = {.head = {.cmsg_len = CMSG_LEN(sizeof *info),
	                .cmsg_level = IPPROTO_IP,
	                .cmsg_type = IP_PKTINFO}};
	struct msghdr msg = {.msg_name = send ? &to : NULL,
	                     .msg_namelen = send ? sizeof to : 0,
	                     .msg_iov = &iov,
	                     .msg_iovlen = 1,
	                     .msg_control = &c,
	                     .msg_controllen = CMSG_SPACE(sizeof *info)};
	ssize_t n;

	if (send) {
		memcpy(CMSG_DATA(&c.head), info, sizeof *info);
		return sys_sendmsg(me, fd, &msg, 0);
	}
	n = sys_recvmsg(me, fd, &msg, 0);
	memcpy(info, CMSG_DATA(&c.head), sizeof *info);
	return n;
}

/* What arrives says by which interface, and what is sent so goes by it, whatever the routes say. */
static int named_interface(struct task *me, void *arg) {
	int fd = udp(me, NULL, INADDR_ANY, 6000), on = 1;
	struct in_pktinfo info;
	uint64_t before;

	(void)arg;
	serve_datagrams();
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on), 0);
	for (unsigned n = 0; n < NETS; n++) {
		struct ifreq ifr = {0};

		ck_assert_int_eq(send_to(me, fd, peer_addr(n), 67), 4);
		ck_assert_int_eq(message(me, fd, false, &info), 4);
		g_strlcpy(ifr.ifr_name, n ? stack_names[n] : "eth0", IFNAMSIZ);
		ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFINDEX, &ifr), 0);
		ck_assert_int_eq(info.ipi_ifindex, ifr.ifr_ifindex);
		ck_assert_uint_eq(g_ntohl(info.ipi_addr.s_addr), own_addr(n));
		before = sent(n);
		info = (struct in_pktinfo){.ipi_ifindex = ifr.ifr_ifindex};
		ck_assert_int_eq(message(me, fd, true, &info), 1); /* to the net of toe1 */
		ck_assert_uint_eq(sent(n), before + 1);
		info = (struct in_pktinfo){.ipi_spec_dst.s_addr = g_htonl(own_addr(n))};
		ck_assert_int_eq(message(me, fd, true, &info), n == 2 ? 1 : -ENETUNREACH);
		if (n == 2) {
			ck_assert_int_eq(message(me, fd, false, &info), 1);
			ck_assert_int_eq(message(me, fd, false, &info), 1);
		}
	}
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(interface_named_by_message) { machine_do(named_interface); }
END_TEST

/* --- without a route -------------------------------------------------------------------------- */

static int reaches(struct task *me, int fd, unsigned net) {
	uint64_t before[NETS];
	char buf[8];

	for (unsigned n = 0; n < NETS; n++)
		before[n] = sent(n);
	ck_assert_int_eq(send_to(me, fd, EVERYBODY, 67), 4);
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), 4); /* the peer's echo */
	ck_assert_int_eq(send_to(me, fd, GROUP, 67), 4);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(sent(n), before[n] + (n == net ? 2 : 0));
	return 0;
}

static int without_route(struct task *me, void *arg) {
	static const char *const devices[] = {"eth0", "toe0", "toe1"};
	int fd = udp(me, NULL, 0, 0);

	(void)arg;
	serve_datagrams();
	ck_assert_int_eq(send_to(me, fd, EVERYBODY, 67), -ENETUNREACH);
	ck_assert_int_eq(send_to(me, fd, GROUP, 67), -ENETUNREACH);
	sys_close(me, fd);
	for (unsigned n = 0; n < NETS; n++) {
		fd = udp(me, NULL, own_addr(n), 0);
		reaches(me, fd, n);
		sys_close(me, fd);
		fd = udp(me, devices[n], 0, 0);
		reaches(me, fd, n);
		sys_close(me, fd);
	}
	PROGRAM_END();
}
START_TEST(T6_12_everybody_and_groups_by_address_and_device) { machine_do(without_route); }
END_TEST

/* --- two ways into one net -------------------------------------------------------------------- */

#define SHARED 0x0a000003U  /* 10.0.0.3: of both peers */
#define CARD_TOO 0x0a000009U /* 10.0.0.9: the card's address on the NIC's net */

static unsigned heard[NETS]; /* answers that came to the peers */

static void count_answers(struct peer_sock *ps, unsigned events) {
	struct iovec iov = {(char[8]){0}, 8};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	(void)events;
	while (net_recv(ps->so, &msg) >= 0)
		heard[ps == &server[1]]++;
}

/* The peer on wire n asks the machine's address on that wire. */
static void ask(unsigned n) {
	struct iovec iov = {(char[1]){'q'}, 1};
	struct net_msg msg = {
		.iov = &iov, .iovlen = 1, .addr = n ? CARD_TOO : own_addr(0), .port = 6000};

	ck_assert_int_eq(net_send(server[n].so, &msg), 1);
}

static void one_net(struct task *me, int fd) {
	struct ifreq ifr = {.ifr_name = "toe0"};
	struct sockaddr_in sin = at(CARD_TOO, 0), mask = at(0xffffff00U, 0);

	memcpy(&ifr.ifr_addr, &sin, sizeof sin);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCSIFADDR, &ifr), 0);
	memcpy(&ifr.ifr_netmask, &mask, sizeof mask);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCSIFNETMASK, &ifr), 0);
	for (unsigned n = 0; n < 2; n++) {
		struct net_if *ifp = net_if_find(peer_stack(m.peer[n]), "eth0");
		struct net_if_config conf;

		net_if_get(ifp, &conf);
		conf.addr = SHARED;
		conf.broadcast = SHARED | 0xff;
		ck_assert_int_eq(net_if_set(ifp, &conf), 0);
		server[n].event = count_answers;
		peer_bound(n, SOCK_DGRAM, &server[n], 67);
	}
}

static void answer(struct task *me, int fd) {
	struct sockaddr_in from;
	int len = sizeof from;
	char buf[8];

	ck_assert_int_eq(sys_recvfrom(me, fd, buf, sizeof buf, 0, (struct sockaddr *)&from, &len),
	                 1);
	ck_assert_int_eq(sys_sendto(me, fd, "a", 1, 0, (struct sockaddr *)&from, len), 1);
}

static int two_ways(struct task *me, void *arg) {
	static const unsigned from[] = {1, 1, 0, 1, 0, 0};
	unsigned asked[2] = {0};
	int fd = udp(me, NULL, INADDR_ANY, 6000), other = UDP(me);

	(void)arg;
	one_net(me, fd);
	for (size_t i = 0; i < G_N_ELEMENTS(from); i++) {
		ask(from[i]);
		asked[from[i]]++;
		answer(me, fd);
		sys_nanosleep(me, 20 * SIM_MS);
		ck_assert_uint_eq(heard[0], asked[0]);
		ck_assert_uint_eq(heard[1], asked[1]);
	}
	ask(1);
	ck_assert_int_eq(sys_recv(me, fd, (char[8]){0}, 8, 0), 1);
	ck_assert_int_eq(connect_to(me, fd, SHARED, 67), 0); /* connect goes that way as well */
	ck_assert_str_eq(stack_of(me, fd), "toe0");
	ck_assert_int_eq(connect_to(me, other, SHARED, 67), 0); /* who heard nothing: in order */
	ck_assert_str_eq(stack_of(me, other), "inet");
	sys_close(me, fd);
	sys_close(me, other);
	PROGRAM_END();
}
START_TEST(T6_10_answers_the_way_it_was_asked) { machine_do(two_ways); }
END_TEST

/* The card that delivered goes: the other way is left. */
static int way_lost(struct task *me, void *arg) {
	int fd = udp(me, NULL, INADDR_ANY, 6000);

	(void)arg;
	one_net(me, fd);
	ask(1);
	answer(me, fd);
	toe_remove(m.toe[1]);
	sys_nanosleep(me, 20 * SIM_MS);
	ck_assert_int_eq(send_to(me, fd, SHARED, 67), 4);
	sys_nanosleep(me, 20 * SIM_MS);
	ck_assert_uint_eq(heard[0], 1);
	ck_assert_uint_eq(heard[1], 1);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_10_T6_7_the_way_is_gone) { machine_do(way_lost); }
END_TEST

static void add_tests(TCase *tc) {
	tcase_add_test(tc, T5_19_connect_to_zero);
	tcase_add_test(tc, T6_11_send_to_zero);
	tcase_add_test(tc, T5_15_keeps_the_first_source);
	tcase_add_test(tc, interface_named_by_message);
	tcase_add_test(tc, T6_10_answers_the_way_it_was_asked);
	tcase_add_test(tc, T6_10_T6_7_the_way_is_gone);
	tcase_add_test(tc, T6_12_everybody_and_groups_by_address_and_device);
}

int main(void) { return run_kinds("sop addresses", add_tests); }
