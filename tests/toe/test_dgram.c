/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams of a card, as programs that name AF_TOE use them. */
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/time.h>

#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "run_suite.h"
#include "toe_world.h"

static int datagram_program(struct task *me, void *arg) {
	int a = sys_socket(me, AF_TOE, SOCK_DGRAM, 0), b = sys_socket(me, AF_TOE, SOCK_DGRAM, 0), n;
	struct sockaddr_in to = inet_address("10.0.0.1", 53), from;
	char buf[2000] = "hello";

	(void)arg;
	EXPECT_INT(bind_to(me, b, "10.0.0.1", 53), 0);
	EXPECT_INT(sys_send(me, a, buf, 5, 0), -EDESTADDRREQ);
	EXPECT_INT(sys_sendto(me, a, buf, 5, 0, (struct sockaddr *)&to, sizeof to), 5);
	n = sizeof from;
	EXPECT_INT(sys_recvfrom(me, b, buf, 3, 0, (struct sockaddr *)&from, &n), 3);
	EXPECT_INT(ntohl(from.sin_addr.s_addr), 0x0a000001);
	EXPECT(memcmp(buf, "hel", 3) == 0);
	/* The rest of a datagram is gone. */
	EXPECT_INT(sys_recv(me, b, buf, 3, MSG_DONTWAIT), -EAGAIN);
	EXPECT_INT(connect_to(me, a, "10.0.0.1", 53), 0);
	EXPECT_INT(sys_send(me, a, buf, 0, 0), 0);
	EXPECT_INT(sys_recv(me, b, buf, 10, 0), 0);
	EXPECT_INT(sys_listen(me, a, 1), -EOPNOTSUPP);
	EXPECT_INT(sys_setsockopt(me, a, IPPROTO_TCP, TCP_NODELAY, &n, sizeof n), -ENOPROTOOPT);
	W.programs++;
	return 0;
}

START_TEST(datagrams) {
	world_up(1);
	start_at(0, datagram_program, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* --- the send buffer ---------------------------------------------------------------------------- */

/* A packet of 1,500 takes 1,696 of memory (src/net/engine/dgram_buffer.c) until its last bit has left: there is
 * room for 39, and half is free when 19 are left. */
enum { FULL = 1472, ROOM = 39, MANY = 1000 };
static const sim_time wire_time = (FULL + 28 + FRAME_ETHER + FRAME_WIRE_OVERHEAD) * 8 * SIM_NS;

static unsigned sunk;

static void sink_event(struct peer_sock *ps, unsigned events) {
	char buf[FULL];
	struct iovec iov = {buf, sizeof buf};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	(void)events;
	while (net_recv(ps->so, &msg) >= 0)
		sunk++;
}

static ssize_t send_full(struct task *me, int fd, int flags) {
	struct sockaddr_in to = inet_address("10.0.0.2", 9);
	static uint8_t bytes[FULL];

	return sys_sendto(me, fd, bytes, FULL, flags, (struct sockaddr *)&to, sizeof to);
}

static bool writeable(struct task *me, int fd, int timeout) {
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};

	return sys_poll(me, &pfd, 1, timeout) == 1 && pfd.revents == POLLOUT;
}

/* Without waiting the buffer fills by what is handed over faster than the wire takes it; then half of it
 * becomes free in 20 times what a datagram takes.  Waiting, n datagrams take n times that. */
static int fills_the_buffer(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);
	sim_time start, took;
	int64_t done = 0;

	(void)arg;
	EXPECT_INT(send_full(me, fd, 0), FULL); /* asks for the address */
	sys_nanosleep(me, SIM_MS);
	start = sys_gettime(me);
	while (send_full(me, fd, MSG_DONTWAIT) == FULL)
		done++;
	took = sys_gettime(me) - start;
	EXPECT(done - took / wire_time >= ROOM - 2 && done - took / wire_time <= ROOM + 1);
	start = sys_gettime(me);
	EXPECT(!writeable(me, fd, 0));
	EXPECT(writeable(me, fd, -1));
	took = sys_gettime(me) - start;
	EXPECT(took >= 18 * wire_time && took <= 20 * wire_time + 20 * SIM_US);
	EXPECT_INT(send_full(me, fd, MSG_DONTWAIT), FULL);
	start = sys_gettime(me);
	for (int i = 0; i < MANY; i++)
		EXPECT_INT(send_full(me, fd, 0), FULL);
	took = sys_gettime(me) - start;
	EXPECT(took <= MANY * wire_time);
	EXPECT(took >= (MANY - ROOM) * wire_time);
	sys_close(me, fd); /* what is under way arrives */
	sys_nanosleep(me, SIM_MS);
	EXPECT_INT(sunk, MANY + done + 2);
	W.programs++;
	return 0;
}

