/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The watch on the rules of time: one violation of each kind, planted, must be told. */
#include "host/core/processor.h"
#include "host/core/task_internal.h"
#include "host/inet/inet_internal.h"
#include "run_suite.h"
#include "toe/card/firmware.h"
#include "toe_world.h"

static GString *told;

static void tell(void *arg, const char *what) {
	(void)arg;
	g_string_append_printf(told, "%s\n", what);
}

static void watched_up(void) {
	told = g_string_new(NULL);
	world_up(1);
	sim_watch(W.sim, tell, NULL);
}

/* The run has told of nothing else; of nothing at all, if that is "". */
static void watched_down(const char *wanted) {
	EXPECT(*wanted ? strstr(told->str, wanted) != NULL : told->len == 0);
	if (wrong)
		wrong = g_strdup_printf("%s; told: '%s'", wrong, told->str);
	world_down();
	g_string_free(told, TRUE);
}

/* --- what is seen before it is paid for --------------------------------------------------------- */

static struct pci_dev *gadget; /* a device whose driver breaks the rules */

static void gadget_register(void *arg) { (void)arg; }

static void write_now(void *a, void *b) {
	(void)a, (void)b;
	pci_post_write(gadget, gadget_register, NULL);
}

static bool hasty_handler(void *dev_id) {
	charge(W.kernel, COST_MMIO_WRITE, 0);
	if (dev_id)
		write_now(NULL, NULL);
	else
		cpu_defer(W.kernel, write_now, NULL, NULL);
	pci_irq_set(gadget, false);
	return true;
}

static void gadget_interrupts(void *arg) {
	(void)arg;
	pci_irq_set(gadget, true);
}

static void gadget_up(void *hasty) {
	watched_up();
	kernel_set_cost(W.kernel, "mmio_write", (struct cost_value){SIM_US, 0});
	gadget = pci_dev_add(W.bus, "gadget", 5);
	request_irq(W.kernel, 5, hasty_handler, "gadget", hasty);
	sim_call_at(W.sim, SIM_MS, gadget_interrupts, NULL);
	run(SIM_S);
}

START_TEST(a_write_before_its_charge) {
	gadget_up(&gadget);
	watched_down("a posted write is seen before 'mmio_write' is paid for");
}
END_TEST

/* Its write is behind the charge, but not the line, which falls at once. */
START_TEST(a_line_before_its_charge) {
	gadget_up(NULL);
	EXPECT(!strstr(told->str, "posted write"));
	watched_down("an interrupt line is seen before 'mmio_write' is paid for");
}
END_TEST

/* A program whose frame leaves before its work is done. */
static int hasty_program(struct task *me, void *arg) {
	(void)arg;
	user_charge(me, COST_USER_WORK, 0);
	port_send(link_port(W.link[0], 0), frame_new(0, 64));
	W.programs++;
	return 0;
}

START_TEST(a_frame_before_its_charge) {
	watched_up();
	kernel_set_cost(W.kernel, "user_work", (struct cost_value){SIM_US, 0});
	start_at(0, hasty_program, NULL);
	run(SIM_S);
	EXPECT_INT(W.programs, 1);
	watched_down("a frame on the wire is seen before 'user_work' is paid for");
}
END_TEST

/* --- the card's processor ------------------------------------------------------------------------ */

static const struct cost_desc work_desc = {"work", "card", "ten microseconds"};
static struct firmware *fw;
static struct cost_table costs;

static void hasty_item(void *arg) {
	(void)arg;
	fw_charge(fw, 0, 0);
	pci_irq_set(gadget, true);
}

static void charging_effect(void *a, void *b) {
	(void)a, (void)b;
	fw_charge(fw, 0, 0);
}

/* An effect that is due at once, since nothing was charged before it. */
static void item_whose_effect_works(void *arg) {
	(void)arg;
	fw_defer(fw, charging_effect, NULL, NULL);
}

static void good_item(void *arg) {
	(void)arg;
	fw_charge(fw, 0, 0);
}

static void kick(void *arg) {
	(void)arg;
	fw_kick(fw, 0);
}

static void firmware_up(void (*item)(void *arg)) {
	watched_up();
	gadget = pci_dev_add(W.bus, "gadget", 5);
	cost_table_init(&costs, &work_desc, 1);
	fw = fw_new(sim_track(W.sim, NULL, "firmware", 0), &costs, 1);
	fw_costs(fw)->value[0].each = 10 * SIM_US;
	fw_source(fw, 0, FW_BASE, item, NULL);
	sim_call_at(W.sim, SIM_MS, kick, NULL);
}

START_TEST(a_cards_line_before_its_charge) {
	firmware_up(hasty_item);
	run(SIM_S);
	fw_free(fw);
	cost_table_clear(&costs);
	watched_down("an interrupt line is seen before 'work' is paid for");
}
END_TEST

/* --- charges without a context ------------------------------------------------------------------ */

static void charge_from_nowhere(void *arg) {
	(void)arg;
	charge(W.kernel, COST_SYSCALL, 0);
}
static void card_charge_from_nowhere(void *arg) {
	(void)arg;
	fw_charge(fw, 0, 0);
}

