/* SPDX-License-Identifier: GPL-3.0-or-later */
/* poll() and select() over the tests' pipe family. */
#include <string.h>

#include "run_suite.h"
#include "world.h"

static sim_time now_ms(struct task *me) { return sys_gettime(me) / SIM_MS; }

static int states(struct task *me, void *arg) {
	struct pollfd pfd[5];
	int fd[2], file = sys_open(me, "/f", O_RDONLY);

	sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd);
	pfd[0] = (struct pollfd){fd[0], POLLIN | POLLOUT, 0};
	pfd[1] = (struct pollfd){fd[1], POLLIN, 7};
	pfd[2] = (struct pollfd){99, POLLIN, 0};
	pfd[3] = (struct pollfd){-1, POLLIN, 7};
	pfd[4] = (struct pollfd){file, POLLIN, 0};
	ck_assert_int_eq(sys_poll(me, pfd, 5, -1), 3);
	ck_assert_int_eq(pfd[0].revents, POLLOUT);
	ck_assert_int_eq(pfd[1].revents, 0);
	ck_assert_int_eq(pfd[2].revents, POLLNVAL);
	ck_assert_int_eq(pfd[3].revents, 0);
	ck_assert_int_eq(pfd[4].revents, POLLIN); /* files never block */
	ck_assert_int_eq(now_ms(me), 0);
	/* Error and hang-up come unasked. */
	sys_close(me, fd[0]);
	pfd[1].events = 0;
	ck_assert_int_eq(sys_poll(me, &pfd[1], 1, 0), 1);
	ck_assert_int_eq(pfd[1].revents, POLLHUP);
	ck_assert_int_eq(sys_poll(me, NULL, 1, 0), -EFAULT);
	ck_assert_int_eq(sys_poll(me, pfd, 100000, 0), -EINVAL);
	PROGRAM_END(arg);
}

START_TEST(test_states) {
	struct world w = world_new(64);

	fs_create(w.k, "/f", "abc", 3);
	world_run(&w, states);
	world_free(&w);
}
END_TEST

static int write_later(struct task *me, void *arg) {
	int *fd = arg;

	sys_nanosleep(me, 20 * SIM_MS); /* three ticks */
	ck_assert_int_eq(sys_write(me, *fd, "x", 1), 1);
	return 0;
}

/* Many descriptors, so that the table has more than one chunk; only the last one has news. */
enum { PAIRS = 700 };

static int sleeps(struct task *me, void *arg) {
	static struct pollfd pfd[PAIRS];
	int fd[2] = {0};

	for (int i = 0; i < PAIRS; i++) {
		ck_assert_int_eq(sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd), 0);
		pfd[i] = (struct pollfd){fd[1], POLLIN, 0};
	}
	ck_assert_int_eq(sys_poll(me, pfd, PAIRS, 10), 0);
	ck_assert_int_eq(now_ms(me), 20);
	sys_fork(me, write_later, &fd[0]);
	ck_assert_int_eq(sys_poll(me, pfd, PAIRS, -1), 1);
	ck_assert_int_eq(pfd[PAIRS - 1].revents, POLLIN);
	ck_assert_int_eq(now_ms(me), 50);
	/* All queues were left. */
	for (int i = 0, err; i < PAIRS; i++)
		ck_assert(!wait_queue_active(&sockfd_lookup(me, pfd[i].fd, &err)->wait));
	PROGRAM_END(arg);
}

START_TEST(test_sleeps) {
	struct world w = world_new(2000);

	world_run(&w, sleeps);
	world_free(&w);
}
END_TEST

/* Time-outs are whole ticks, poll()'s a tick more. */
static int no_descriptors(struct task *me, void *arg) {
	struct timeval tv = {.tv_usec = 25000};

	ck_assert_int_eq(sys_poll(me, NULL, 0, 1), 0);
	ck_assert_int_eq(now_ms(me), 20);
	ck_assert_int_eq(sys_select(me, 0, NULL, NULL, NULL, &tv), 0);
	ck_assert_int_eq(now_ms(me), 50);
	ck_assert_int_eq(tv.tv_usec, 0);
	ck_assert_int_eq(sys_poll(me, NULL, 0, 0), 0);
	ck_assert_int_eq(now_ms(me), 50);
	PROGRAM_END(arg);
}

START_TEST(test_no_descriptors) {
	struct world w = world_new(64);

	world_run(&w, no_descriptors);
	world_free(&w);
}
END_TEST

/* Calls in a row begin just after a tick, each lasts whole ticks: 2.4's arithmetic of jiffies.  So a
 * call that asks for t > 0 takes ceil(t / 10 ms) ticks, nanosleep() and poll() one more. */