START_TEST(a_sender_is_as_fast_as_the_wire) {
	struct peer_sock sink = {.event = sink_event};

	world_up(1);
	sunk = 0;
	EXPECT_INT(peer_open(W.peer[0], SOCK_DGRAM, &sink), 0);
	EXPECT_INT(net_bind(sink.so, INADDR_ANY, 9), 0);
	start_at(0, fills_the_buffer, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* A card that dies with a sender asleep on its buffer tells him, and keeps nothing. */
static int is_asleep(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);
	ssize_t n;

	(void)arg;
	while ((n = send_full(me, fd, 0)) == FULL)
		;
	EXPECT_INT(n, -ENETDOWN);
	sys_close(me, fd);
	W.programs++;
	return 0;
}

static void toe_dies(void *arg) {
	(void)arg;
	toe_fail(W.toe[0]);
}

START_TEST(a_card_dies_under_its_sender) {
	world_up(1);
	start_at(0, is_asleep, NULL);
	sim_call_at(W.sim, 300 * SIM_MS, toe_dies, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* --- groups, and frames for others ------------------------------------------------------------ */

#define GROUP 0xef010101U

/* A datagram from peer i. */
static void from_peer(unsigned i, uint32_t addr) {
	struct net_stack *peer = peer_stack(W.peer[i]);
	struct in_addr through = {htonl(0x0a000002 | i << 8)};
	struct iovec iov = {(void *)"x", 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = addr, .port = 53};
	struct net_sock *so;

	net_sock_open(peer, SOCK_DGRAM, 0, NULL, &so);
	net_setopt(so, IPPROTO_IP, IP_MULTICAST_IF, &through, sizeof through);
	EXPECT_INT(net_send(so, &msg), 1);
	net_close(so, false);
}

static bool arrives(struct task *me, int fd, uint32_t addr) {
	char buf[4];

	from_peer(0, addr);
	sys_nanosleep(me, SIM_MS);
	return sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT) == 1;
}

static int group_option(struct task *me, int fd, int name, uint32_t iface) {
	struct ip_mreq mreq = {{htonl(GROUP)}, {htonl(iface)}};

	return sys_setsockopt(me, fd, IPPROTO_IP, name, &mreq, sizeof mreq);
}

static uint64_t others(const struct net_if *ifp) {
	struct net_if_counters count;

	net_if_count(ifp, &count);
	return count.rx_others;
}

static int groups_program(struct task *me, void *arg) {
	static const uint8_t wrong_mac[6] = {2, 0, 0, 0, 9, 9};
	struct net_stack *peer = peer_stack(W.peer[0]);
	struct net_if *ifp = net_if_find(toe_stack(W.toe[0]), "toe0");
	int fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);
	uint8_t mac[6];

	(void)arg;
	EXPECT_INT(bind_to(me, fd, "0.0.0.0", 53), 0);
	EXPECT(arrives(me, fd, 0x0a000001));
	EXPECT(!arrives(me, fd, GROUP));
	EXPECT_INT(group_option(me, fd, IP_ADD_MEMBERSHIP, 0x0a000002), -ENODEV);
	EXPECT_INT(group_option(me, fd, IP_ADD_MEMBERSHIP, 0x0a000001), 0);
	EXPECT_INT(group_option(me, fd, IP_ADD_MEMBERSHIP, 0x0a000001), -EADDRINUSE);
	EXPECT(arrives(me, fd, GROUP));
	EXPECT(!arrives(me, fd, GROUP + 1));
	EXPECT_INT(group_option(me, fd, IP_DROP_MEMBERSHIP, 0x0a000001), 0);
	EXPECT(!arrives(me, fd, GROUP));
	EXPECT_INT(others(ifp), 0);
	net_arp_get(peer, 0x0a000001, mac);
	net_arp_set(peer, 0x0a000001, wrong_mac);
	EXPECT(!arrives(me, fd, 0x0a000001));
	EXPECT_INT(others(ifp), 1);
	net_arp_set(peer, 0x0a000001, mac);
	EXPECT(arrives(me, fd, 0x0a000001));
	W.programs++;
	return 0;
}

START_TEST(groups) {
	world_up(1);
	start_at(0, groups_program, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* Two datagrams that come together are told of one after the other. */
static unsigned told;

static void count_sigio(struct task *me, int sig) {
	(void)me, (void)sig;
	told++;
}

static int told_program(struct task *me, void *arg) {
	int a = sys_socket(me, AF_TOE, SOCK_DGRAM, 0), b = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);
	struct pollfd pfd = {.fd = b, .events = POLLIN};
	char byte;

	(void)arg;
	sys_signal(me, SIGIO, count_sigio);
	EXPECT_INT(bind_to(me, b, "10.0.0.1", 53), 0);
	EXPECT_INT(connect_to(me, a, "10.0.0.1", 53), 0);
	EXPECT_INT(sys_poll(me, &pfd, 1, 0), 0);
	EXPECT_INT(sys_send(me, a, "x", 1, 0), 1);
	EXPECT_INT(sys_send(me, a, "y", 1, 0), 1);
	EXPECT_INT(sys_poll(me, &pfd, 1, 1000), 1);
	sys_fcntl(me, b, F_SETOWN, task_pid(me));
	sys_fcntl(me, b, F_SETFL, O_ASYNC);
	EXPECT_INT(sys_recv(me, b, &byte, 1, MSG_PEEK), 1);
	EXPECT_INT(told, 0);
	EXPECT_INT(sys_recv(me, b, &byte, 1, 0), 1);
	EXPECT_INT(told, 1);
	EXPECT_INT(sys_recv(me, b, &byte, 1, 0), 1);
	EXPECT_INT(told, 1);
	W.programs++;
	return 0;
}

START_TEST(datagrams_are_told_one_by_one) {
	told = 0;
	world_up(1);
	start_at(0, told_program, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* --- a socket that goes over to another card --------------------------------------------------- */

/* What another process waits for on the socket. */
struct waiting {
	int fd;
	int (*wait)(struct task *me, int fd);
};

static int wait_in_recv(struct task *me, int fd) {
	char byte;

	return (int)sys_recv(me, fd, &byte, 1, 0);
}
static int wait_in_poll(struct task *me, int fd) {
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	return sys_poll(me, &pfd, 1, -1);
}
/* The move does not make the time-out longer: it ends where it would have. */
static int wait_with_timeout(struct task *me, int fd) {
	struct timeval tv = {.tv_usec = 100000};
	sim_time start = sys_gettime(me);

	sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	EXPECT_INT(wait_in_recv(me, fd), -EAGAIN);
	EXPECT(sys_gettime(me) - start > 89 * SIM_MS && sys_gettime(me) - start < 111 * SIM_MS);
	return 1;
}

static int waiter(struct task *me, void *arg) {
	struct waiting *w = arg;

	EXPECT_INT(w->wait(me, w->fd), 1);
	W.programs++;
	return 0;
}

/* Another process binds the socket to an address of the second card while one waits on it. */
static int mover(struct task *me, void *arg) {
	struct waiting w = *(const struct waiting *)arg;

	w.fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);
	sys_fork(me, waiter, &w);
	sys_nanosleep(me, 20 * SIM_MS);
	EXPECT_INT(bind_to(me, w.fd, "10.0.1.1", 53), 0);
	sys_nanosleep(me, 20 * SIM_MS);
	EXPECT_INT(W.programs, 0);
	if (w.wait != wait_with_timeout)
		from_peer(1, 0x0a000101);
	sys_nanosleep(me, 200 * SIM_MS);
	W.programs++;
	return 0;
}

static void who_waits(int (*wait)(struct task *me, int fd)) {
	struct waiting w = {-1, wait};

	world_up(2);
	start_at(0, mover, &w);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 2);
	world_down();
}
START_TEST(a_reader_goes_along_to_the_other_card) { who_waits(wait_in_recv); }
END_TEST
START_TEST(a_poll_goes_along_to_the_other_card) { who_waits(wait_in_poll); }
END_TEST
START_TEST(a_timeout_goes_along_to_the_other_card) { who_waits(wait_with_timeout); }
END_TEST

static int option_of(struct task *me, int fd, int level, int name) {
	int value = -1, len = sizeof value;

	EXPECT_INT(sys_getsockopt(me, fd, level, name, &value, &len), 0);
	return value;
}

/* What was set before bind() chose the card is set on that. */
static int with_options(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0), on = 1, tos = 0x10, size = 20000;

	(void)arg;
	EXPECT_INT(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
	EXPECT_INT(sys_setsockopt(me, fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos), 0);
	EXPECT_INT(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size), 0);
	EXPECT_INT(bind_to(me, fd, "10.0.1.1", 80), 0);
	EXPECT_INT(option_of(me, fd, IPPROTO_TCP, TCP_NODELAY), 1);
	EXPECT_INT(option_of(me, fd, IPPROTO_IP, IP_TOS), 0x10);
	EXPECT_INT(option_of(me, fd, SOL_SOCKET, SO_RCVBUF), 40000);
	W.programs++;
	return 0;
}

START_TEST(options_go_along_to_the_other_card) {
	world_up(2);
	start_at(0, with_options, NULL);
	run(SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

static int connecting(struct task *me, void *fd) {
	EXPECT_INT(connect_to(me, GPOINTER_TO_INT(fd), "10.0.0.77", 80), -EHOSTUNREACH);
	W.programs++;
	return 0;
}

/* Nobody moves a socket from under a connect() that is under way. */
static int bind_while_connecting(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0);

	(void)arg;
	sys_fork(me, connecting, GINT_TO_POINTER(fd));
	sys_nanosleep(me, 20 * SIM_MS);
	EXPECT_INT(bind_to(me, fd, "10.0.1.1", 80), -EINVAL); /* it has its port */
	sys_nanosleep(me, 10 * SIM_S);
	W.programs++;
	return 0;
}

START_TEST(a_connect_under_way_stays_on_its_card) {
	world_up(2);
	start_at(0, bind_while_connecting, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 2);
	world_down();
}
END_TEST

static void add_tests(TCase *tcase) {
	tcase_add_test(tcase, datagrams);
	tcase_add_test(tcase, a_sender_is_as_fast_as_the_wire);
	tcase_add_test(tcase, a_card_dies_under_its_sender);
	tcase_add_test(tcase, groups);
	tcase_add_test(tcase, datagrams_are_told_one_by_one);
	tcase_add_test(tcase, a_reader_goes_along_to_the_other_card);
	tcase_add_test(tcase, a_poll_goes_along_to_the_other_card);
	tcase_add_test(tcase, a_timeout_goes_along_to_the_other_card);
	tcase_add_test(tcase, options_go_along_to_the_other_card);
	tcase_add_test(tcase, a_connect_under_way_stays_on_its_card);
}

int main(void) {
	Suite *suite = suite_create("toe-dgram");

	suite_add_kinds(suite, add_tests);
	return run_suite(suite);
}