/* These end the run (SIGTRAP of g_error(), SIGABRT of g_assert()), watched or not. */
START_TEST(a_host_charge_without_context) {
	watched_up();
	sim_call_at(W.sim, SIM_MS, charge_from_nowhere, NULL);
	run(SIM_S);
}
END_TEST
START_TEST(a_cards_charge_without_context) {
	firmware_up(good_item);
	sim_call_at(W.sim, 2 * SIM_MS, card_charge_from_nowhere, NULL);
	run(SIM_S);
}
END_TEST
START_TEST(a_cards_effect_that_works) {
	firmware_up(item_whose_effect_works);
	run(SIM_S);
}
END_TEST

/* --- deadlines ----------------------------------------------------------------------------------- */

/* One clock for two deadlines; it is set for the rounded one. */
static struct {
	sim_time fine, rounded;
	struct sim_event clock;
} shared;

static void kick_nothing(void *arg) { (void)arg; }

static void clock_rings(void *arg) {
	(void)arg;
	shared.fine = shared.rounded = SIM_NEVER;
}
static sim_time earliest(const void *arg) {
	(void)arg;
	return MIN(shared.fine, shared.rounded);
}

static void deadlines(sim_time set_for) {
	struct sim_duty duty = {.name = "two deadlines", .due = earliest};

	watched_up();
	shared.fine = 13 * SIM_MS;
	shared.rounded = 20 * SIM_MS;
	sim_event_init(&shared.clock, clock_rings, NULL);
	sim_at(W.sim, &shared.clock, set_for);
	sim_duty_add(W.sim, &duty);
	run(SIM_S);
	sim_duty_remove(W.sim, &duty);
}

START_TEST(a_fine_deadline_behind_a_rounded_one) {
	deadlines(20 * SIM_MS);
	watched_down("two deadlines: a deadline at 13000000 ns is passed");
}
END_TEST
START_TEST(a_clock_for_the_earliest_deadline) {
	deadlines(13 * SIM_MS);
	watched_down("");
}
END_TEST

/* A connection of INET's that is in TIME_WAIT, and whose clock is set for a later date. */
static int waits_its_time(struct task *me, void *arg) {
	int l = sys_socket(me, AF_INET, SOCK_STREAM, 0),
	    fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);

	(void)arg;
	EXPECT_INT(bind_to(me, l, "127.0.0.1", 80), 0);
	EXPECT_INT(sys_listen(me, l, 1), 0);
	EXPECT_INT(connect_to(me, fd, "127.0.0.1", 80), 0);
	sys_close(me, fd);
	sys_close(me, sys_accept(me, l, NULL, NULL));
	W.programs++;
	return 0;
}

static void round_clock(void *arg) {
	struct sim_event *clock = &inet_host(W.kernel)->timer;

	(void)arg;
	EXPECT(sim_pending(clock));
	sim_at(W.sim, clock, clock->when + 10 * SIM_MS);
}

static void time_wait(void (*meddle)(void *arg)) {
	watched_up();
	start_at(0, waits_its_time, NULL);
	sim_call_at(W.sim, SIM_S, meddle, NULL);
	sim_call_at(W.sim, 100 * SIM_S, kick_nothing, NULL);
	run(200 * SIM_S);
	EXPECT_INT(W.programs, 1);
}

START_TEST(a_stacks_timer_behind_a_rounded_clock) {
	time_wait(round_clock);
	watched_down("timers of INET: a deadline at");
}
END_TEST
START_TEST(a_stacks_timer_by_its_clock) {
	time_wait(kick_nothing);
	watched_down("");
}
END_TEST

/* A processor with work to do, which nobody will wake. */
static void lose_date(void *arg) {
	(void)arg;
	raise_softirq(W.kernel, SOFTIRQ_TIMER);
	sim_cancel(W.sim, &W.kernel->cpu->event);
}

START_TEST(a_processor_that_stands_still) {
	watched_up();
	sim_call_at(W.sim, SIM_MS, lose_date, NULL);
	run(SIM_S);
	watched_down("a deadline at 0 ns is passed");
}
END_TEST

int main(void) {
	Suite *suite = suite_create("toe-watch");
	TCase *tc = tcase_create("watch");

	tcase_add_test(tc, a_write_before_its_charge);
	tcase_add_test(tc, a_line_before_its_charge);
	tcase_add_test(tc, a_frame_before_its_charge);
	tcase_add_test(tc, a_cards_line_before_its_charge);
	tcase_add_test_raise_signal(tc, a_host_charge_without_context, SIGTRAP);
	tcase_add_test_raise_signal(tc, a_cards_charge_without_context, SIGABRT);
	tcase_add_test_raise_signal(tc, a_cards_effect_that_works, SIGABRT);
	tcase_add_test(tc, a_fine_deadline_behind_a_rounded_one);
	tcase_add_test(tc, a_clock_for_the_earliest_deadline);
	tcase_add_test(tc, a_stacks_timer_behind_a_rounded_clock);
	tcase_add_test(tc, a_stacks_timer_by_its_clock);
	tcase_add_test(tc, a_processor_that_stands_still);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
