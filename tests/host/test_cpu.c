/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processor: preemption exact to the picosecond, effects, interrupts, softirqs, accounts. */
#include "core_machine.h"

#include <signal.h>

/* --- actors of the tests ---------------------------------------------------------------------- */

static sim_time task_effect, task_done, softirq_effect, softirq_done, irq_effect;

static int user_worker(struct task *me, void *arg) {
	(void)arg;
	user_charge(me, COST_USER_WORK, 0);
	cpu_settle(k);
	task_done = sim_now(sim);
	return 0;
}

/* Two charges in kernel mode, an effect between. */
static int kernel_worker(struct task *me, void *arg) {
	(void)me;
	(void)arg;
	charge(k, COST_TCP_SENDMSG, 0);
	cpu_defer(k, note_time, &task_effect, NULL);
	ck_assert_int_eq(task_effect, -1);
	charge(k, COST_TCP_SENDMSG, 0);
	cpu_settle(k);
	task_done = sim_now(sim);
	return 0;
}

static void lower_line(void *line, void *date) {
	*(sim_time *)date = sim_now(sim);
	irq_level(k, GPOINTER_TO_UINT(line), false);
}

static bool card_handler(void *line) {
	ck_assert(in_interrupt(k));
	ck_assert_ptr_null(current_task(k));
	charge(k, COST_NIC_RX, 0);
	cpu_defer(k, lower_line, line, &irq_effect);
	return true;
}

static void raise_line(void *line) { irq_level(k, GPOINTER_TO_UINT(line), true); }

static bool tasklet(void *arg) {
	(void)arg;
	ck_assert(in_interrupt(k));
	charge(k, COST_TCP_RX_ACK, 0);
	cpu_defer(k, note_time, &softirq_effect, NULL);
	charge(k, COST_TCP_RX_ACK, 0);
	cpu_defer(k, note_time, &softirq_done, NULL);
	return false;
}

static void raise_tasklet(void *arg) {
	(void)arg;
	raise_softirq(k, SOFTIRQ_TASKLET);
}

static void *line_5 = GUINT_TO_POINTER(5);

/* --- preemption ------------------------------------------------------------------------------- */

static struct cpu_usage seen[3];

static void look(void *slot) { *(struct cpu_usage *)slot = usage_now(); }

START_TEST(hardirq_preempts_softirq_preempts_task) {
	machine_new();
	cost_us("user_work", 100);
	cost_us("tcp_rx_ack", 5);
	cost_us("softirq", 1);
	cost_us("irq", 2);
	cost_us("nic_rx", 5);
	open_softirq(k, SOFTIRQ_TASKLET, tasklet, NULL);
	request_irq(k, 5, card_handler, "card", line_5);
	process_start(k, "worker", user_worker, NULL);
	sim_call_at(sim, 30 * US, raise_tasklet, NULL);
	sim_call_at(sim, 33 * US, look, &seen[0]);
	sim_call_at(sim, 35 * US, raise_line, line_5);
	sim_call_at(sim, 40 * US, look, &seen[1]);
	sim_call_at(sim, 118 * US, look, &seen[2]);
	machine_run();

	/* softirq 30..35, irq 35..42, softirq 42..48, task again */
	ck_assert_int_eq(irq_effect, 42 * US);
	ck_assert_int_eq(softirq_effect, 43 * US);
	ck_assert_int_eq(softirq_done, 48 * US);
	ck_assert_int_eq(task_done, 118 * US);
	ck_assert_int_eq(seen[0].busy[CPU_USER], 30 * US);
	ck_assert_int_eq(seen[0].busy[CPU_SOFTIRQ], 3 * US);
	ck_assert_int_eq(seen[1].busy[CPU_SOFTIRQ], 5 * US);
	ck_assert_int_eq(seen[1].busy[CPU_IRQ], 5 * US);
	ck_assert_int_eq(seen[2].busy[CPU_USER], 100 * US);
	ck_assert_int_eq(seen[2].busy[CPU_SYSTEM], 0);
	ck_assert_int_eq(seen[2].busy[CPU_SOFTIRQ], 11 * US);
	ck_assert_int_eq(seen[2].busy[CPU_IRQ], 7 * US);
	ck_assert_int_eq(seen[2].window, 118 * US);
	ck_assert_uint_eq(seen[2].hardirqs, 1);
	ck_assert_uint_eq(seen[2].softirqs, 1);
	machine_free();
}
END_TEST

