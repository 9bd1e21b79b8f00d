/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads, pids, numbers and signals that come from outside: what real programs need of the host. */
#include <sys/wait.h>

#include "host/core/clone.h"
#include "host/file/fd.h"
#include "run_suite.h"
#include "world.h"

#define RUN(program)                                                                               \
	START_TEST(test_##program) {                                                               \
		struct world w = world_new(64);                                                    \
		fs_create(w.k, "/f", "abc", 3);                                                    \
		world_run(&w, program);                                                            \
		world_free(&w);                                                                    \
	}                                                                                          \
	END_TEST

static int first_open; /* what the other task opened */

static int opens(struct task *me, void *arg) {
	(void)arg;
	first_open = sys_open(me, "/f", O_RDONLY);
	return 3;
}

static int threads_share_descriptors(struct task *me, void *arg) {
	struct clone_conf thread = {.files = true, .thread = true}, process = {.files = false};
	struct clone_conf sharing = {.files = true};
	int status;
	char c;

	ck_assert_int_gt(sys_clone(me, &thread, opens, NULL), 0);
	sys_nanosleep(me, SIM_MS);
	ck_assert_int_eq(sys_read(me, first_open, &c, 1), 1);
	/* A thread is no child. */
	ck_assert_int_eq(sys_waitpid(me, -1, NULL, 0), -ECHILD);
	ck_assert_int_gt(sys_clone(me, &sharing, opens, NULL), 0);
	ck_assert_int_gt(sys_waitpid(me, -1, &status, 0), 0);
	ck_assert_int_eq(WEXITSTATUS(status), 3);
	/* The table outlived its user. */
	ck_assert_int_eq(sys_read(me, first_open, &c, 1), 1);
	ck_assert_int_eq(first_open, 1);
	ck_assert_int_gt(sys_clone(me, &process, opens, NULL), 0);
	ck_assert_int_gt(sys_waitpid(me, -1, NULL, 0), 0);
	ck_assert_int_eq(first_open, 2);
	ck_assert_int_eq(sys_read(me, 2, &c, 1), -EBADF);
	PROGRAM_END(arg);
}
RUN(threads_share_descriptors)

static int waits(struct task *me, void *arg) {
	(void)arg;
	first_open = sys_waitpid(me, -1, NULL, 0);
	return 0;
}

static int threads_share_children(struct task *me, void *arg) {
	struct clone_conf thread = {.files = true, .thread = true};
	pid_t child = sys_fork(me, opens, NULL);

	sys_clone(me, &thread, waits, NULL);
	sys_nanosleep(me, SIM_MS);
	ck_assert_int_eq(first_open, child);
	ck_assert_int_eq(sys_waitpid(me, -1, NULL, 0), -ECHILD);
	PROGRAM_END(arg);
}
RUN(threads_share_children)

static pid_t group;

static int tells_group(struct task *me, void *arg) {
	(void)arg;
	group = task_group(me);
	return 0;
}

static int pids_from_outside(struct task *me, void *arg) {
	struct clone_conf thread = {.thread = true, .pid = 5001}, child = {.pid = 5000};
	pid_t pid;

	task_pids_from_outside(task_kernel(me), 5000);
	ck_assert_int_eq(sys_clone(me, &child, tells_group, NULL), 5000);
	ck_assert_int_eq(sys_waitpid(me, -1, NULL, WNOWAIT), 5000);
	ck_assert_int_eq(group, 5000);
	ck_assert_int_eq(sys_waitpid(me, -1, NULL, 0), 5000); /* still there to be reaped */
	ck_assert_int_eq(sys_clone(me, &thread, tells_group, NULL), 5001);
	sys_nanosleep(me, SIM_MS);
	ck_assert_int_eq(group, task_pid(me));
	/* The kernel's own stay below. */
	for (int i = 0; i < 6000; i++) {
		pid = sys_fork(me, tells_group, NULL);
		ck_assert_int_lt(pid, 5000);
		ck_assert_int_eq(sys_waitpid(me, pid, NULL, 0), pid);
	}
	PROGRAM_END(arg);
}
RUN(pids_from_outside)

