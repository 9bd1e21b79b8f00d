/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How slices pass between a task and those it makes, and what a loaded address space is worth:
 * goodness(), do_fork() and release_task() of Linux 2.4. */
#include "core_machine.h"

static sim_time date[3];

/* Works in user mode for the time that user_work costs, and notes the end. */
static int hog(struct task *me, void *end) {
	user_charge(me, COST_USER_WORK, 0);
	*(sim_time *)end = sys_gettime(me);
	return 0;
}

static int dies_at_once(struct task *me, void *unused) {
	(void)me;
	(void)unused;
	return 0;
}

/* --- the address space ------------------------------------------------------------------------ */

static int sleeps_then_works(struct task *me, void *end) {
	set_task_state(me, TASK_INTERRUPTIBLE);
	schedule_timeout(k, 10 * MS);
	return hog(me, end);
}

/* What the runner has left of its slice when the sleeper wakes decides: a tick less. */
START_TEST(one_tick_more_does_not_take_the_processor) {
	machine_new();
	cost_us("user_work", 30000);
	process_start(k, "runner", hog, &date[0]);
	process_start(k, "sleeper", sleeps_then_works, &date[1]);
	machine_run();
	ck_assert_int_eq(date[0], 30 * MS); /* 6 ticks of the sleeper's against 5 and 1 */
	ck_assert_int_eq(date[1], 60 * MS);
	machine_free();
}
END_TEST

static int thread_sleeps(struct task *me, void *end) {
	set_task_state(me, TASK_INTERRUPTIBLE);
	schedule_timeout(k, 10 * MS);
	*(sim_time *)end = sim_now(sim);
	return 0;
}

/* A kernel thread needs no address space, so its tick more counts. */
START_TEST(one_tick_more_takes_it_for_a_kernel_thread) {
	machine_new();
	cost_us("user_work", 30000);
	process_start(k, "runner", hog, &date[0]);
	kernel_thread(k, "thread", thread_sleeps, &date[1]);
	machine_run();
	ck_assert_int_eq(date[1], 10 * MS); /* 6 ticks and 1 against 5 and 1 */
	machine_free();
}
END_TEST

/* --- slices ----------------------------------------------------------------------------------- */

static int makes_nothing(struct task *me, void *end) { return hog(me, end); }

static int makes_a_thread(struct task *me, void *end) {
	syscall_enter(me);
	kernel_thread(k, "thread", dies_at_once, NULL);
	syscall_exit(me);
	return hog(me, end);
}

static int forks_and_reaps(struct task *me, void *end) {
	sys_fork(me, dies_at_once, NULL);
	sys_waitpid(me, -1, NULL, 0);
	return hog(me, end);
}

static int forks_and_ignores(struct task *me, void *end) {
	sys_signal(me, SIGCHLD, SIGNAL_IGNORE);
	sys_fork(me, dies_at_once, NULL);
	sys_waitpid(me, -1, NULL, 0); /* until it is dead */
	return hog(me, end);
}

static int forks_and_forgets(struct task *me, void *end) {
	sys_fork(me, dies_at_once, NULL);
	return hog(me, end);
}

/* A rival with a whole slice wakes after 10 ms; the maker needs 50.  With a whole slice of its own
 * it goes on, with half of one it must let the rival go first. */
static const struct {
	const char *what;
	program maker;
	unsigned end, rival_end; /* ms */
} makers[] = {
	{"whole slice", makes_nothing, 50, 100},
	{"a thread has half of it for good", makes_a_thread, 100, 60},
	{"a child has half of it", forks_and_forgets, 100, 60},
	{"a reaped child gives it back", forks_and_reaps, 50, 100},
	{"one that is ignored too", forks_and_ignores, 50, 100},
};

START_TEST(a_slice_is_shared_and_comes_back) {
	machine_new();
	cost_us("user_work", 50000);
	process_start(k, "maker", makers[_i].maker, &date[0]);
	process_start(k, "rival", sleeps_then_works, &date[1]);
	machine_run();
	ck_assert_msg(date[0] == makers[_i].end * MS, "%s: %g ms", makers[_i].what,
	              (double)date[0] / MS);
	ck_assert_int_eq(date[1], makers[_i].rival_end * MS);
	machine_free();
}
END_TEST

static int forks_thrice(struct task *me, void *end) {
	for (unsigned i = 0; i < 3; i++)
		sys_fork(me, hog, &date[2]);
	return hog(me, end);
}

/* 6 ticks, 3, 1, none: the third fork takes the maker off the processor. */
START_TEST(a_slice_is_shared_in_whole_ticks) {
	machine_new();
	cost_us("user_work", 5000);
	process_start(k, "maker", forks_thrice, &date[0]);
	machine_run();
	ck_assert_int_eq(date[2], 15 * MS);
	ck_assert_int_eq(date[0], 20 * MS);
	machine_free();
}
END_TEST

int main(void) {
	TCase *tc = tcase_create("slices");

	tcase_add_test(tc, one_tick_more_does_not_take_the_processor);
	tcase_add_test(tc, one_tick_more_takes_it_for_a_kernel_thread);
	tcase_add_loop_test(tc, a_slice_is_shared_and_comes_back, 0, G_N_ELEMENTS(makers));
	tcase_add_test(tc, a_slice_is_shared_in_whole_ticks);
	return suite_run(tc, "slices");
}
