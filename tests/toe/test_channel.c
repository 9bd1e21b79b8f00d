/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tells the kinds of card apart: doorbells, interrupts, and looking at the ring. */
#include <netinet/tcp.h>

#include "run_suite.h"
#include "toe/driver/driver.h"
#include "toe_world.h"

#define READERS 12

static struct peer_conn server, conn, client;

static struct comm_counters counters(void) {
	struct comm_counters n;

	comm_counters(W.toe[0]->comm, &n);
	return n;
}

/* --- under load ------------------------------------------------------------------------------- */

static struct comm_counters before, after;

static int busy_program(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0), on = 1;
	char buf[256] = {0};

	(void)arg;
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), 0);
	before = counters();
	for (int i = 0; i < 100; i++) {
		EXPECT_INT(sys_setsockopt(me, fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on), 0);
		EXPECT_INT(sys_setsockopt(me, fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on), 0);
		EXPECT_INT(sys_send(me, fd, buf, sizeof buf, 0), sizeof buf);
	}
	after = counters();
	W.programs++;
	return 0;
}

/* Two commands that nobody waits for and one that is waited for: a doorbell for each, or one. */
START_TEST(doorbells_and_interrupts_under_load) {
	server = conn = (struct peer_conn){0};
	world_up(1);
	peer_serve(0, 80, &server, &conn);
	conn.ps.so = (void *)&conn;
	start_at(0, busy_program, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT_INT(after.commands - before.commands, 300);
	if (kind == TOE_KIND_INTERRUPT) {
		EXPECT_INT(after.doorbells - before.doorbells, 300);
		EXPECT(after.interrupts - before.interrupts >= 100);
	} else {
		EXPECT_INT(after.doorbells - before.doorbells, 100);
		/* A batch that lies across the end of the ring needs two. */
		EXPECT(after.fetches - before.fetches <= 102);
		EXPECT_INT(after.interrupts - before.interrupts, 0);
	}
	world_down();
}
END_TEST

/* --- at rest ---------------------------------------------------------------------------------- */

static sim_time accepted_at;

static int idle_program(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 80);

	(void)arg;
	sys_nanosleep(me, SIM_S);
	before = counters();
	EXPECT(sys_accept(me, fd, NULL, NULL) >= 0);
	accepted_at = sys_gettime(me);
	after = counters();
	W.programs++;
	return 0;
}

static uint64_t events_before, events_after;

static void note_events(void *arg) { *(uint64_t *)arg = sim_events_run(W.sim); }

/* A machine that waits for hours does not look in vain, and yet is told at once. */
START_TEST(waiting_costs_nothing) {
	client = (struct peer_conn){0};
	world_up(1);
	start_at(0, idle_program, NULL);
	sim_call_at(W.sim, 100 * SIM_S, note_events, &events_before);
	sim_call_at(W.sim, 3600 * SIM_S, note_events, &events_after);
	peer_connect_at(3600 * SIM_S, 0, 80, &client);
	run(4000 * SIM_S);
	EXPECT_INT(W.programs, 1);
	/* The watchdog's command, each command_timeout. */
	EXPECT(events_after - events_before < 350 * 100);
	EXPECT(accepted_at - 3600 * SIM_S < 200 * SIM_US);
	EXPECT(after.interrupts > before.interrupts);
	if (kind == TOE_KIND_POLLING)
		EXPECT(after.arms > before.arms);
	world_down();
}
END_TEST

/* A task that sleeps for an answer has it within a period of the driver's timer, without an
 * interrupt. */
static int slow_answer(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0);
	sim_time start;

	(void)arg;
	EXPECT_INT(toe_set_cost(W.toe[0], "command", (struct cost_value){150 * SIM_US, 0}), 0);
	before = counters();
	start = sys_gettime(me);
	EXPECT_INT(bind_to(me, fd, "10.0.0.1", 80), 0);
	EXPECT(sys_gettime(me) - start >= 150 * SIM_US);
	EXPECT(sys_gettime(me) - start < 330 * SIM_US + 20 * SIM_US);
	after = counters();
	W.programs++;
	return 0;
}

START_TEST(sleeper_is_found_by_the_timer) {
	world_up(1);
	start_at(0, slow_answer, NULL);
	run(SIM_S);
	EXPECT_INT(W.programs, 1);
	if (kind == TOE_KIND_POLLING)
		EXPECT_INT(after.interrupts - before.interrupts, 0);
	world_down();
}
END_TEST

/* --- the ring --------------------------------------------------------------------------------- */

static int reader(struct task *me, void *arg) {
	int fd = *(int *)arg;
	char byte;

	EXPECT_INT(sys_recv(me, fd, &byte, 1, 0), 0);
	W.programs++;
	return 0;
}

/* More waiting commands than the ring has descriptors: the next command still goes out. */
static int crowd_program(struct task *me, void *arg) {
	static int fd;

	(void)arg;
	fd = listener(me, "10.0.0.1", 80);
	fd = sys_accept(me, fd, NULL, NULL);
	EXPECT(fd >= 0);
	for (int i = 0; i < READERS; i++)
		EXPECT(sys_fork(me, reader, &fd) > 0);
	sys_nanosleep(me, SIM_S);
	EXPECT_INT(sys_shutdown(me, fd, SHUT_RD), 0);
	W.programs++;
	return 0;
}

START_TEST(waiting_commands_hold_no_descriptors) {
	struct toe_conf conf;

	client = (struct peer_conn){0};
	toe_conf_default(&conf);
	conf.ring = 4;
	world_up_conf(1, &conf);
	start_at(0, crowd_program, NULL);
	peer_connect_at(SIM_MS, 0, 80, &client);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, READERS + 1);
	world_down();
}
END_TEST

static void add_tests(TCase *tcase) {
	tcase_add_test(tcase, doorbells_and_interrupts_under_load);
	tcase_add_test(tcase, waiting_costs_nothing);
	tcase_add_test(tcase, sleeper_is_found_by_the_timer);
	tcase_add_test(tcase, waiting_commands_hold_no_descriptors);
}

int main(void) {
	Suite *suite = suite_create("toe-channel");

	suite_add_kinds(suite, add_tests);
	return run_suite(suite);
}