START_TEST(effects_happen_when_the_charges_before_them_are_worked_off) {
	machine_new();
	cost_us("tcp_sendmsg", 10);
	cost_us("irq", 2);
	cost_us("nic_rx", 5);
	task_effect = -1;
	request_irq(k, 5, card_handler, "card", line_5);
	kernel_thread(k, "worker", kernel_worker, NULL);
	sim_call_at(sim, 4 * US, raise_line, line_5);
	machine_run();
	ck_assert_int_eq(task_effect, 17 * US);
	ck_assert_int_eq(task_done, 27 * US);
	machine_free();
}
END_TEST

static int defers_first(struct task *me, void *arg) {
	(void)me;
	cpu_defer(k, note_time, arg, NULL);
	ck_assert_int_eq(*(sim_time *)arg, 0);
	charge(k, COST_TCP_SENDMSG, 0);
	return 0;
}

START_TEST(an_effect_without_charges_before_it_happens_at_once) {
	sim_time in_task = -1, in_device = -1;

	machine_new();
	cost_us("tcp_sendmsg", 10);
	cpu_defer(k, note_time, &in_device, NULL);
	ck_assert_int_eq(in_device, 0);
	kernel_thread(k, "worker", defers_first, &in_task);
	machine_run();
	ck_assert_int_eq(in_task, 0);
	machine_free();
}
END_TEST

/* --- costs ------------------------------------------------------------------------------------ */

static void reset(void *arg) {
	(void)arg;
	cpu_usage_reset(k);
}

START_TEST(a_window_splits_work_in_progress) {
	struct cpu_usage usage;

	machine_new();
	cost_us("user_work", 100);
	process_start(k, "worker", user_worker, NULL);
	sim_call_at(sim, 40 * US, reset, NULL);
	sim_call_at(sim, 140 * US, look, &seen[0]);
	machine_run();
	usage = seen[0];
	ck_assert_int_eq(usage.busy[CPU_USER], 60 * US);
	ck_assert_int_eq(usage.window, 100 * US);
	ck_assert_int_eq(k->costs.account[COST_USER_WORK].time, 60 * US);
	machine_free();
}
END_TEST

static sim_time span_sum, span_end;

static void add_span(void *arg, const struct sim_track *track, const char *layer, const char *name,
                     sim_time start, sim_time end, sim_flow flow) {
	(void)arg, (void)track, (void)flow;
	if (!layer)
		return;
	ck_assert_str_ne(layer, "");
	ck_assert_str_ne(name, "");
	ck_assert_int_ge(start, span_end); /* one processor: no overlap */
	span_end = end;
	span_sum += end - start;
}

START_TEST(spans_are_the_work_done) {
	struct sim_sink sink = {.span = add_span};

	machine_new();
	cost_us("tcp_sendmsg", 10);
	cost_us("irq", 2);
	cost_us("nic_rx", 5);
	task_effect = -1;
	sim_sink_add(sim, &sink);
	request_irq(k, 5, card_handler, "card", line_5);
	kernel_thread(k, "worker", kernel_worker, NULL);
	sim_call_at(sim, 4 * US, raise_line, line_5);
	machine_run();
	ck_assert_int_eq(span_sum, 27 * US);
	machine_free();
}
END_TEST

static void charge_nowhere(void *arg) {
	(void)arg;
	charge(k, COST_IRQ, 0);
}

START_TEST(charging_outside_of_any_context_is_a_defect) {
	machine_new();
	sim_call_at(sim, 0, charge_nowhere, NULL);
	machine_run();
}
END_TEST

