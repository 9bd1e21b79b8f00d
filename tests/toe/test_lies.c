/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cards that lie: the driver finds it out, says so and takes the card out; programs on it are told
 * and have got nothing of the lie; the other card on the same interrupt line loses nothing.
 */
#include "run_suite.h"
#include "toe_world.h"

enum { STREAM = 1 << 20, BEGIN_MS = 20 };

static struct peer_conn liar, honest, client, sender[CARDS];
static unsigned died;
static sim_time death;

static void conf_fast(struct toe_conf *conf) {
	toe_conf_default(conf);
	conf->command_timeout = SIM_S;
}

static void card_died(void *arg, const char *why) {
	(void)arg;
	EXPECT(why == toe_why(W.toe[0]));
	EXPECT_INT(toe_why(W.toe[1]) == NULL, 1);
	death = sim_now(W.sim);
	died++;
}

/* --- programs --------------------------------------------------------------------------------- */

/* Reads a stream slowly enough that the lie comes in its middle: what it gets is right.  The errno
 * that ends it, 0 for the end. */
static int read_stream(struct task *me, int fd, uint64_t *got) {
	uint8_t buf[5000];
	ssize_t n;

	*got = 0;
	while ((n = sys_recv(me, fd, buf, sizeof buf, 0)) > 0) {
		EXPECT(n <= (ssize_t)sizeof buf);
		EXPECT(pattern_check(1, *got, buf, (size_t)n));
		*got += (uint64_t)n;
		sys_nanosleep(me, 100 * SIM_US);
	}
	return (int)n;
}

static int on_the_liar(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0);
	uint64_t got;

	(void)arg;
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), 0);
	EXPECT_INT(read_stream(me, fd, &got), -ECONNRESET);
	EXPECT(got > 0 && got < STREAM);
	EXPECT_INT(sys_send(me, fd, "x", 1, MSG_NOSIGNAL), -ECONNRESET);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

static int accepts(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 81);

	(void)arg;
	EXPECT_INT(sys_accept(me, fd, NULL, NULL), -ECONNRESET);
	W.programs++;
	return 0;
}

static int polls(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 82);
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	(void)arg;
	EXPECT_INT(sys_poll(me, &pfd, 1, -1), 1);
	EXPECT_INT(pfd.revents, POLLERR | POLLHUP);
	W.programs++;
	return 0;
}

static int on_the_other(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0);
	uint64_t got;

	(void)arg;
	EXPECT_INT(bind_to(me, fd, "10.0.1.1", 0), 0);
	EXPECT_INT(connect_to(me, fd, "10.0.1.2", 80), 0);
	EXPECT_INT(read_stream(me, fd, &got), 0);
	EXPECT_INT(got, STREAM);
	EXPECT_INT(sys_close(me, fd), 0);
	EXPECT(sys_socket(me, AF_TOE, SOCK_STREAM, 0) >= 0); /* on the card that is left */
	W.programs++;
	return 0;
}

/* --- tests ------------------------------------------------------------------------------------ */

static const struct lie {
	enum comm_fault fault;
	sim_time time;
	const char *why;
	sim_time found; /* at the latest, from when it begins */
} lies[] = {
	{COMM_FAULT_WRONG_COMMAND, 0, "it answers what nobody has asked", 50 * SIM_MS},
	{COMM_FAULT_WRONG_SOCKET, 0, "it answers for another socket than was asked about",
         50 * SIM_MS},
	{COMM_FAULT_WRONG_COUNT, 0, "its answers are out of bounds", 50 * SIM_MS},
	{COMM_FAULT_DOUBLED, 0, "it answers what nobody has asked", 50 * SIM_MS},
	{COMM_FAULT_DAMAGED_WRITE, 0, "what it writes into memory is damaged", 50 * SIM_MS},
	{COMM_FAULT_DAMAGED_READ, 0, "what it fetches from memory is damaged", 50 * SIM_MS},
	{COMM_FAULT_SPURIOUS_IRQ, 50 * SIM_US, "it interrupts for nothing", SIM_S},
	{COMM_FAULT_LATE, 5 * SIM_S, "it does not answer", 3 * SIM_S},
	{COMM_FAULT_LOST_IRQ, 0, "its interrupts do not come", 3 * SIM_S},
};

/* Of an answer that takes no data along only the first of them can be told. */
enum { QUIET_LIES = 5 };

static const struct lie *lie;

static void begin(void *arg) {
	(void)arg;
	toe_lie(W.toe[0], lie->fault, lie->time);
}

static void serve(unsigned i, struct peer_conn *at, struct peer_conn *conn) {
	*at = (struct peer_conn){0};
	*conn = (struct peer_conn){.key_tx = 1, .to_send = STREAM, .close_when_sent = true};
	peer_serve(i, 80, at, conn);
}

static void two_cards(void) {
	struct toe_conf conf;

	conf_fast(&conf);
	world_up_conf(2, &conf);
	toe_on_death(W.toe[0], card_died, NULL);
	serve(0, &liar, &sender[0]);
	serve(1, &honest, &sender[1]);
}

