/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tasks: slices, wake-ups, time-outs, fork and wait, modules. */
#include "task_programs.h"

#include <string.h>

static struct wait_queue queue;
static int kernel_hog(struct task *me, void *i) {
	syscall_enter(me);
	charge(k, COST_FILE_WRITE, 0);
	syscall_exit(me);
	return hog(me, i);
}

/* Sleeps on the queue once and notes when it goes on. */
static int sleeper(struct task *me, void *i) {
	struct wait_entry entry;

	wait_entry_init(&entry, me);
	syscall_enter(me);
	add_wait_queue(&queue, &entry);
	set_task_state(me, TASK_INTERRUPTIBLE);
	schedule(k);
	remove_wait_queue(&queue, &entry);
	date[GPOINTER_TO_UINT(i)] = sim_now(sim);
	syscall_exit(me);
	return 0;
}

static int exclusive_sleeper(struct task *me, void *i) {
	struct wait_entry entry;

	wait_entry_init(&entry, me);
	add_wait_queue_exclusive(&queue, &entry);
	set_task_state(me, TASK_INTERRUPTIBLE);
	schedule(k);
	remove_wait_queue(&queue, &entry);
	date[GPOINTER_TO_UINT(i)] = sim_now(sim);
	return 0;
}

static void wake_queue(void *all) {
	if (all)
		wake_up_all(k, &queue);
	else
		wake_up(k, &queue);
}

/* --- the scheduler ---------------------------------------------------------------------------- */

START_TEST(two_hogs_share_by_slices) {
	machine_new();
	cost_us("user_work", 200000);
	process_start(k, "a", hog, slot(0));
	process_start(k, "b", hog, slot(1));
	machine_run();
	/* The later one is in front; with new slices, who has its address space loaded goes on:
	 * b 60, a 60, a, b, b, a, a 20, b 20. */
	ck_assert_int_eq(date[0], 380 * MS);
	ck_assert_int_eq(date[1], 400 * MS);
	ck_assert_uint_eq(usage_now().context_switches, 5);
	machine_free();
}
END_TEST

START_TEST(a_switch_is_charged_to_the_task_switched_to) {
	machine_new();
	cost_us("user_work", 200000);
	cost_us("context_switch", 10);
	process_start(k, "a", hog, slot(0));
	process_start(k, "b", hog, slot(1));
	machine_run();
	ck_assert_int_eq(date[1], 400 * MS + 50 * US);
	ck_assert_int_eq(usage_now().busy[CPU_SYSTEM], 50 * US);
	ck_assert_int_eq(usage_now().busy[CPU_USER], 400 * MS);
	machine_free();
}
END_TEST

START_TEST(a_single_hog_is_not_switched) {
	machine_new();
	cost_us("user_work", 200000);
	process_start(k, "a", hog, slot(0));
	machine_run();
	ck_assert_int_eq(date[0], 200 * MS);
	ck_assert_uint_eq(usage_now().context_switches, 1);
	machine_free();
}
END_TEST

START_TEST(a_woken_task_preempts_user_mode) {
	machine_new();
	cost_us("user_work", 50000);
	process_start(k, "hog", hog, slot(0));
	process_start(k, "sleeper", sleeper, slot(1));
	sim_call_at(sim, 25 * MS, wake_queue, NULL);
	machine_run();
	ck_assert_int_eq(date[1], 25 * MS);
	ck_assert_int_eq(date[0], 50 * MS);
	machine_free();
}
END_TEST

START_TEST(a_woken_task_waits_for_kernel_mode) {
	machine_new();
	cost_us("user_work", 50000);
	cost_us("file_write", 40000);
	process_start(k, "hog", kernel_hog, slot(0));
	process_start(k, "sleeper", sleeper, slot(1));
	sim_call_at(sim, 25 * MS, wake_queue, NULL);
	machine_run();
	/* at the return to user mode, though the hog's code settles much later */
	ck_assert_int_eq(date[1], 40 * MS);
	ck_assert_int_eq(date[0], 90 * MS);
	machine_free();
}
END_TEST

static int caller(struct task *me, void *i) {
	for (int call = 0; call < 10; call++) {
		syscall_enter(me);
		charge(k, COST_FILE_WRITE, 0);
		cpu_settle(k);
		syscall_exit(me);
	}
	date[GPOINTER_TO_UINT(i)] = sim_now(sim);
	return 0;
}