static int disowns(struct task *me, void *arg) {
	(void)arg;
	task_disown(me);
	return 0;
}

static int nobody_waits_for_the_disowned(struct task *me, void *arg) {
	ck_assert_int_gt(sys_fork(me, disowns, NULL), 0);
	sys_nanosleep(me, SIM_MS);
	ck_assert_int_eq(sys_waitpid(me, -1, NULL, 0), -ECHILD);
	PROGRAM_END(arg);
}
RUN(nobody_waits_for_the_disowned)

static int lowest_even(struct task *me, unsigned from) {
	int fd = (int)(from + from % 2);

	while (fd_file(me, fd))
		fd += 2;
	return fd < 8 ? fd : -EMFILE;
}

static int numbers_from_outside(struct task *me, void *arg) {
	int fd[2];

	fd_number_by(me, lowest_even);
	ck_assert_int_eq(sys_open(me, "/f", O_RDONLY), 0);
	ck_assert_int_eq(sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, fd), 0);
	ck_assert_int_eq(fd[0], 2);
	ck_assert_int_eq(fd[1], 4);
	ck_assert_int_eq(sys_fcntl(me, 0, F_DUPFD, 5), 6);
	ck_assert_int_eq(sys_dup(me, 0), -EMFILE);
	ck_assert_int_eq(sys_dup2(me, 0, 3), 3); /* asks for it by name */
	PROGRAM_END(arg);
}
RUN(numbers_from_outside)

static int sent;

static void take_note(struct task *task, int sig) {
	sent = sig;
	if (sig == SIGUSR1)
		task_interrupt(task);
}

static int sleeps_long(struct task *me, void *arg) {
	(void)arg;
	task_signals_outside(me, take_note);
	ck_assert_int_eq(sys_nanosleep(me, SIM_S), -EINTR);
	ck_assert_int_eq(sys_nanosleep(me, 10 * SIM_MS), 0); /* it was one signal */
	return 0;
}

static int signals_are_handed_over(struct task *me, void *arg) {
	pid_t pid = sys_fork(me, sleeps_long, NULL);
	int status;

	sys_nanosleep(me, SIM_MS);
	ck_assert_int_eq(sys_kill(me, pid, SIGTERM), 0); /* ended it, were it the host's affair */
	ck_assert_int_eq(sent, SIGTERM);
	sys_nanosleep(me, SIM_MS);
	ck_assert_int_eq(sys_kill(me, pid, SIGUSR1), 0);
	ck_assert_int_eq(sys_waitpid(me, pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_lt(sys_gettime(me), 100 * SIM_MS);
	PROGRAM_END(arg);
}
RUN(signals_are_handed_over)

static unsigned turns;

static int takes_turns(struct task *me, void *arg) {
	(void)arg;
	for (int i = 0; i < 3; i++) {
		turns = turns * 10 + 2;
		sys_sched_yield(me);
	}
	return 0;
}

static int yielding_lets_others_run(struct task *me, void *arg) {
	sys_fork(me, takes_turns, NULL);
	for (int i = 0; i < 3; i++) {
		turns = turns * 10 + 1;
		sys_sched_yield(me);
	}
	ck_assert_int_eq(turns, 121212);
	PROGRAM_END(arg);
}
RUN(yielding_lets_others_run)

int main(void) {
	Suite *s = suite_create("clone");
	TCase *tc = tcase_create("clone");

	tcase_add_test(tc, test_threads_share_descriptors);
	tcase_add_test(tc, test_threads_share_children);
	tcase_add_test(tc, test_pids_from_outside);
	tcase_add_test(tc, test_nobody_waits_for_the_disowned);
	tcase_add_test(tc, test_numbers_from_outside);
	tcase_add_test(tc, test_signals_are_handed_over);
	tcase_add_test(tc, test_yielding_lets_others_run);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
