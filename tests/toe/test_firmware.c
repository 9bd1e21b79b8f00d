/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The card's processor: when things happen, in which order, and what is accounted. */
#include <check.h>
#include <glib.h>
#include <stdlib.h>

#include "run_suite.h"
#include "toe/card/firmware.h"

enum { SLOW_WORK, FAST_WORK, COSTS };

static const struct cost_desc descs[COSTS] = {
	[SLOW_WORK] = {"slow", "card", "ten microseconds"},
	[FAST_WORK] = {"fast", "card", "one microsecond"},
};

static struct sim *sim;
static struct firmware *fw;
static struct cost_table costs;
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
	cost_table_init(&costs, descs, COSTS);
	fw = fw_new(sim_track(sim, NULL, "firmware", 0), &costs, scale);
	fw_costs(fw)->value[SLOW_WORK].each = 10 * SIM_US;
	fw_costs(fw)->value[FAST_WORK].each = SIM_US;
	fw_source(fw, 0, FW_BASE, run_a, NULL);
	fw_source(fw, 1, FW_BASE, run_b, NULL);
	log_text = g_string_new(NULL);
}

static void down(const char *wanted) {
	fw_free(fw);
	cost_table_clear(&costs);
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

/* --- spans -------------------------------------------------------------------------------------- */

struct spans {
	GString *text;
	sim_time total, last;
	bool overlap;
};

static void on_span(void *arg, const struct sim_track *track, const char *layer, const char *name,
                    sim_time start, sim_time end, sim_flow flow) {
	struct spans *s = arg;

	(void)track, (void)layer, (void)flow;
	g_string_append_printf(s->text, "%s %" PRId64 "-%" PRId64 " ", name, start / SIM_NS,
	                       end / SIM_NS);
	s->overlap |= start < s->last;
	s->last = end;
	s->total += end - start;
}

/* An item of 11 us is interrupted twice: its spans are those of the work, not those of the plan. */
START_TEST(spans_follow_the_work) {
	struct spans spans = {.text = g_string_new(NULL)};
	struct sim_sink sink = {.span = on_span, .arg = &spans};

	up(1);
	sim_sink_add(sim, &sink);
	fw_source(fw, 2, FW_URGENT, run_urgent, NULL);
	kick_at(0, 0);
	kick_at(500 * SIM_NS, 2);
	kick_at(4 * SIM_US, 2);
	sim_run(sim, SIM_NEVER);
	ck_assert_str_eq(spans.text->str,
	                 "fast 0-500 fast 500-1500 fast 1500-2500 fast 2500-3000 slow 3000-4000 "
	                 "fast 4000-5000 fast 5000-6000 slow 6000-15000 ");
	g_string_free(spans.text, TRUE);
	down("a0@0 u@2500 a1@3000 u@6000 a2@15000 ");
}
END_TEST

static void read_accounts(void *arg) {
	(void)arg;
	fw_busy(fw);
}

/* However often somebody looks: the spans are as long together as the processor was busy, and never
 * two at a time. */
START_TEST(spans_equal_the_accounts) {
	struct spans spans = {.text = g_string_new(NULL)};
	struct sim_sink sink = {.span = on_span, .arg = &spans};
	GRand *rand = g_rand_new_with_seed(11);
	sim_time busy;

	up(1);
	sim_sink_add(sim, &sink);
	fw_source(fw, 2, FW_URGENT, run_urgent, NULL);
	for (int i = 0; i < 300; i++) {
		kick_at(g_rand_int_range(rand, 0, 5000) * SIM_US,
		        (unsigned)g_rand_int_range(rand, 0, 3));
		sim_call_at(sim, g_rand_int_range(rand, 0, 5000000) * SIM_NS, read_accounts, NULL);
	}
	sim_run(sim, SIM_NEVER);
	busy = fw_busy(fw);
	ck_assert_int_eq(spans.total, busy);
	ck_assert_int_eq(fw_costs(fw)->account[SLOW_WORK].time +
	                         fw_costs(fw)->account[FAST_WORK].time,
	                 busy);
	ck_assert(!spans.overlap);
	g_rand_free(rand);
	g_string_free(spans.text, TRUE);
	g_string_truncate(log_text, 0);
	down("");
}
END_TEST

/* --- the rest of an item ------------------------------------------------------------------------ */

static void rest(void *a, void *b) {
	note("r", b);
	fw_charge_half(fw, SLOW_WORK, true);
	fw_defer(fw, note, a, b);
}

static void run_in_two(void *arg) {
	fw_charge(fw, FAST_WORK, 0);
	fw_then(fw, rest, "end", arg);
}

/* What an item does behind its charge is done when that is paid, urgent work included; the next item
 * waits for the rest's charges. */
START_TEST(rest_comes_when_paid) {
	up(1);
	fw_source(fw, 0, FW_BASE, run_in_two, NULL);
	fw_source(fw, 2, FW_URGENT, run_urgent, NULL);
	kick_at(0, 0);
	kick_at(100 * SIM_NS, 1);
	kick_at(500 * SIM_NS, 2);
	kick_at(4 * SIM_US, 2);
	sim_run(sim, SIM_NEVER);
	ck_assert_uint_eq(fw_costs(fw)->account[SLOW_WORK].charges, 1);
	ck_assert_int_eq(fw_busy(fw), (1 + 5 + 4 + 1) * SIM_US);
	down("u@2500 r@3000 u@6000 end@10000 b@11000 ");
}
END_TEST

/* The two halves are the whole, odd or not. */
static void run_halves(void *arg) {
	(void)arg;
	fw_charge_half(fw, SLOW_WORK, true);
	fw_charge_half(fw, SLOW_WORK, false);
}

START_TEST(halves_are_the_whole) {
	up(1);
	fw_costs(fw)->value[SLOW_WORK].each = 10 * SIM_US + 1;
	fw_source(fw, 0, FW_BASE, run_halves, NULL);
	kick_at(0, 0);
	sim_call_at(sim, SIM_MS, read_accounts, NULL);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(fw_busy(fw), 10 * SIM_US + 1);
	ck_assert_uint_eq(fw_costs(fw)->account[SLOW_WORK].charges, 1);
	down("");
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
	tcase_add_test(tcase, spans_follow_the_work);
	tcase_add_test(tcase, spans_equal_the_accounts);
	tcase_add_test(tcase, rest_comes_when_paid);
	tcase_add_test(tcase, halves_are_the_whole);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
