/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals: to sleepers, to user work, to kernel threads. */
#include "task_programs.h"

static struct task *target;

static void signal_target(void *sig) { send_sig(k, target, (int)GPOINTER_TO_UINT(sig)); }

static void on_usr1(struct task *me, int sig) {
	(void)me;
	ck_assert_int_eq(sig, SIGUSR1);
	date[2] = sim_now(sim);
}

static int killer(struct task *me, void *arg) {
	(void)arg;
	ck_assert_int_eq(sys_nanosleep(me, 10 * MS), 0); /* two ticks */
	ck_assert_int_eq(sys_kill(me, 9999, SIGUSR1), -ESRCH);
	ck_assert_int_eq(sys_kill(me, task_pid(target), 32), -EINVAL);
	/* Signal 0 asks only whether it could be sent. */
	ck_assert_int_eq(sys_kill(me, task_pid(target), 0), 0);
	ck_assert_int_eq(sys_kill(me, 9999, 0), -ESRCH);
	ck_assert_int_eq(sys_kill(me, task_pid(target), SIGUSR2), 0);
	ck_assert_int_eq(sys_nanosleep(me, 10 * MS), 0); /* two ticks */
	task_set_capable(me, false);
	ck_assert_int_eq(sys_kill(me, task_pid(target), SIGUSR1), -EPERM);
	task_set_capable(me, true);
	ck_assert_int_eq(sys_kill(me, task_pid(target), SIGUSR1), 0);
	return 0;
}

static int interrupted_usr1(struct task *me, void *arg) {
	(void)arg;
	ck_assert_int_eq(sys_signal(me, SIGUSR1, on_usr1), 0);
	ck_assert_int_eq(sys_signal(me, SIGUSR2, SIGNAL_IGNORE), 0);
	ck_assert_int_eq(sys_nanosleep(me, SIM_S), -EINTR);
	date[0] = sim_now(sim);
	return 0;
}

START_TEST(a_signal_interrupts_a_sleep) {
	machine_new();
	cost_us("signal", 3);
	target = process_start(k, "sleepy", interrupted_usr1, NULL);
	process_start(k, "killer", killer, NULL);
	machine_run();
	ck_assert_int_eq(date[0], 40 * MS);
	ck_assert_int_eq(date[2], 40 * MS);
	ck_assert_int_eq(k->costs.account[COST_SIGNAL].time, 3 * US);
	machine_free();
}
END_TEST

static int handling_hog(struct task *me, void *i) {
	ck_assert_int_eq(sys_signal(me, SIGUSR1, on_usr1), 0);
	return hog(me, i);
}

START_TEST(a_handler_interrupts_user_work_which_then_goes_on) {
	machine_new();
	cost_us("user_work", 50000);
	cost_us("signal", 3);
	target = process_start(k, "hog", handling_hog, slot(0));
	sim_call_at(sim, 20 * MS, signal_target, slot(SIGUSR1));
	machine_run();
	ck_assert_int_eq(date[2], 20 * MS);
	ck_assert_int_eq(date[0], 50 * MS + 3 * US);
	machine_free();
}
END_TEST

static int mother(struct task *me, void *arg) {
	int status = 0;
	pid_t pid = sys_fork(me, hog, slot(1));

	(void)arg;
	target = task_by_pid(k, pid);
	ck_assert_int_eq(sys_waitpid(me, pid, &status, 0), pid);
	date[0] = sim_now(sim);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGTERM);
	return 0;
}

START_TEST(a_fatal_signal_ends_user_work_at_once) {
	machine_new();
	cost_us("user_work", 50000);
	process_start(k, "mother", mother, NULL);
	sim_call_at(sim, 20 * MS, signal_target, slot(SIGTERM));
	machine_run();
	ck_assert_int_eq(date[0], 20 * MS);
	ck_assert_int_eq(date[1], 0);
	ck_assert_int_eq(usage_now().busy[CPU_USER], 20 * MS);
	machine_free();
}
END_TEST

static int sleeps_too_late(struct task *me, void *i) {
	ck_assert_int_eq(sys_signal(me, SIGUSR1, on_usr1), 0);
	syscall_enter(me);
	charge(k, COST_FILE_READ, 0);
	cpu_settle(k);
	set_task_state(me, TASK_INTERRUPTIBLE);
	schedule(k); /* the signal came before: no sleep */
	ck_assert(signal_pending(me));
	date[GPOINTER_TO_UINT(i)] = sim_now(sim);
	syscall_exit(me);
	ck_assert(!signal_pending(me));
	return 0;
}

START_TEST(who_has_a_signal_does_not_fall_asleep) {
	machine_new();
	cost_us("file_read", 10);
	target = process_start(k, "late", sleeps_too_late, slot(0));
	sim_call_at(sim, 5 * US, signal_target, slot(SIGUSR1));
	machine_run();
	ck_assert_int_eq(date[0], 10 * US);
	ck_assert_int_eq(date[2], 10 * US);
	machine_free();
}
END_TEST

static int daemon_thread(struct task *me, void *i) {
	ck_assert_ptr_null(task_files(me));
	set_task_state(me, TASK_INTERRUPTIBLE);
	schedule(k);
	ck_assert(signal_pending(me));
	date[GPOINTER_TO_UINT(i)] = sim_now(sim);
	return 0;
}

START_TEST(kernel_threads_see_signals_and_survive_them) {
	machine_new();
	target = kernel_thread(k, "kaccept", daemon_thread, slot(0));
	sim_call_at(sim, 20 * MS, signal_target, slot(SIGKILL));
	machine_run();
	ck_assert_int_eq(date[0], 20 * MS);
	machine_free();
}
END_TEST

int main(void) {
	TCase *tc = tcase_create("signal");

	tcase_add_test(tc, a_signal_interrupts_a_sleep);
	tcase_add_test(tc, a_handler_interrupts_user_work_which_then_goes_on);
	tcase_add_test(tc, a_fatal_signal_ends_user_work_at_once);
	tcase_add_test(tc, who_has_a_signal_does_not_fall_asleep);
	tcase_add_test(tc, kernel_threads_see_signals_and_survive_them);
	return suite_run(tc, "signal");
}
