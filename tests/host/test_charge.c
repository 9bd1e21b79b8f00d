/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is charged: by the byte, in which mode, and when it is counted. */
#include "core_machine.h"

static sim_time task_done;

static int mixed_worker(struct task *me, void *arg) {
	(void)arg;
	charge(k, COST_COPY_TX, 1000);
	charge_time(k, COST_MMIO_READ, 900 * SIM_NS);
	user_charge(me, COST_USER_BYTE, 1000);
	cpu_settle(k);
	task_done = sim_now(sim);
	return 0;
}

START_TEST(charges_by_the_byte_and_by_mode) {
	struct cpu_usage usage;

	machine_new();
	ck_assert_int_eq(kernel_set_cost(k, "copy_tx", (struct cost_value){2 * US, 4 * SIM_NS}), 0);
	ck_assert_int_eq(kernel_set_cost(k, "user_byte", (struct cost_value){0, SIM_NS}), 0);
	ck_assert_int_eq(kernel_set_cost(k, "no_such", (struct cost_value){0, 0}), -ENOENT);
	process_start(k, "worker", mixed_worker, NULL);
	machine_run();
	usage = usage_now();
	ck_assert_int_eq(usage.busy[CPU_SYSTEM], 6 * US + 900 * SIM_NS);
	ck_assert_int_eq(usage.busy[CPU_USER], 1 * US);
	ck_assert_int_eq(task_done, 7 * US + 900 * SIM_NS);
	ck_assert_int_eq(k->costs.account[COST_COPY_TX].time, 6 * US);
	ck_assert_uint_eq(k->costs.account[COST_COPY_TX].charges, 1);
	ck_assert_uint_eq(k->costs.account[COST_COPY_TX].bytes, 1000);
	machine_free();
}
END_TEST

static int free_worker(struct task *me, void *arg) {
	(void)me;
	(void)arg;
	charge(k, COST_NIC_TX, 0); /* nothing waits before it */
	charge(k, COST_TCP_SENDMSG, 0);
	for (int i = 0; i < 6; i++) /* more than go along with one */
		charge(k, COST_NIC_TX, 0);
	charge(k, COST_COPY_TX, 1000);
	charge(k, COST_TCP_SENDMSG, 0);
	charge(k, COST_MMIO_WRITE, 0);
	cpu_settle(k);
	task_done = sim_now(sim);
	return 0;
}

struct count {
	uint64_t tx, copied, writes;
};

static void count(void *arg) {
	struct count *seen_now = arg;

	usage_now();
	*seen_now = (struct count){.tx = k->costs.account[COST_NIC_TX].charges,
	                           .copied = k->costs.account[COST_COPY_TX].bytes,
	                           .writes = k->costs.account[COST_MMIO_WRITE].charges};
}

START_TEST(what_costs_nothing_is_done_with_what_was_charged_before) {
	static struct count early, between, late;

	machine_new();
	cost_us("tcp_sendmsg", 10);
	kernel_thread(k, "worker", free_worker, NULL);
	sim_call_at(sim, 9 * US, count, &early);
	sim_call_at(sim, 11 * US, count, &between);
	sim_call_at(sim, 21 * US, count, &late);
	machine_run();
	ck_assert_int_eq(task_done, 20 * US);
	ck_assert_uint_eq(early.tx, 1);
	ck_assert_uint_eq(early.copied, 0);
	ck_assert_uint_eq(between.tx, 7);
	ck_assert_uint_eq(between.copied, 1000);
	ck_assert_uint_eq(between.writes, 0);
	ck_assert_uint_eq(late.writes, 1);
	machine_free();
}
END_TEST

int main(void) {
	TCase *tc = tcase_create("charge");

	tcase_add_test(tc, charges_by_the_byte_and_by_mode);
	tcase_add_test(tc, what_costs_nothing_is_done_with_what_was_charged_before);
	return suite_run(tc, "charge");
}
