/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The card's processor: when things happen, in which order, and what is accounted. */
#include <check.h>
#include <glib.h>
#include <stdlib.h>

#include "run_suite.h"
#include "toe/firmware.h"

enum { SLOW_WORK, FAST_WORK, COSTS };

static const struct cost_desc descs[COSTS] = {
	[SLOW_WORK] = {"slow", "card", "ten microseconds"},
	[FAST_WORK] = {"fast", "card", "one microsecond"},
};

static struct sim *sim;
static struct firmware *fw;
static GString *log_text;

static void note(void *a, void *b) {
	(void)b;
	g_string_append_printf(log_text, "%s@%" PRId64 " ", (const char *)a, sim_now(sim) / SIM_NS);
}

/* An effect at the start, one in the middle, one at the end. */
static void run_a(void *arg) {
	fw_defer(fw, note, "a0", arg);
	fw_charge(fw, FAST_WORK, 0);
	fw_defer(fw, note, "a1", arg);
	fw_charge(fw, SLOW_WORK, 0);
	fw_defer(fw, note, "a2", arg);
}

static void run_b(void *arg) {
	fw_charge(fw, FAST_WORK, 0);
	fw_defer(fw, note, "b", arg);
}

static void up(double scale) {
	sim = sim_new(1);
	fw = fw_new(sim, descs, COSTS, scale);
	fw_costs(fw)->value[SLOW_WORK].each = 10 * SIM_US;
	fw_costs(fw)->value[FAST_WORK].each = SIM_US;
	fw_source(fw, 0, FW_BASE, run_a, NULL);
	fw_source(fw, 1, FW_BASE, run_b, NULL);
	log_text = g_string_new(NULL);
}

static void down(const char *wanted) {
	fw_free(fw);
	sim_free(sim);
	ck_assert_str_eq(log_text->str, wanted);
	g_string_free(log_text, TRUE);
}

static void kick(void *arg) { fw_kick(fw, GPOINTER_TO_UINT(arg)); }
static void kick_at(sim_time when, unsigned source) {
	sim_call_at(sim, when, kick, GUINT_TO_POINTER(source));
}

START_TEST(effects_behind_their_charges) {
	up(1);
	kick_at(0, 0);
	sim_run(sim, SIM_NEVER);
	down("a0@0 a1@1000 a2@11000 ");
}
END_TEST

START_TEST(items_follow_one_another) {
	up(1);
	kick_at(0, 1);
	kick_at(100 * SIM_NS, 1);
	kick_at(5 * SIM_US, 1);
	sim_run(sim, SIM_NEVER);
	down("b@1000 b@2000 b@6000 ");
}
END_TEST

START_TEST(sources_take_turns) {
	up(1);
	/* Three of each wait when the first is done. */
	kick_at(0, 1);
	for (int i = 0; i < 2; i++)
		kick_at(SIM_NS, 0);
	for (int i = 0; i < 2; i++)
		kick_at(SIM_NS, 1);
	sim_run(sim, SIM_NEVER);
	down("b@1000 a0@1000 a1@2000 a2@12000 b@13000 a0@13000 a1@14000 a2@24000 b@25000 ");
}
END_TEST

static void run_urgent(void *arg) {
	fw_charge(fw, FAST_WORK, 0);
	fw_charge(fw, FAST_WORK, 0);
	fw_defer(fw, note, "u", arg);
}

/* Two urgent items in the middle of a long one: it ends so much later, and the next base item does
 * not come between. */
START_TEST(urgent_work_interrupts) {
	up(1);
	fw_source(fw, 2, FW_URGENT, run_urgent, NULL);
	kick_at(0, 0);
	kick_at(SIM_US / 2, 1);
	kick_at(4 * SIM_US, 2);
	kick_at(5 * SIM_US, 2);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(fw_busy(fw), 16 * SIM_US);
	down("a0@0 a1@1000 u@6000 u@8000 a2@15000 b@16000 ");
}
END_TEST

static void slow_down(void *arg) {
	(void)arg;
	fw_slow(fw, 4);
}

START_TEST(slow_from_now_on) {
	up(2);
	kick_at(0, 1);
	sim_call_at(sim, SIM_US, slow_down, NULL);
	kick_at(2 * SIM_US, 1);
	sim_run(sim, SIM_NEVER);
	down("b@500 b@4000 ");
}
END_TEST

/* More effects than there is room for, behind others that are gone: the order stays. */
static void run_many(void *arg) {
	static char names[40][4];

	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		g_snprintf(names[i], sizeof names[i], "%u", i);
		fw_defer(fw, note, names[i], arg);
		fw_charge(fw, FAST_WORK, 0);
	}
}

START_TEST(many_effects_keep_their_order) {
	g_autoptr(GString) wanted = g_string_new("a0@0 a1@1000 a2@11000 ");

	up(1);
	fw_source(fw, 1, FW_BASE, run_many, NULL);
	kick_at(0, 0);
	kick_at(20 * SIM_US, 1);
	for (unsigned i = 0; i < 40; i++)
		g_string_append_printf(wanted, "%u@%u ", i, 20000 + i * 1000);
	sim_run(sim, SIM_NEVER);
	down(wanted->str);
}
END_TEST

static sim_time busy_mid, busy_reset, named_reset, busy_end, window_end;

static void look(void *arg) {
	(void)arg;
	busy_mid = fw_busy(fw);
	fw_reset(fw);
	busy_reset = fw_busy(fw);
	named_reset = fw_costs(fw)->account[SLOW_WORK].time;
}

static void look_again(void *arg) {
	(void)arg;
	busy_end = fw_busy(fw);
	window_end = sim_now(sim) - fw_window_start(fw);
}

/* Work in progress counts up to the instant that is asked for. */
START_TEST(utilisation_over_a_window) {
	up(1);
	kick_at(0, 0);
	sim_call_at(sim, 4 * SIM_US, look, NULL);
	sim_call_at(sim, 24 * SIM_US, look_again, NULL);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(busy_mid, 4 * SIM_US);
	ck_assert_int_eq(busy_reset, 0);
	ck_assert_int_eq(named_reset, 0);
	ck_assert_int_eq(busy_end, 7 * SIM_US);
	ck_assert_int_eq(window_end, 20 * SIM_US);
	down("a0@0 a1@1000 a2@11000 ");
}
END_TEST

static void stop(void *arg) {
	(void)arg;
	fw_stop(fw);
	fw_kick(fw, 0);
}

/* What has not come out yet is handed to its owner at once; nothing runs after that. */
START_TEST(hang) {
	up(1);
	kick_at(0, 0);
	kick_at(SIM_US / 2, 1);
	sim_call_at(sim, 5 * SIM_US, stop, NULL);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(fw_busy(fw), 5 * SIM_US);
	down("a0@0 a1@1000 a2@5000 ");
}
END_TEST

int main(void) {
	Suite *suite = suite_create("toe-firmware");
	TCase *tcase = tcase_create("firmware");

	tcase_add_test(tcase, effects_behind_their_charges);
	tcase_add_test(tcase, items_follow_one_another);
	tcase_add_test(tcase, sources_take_turns);
	tcase_add_test(tcase, urgent_work_interrupts);
	tcase_add_test(tcase, slow_from_now_on);
	tcase_add_test(tcase, many_effects_keep_their_order);
	tcase_add_test(tcase, utilisation_over_a_window);
	tcase_add_test(tcase, hang);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