enum asker { NANOSLEEP, POLL, SELECT, RCVTIMEO };

static const struct {
	enum asker asker;
	sim_time asks, takes;
} askers[] = {
	{NANOSLEEP, SIM_US, 20 * SIM_MS},      {NANOSLEEP, 5 * SIM_MS, 20 * SIM_MS},
	{NANOSLEEP, 10 * SIM_MS, 20 * SIM_MS}, {NANOSLEEP, 10 * SIM_MS + 1, 30 * SIM_MS},
	{POLL, SIM_MS, 20 * SIM_MS},           {POLL, 10 * SIM_MS, 20 * SIM_MS},
	{POLL, 11 * SIM_MS, 30 * SIM_MS},      {SELECT, 10 * SIM_MS, 10 * SIM_MS},
	{SELECT, 11 * SIM_MS, 20 * SIM_MS},    {SELECT, 30 * SIM_MS, 30 * SIM_MS},
	{RCVTIMEO, 10 * SIM_MS, 10 * SIM_MS},  {RCVTIMEO, SIM_US, 10 * SIM_MS},
};
static unsigned row;

static void ask(struct task *me, int fd) {
	sim_time time = askers[row].asks;
	struct timeval tv = {.tv_usec = time / SIM_US};
	char c;

	switch (askers[row].asker) {
	case NANOSLEEP:
		ck_assert_int_eq(sys_nanosleep(me, time), 0);
		break;
	case POLL:
		ck_assert_int_eq(sys_poll(me, NULL, 0, (int)(time / SIM_MS)), 0);
		break;
	case SELECT:
		ck_assert_int_eq(sys_select(me, 0, NULL, NULL, NULL, &tv), 0);
		break;
	case RCVTIMEO:
		sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
		ck_assert_int_eq(sys_read(me, fd, &c, 1), -EAGAIN);
	}
}

static int asks(struct task *me, void *arg) {
	sim_time start;
	int fd[2];

	sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd);
	ask(me, fd[1]);
	ck_assert_int_eq(sys_gettime(me), askers[row].takes);
	start = sys_gettime(me);
	for (int i = 0; i < 20; i++)
		ask(me, fd[1]);
	ck_assert_int_eq(sys_gettime(me) - start, 20 * askers[row].takes);
	PROGRAM_END(arg);
}

START_TEST(test_time_outs_by_call) {
	struct world w = world_new(64);

	row = (unsigned)_i;
	world_run(&w, asks);
	world_free(&w);
}
END_TEST

static void nothing(struct task *me, int sig) {
	(void)me;
	(void)sig;
}

static int kill_later(struct task *me, void *arg) {
	sys_nanosleep(me, 20 * SIM_MS); /* three ticks */
	ck_assert_int_eq(sys_kill(me, *(int *)arg, SIGUSR1), 0);
	return 0;
}

static int interrupted(struct task *me, void *arg) {
	int fd[2], pid = task_pid(me);
	struct timeval tv = {.tv_sec = 1};
	struct pollfd pfd;
	fd_set in;

	sys_signal(me, SIGUSR1, nothing);
	sys_signal(me, SIGCHLD, SIGNAL_IGNORE);
	sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd);
	pfd = (struct pollfd){fd[1], POLLIN, 0};
	sys_fork(me, kill_later, &pid);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, -1), -EINTR);
	ck_assert_int_eq(now_ms(me), 30);
	/* select() leaves the sets alone then, and shows what is left of the time. */
	FD_ZERO(&in);
	FD_SET(fd[1], &in);
	sys_fork(me, kill_later, &pid);
	ck_assert_int_eq(sys_select(me, fd[1] + 1, &in, NULL, NULL, &tv), -EINTR);
	ck_assert(FD_ISSET(fd[1], &in));
	ck_assert_int_eq(tv.tv_sec, 0);
	ck_assert_int_eq(tv.tv_usec, 970000);
	/* Nothing to wait for at all: until a signal. */
	sys_fork(me, kill_later, &pid);
	ck_assert_int_eq(sys_select(me, 0, NULL, NULL, NULL, NULL), -EINTR);
	ck_assert_int_eq(now_ms(me), 90);
	PROGRAM_END(arg);
}

START_TEST(test_interrupted) {
	struct world w = world_new(64);

	world_run(&w, interrupted);
	world_free(&w);
}
END_TEST

