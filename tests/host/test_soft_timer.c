/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a soft timer runs: at the next entry into the kernel from its date on. */
#include "core_machine.h"
#include "host/core/soft_timer.h"
#include "host/file/file.h"
#include "host/socket/syscalls.h"

static struct soft_timer timer;
static sim_time ran_at;

static void ran(void *arg) {
	(void)arg;
	ran_at = sim_now(sim);
}

static void set(void *arg) { soft_timer_after(&timer, *(const sim_time *)arg); }

static void up(void) {
	machine_new();
	ran_at = -1;
	soft_timer_init(k, &timer, ran, NULL);
}

static void set_at(sim_time when, sim_time delay) {
	static sim_time d;

	d = delay;
	sim_call_at(sim, when, set, &d);
}

START_TEST(idle_loop_runs_it_on_its_date) {
	up();
	set_at(MS, 23 * US);
	machine_run();
	ck_assert_int_eq(ran_at, MS + 23 * US);
	ck_assert_uint_eq(usage_now().hardirqs, 0);
	machine_free();
}
END_TEST

/* Computes for `arg` microseconds at a time, with a system call after each. */
static int computes(struct task *me, void *arg) {
	cost_us("user_work", GPOINTER_TO_INT(arg));
	for (int i = 0; i < 60000 / GPOINTER_TO_INT(arg); i++) {
		user_charge(me, COST_USER_WORK, 0);
		ck_assert_int_eq(sys_close(me, 99), -EBADF);
	}
	return 0;
}

/* A program that computes enters the kernel with its next call, every 700 us here. */
START_TEST(busy_processor_runs_it_at_a_system_call) {
	up();
	process_start(k, "program", computes, GINT_TO_POINTER(700));
	set_at(MS, 23 * US);
	machine_run();
	ck_assert_int_eq(ran_at, 2 * 700 * US);
	machine_free();
}
END_TEST

/* One that makes no call for 60 ms: the clock's tick is the last resort. */
START_TEST(clock_runs_it_at_the_latest) {
	up();
	process_start(k, "program", computes, GINT_TO_POINTER(60000));
	set_at(13 * MS, 23 * US);
	machine_run();
	ck_assert_int_eq(ran_at, 20 * MS);
	machine_free();
}
END_TEST

static bool serve(void *line) {
	irq_level(k, GPOINTER_TO_UINT(line), false);
	return true;
}

static void raise_line(void *line) { irq_level(k, GPOINTER_TO_UINT(line), true); }

/* Another's interrupt brings the kernel in: its end runs the timer, which pays for none. */
START_TEST(end_of_an_interrupt_runs_it) {
	up();
	cost_us("irq", 5);
	request_irq(k, 3, serve, "device", GUINT_TO_POINTER(3));
	process_start(k, "program", computes, GINT_TO_POINTER(60000));
	set_at(MS, 23 * US);
	sim_call_at(sim, 3 * MS, raise_line, GUINT_TO_POINTER(3));
	machine_run();
	ck_assert_int_eq(ran_at, 3 * MS + 5 * US);
	ck_assert_uint_eq(usage_now().hardirqs, 1);
	free_irq(k, 3, GUINT_TO_POINTER(3));
	machine_free();
}
END_TEST

static void cancel_it(void *arg) {
	(void)arg;
	ck_assert(soft_timer_pending(&timer));
	soft_timer_cancel(&timer);
	ck_assert(!soft_timer_pending(&timer));
}

/* Before its date, and when it is due and waits. */
START_TEST(cancelled_it_does_not_run) {
	up();
	process_start(k, "program", computes, GINT_TO_POINTER(60000));
	set_at(MS, 23 * US);
	sim_call_at(sim, MS + (_i ? 100 : 10) * US, cancel_it, NULL);
	machine_run();
	ck_assert_int_eq(ran_at, -1);
	machine_free();
}
END_TEST

int main(void) {
	TCase *tc = tcase_create("soft timer");

	tcase_add_test(tc, idle_loop_runs_it_on_its_date);
	tcase_add_test(tc, busy_processor_runs_it_at_a_system_call);
	tcase_add_test(tc, clock_runs_it_at_the_latest);
	tcase_add_test(tc, end_of_an_interrupt_runs_it);
	tcase_add_loop_test(tc, cancelled_it_does_not_run, 0, 2);
	return suite_run(tc, "soft timer");
}
