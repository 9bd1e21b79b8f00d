/* SPDX-License-Identifier: GPL-3.0-or-later */
/* accept by several processes on one listener. */
#include "sop_world.h"

#include "host/core/cpu.h"
#include "run_suite.h"

static int server_fd, served[4];
static int worker(struct task *me, void *arg) {
	int *mine = arg;

	for (int i = 0; i < 5; i++) {
		sys_close(me, accept_on(me, server_fd, NULL));
		++*mine;
		sys_nanosleep(me, SIM_MS);
	}
	PROGRAM_END();
}
static int prefork(struct task *me, void *arg) {
	(void)arg;
	server_fd = listen_any(me, 80);
	for (int i = 0; i < 4; i++)
		ck_assert_int_gt(sys_fork(me, worker, &served[i]), 0);
	for (int i = 0; i < 20; i++) {
		sys_nanosleep(me, 10 * SIM_MS);
		fake_connections(i % 3 == 0 ? w.inet : i % 3 == 1 ? w.card1 : w.card2, 80, 1);
	}
	sys_close(me, server_fd);
	PROGRAM_END();
}
static void run_prefork(int mode) {
	world_new();
	w.conf.accept = mode;
	world_load();
	world_start("test", prefork);
	world_run(5);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(served[i], 5);
}
START_TEST(T4_5_prefork) { run_prefork(SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(T4_5_prefork_standing) { run_prefork(SOP_ACCEPT_STANDING); }
END_TEST

/* One connection wakes one of those who sleep, however many there are. */
static unsigned sleepers;
static uint64_t switches;
static int sleeper(struct task *me, void *arg) {
	(void)arg;
	sys_close(me, accept_on(me, server_fd, NULL));
	PROGRAM_END();
}
static int wakes(struct task *me, void *arg) {
	struct cpu_usage usage;
	uint64_t before;

	(void)arg;
	server_fd = listen_any(me, 80);
	for (unsigned i = 0; i < sleepers; i++)
		ck_assert_int_gt(sys_fork(me, sleeper, NULL), 0);
	sys_nanosleep(me, 10 * SIM_MS);
	cpu_usage_get(w.k, &usage);
	before = usage.context_switches;
	fake_connections(w.inet, 80, 1);
	sys_nanosleep(me, 10 * SIM_MS);
	cpu_usage_get(w.k, &usage);
	switches = usage.context_switches - before;
	for (unsigned i = 1; i < sleepers; i++) {
		fake_connections(w.inet, 80, 1);
		sys_nanosleep(me, 10 * SIM_MS);
	}
	sys_close(me, server_fd);
	PROGRAM_END();
}
static void wake_one(unsigned n, bool cards, int mode) {
	sleepers = n;
	world_new();
	w.conf.accept = (unsigned)mode;
	if (cards) {
		world_load();
	} else {
		w.module = sop_module_new(&w.conf);
		ck_assert_int_eq(module_load(w.k, w.module), 0);
	}
	world_start("test", wakes);
	world_run(n + 1);
	ck_assert_uint_gt(switches, 0);
	ck_assert_uint_le(switches,
	                  6); /* the thread's, the caller's, ours; not one for each sleeper */
}
START_TEST(T4_5_wakes_one) { wake_one(20, true, SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(T4_5_wakes_one_standing) { wake_one(20, true, SOP_ACCEPT_STANDING); }
END_TEST
START_TEST(T4_5_wakes_one_no_card) { wake_one(20, false, SOP_ACCEPT_PER_CALL); }
END_TEST

/* close() by another process does not wake who sleeps in accept: the file is held (2.4). */
static int closes(struct task *me, void *arg) {
	(void)arg;
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_int_eq(sys_close(me, server_fd), 0);
	sys_nanosleep(me, 10 * SIM_MS);
	fake_connections(w.card2, 80, 1);
	PROGRAM_END();
}
static int slept(struct task *me, void *arg) {
	(void)arg;
	server_fd = listen_any(me, 80);
	ck_assert_int_gt(sys_fork(me, closes, NULL), 0);
	sys_close(me, accept_on(me, server_fd, "toe1"));
	ck_assert_int_eq(sim_now(w.sim), 40 * SIM_MS);
	sys_close(me, server_fd);
	PROGRAM_END();
}
START_TEST(T4_6_close_by_another_wakes_nobody) {
	world_new();
	w.conf.accept = (unsigned)_i;
	world_load();
	world_start("test", slept);
	world_run(2);
}
END_TEST

/* A burst on one stack: more than there are threads. */
static int burst(struct task *me, void *arg) {
	(void)arg;
	server_fd = listen_any(me, 80);
	for (int i = 0; i < 4; i++)
		ck_assert_int_gt(sys_fork(me, worker, &served[i]), 0);
	sys_nanosleep(me, 10 * SIM_MS);
	fake_connections(w.card1, 80, 20);
	sys_close(me, server_fd);
	PROGRAM_END();
}
static void run_burst(int mode) {
	world_new();
	w.conf.accept = mode;
	world_load();
	world_start("test", burst);
	world_run(5);
}
START_TEST(T4_1_burst) { run_burst(SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(T4_1_burst_standing) { run_burst(SOP_ACCEPT_STANDING); }
END_TEST

int main(void) {
	Suite *s = suite_create("sop_callers");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, T4_5_prefork);
	tcase_add_test(tc, T4_5_prefork_standing);
	tcase_add_test(tc, T4_5_wakes_one);
	tcase_add_test(tc, T4_5_wakes_one_standing);
	tcase_add_test(tc, T4_5_wakes_one_no_card);
	tcase_add_loop_test(tc, T4_6_close_by_another_wakes_nobody, SOP_ACCEPT_PER_CALL,
	                    SOP_ACCEPT_STANDING + 1);
	tcase_add_test(tc, T4_1_burst);
	tcase_add_test(tc, T4_1_burst_standing);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
