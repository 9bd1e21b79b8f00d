/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When things happen on the host, and who pays: docs/time.md, each rule with a closed form.
 */
#include "net_world.h"
#include "run_suite.h"

static struct net_world w;

static sim_time now(void) { return sim_now(w.sim); }

static void nap_until(struct task *me, sim_time date) {
	set_task_state(me, TASK_INTERRUPTIBLE);
	schedule_timeout(w.k, date - now());
}

static struct sockaddr_in lo_addr(uint16_t port) {
	return (struct sockaddr_in){.sin_family = AF_INET,
	                            .sin_port = htons(port),
	                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* --- waiting ---------------------------------------------------------------------------------- */

enum { READERS = 8, DATAGRAMS = 1000 };

static int reads_datagrams(struct task *me, void *arg) {
	char c;

	while (sys_recv(me, *(int *)arg, &c, 1, 0) == 1)
		w.ended++;
	return 0;
}

/* Eight readers of one socket: a datagram wakes one of them, so n datagrams cost n wake-ups. */
static int feeds_readers(struct task *me, void *arg) {
	struct cost_account *wakeups = &w.k->costs.account[COST_WAKEUP];
	struct sockaddr_in at = lo_addr(9);
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0), out = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	uint64_t before;

	(void)arg;
	ck_assert_int_eq(sys_bind(me, fd, (struct sockaddr *)&at, sizeof at), 0);
	for (int i = 0; i < READERS; i++)
		sys_fork(me, reads_datagrams, &fd);
	nap_until(me, 20 * SIM_MS);
	before = wakeups->charges;
	for (int i = 0; i < DATAGRAMS; i++) {
		ck_assert_int_eq(sys_sendto(me, out, "x", 1, 0, (struct sockaddr *)&at, sizeof at), 1);
		nap_until(me, now() + 10 * SIM_MS);
	}
	ck_assert_uint_eq(w.ended, DATAGRAMS);
	ck_assert_uint_eq(wakeups->charges - before, DATAGRAMS);
	/* The end of the socket's life concerns all. */
	sys_shutdown(me, fd, SHUT_RDWR);
	while (sys_waitpid(me, -1, NULL, 0) > 0)
		;
	PROGRAM_END(&w);
}

START_TEST(a_datagram_wakes_one_reader) {
	net_world_init(&w, NULL);
	net_world_costs(&w);
	net_world_run(&w, feeds_readers);
	net_world_free(&w);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("time");
	TCase *tc = tcase_create("waiting");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_datagram_wakes_one_reader);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