START_TEST(a_program_of_system_calls_only_gives_way_between_them) {
	machine_new();
	cost_us("file_write", 10000);
	process_start(k, "caller", caller, slot(0));
	process_start(k, "sleeper", sleeper, slot(1));
	sim_call_at(sim, 25 * MS, wake_queue, NULL);
	machine_run();
	ck_assert_int_eq(date[1], 30 * MS);
	ck_assert_int_eq(date[0], 100 * MS);
	machine_free();
}
END_TEST

static int napper(struct task *me, void *arg) {
	(void)arg;
	for (int nap = 0; nap < 3; nap++)
		ck_assert_int_eq(sys_nanosleep(me, 10 * MS), 0);
	return 0;
}

START_TEST(coming_back_from_idle_is_a_switch_that_finds_the_address_space) {
	machine_new();
	cost_us("context_switch", 10);
	cost_us("mm_switch", 100);
	process_start(k, "napper", napper, NULL);
	machine_run();
	/* four to it, three to idle; its end is not switched from */
	ck_assert_uint_eq(usage_now().context_switches, 7);
	ck_assert_int_eq(usage_now().busy[CPU_SYSTEM], (7 * 10 + 100) * US);
	machine_free();
}
END_TEST

static int worker_and_caller(struct task *me, void *arg) {
	(void)arg;
	user_charge(me, COST_USER_WORK, 0);
	syscall_enter(me);
	date[0] = sim_now(sim);
	charge(k, COST_FILE_READ, 0);
	syscall_exit(me);
	date[1] = sim_now(sim); /* a call on the page cache does not wait for its own charges */
	user_charge(me, COST_USER_WORK, 0);
	date[2] = sys_gettime(me);
	return 0;
}

START_TEST(a_call_begins_after_the_work_before_it) {
	machine_new();
	cost_us("user_work", 100);
	cost_us("file_read", 7);
	cost_us("syscall", 1);
	process_start(k, "worker", worker_and_caller, NULL);
	machine_run();
	ck_assert_int_eq(date[0], 100 * US);
	ck_assert_int_eq(date[1], 100 * US);
	ck_assert_int_eq(date[2], 209 * US);
	ck_assert_uint_eq(usage_now().syscalls, 2);
	machine_free();
}
END_TEST

/* --- wait queues ------------------------------------------------------------------------------ */

static bool wake_action(void *times) {
	for (unsigned i = 0; i < GPOINTER_TO_UINT(times); i++) {
		charge(k, COST_TCP_RX_DATA, 0);
		wake_up(k, &queue);
	}
	/* The queue's owner goes away before the wake-ups are in force. */
	memset(&queue, 0xa5, sizeof queue);
	wait_queue_init(&queue);
	return false;
}

static void raise_rx(void *arg) {
	(void)arg;
	raise_softirq(k, SOFTIRQ_NET_RX);
}

START_TEST(two_wake_ups_before_the_first_is_in_force_wake_two) {
	machine_new();
	cost_us("tcp_rx_data", 10);
	cost_us("wakeup", 3);
	open_softirq(k, SOFTIRQ_NET_RX, wake_action, slot(2));
	for (unsigned i = 0; i < 3; i++)
		process_start(k, "worker", exclusive_sleeper, slot(i));
	sim_call_at(sim, 100 * US, raise_rx, NULL);
	machine_run();
	/* The queue's order: the last started ran first.  They run when the softirq is done. */
	ck_assert_int_eq(date[2], 126 * US);
	ck_assert_int_eq(date[1], 126 * US);
	ck_assert_int_eq(date[0], 0);
	ck_assert_uint_eq(k->costs.account[COST_WAKEUP].charges, 2);
	machine_free();
}
END_TEST

START_TEST(one_exclusive_and_all_others_are_woken) {
	machine_new();
	process_start(k, "a", exclusive_sleeper, slot(0));
	process_start(k, "b", exclusive_sleeper, slot(1));
	process_start(k, "c", sleeper, slot(2));
	process_start(k, "d", sleeper, slot(3));
	sim_call_at(sim, 10 * US, wake_queue, NULL);
	sim_call_at(sim, 20 * US, wake_queue, slot(1));
	machine_run();
	ck_assert_int_eq(date[3], 10 * US);
	ck_assert_int_eq(date[2], 10 * US);
	ck_assert_int_eq(date[1], 10 * US);
	ck_assert_int_eq(date[0], 20 * US);
	ck_assert(!wait_queue_active(&queue));
	machine_free();
}
END_TEST

