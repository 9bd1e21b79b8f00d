/* SPDX-License-Identifier: GPL-3.0-or-later */
/* INET datagram and raw sockets through system calls, against the engine of a peer across a wire. */
#include "net_world.h"

#include "run_suite.h"

static struct net_world w;
static struct peer_sock echo;

enum { PORT = 7 };

static void echo_event(struct peer_sock *ps, unsigned events) {
	uint8_t buf[9000];

	(void)events;
	for (;;) {
		struct iovec iov = {buf, sizeof buf};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_recv(ps->so, &msg);

		if (n < 0)
			return;
		iov.iov_len = (size_t)n;
		struct net_msg answer = {
			.iov = &iov, .iovlen = 1, .addr = msg.addr, .port = msg.port};
		ck_assert_int_eq(net_send(ps->so, &answer), n);
	}
}

static void setup(void) {
	net_world_init(&w, NULL);
	echo = (struct peer_sock){.event = echo_event};
	ck_assert_int_eq(peer_open(w.peer[0], SOCK_DGRAM, &echo), 0);
	ck_assert_int_eq(net_bind(echo.so, INADDR_ANY, PORT), 0);
}

static void teardown(void) { net_world_free(&w); }

static int echo_main(struct task *me, void *arg) {
	struct sockaddr_in to = inet_address("10.0.0.2", PORT), from;
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0), len = sizeof from, n = 0;
	struct pollfd pfd = {.fd = fd, .events = POLLIN | POLLOUT};
	uint8_t out[5000], in[5000];
	struct timeval tv;

	fill(out, sizeof out);
	ck_assert_int_eq(sys_ioctl(me, fd, 0x8906 /* SIOCGSTAMP */, &tv), -ENOENT);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 1);
	ck_assert_int_eq(pfd.revents, POLLOUT);
	/* The first datagram resolves the address: only three packets wait for ARP in 2.4. */
	ck_assert_int_eq(sys_sendto(me, fd, out, 10, 0, (struct sockaddr *)&to, sizeof to), 10);
	ck_assert_int_eq(sys_recv(me, fd, in, sizeof in, 0), 10);
	ck_assert_int_eq(sys_sendto(me, fd, out, sizeof out, 0, (struct sockaddr *)&to, sizeof to),
	                 sizeof out); /* in four fragments */
	ck_assert_int_eq(
		sys_recvfrom(me, fd, in, sizeof in, MSG_PEEK, (struct sockaddr *)&from, &len),
		sizeof out);
	ck_assert_int_eq(memcmp(in, out, sizeof out), 0);
	ck_assert_int_eq(memcmp(&from.sin_addr, &to.sin_addr, 4), 0);
	ck_assert_uint_eq(from.sin_port, to.sin_port);
	ck_assert_int_eq(sys_ioctl(me, fd, FIONREAD, &n), 0);
	ck_assert_int_eq(n, sizeof out);
	ck_assert_int_eq(sys_ioctl(me, fd, 0x8906, &tv), 0);
	ck_assert_int_lt(tv.tv_sec, 1);
	struct iovec iov = {in, 100};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ck_assert_int_eq(sys_recvmsg(me, fd, &msg, 0), 100);
	ck_assert_int_eq(msg.msg_flags & MSG_TRUNC, MSG_TRUNC);
	ck_assert_int_eq(sys_recv(me, fd, in, sizeof in, MSG_DONTWAIT), -EAGAIN);
	sys_close(me, fd);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(echo_with_fragments) {
	if (_i)
		net_world_costs(&w);
	net_world_run(&w, echo_main);
	ck_assert_uint_eq(w.k->costs.account[COST_COPY_TX].bytes, 10 + 5000);
	ck_assert_uint_eq(w.k->costs.account[COST_COPY_RX].bytes, 10 + 5000 + 100);
}
END_TEST