static int selects(struct task *me, void *arg) {
	struct timeval tv = {.tv_sec = 1}, negative = {.tv_sec = -1};
	unsigned long big[40];
	fd_set in, out, ex;
	int fd[2], high;

	sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd);
	FD_ZERO(&in);
	FD_SET(fd[0], &in);
	FD_SET(fd[1], &in);
	out = ex = in;
	sys_write(me, fd[0], "x", 1);
	/* Each hit counts. */
	ck_assert_int_eq(sys_select(me, 10, &in, &out, &ex, &tv), 3);
	ck_assert(!FD_ISSET(fd[0], &in) && FD_ISSET(fd[1], &in));
	ck_assert(FD_ISSET(fd[0], &out) && FD_ISSET(fd[1], &out));
	ck_assert(!FD_ISSET(fd[0], &ex) && !FD_ISSET(fd[1], &ex));
	/* Descriptors from n on are not looked at. */
	FD_SET(63, &in);
	ck_assert_int_eq(sys_select(me, 10, &in, NULL, NULL, &tv), 1);
	FD_SET(63, &in);
	ck_assert_int_eq(sys_select(me, 64, &in, NULL, NULL, &tv), -EBADF);
	ck_assert_int_eq(sys_select(me, -1, &in, NULL, NULL, &tv), -EINVAL);
	ck_assert_int_eq(sys_select(me, 1, NULL, NULL, NULL, &negative), -EINVAL);
	/* Larger sets than fd_set are the program's to make. */
	high = sys_fcntl(me, fd[1], F_DUPFD, 2500);
	memset(big, 0, sizeof big);
	big[high / 64] |= 1UL << (high % 64);
	ck_assert_int_eq(sys_select(me, high + 1, (fd_set *)big, NULL, NULL, NULL), 1);
	ck_assert_uint_eq(big[high / 64], 1UL << (high % 64));
	/* An end of stream is readable; a pending error is so and writable. */
	FD_ZERO(&in);
	FD_SET(fd[1], &in);
	sys_read(me, fd[1], big, 1);
	sys_close(me, fd[0]);
	ck_assert_int_eq(sys_select(me, 10, &in, NULL, NULL, NULL), 1);
	PROGRAM_END(arg);
}

START_TEST(test_selects) {
	struct world w = world_new(3000);

	world_run(&w, selects);
	world_free(&w);
}
END_TEST

/* The state changes between the question and the sleep: the poller was on the queue before. */
static int write_soon(struct task *me, void *arg) {
	sys_write(me, *(int *)arg, "x", 1);
	return 0;
}

static int no_lost_wakeup(struct task *me, void *arg) {
	struct pollfd pfd;
	int fd[2];

	sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd);
	pfd = (struct pollfd){fd[1], POLLIN, 0};
	sys_fork(me, write_soon, &fd[0]);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, -1), 1);
	PROGRAM_END(arg);
}

static int pays(struct task *me, void *arg) {
	struct pollfd pfd[3];
	int fd[2];

	sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd);
	for (int i = 0; i < 3; i++)
		pfd[i] = (struct pollfd){fd[i % 2], POLLIN, 0};
	sim_time before = sim_now(task_kernel(me)->sim);
	ck_assert_int_eq(sys_poll(me, pfd, 3, 0), 0);
	ck_assert_int_eq(sim_now(task_kernel(me)->sim) - before, 3 * 4 * SIM_US + SIM_US);
	PROGRAM_END(arg);
}

START_TEST(test_no_lost_wakeup) {
	struct world w = world_new(64);

	world_cost(&w, "syscall", SIM_US, 0);
	world_cost(&w, "poll", 4 * SIM_US, 0);
	world_cost(&w, "wakeup", 3 * SIM_US, 0);
	world_cost(&w, "context_switch", 2 * SIM_US, 0);
	world_run(&w, no_lost_wakeup);
	world_free(&w);
}
END_TEST

START_TEST(test_pays) {
	struct world w = world_new(64);

	world_cost(&w, "syscall", SIM_US, 0);
	world_cost(&w, "poll", 4 * SIM_US, 0);
	world_run(&w, pays);
	world_free(&w);
}
END_TEST

static Suite *suite(void) {
	Suite *s = suite_create("poll");
	TCase *tc = tcase_create("poll");

	tcase_add_test(tc, test_states);
	tcase_add_test(tc, test_sleeps);
	tcase_add_test(tc, test_no_descriptors);
	tcase_add_loop_test(tc, test_time_outs_by_call, 0, G_N_ELEMENTS(askers));
	tcase_add_test(tc, test_interrupted);
	tcase_add_test(tc, test_selects);
	tcase_add_test(tc, test_no_lost_wakeup);
	tcase_add_test(tc, test_pays);
	suite_add_tcase(s, tc);
	return s;
}

int main(void) { return run_suite(suite()); }