static int late_sleeper(struct task *me, void *i) {
	struct wait_entry entry;

	wait_entry_init(&entry, me);
	add_wait_queue(&queue, &entry);
	set_task_state(me, TASK_INTERRUPTIBLE);
	charge(k, COST_FILE_READ, 0); /* between the test and the sleep */
	schedule(k);
	remove_wait_queue(&queue, &entry);
	date[GPOINTER_TO_UINT(i)] = sim_now(sim);
	return 0;
}

START_TEST(a_wake_up_on_the_way_to_sleep_is_not_lost) {
	machine_new();
	cost_us("file_read", 10);
	process_start(k, "late", late_sleeper, slot(0));
	sim_call_at(sim, 5 * US, wake_queue, NULL);
	machine_run();
	ck_assert_int_eq(date[0], 10 * US);
	machine_free();
}
END_TEST

/* --- time-outs -------------------------------------------------------------------------------- */

static sim_time left[2];

static int timed_sleeper(struct task *me, void *i) {
	struct wait_entry entry;

	ck_assert_int_eq(sys_nanosleep(me, 23 * MS), 0);
	date[2] = sim_now(sim);
	wait_entry_init(&entry, me);
	add_wait_queue(&queue, &entry);
	charge_time(k, COST_FILE_READ, 3 * MS);
	cpu_settle(k);
	for (unsigned n = 0; n < 2; n++) {
		set_task_state(me, TASK_INTERRUPTIBLE);
		left[n] = schedule_timeout(k, 15 * MS);
		date[n] = sim_now(sim);
	}
	remove_wait_queue(&queue, &entry);
	(void)i;
	return 0;
}

START_TEST(timeouts_expire_on_a_tick) {
	machine_new();
	cost_us("timer", 2);
	process_start(k, "timed", timed_sleeper, NULL);
	sim_call_at(sim, 54 * MS, wake_queue, NULL);
	machine_run();
	/* asked at 0 for 23: three ticks, and one because the first may come at once */
	ck_assert_int_eq(date[2], 40 * MS + 2 * US);
	/* asked at 43 ms for 15, two ticks: 60 ms; woken at 54, after the tick of 50 */
	ck_assert_int_eq(date[0], 54 * MS);
	ck_assert_int_eq(left[0], 10 * MS);
	/* asked at 54 for 15: two ticks, 70 ms */
	ck_assert_int_eq(date[1], 70 * MS + 2 * US);
	ck_assert_int_eq(left[1], 0);
	ck_assert_int_eq(k->costs.account[COST_TIMER].time, 4 * US);
	machine_free();
}
END_TEST

static int tick_sleeper(struct task *me, void *arg) {
	(void)arg;
	for (unsigned i = 0; i < 3; i++) {
		charge_time(k, COST_FILE_READ, 3 * MS);
		cpu_settle(k);
		set_task_state(me, TASK_INTERRUPTIBLE);
		schedule_timeout(k, 15 * MS);
		date[i] = sim_now(sim);
	}
	return 0;
}

/* Two ticks each time, counted from the tick before: a period of 20 ms, not of 30. */
START_TEST(ticks_make_a_period) {
	machine_new();
	cost_us("timer", 2);
	process_start(k, "period", tick_sleeper, NULL);
	machine_run();
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(date[i], (i + 1) * 20 * MS + 2 * US);
	machine_free();
}
END_TEST

START_TEST(parts_of_a_tick_count_as_one) {
	machine_new();
	ck_assert_int_eq(kernel_ticks(k, 0), 0);
	ck_assert_int_eq(kernel_ticks(k, 1), 10 * MS);
	ck_assert_int_eq(kernel_ticks(k, 10 * MS), 10 * MS);
	ck_assert_int_eq(kernel_ticks(k, 10 * MS + 1), 20 * MS);
	ck_assert_int_eq(kernel_ticks(k, SIM_NEVER), SIM_NEVER);
	k->conf.tick = 0;
	ck_assert_int_eq(kernel_ticks(k, 1), 1);
	machine_free();
}
END_TEST