START_TEST(lie_is_found_out) {
	lie = &lies[_i];
	/* Who polls under load misses no interrupt; see poller_alone. */
	if (kind == TOE_KIND_POLLING && lie->fault == COMM_FAULT_LOST_IRQ)
		return;
	two_cards();
	start_at(0, on_the_liar, NULL);
	start_at(0, accepts, NULL);
	start_at(0, polls, NULL);
	sim_call_at(W.sim, BEGIN_MS * SIM_MS, begin, NULL);
	/* The other card's work makes the tasklet look at this one, too. */
	start_at(lie->fault == COMM_FAULT_LOST_IRQ ? 10 * SIM_S : 0, on_the_other, NULL);
	run(60 * SIM_S);
	EXPECT_INT(died, 1);
	EXPECT(g_strcmp0(toe_why(W.toe[0]), lie->why) == 0);
	EXPECT(death - BEGIN_MS * SIM_MS <= lie->found);
	EXPECT_INT(W.programs, 4);
	world_down();
}
END_TEST

/* What is only slow, and no lie: all comes, and comes right. */
static int patient(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0);
	uint64_t got;

	(void)arg;
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), 0);
	EXPECT_INT(read_stream(me, fd, &got), 0);
	EXPECT_INT(got, STREAM);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

START_TEST(late_is_not_dead) {
	static const struct lie late = {COMM_FAULT_LATE, 30 * SIM_MS, NULL, 0};

	lie = &late;
	two_cards();
	start_at(0, patient, NULL);
	start_at(0, on_the_other, NULL);
	sim_call_at(W.sim, BEGIN_MS * SIM_MS, begin, NULL);
	run(60 * SIM_S);
	EXPECT_INT(died, 0);
	EXPECT_INT(W.programs, 2);
	world_down();
}
END_TEST

/* Answers come at all times, so also in the moment in which the watchdog looks: what has been
 * announced by then is taken. */
static int asks_without_end(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);
	char byte;

	(void)arg;
	EXPECT_INT(bind_to(me, fd, "10.0.0.1", 53), 0);
	while (sys_gettime(me) < SIM_S && !toe_why(W.toe[0]))
		EXPECT_INT(sys_recv(me, fd, &byte, 1, MSG_DONTWAIT), -EAGAIN);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

START_TEST(watchdog_meets_answers) {
	struct toe_conf conf;

	conf_fast(&conf);
	conf.command_timeout = SIM_MS;
	world_up_conf(1, &conf);
	start_at(0, asks_without_end, NULL);
	run(2 * SIM_S);
	EXPECT(toe_why(W.toe[0]) == NULL);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

static int dgram_on_the_liar(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);
	char byte;

	(void)arg;
	EXPECT_INT(bind_to(me, fd, "10.0.0.1", 53), 0);
	sys_nanosleep(me, 50 * SIM_MS);
	EXPECT_INT(sys_recv(me, fd, &byte, 1, MSG_DONTWAIT), -ENETDOWN);
	W.programs++;
	return 0;
}

START_TEST(datagrams_of_a_liar) {
	lie = &lies[0];
	two_cards();
	start_at(0, dgram_on_the_liar, NULL);
	sim_call_at(W.sim, BEGIN_MS * SIM_MS, begin, NULL);
	run(10 * SIM_S);
	EXPECT_INT(died, 1);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* A command whose answer is to interrupt nobody: a lie about it is found where it lies. */
static int only_closes(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);

	(void)arg;
	EXPECT_INT(bind_to(me, fd, "10.0.0.1", 53), 0);
	sys_nanosleep(me, 50 * SIM_MS);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

START_TEST(quiet_lie) {
	lie = &lies[_i];
	two_cards();
	start_at(0, only_closes, NULL);
	sim_call_at(W.sim, BEGIN_MS * SIM_MS, begin, NULL);
	run(10 * SIM_S);
	EXPECT_INT(died, 1);
	EXPECT(g_strcmp0(toe_why(W.toe[0]), lie->why) == 0);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* Nobody has a command under way, and somebody polls: a card that is silent, or keeps its interrupts
 * to itself, is found out all the same. */
static int only_polls(struct task *me, void *arg) {
	sim_time start;

	(void)arg;
	start = sys_gettime(me);
	polls(me, NULL);
	EXPECT(sys_gettime(me) - start < 10 * SIM_S);
	return 0;
}

static void fail_card(void *arg) {
	(void)arg;
	toe_fail(W.toe[0]);
}

START_TEST(poller_alone) {
	two_cards();
	start_at(0, only_polls, NULL);
	lie = &lies[G_N_ELEMENTS(lies) - 1];
	if (_i) {
		sim_call_at(W.sim, 2500 * SIM_MS, fail_card, NULL);
	} else {
		sim_call_at(W.sim, 2500 * SIM_MS, begin, NULL);
		client = (struct peer_conn){0};
		peer_connect_at(3500 * SIM_MS, 0, 82, &client);
	}
	run(60 * SIM_S);
	EXPECT_INT(died, 1);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

static void add_tests(TCase *tcase) {
	tcase_add_loop_test(tcase, lie_is_found_out, 0, G_N_ELEMENTS(lies));
	tcase_add_test(tcase, late_is_not_dead);
	tcase_add_test(tcase, watchdog_meets_answers);
	tcase_add_test(tcase, datagrams_of_a_liar);
	tcase_add_loop_test(tcase, quiet_lie, 0, QUIET_LIES);
	tcase_add_loop_test(tcase, poller_alone, 0, 2);
}

int main(void) {
	Suite *suite = suite_create("toe-lies");

	suite_add_kinds(suite, add_tests);
	return run_suite(suite);
}
