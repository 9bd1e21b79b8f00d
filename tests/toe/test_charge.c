/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the card's processor pays for, when, and what is seen of it before. */
#include <arpa/inet.h>
#include <netinet/tcp.h>

#include "run_suite.h"
#include "toe_world.h"

static struct peer_conn client;

static void cost(const char *name, sim_time each) {
	ck_assert_int_eq(toe_set_cost(W.toe[0], name, (struct cost_value){each, 0}), 0);
}

/* --- nothing is seen before it is paid for ------------------------------------------------------- */

#define DATAGRAM (100 * SIM_US)
#define COMMAND (10 * SIM_US)
#define AHEAD (300 * SIM_US)

static sim_time asked_at, returned_at, wire_at;
static int got;

static void peer_datagram(void *arg) {
	static struct peer_sock ps;
	char byte = 'x';
	struct iovec iov = {&byte, 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = 0x0a000001, .port = 53};

	(void)arg;
	ps = (struct peer_sock){.event = NULL};
	EXPECT_INT(peer_open(W.peer[0], SOCK_DGRAM, &ps), 0);
	EXPECT_INT(net_send(ps.so, &msg), 1);
	wire_at = sim_now(W.sim);
}

static int early_program(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);
	char byte;

	EXPECT_INT(bind_to(me, fd, "10.0.0.1", 53), 0);
	sim_call_at(W.sim, sys_gettime(me) + AHEAD - *(const int *)arg * 10 * SIM_US, peer_datagram,
	            NULL);
	user_charge(me, COST_USER_WORK, 0); /* AHEAD */
	asked_at = sys_gettime(me);
	got = (int)sys_recv(me, fd, &byte, 1, 0);
	returned_at = sys_gettime(me);
	W.programs++;
	return 0;
}

/*
 * A datagram comes to the card, which works 100 us on it; a receive command comes i * 10 us after it.
 * The answer does not leave before the datagram is paid for, the command too: whichever way they
 * overlap, the processor has worked off both.
 */
START_TEST(datagram_is_not_had_before_it_is_paid) {
	int early = _i;

	world_up(1);
	kernel_set_cost(W.kernel, "user_work", (struct cost_value){AHEAD, 0});
	cost("datagram", DATAGRAM);
	cost("command", COMMAND);
	peer_connect_at(SIM_MS, 0, 9, &client); /* ARP */
	start_at(50 * SIM_MS, early_program, &early);
	run(SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT_INT(got, 1);
	/* 64 bytes of wire and 1 us of cable; the processor is free before */
	EXPECT(returned_at >= wire_at + DATAGRAM + COMMAND || asked_at > wire_at + DATAGRAM);
	EXPECT(returned_at >= asked_at + COMMAND);
	world_down();
}
END_TEST

static void add_tests(TCase *tcase) {
	tcase_add_loop_test(tcase, datagram_is_not_had_before_it_is_paid, 0, 14);
}

int main(void) {
	Suite *suite = suite_create("toe-charge");

	suite_add_kinds(suite, add_tests);
	return run_suite(suite);
}