START_TEST(a_machine_without_costs_works_in_no_time) {
	machine_new();
	open_softirq(k, SOFTIRQ_TASKLET, tasklet, NULL);
	request_irq(k, 5, card_handler, "card", line_5);
	process_start(k, "worker", user_worker, NULL);
	raise_softirq(k, SOFTIRQ_TASKLET);
	sim_call_at(sim, 10 * US, raise_line, line_5);
	machine_run();
	ck_assert_int_eq(sim_now(sim), 10 * US);
	ck_assert_int_eq(task_done, 0);
	ck_assert_int_eq(irq_effect, 10 * US);
	ck_assert_uint_eq(k->costs.account[COST_IRQ].charges, 1);
	machine_free();
}
END_TEST

/* --- interrupts ------------------------------------------------------------------------------- */

static GString *calls;

struct device {
	char letter;
	unsigned line;
	bool mine, lowers;
};

static bool device_handler(void *arg) {
	struct device *dev = arg;

	g_string_append_c(calls, dev->letter);
	charge(k, COST_NIC_RX, 0);
	if (dev->lowers)
		irq_level(k, dev->line, false);
	return dev->mine;
}

static void noted(void *arg) {
	g_string_append_printf(calls, "@%" PRId64, sim_now(sim) / US);
	irq_level(k, GPOINTER_TO_UINT(arg), true);
}

START_TEST(sharers_of_a_line_are_all_asked_and_lines_do_not_nest) {
	struct device a = {'a', 5, false, false}, b = {'b', 5, true, true};
	struct device c = {'c', 3, true, true};

	machine_new();
	calls = g_string_new(NULL);
	cost_us("irq", 1);
	cost_us("nic_rx", 2);
	ck_assert_int_eq(request_irq(k, 5, device_handler, "a", &a), 0);
	ck_assert_int_eq(request_irq(k, 5, device_handler, "b", &b), 0);
	ck_assert_int_eq(request_irq(k, 3, device_handler, "c", &c), 0);
	ck_assert_int_eq(request_irq(k, 32, device_handler, "d", &c), -EINVAL);
	sim_call_at(sim, 10 * US, noted, GUINT_TO_POINTER(5));
	sim_call_at(sim, 12 * US, noted, GUINT_TO_POINTER(3));
	machine_run();
	ck_assert_str_eq(calls->str, "@10a@12bc");
	ck_assert_int_eq(sim_now(sim), 18 * US);
	ck_assert_int_eq(usage_now().busy[CPU_IRQ], 8 * US);
	free_irq(k, 5, &a);
	free_irq(k, 5, &b);
	machine_free();
}
END_TEST

static void lower(void *line) { irq_level(k, GPOINTER_TO_UINT(line), false); }

START_TEST(a_line_that_stays_high_interrupts_again) {
	struct device a = {'a', 5, true, false};

	machine_new();
	calls = g_string_new(NULL);
	cost_us("irq", 4);
	request_irq(k, 5, device_handler, "a", &a);
	sim_call_at(sim, 0, raise_line, line_5);
	sim_call_at(sim, 2 * US, raise_line, line_5); /* no news */
	sim_call_at(sim, 12 * US, lower, line_5);
	machine_run();
	/* 0..4, 5..9, 10..14; low by then */
	ck_assert_str_eq(calls->str, "aaa");
	ck_assert_int_eq(sim_now(sim), 14 * US);
	machine_free();
}
END_TEST

static bool answered(void *dev) {
	struct device *d = dev;

	g_string_append_printf(calls, "%c+%" PRId64, d->letter, sim_now(sim) / US);
	charge(k, COST_NIC_RX, 0);
	return true;
}

/* A register read of 2 us, whose answer says that it was this device. */
static bool asking_handler(void *dev) {
	charge(k, COST_NIC_RX, 0);
	irq_then(k, answered, dev);
	return device_handler(dev) && false;
}

