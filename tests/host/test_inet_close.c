/* SPDX-License-Identifier: GPL-3.0-or-later */
/* close() of INET's streams: SO_LINGER with time, without, and with none. */
#include "inet_programs.h"
#include "run_suite.h"

static int linger_main(struct task *me, void *arg) {
	struct linger on = {.l_onoff = 1, .l_linger = 3};
	int fd = tcp_socket(me);
	sim_time start;

	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), 0);
	/* The peer's window fills and never opens: the linger time runs out. */
	sys_fcntl(me, fd, F_SETFL, O_NONBLOCK);
	while (sys_send(me, fd, bytes, sizeof bytes, 0) > 0)
		sys_nanosleep(me, 50 * SIM_MS);
	sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &on, sizeof on);
	start = now();
	ck_assert_int_eq(sys_close(me, fd), 0);
	ck_assert_int_ge(now() - start, 3 * SIM_S);
	ck_assert_int_le(now() - start, 3 * SIM_S + 40 * SIM_MS);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(linger_runs_out) {
	prog.deaf = true;
	peer_prog_listen(&listener, w.peer[0], PORT, &prog);
	net_world_run(&w, linger_main);
}
END_TEST

static int linger_ack_main(struct task *me, void *arg) {
	struct linger on = {.l_onoff = 1, .l_linger = 30};
	int fd = tcp_socket(me);
	sim_time start;

	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), 0);
	ck_assert_int_eq(sys_send(me, fd, bytes, 10000, 0), 10000);
	sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &on, sizeof on);
	start = now();
	ck_assert_int_eq(sys_close(me, fd), 0);
	ck_assert_int_le(now() - start, 300 * SIM_MS);
	ck_assert_uint_eq(prog.in_len, 10000);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(linger_until_acknowledged) {
	peer_prog_listen(&listener, w.peer[0], PORT, &prog);
	net_world_run(&w, linger_ack_main);
}
END_TEST

static int abort_main(struct task *me, void *arg) {
	struct linger on = {.l_onoff = 1, .l_linger = 0};
	int fd = tcp_socket(me);

	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), 0);
	sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &on, sizeof on);
	ck_assert_int_eq(sys_close(me, fd), 0);
	sys_nanosleep(me, SIM_S);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(linger_zero_resets) {
	peer_prog_listen(&listener, w.peer[0], PORT, &prog);
	net_world_run(&w, abort_main);
	ck_assert_int_eq(prog.error, ECONNRESET);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("inet-close");
	TCase *tc = tcase_create("inet-close");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, linger_runs_out);
	tcase_add_test(tc, linger_until_acknowledged);
	tcase_add_test(tc, linger_zero_resets);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