static int errors_main(struct task *me, void *arg) {
	struct sockaddr_in to = inet_address("10.0.0.2", PORT),
			   closed = inet_address("10.0.0.2", 99);
	struct sockaddr_in all = inet_address("10.0.0.255", PORT),
			   none = inet_address("10.0.0.2", 0);
	struct sockaddr unspec = {.sa_family = AF_UNSPEC};
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0), on = 1;
	static uint8_t big[70000];

	ck_assert_int_lt(sys_send(me, fd, big, 1, 0), 0);
	ck_assert_int_eq(sys_sendto(me, fd, big, sizeof big, 0, (struct sockaddr *)&to, sizeof to),
	                 -EMSGSIZE);
	ck_assert_int_eq(sys_sendto(me, fd, big, 1, MSG_OOB, (struct sockaddr *)&to, sizeof to),
	                 -EOPNOTSUPP);
	ck_assert_int_eq(sys_sendto(me, fd, big, 1, 0, (struct sockaddr *)&none, sizeof none),
	                 -EINVAL);
	ck_assert_int_eq(sys_sendto(me, fd, big, 1, 0, (struct sockaddr *)&all, sizeof all),
	                 -EACCES);
	sys_setsockopt(me, fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
	ck_assert_int_eq(sys_sendto(me, fd, big, 1, 0, (struct sockaddr *)&all, sizeof all), 1);
	ck_assert_int_eq(sys_recv(me, fd, big, 1, MSG_OOB), -EOPNOTSUPP);
	ck_assert_int_eq(sys_listen(me, fd, 1), -EOPNOTSUPP);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EOPNOTSUPP);
	ck_assert_int_eq(sys_shutdown(me, fd, SHUT_RD), -ENOTCONN);
	/* The answer of a closed port reaches a connected socket. */
	fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&closed, sizeof closed), 0);
	ck_assert_int_eq(sys_send(me, fd, big, 10, 0), 10);
	ck_assert_int_eq(sys_recv(me, fd, big, 10, 0), -ECONNREFUSED);
	ck_assert_int_eq(sys_recv(me, fd, big, 10, MSG_DONTWAIT), -EAGAIN);
	/* Aimed anew, and let go. */
	ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&to, sizeof to), 0);
	ck_assert_int_eq(sys_send(me, fd, big, 10, 0), 10);
	ck_assert_int_eq(sys_recv(me, fd, big, 20, 0), 10);
	ck_assert_int_eq(sys_shutdown(me, fd, SHUT_RD), 0);
	ck_assert_int_eq(sys_recv(me, fd, big, 20, 0), 0);
	ck_assert_int_eq(sys_connect(me, fd, &unspec, sizeof unspec), 0);
	ck_assert_int_lt(sys_send(me, fd, big, 1, 0), 0);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(errors) { net_world_run(&w, errors_main); }
END_TEST

static int raw_main(struct task *me, void *arg) {
	struct sockaddr_in to = inet_address("10.0.0.2", 0), from;
	uint8_t ping[16] = {8, 0, 0, 0, 0x12, 0x34, 0, 1}, in[100];
	int fd = sys_socket(me, AF_INET, SOCK_RAW, IPPROTO_ICMP), len = sizeof from;
	uint16_t sum = cksum_fold(cksum_add(0, ping, sizeof ping));

	ck_assert_int_ge(fd, 0);
	ping[2] = (uint8_t)(sum >> 8);
	ping[3] = (uint8_t)sum;
	ck_assert_int_eq(
		sys_sendto(me, fd, ping, sizeof ping, 0, (struct sockaddr *)&to, sizeof to),
		sizeof ping);
	ck_assert_int_gt(sys_recvfrom(me, fd, in, sizeof in, 0, (struct sockaddr *)&from, &len), 0);
	ck_assert_int_eq(memcmp(&from.sin_addr, &to.sin_addr, 4), 0);
	sys_close(me, fd);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(ping) { net_world_run(&w, raw_main); }
END_TEST

int main(void) {
	Suite *suite = suite_create("inet_dgram");
	TCase *tc = tcase_create("inet_dgram");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, echo_with_fragments, 0, 2);
	tcase_add_test(tc, errors);
	tcase_add_test(tc, ping);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