/* The rest of a handler comes when its charges are worked off, before the next sharer's. */
START_TEST(a_handler_goes_on_with_what_it_has_read) {
	struct device a = {'a', 5, false, false}, b = {'b', 5, true, true};

	machine_new();
	calls = g_string_new(NULL);
	cost_us("irq", 1);
	cost_us("nic_rx", 2);
	request_irq(k, 5, asking_handler, "a", &a);
	request_irq(k, 5, device_handler, "b", &b);
	sim_call_at(sim, 10 * US, noted, GUINT_TO_POINTER(5));
	machine_run();
	ck_assert_str_eq(calls->str, "@10aa+15b");
	ck_assert_int_eq(sim_now(sim), 19 * US);
	free_irq(k, 5, &a);
	machine_free();
}
END_TEST

static unsigned warnings;

static GLogWriterOutput count_warnings(GLogLevelFlags level, const GLogField *fields, gsize n,
                                       gpointer arg) {
	(void)fields;
	(void)n;
	(void)arg;
	if (level & G_LOG_LEVEL_WARNING)
		warnings++;
	return G_LOG_WRITER_HANDLED;
}

START_TEST(a_line_that_nobody_claims_is_turned_off) {
	struct device a = {'a', 5, false, false};

	machine_new();
	calls = g_string_new(NULL);
	g_log_set_writer_func(count_warnings, NULL, NULL);
	request_irq(k, 5, device_handler, "a", &a);
	sim_call_at(sim, 0, raise_line, line_5);
	machine_run();
	ck_assert_uint_eq(warnings, 1);
	ck_assert_uint_eq(calls->len, 100);
	machine_free();
}
END_TEST

/* --- softirqs --------------------------------------------------------------------------------- */

static unsigned rx_left;

static bool rx_action(void *arg) {
	(void)arg;
	g_string_append_c(calls, 'r');
	charge(k, COST_TCP_RX_DATA, 0);
	return --rx_left > 0;
}

static bool letter_action(void *letter) {
	g_string_append_c(calls, *(const char *)letter);
	return false;
}

static void raise_all(void *arg) {
	(void)arg;
	raise_softirq(k, SOFTIRQ_TASKLET);
	raise_softirq(k, SOFTIRQ_NET_RX);
	raise_softirq(k, SOFTIRQ_TIMER);
}

static void raise_timer(void *arg) {
	(void)arg;
	raise_softirq(k, SOFTIRQ_TIMER);
}

/* do_softirq() of 2.4: in order, each to its end; one that has run in this pass and is raised again is left
 * to ksoftirqd, which finds the machine idle. */
START_TEST(softirqs_run_in_order_and_once_in_a_pass) {
	static char timer = 't', tasklet_1 = '1', tasklet_2 = '2';

	machine_new();
	calls = g_string_new(NULL);
	cost_us("tcp_rx_data", 10);
	rx_left = 5;
	open_softirq(k, SOFTIRQ_TASKLET, letter_action, &tasklet_1);
	open_softirq(k, SOFTIRQ_TASKLET, letter_action, &tasklet_2);
	open_softirq(k, SOFTIRQ_NET_RX, rx_action, NULL);
	open_softirq(k, SOFTIRQ_TIMER, letter_action, &timer);
	sim_call_at(sim, 0, raise_all, NULL);
	sim_call_at(sim, 25 * US, raise_timer, NULL);
	machine_run();
	ck_assert_str_eq(calls->str, "trrrrr12t");
	ck_assert_uint_eq(usage_now().softirqs, 2);
	open_softirq(k, SOFTIRQ_TASKLET, NULL, &tasklet_1);
	machine_free();
}
END_TEST

/* --- all at once ------------------------------------------------------------------------------ */

static void *slot_of(unsigned line) { return GUINT_TO_POINTER(line); }

static void look_at(void *arg) {
	(void)arg;
	usage_now();
}

static GRand *dice;
static sim_time charged;
static unsigned effects_due, effects_seen;

static void count_effect(void *a, void *b) {
	(void)a;
	(void)b;
	effects_seen++;
}

static void charge_at_random(void) {
	int n = g_rand_int_range(dice, 0, 4);

	for (int i = 0; i < n; i++) {
		sim_time time = g_rand_int_range(dice, 0, 30000) * SIM_NS;
		charge_time(k, COST_TCP_RX_DATA, time);
		charged += time;
		if (g_rand_boolean(dice)) {
			effects_due++;
			cpu_defer(k, count_effect, NULL, NULL);
		}
	}
}