START_TEST(some_last_a_tick_more) {
	machine_new();
	ck_assert_int_eq(kernel_ticks_least(k, 0), 0);
	ck_assert_int_eq(kernel_ticks_least(k, 1), 20 * MS);
	ck_assert_int_eq(kernel_ticks_least(k, 10 * MS), 20 * MS);
	ck_assert_int_eq(kernel_ticks_least(k, 10 * MS + 1), 30 * MS);
	ck_assert_int_eq(kernel_ticks_least(k, SIM_NEVER), SIM_NEVER);
	k->conf.tick = 0;
	ck_assert_int_eq(kernel_ticks_least(k, 1), 1);
	machine_free();
}
END_TEST

/* --- fork, exit, wait ------------------------------------------------------------------------- */

static int child_7(struct task *me, void *arg) {
	(void)arg;
	user_charge(me, COST_USER_WORK, 0);
	return 7;
}

static void exit_from_inside(struct task *me, const int *status) {
	if (*status >= 0)
		sys_exit(me, *status);
}

static int child_9(struct task *me, void *arg) {
	int status = 9;

	(void)arg;
	exit_from_inside(me, &status);
	return 1;
}

static unsigned sigchlds;

static void on_sigchld(struct task *me, int sig) {
	ck_assert_ptr_eq(me, current_task(k));
	ck_assert_int_eq(sig, SIGCHLD);
	sigchlds++;
}

static int parent(struct task *me, void *arg) {
	int status = 0;
	pid_t first, second;

	(void)arg;
	ck_assert_int_eq(sys_waitpid(me, -1, &status, 0), -ECHILD);
	ck_assert_int_eq(sys_signal(me, SIGKILL, on_sigchld), -EINVAL);
	first = sys_fork(me, child_7, NULL);
	date[0] = sim_now(sim);
	ck_assert_int_gt(first, 0);
	ck_assert_int_eq(sys_waitpid(me, first, &status, WNOHANG), 0);
	ck_assert_int_eq(sys_waitpid(me, first, &status, 0), first);
	date[1] = sys_gettime(me);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 7);
	ck_assert_int_eq(sys_waitpid(me, first, &status, 0), -ECHILD);

	ck_assert_int_eq(sys_signal(me, SIGCHLD, on_sigchld), 0);
	second = sys_fork(me, child_9, NULL);
	while (sys_waitpid(me, -1, &status, 0) == -EINTR)
		;
	ck_assert_int_eq(WEXITSTATUS(status), 9);
	ck_assert_ptr_null(task_by_pid(k, second));
	ck_assert_uint_eq(sigchlds, 1);

	ck_assert_int_eq(sys_signal(me, SIGCHLD, SIGNAL_IGNORE), 0);
	second = sys_fork(me, child_9, NULL);
	ck_assert_int_eq(sys_waitpid(me, -1, &status, 0), -ECHILD);
	ck_assert_ptr_null(task_by_pid(k, second));
	return 0;
}

START_TEST(parents_wait_for_children) {
	machine_new();
	cost_us("user_work", 5000);
	cost_us("fork", 200);
	process_start(k, "parent", parent, NULL);
	machine_run();
	ck_assert_int_eq(date[0], 200 * US);
	ck_assert_int_eq(date[1], 5200 * US);
	ck_assert_uint_eq(sim_live_procs(sim), 0);
	machine_free();
}
END_TEST

static int forking_hog(struct task *me, void *i) {
	ck_assert_int_gt(sys_fork(me, hog, slot(1)), 0);
	return hog(me, i);
}

START_TEST(a_fork_shares_the_slice) {
	machine_new();
	cost_us("user_work", 200000);
	process_start(k, "parent", forking_hog, slot(0));
	machine_run();
	/* parent 30, child 30; new slices: child 60, parent 60, both again, child 50, parent 50 */
	ck_assert_int_eq(date[1], 350 * MS);
	ck_assert_int_eq(date[0], 400 * MS);
	machine_free();
}
END_TEST

