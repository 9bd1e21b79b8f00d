/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams of a card, as programs that name AF_TOE use them. */
#include <netinet/tcp.h>

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

static void add_tests(TCase *tcase) {
	tcase_add_test(tcase, datagrams);
	tcase_add_test(tcase, datagrams_are_told_one_by_one);
}

int main(void) {
	Suite *suite = suite_create("toe-dgram");

	suite_add_kinds(suite, add_tests);
	return run_suite(suite);
}
