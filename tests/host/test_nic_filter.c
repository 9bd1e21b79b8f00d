/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The NIC's receive filter: whose frames it takes, and who pays for setting it. */
#include "net_world.h"

#include "run_suite.h"

static struct net_world w;

enum { PORT = 7777 };

static void setup(void) { memset(&w, 0, sizeof w); }

#define GROUP 0xef010101U

/* How many of ten datagrams the driver is given. */
static unsigned ten_to(struct task *me, uint32_t addr, const uint8_t mac[6]) {
	struct net_stack *peer = peer_stack(w.peer[0]);
	struct in_addr through = {htonl(PEER_ADDR(0))};
	struct iovec iov = {(void *)"x", 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = addr, .port = PORT};
	uint64_t before = nic_netdev(w.nic[0])->rx_packets;
	struct net_sock *so;

	if (mac)
		ck_assert_int_eq(net_arp_set(peer, addr, mac), 0);
	ck_assert_int_eq(net_sock_open(peer, SOCK_DGRAM, 0, NULL, &so), 0);
	net_setopt(so, IPPROTO_IP, IP_MULTICAST_IF, &through, sizeof through);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(net_send(so, &msg), 1);
	net_close(so, false);
	sys_nanosleep(me, 10 * SIM_MS);
	return (unsigned)(nic_netdev(w.nic[0])->rx_packets - before);
}

static void set_flags(struct task *me, int fd, int set, int clear) {
	struct ifreq ifr = {.ifr_name = "eth0"};

	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFFLAGS, &ifr), 0);
	ifr.ifr_flags = (short)((ifr.ifr_flags | set) & ~clear);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCSIFFLAGS, &ifr), 0);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFFLAGS, &ifr), 0);
	ck_assert_int_eq(ifr.ifr_flags & (IFF_PROMISC | IFF_ALLMULTI), set);
}

static uint64_t others(const struct net_if *ifp) {
	struct net_if_counters count;

	net_if_count(ifp, &count);
	return count.rx_others;
}

static int unicast_main(struct task *me, void *arg) {
	static const uint8_t wrong[6] = {2, 0, 0, 0, 9, 9};
	const struct net_counters *n = net_stack_counters(w.k->stack);
	struct net_if *ifp = nic_netdev(w.nic[0])->ifp;
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	uint64_t told;

	ck_assert_uint_eq(ten_to(me, HOST_ADDR(0), nic_netdev(w.nic[0])->mac), 10 + 1); /* ARP */
	ck_assert_uint_eq(others(ifp), 0);
	ck_assert_uint_eq(ten_to(me, HOST_ADDR(0), wrong), 0);
	ck_assert_uint_eq(others(ifp), 10);
	ck_assert_uint_eq(n->other_host, 0);
	set_flags(me, fd, IFF_PROMISC, 0);
	told = n->udp_no_port;
	ck_assert_uint_eq(ten_to(me, HOST_ADDR(0), wrong), 10);
	ck_assert_uint_eq(others(ifp), 20);
	ck_assert_uint_eq(n->other_host, 10);
	ck_assert_uint_eq(n->udp_no_port, told);
	set_flags(me, fd, 0, IFF_PROMISC);
	ck_assert_uint_eq(ten_to(me, HOST_ADDR(0), wrong), 0);
	PROGRAM_END((struct net_world *)arg);
}

/* The NIC leaves what is not for it; when it takes all, the processor pays and the stack refuses. */
START_TEST(filter_unicast) {
	net_world_init(&w, NULL);
	net_world_costs(&w);
	net_world_run(&w, unicast_main);
	net_world_free(&w);
}
END_TEST

/* Who joins pays for the registers that the driver sets: of the new group, and of 224.0.0.1, which
 * makes room for it. */
static void join_at(struct task *me, int fd) {
	struct ip_mreq mreq = {{htonl(GROUP)}, {htonl(HOST_ADDR(0))}};
	const struct cost_account *writes = &w.k->costs.account[COST_MMIO_WRITE];
	uint64_t before = writes->charges;

	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof mreq),
	                 0);
	cpu_settle(w.k);
	ck_assert_uint_eq(writes->charges, before + 4);
}

static int groups_main(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);

	ck_assert_uint_eq(ten_to(me, GROUP, NULL), 0);
	set_flags(me, fd, IFF_ALLMULTI, 0);
	ck_assert_uint_eq(ten_to(me, GROUP, NULL), 10);
	set_flags(me, fd, 0, IFF_ALLMULTI);
	ck_assert_uint_eq(ten_to(me, GROUP, NULL), 0);
	join_at(me, fd);
	ck_assert_uint_eq(ten_to(me, GROUP, NULL), 10);
	ck_assert_uint_eq(ten_to(me, GROUP + 1, NULL), 0);
	ck_assert_uint_eq(others(nic_netdev(w.nic[0])->ifp), 0); /* groups are no station's */
	sys_close(me, fd);
	cpu_settle(w.k);
	ck_assert_uint_eq(ten_to(me, GROUP, NULL), 0);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(filter_groups) {
	net_world_init(&w, NULL);
	net_world_costs(&w);
	net_world_run(&w, groups_main);
	net_world_free(&w);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("nic_filter");
	TCase *tc = tcase_create("nic_filter");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, filter_unicast);
	tcase_add_test(tc, filter_groups);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