static int careless_parent(struct task *me, void *pids) {
	((pid_t *)pids)[0] = sys_fork(me, child_9, NULL);
	((pid_t *)pids)[1] = sys_fork(me, child_7, NULL);
	ck_assert_int_eq(sys_nanosleep(me, 1), 0);
	ck_assert_ptr_nonnull(task_by_pid(k, ((pid_t *)pids)[0])); /* a zombie */
	return 0;
}

START_TEST(children_of_a_dead_parent_vanish) {
	pid_t pids[2];

	machine_new();
	cost_us("user_work", 50000);
	process_start(k, "careless", careless_parent, pids);
	machine_run();
	ck_assert_ptr_null(task_by_pid(k, pids[0]));
	ck_assert_ptr_null(task_by_pid(k, pids[1]));
	ck_assert_int_eq(sim_now(sim), 50 * MS);
	machine_free();
}
END_TEST

static int forker(struct task *me, void *arg) {
	int n = 0;

	(void)arg;
	while (sys_fork(me, sleeper, slot(0)) > 0)
		n++;
	ck_assert_int_eq(n, 15);
	ck_assert_int_eq(sys_fork(me, sleeper, slot(0)), -EAGAIN);
	return 0;
}

START_TEST(tasks_are_limited_and_left_behind_ones_are_freed) {
	machine_new();
	process_start(k, "forker", forker, NULL);
	machine_run();
	ck_assert(wait_queue_active(&queue));
	machine_free();
}
END_TEST

/* --- modules ---------------------------------------------------------------------------------- */

static int module_up(struct kernel *kernel, void *arg) {
	(void)kernel;
	return ++*(int *)arg == 2 ? -ENOBUFS : 0;
}

static void module_down(struct kernel *kernel, void *arg) {
	(void)kernel;
	*(int *)arg += 10;
}

START_TEST(modules_come_and_go) {
	int calls = 0;
	struct module module = {"sop", module_up, module_down, &calls, 0};

	machine_new();
	ck_assert_int_eq(module_unload(k, "sop"), -ENOENT);
	ck_assert_int_eq(module_load(k, &module), 0);
	ck_assert_ptr_eq(module_find(k, "sop"), &module);
	ck_assert_int_eq(module_load(k, &module), -EEXIST);
	module.use_count++;
	ck_assert_int_eq(module_unload(k, "sop"), -EBUSY);
	module.use_count--;
	ck_assert_int_eq(module_unload(k, "sop"), 0);
	ck_assert_int_eq(calls, 11);
	calls = 1;
	ck_assert_int_eq(module_load(k, &module), -ENOBUFS);
	ck_assert_ptr_null(module_find(k, "sop"));
	calls = 5;
	ck_assert_int_eq(module_load(k, &module), 0);
	machine_free();
	ck_assert_int_eq(calls, 16);
}
END_TEST

int main(void) {
	TCase *tc = tcase_create("task");

	tcase_add_test(tc, two_hogs_share_by_slices);
	tcase_add_test(tc, a_switch_is_charged_to_the_task_switched_to);
	tcase_add_test(tc, a_single_hog_is_not_switched);
	tcase_add_test(tc, a_woken_task_preempts_user_mode);
	tcase_add_test(tc, a_woken_task_waits_for_kernel_mode);
	tcase_add_test(tc, a_program_of_system_calls_only_gives_way_between_them);
	tcase_add_test(tc, coming_back_from_idle_is_a_switch_that_finds_the_address_space);
	tcase_add_test(tc, a_call_begins_after_the_work_before_it);
	tcase_add_test(tc, two_wake_ups_before_the_first_is_in_force_wake_two);
	tcase_add_test(tc, one_exclusive_and_all_others_are_woken);
	tcase_add_test(tc, a_wake_up_on_the_way_to_sleep_is_not_lost);
	tcase_add_test(tc, timeouts_expire_on_a_tick);
	tcase_add_test(tc, some_last_a_tick_more);
	tcase_add_test(tc, ticks_make_a_period);
	tcase_add_test(tc, parts_of_a_tick_count_as_one);
	tcase_add_test(tc, parents_wait_for_children);
	tcase_add_test(tc, a_fork_shares_the_slice);
	tcase_add_test(tc, children_of_a_dead_parent_vanish);
	tcase_add_test(tc, tasks_are_limited_and_left_behind_ones_are_freed);
	tcase_add_test(tc, modules_come_and_go);
	return suite_run(tc, "task");
}