static bool random_handler(void *arg) {
	charge_at_random();
	irq_level(k, GPOINTER_TO_UINT(arg), false);
	if (g_rand_boolean(dice))
		raise_softirq(k, SOFTIRQ_NET_RX);
	return true;
}

static bool random_softirq(void *arg) {
	(void)arg;
	charge_at_random();
	return g_rand_int_range(dice, 0, 3) == 0;
}

static int random_task(struct task *me, void *arg) {
	(void)arg;
	for (int i = 0; i < 200; i++) {
		user_charge(me, COST_USER_WORK, (size_t)g_rand_int_range(dice, 0, 3000));
		syscall_enter(me);
		charge_at_random();
		if (g_rand_boolean(dice))
			cpu_settle(k);
		if (g_rand_int_range(dice, 0, 4) == 0) {
			set_task_state(me, TASK_UNINTERRUPTIBLE);
			schedule_timeout(k, g_rand_int_range(dice, 0, 100) * US);
		}
		syscall_exit(me);
	}
	return 0;
}

START_TEST(the_books_balance_under_random_load) {
	struct cpu_usage usage;
	sim_time busy = 0;

	machine_new();
	k->conf.tick = 0;
	k->conf.time_slice = 200 * US;
	dice = g_rand_new_with_seed((guint32)_i);
	ck_assert_int_eq(kernel_set_cost(k, "user_work", (struct cost_value){0, 10 * SIM_NS}), 0);
	open_softirq(k, SOFTIRQ_NET_RX, random_softirq, NULL);
	open_softirq(k, SOFTIRQ_TASKLET, random_softirq, NULL);
	request_irq(k, 4, random_handler, "a", slot_of(4));
	request_irq(k, 5, random_handler, "b", slot_of(5));
	for (int i = 0; i < 6; i++)
		process_start(k, "random", random_task, NULL);
	for (int i = 0; i < 1000; i++)
		sim_call_at(sim, g_rand_int_range(dice, 0, 30000) * US,
		            i % 2 ? raise_line : look_at, slot_of(4 + (unsigned)i % 4 / 2));
	machine_run();
	usage = usage_now();
	for (unsigned mode = CPU_SYSTEM; mode < CPU_MODES; mode++)
		busy += usage.busy[mode];
	ck_assert_int_gt(charged, 0);
	ck_assert_int_eq(busy, charged);
	ck_assert_int_eq(usage.busy[CPU_USER],
	                 k->costs.account[COST_USER_WORK].bytes * 10 * SIM_NS);
	ck_assert_uint_eq(effects_seen, effects_due);
	ck_assert_uint_le(sim_live_procs(sim), 1); /* ksoftirqd */
	g_rand_free(dice);
	machine_free();
}
END_TEST

int main(void) {
	TCase *tc = tcase_create("cpu");

	tcase_add_test(tc, hardirq_preempts_softirq_preempts_task);
	tcase_add_test(tc, effects_happen_when_the_charges_before_them_are_worked_off);
	tcase_add_test(tc, an_effect_without_charges_before_it_happens_at_once);
	tcase_add_test(tc, a_window_splits_work_in_progress);
	tcase_add_test(tc, spans_are_the_work_done);
	tcase_add_test_raise_signal(tc, charging_outside_of_any_context_is_a_defect, SIGTRAP);
	tcase_add_test(tc, a_machine_without_costs_works_in_no_time);
	tcase_add_test(tc, sharers_of_a_line_are_all_asked_and_lines_do_not_nest);
	tcase_add_test(tc, a_handler_goes_on_with_what_it_has_read);
	tcase_add_test(tc, a_line_that_stays_high_interrupts_again);
	tcase_add_test(tc, a_line_that_nobody_claims_is_turned_off);
	tcase_add_test(tc, softirqs_run_in_order_and_once_in_a_pass);
	tcase_add_loop_test(tc, the_books_balance_under_random_load, 0, 10);
	return suite_run(tc, "cpu");
}
