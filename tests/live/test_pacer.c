/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pacer: of the timeline, and the one that follows real time.  No device is needed. */
#include <check.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "live/live.h"
#include "run_suite.h"

static double seconds(void) { return (double)g_get_monotonic_time() / 1e6; }

/* --- the timeline's side --------------------------------------------------------------------- */

struct script {
	struct sim *sim;
	struct sim_event first, injected;
	GString *log;
	bool inject;
};

static void first_run(void *arg) { g_string_append_c(((struct script *)arg)->log, 'f'); }
static void injected_run(void *arg) { g_string_append_c(((struct script *)arg)->log, 'i'); }

/* Schedules something before the first event; ends the run when nothing is left. */
static bool script_pace(void *arg, sim_time next) {
	struct script *s = arg;

	g_string_append_printf(s->log, "<%" PRId64 ">", next == SIM_NEVER ? -1 : next);
	if (s->inject) {
		s->inject = false;
		sim_at(s->sim, &s->injected, 40);
		return false;
	}
	if (next == SIM_NEVER) {
		sim_stop(s->sim);
		return false;
	}
	return true;
}

START_TEST(a_pacer_is_asked_before_each_date_and_may_schedule) {
	struct script s = {.sim = sim_new(1), .log = g_string_new(NULL), .inject = true};

	sim_event_init(&s.first, first_run, &s);
	sim_event_init(&s.injected, injected_run, &s);
	sim_at(s.sim, &s.first, 100);
	sim_set_pacer(s.sim, script_pace, &s);
	sim_run(s.sim, SIM_NEVER);
	ck_assert_str_eq(s.log->str, "<100><40>i<100>f<-1>");
	ck_assert_int_eq(sim_now(s.sim), 100);
	sim_free(s.sim);
	g_string_free(s.log, TRUE);
}
END_TEST

START_TEST(the_end_of_a_run_is_a_date_too) {
	struct script s = {.sim = sim_new(1), .log = g_string_new(NULL)};

	sim_event_init(&s.first, first_run, &s);
	sim_at(s.sim, &s.first, 100);
	sim_set_pacer(s.sim, script_pace, &s);
	sim_run(s.sim, 70);
	ck_assert_str_eq(s.log->str, "<70>");
	ck_assert_int_eq(sim_now(s.sim), 70);
	sim_free(s.sim);
	g_string_free(s.log, TRUE);
}
END_TEST

/* --- real time ------------------------------------------------------------------------------- */

struct world {
	struct sim *sim;
	struct live *live;
	struct sim_event ev;
	int left;
	sim_time gap;
	double spin; /* seconds that the event wastes */
	int signal;  /* that it sends itself at the end */
	unsigned complaints;
};

static void tick(void *arg) {
	struct world *w = arg;
	double until = seconds() + w->spin;

	while (seconds() < until)
		;
	if (--w->left > 0)
		sim_after(w->sim, &w->ev, w->gap);
	else if (w->signal)
		raise(w->signal);
}

static void complained(void *arg, sim_time lag) {
	ck_assert_int_ge(lag, LIVE_LATE);
	((struct world *)arg)->complaints++;
}

static void world_start(struct world *w, int ticks, sim_time gap) {
	*w = (struct world){.sim = sim_new(1), .left = ticks, .gap = gap};
	w->live = live_new(w->sim);
	live_on_late(w->live, complained, w);
	sim_event_init(&w->ev, tick, w);
	sim_at(w->sim, &w->ev, gap);
}

static void world_end(struct world *w) {
	live_free(w->live);
	sim_free(w->sim);
}

START_TEST(events_wait_for_their_dates) {
	struct live_clock clock;
	const char *device;
	struct world w;
	double start;

	world_start(&w, 10, 20 * SIM_MS);
	start = seconds();
	sim_run(w.sim, 300 * SIM_MS);
	/* 20 us early is allowed for each date, not for their sum. */
	ck_assert_double_ge(seconds() - start, 0.2999);
	ck_assert_int_eq(sim_now(w.sim), 300 * SIM_MS);
	live_clock(w.live, &clock);
	ck_assert_uint_eq(clock.dates, 11);
	ck_assert_int_ge(clock.real, 300 * SIM_MS - 20 * SIM_US);
	ck_assert_int_le(clock.lag_mean, clock.lag_max);
	ck_assert_int_eq(live_end(w.live, &device), 0);
	ck_assert_ptr_null(device);
	world_end(&w);
}
END_TEST

/* Each event takes 105 ms, the next is due after 5: the lag grows by 100 ms each time, more than a
 * busy machine adds to it. */
START_TEST(lag_is_measured_and_told) {
	struct live_clock clock;
	struct world w;

	world_start(&w, 6, 5 * SIM_MS);
	w.spin = 0.105;
	sim_run(w.sim, SIM_S);
	live_clock(w.live, &clock);
	ck_assert_int_ge(clock.lag_max, 499 * SIM_MS);
	ck_assert_int_ge(clock.lag_mean, 200 * SIM_MS);
	ck_assert_int_eq(clock.lag_max_at, 30 * SIM_MS);
	ck_assert_uint_eq(clock.dates, 7);
	ck_assert_uint_ge(clock.late, 5);
	/* Not each time: once a second. */
	ck_assert_uint_ge(w.complaints, 1);
	ck_assert_uint_lt(w.complaints, clock.late);
	/* No time was left out to catch up. */
	ck_assert_int_ge(clock.real, SIM_S - 20 * SIM_US);
	world_end(&w);
}
END_TEST

START_TEST(a_signal_ends_the_run) {
	const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	const char *device;
	struct world w;
	double start;

	signal(SIGHUP, SIG_DFL);
	world_start(&w, 2, 10 * SIM_MS);
	w.signal = signals[_i];
	start = seconds();
	sim_run(w.sim, 60 * SIM_S);
	ck_assert_double_lt(seconds() - start, 10);
	ck_assert_int_eq(live_end(w.live, &device), signals[_i]);
	ck_assert_int_eq(sim_now(w.sim), 20 * SIM_MS);
	world_end(&w);
}
END_TEST

START_TEST(bad_names_of_devices_are_refused) {
	static const char *const bad[] = {"", "a/b", "a%d", "..", "a name that is too long"};
	char *why = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		ck_assert_ptr_null(tap_open(bad[i], &why));
		ck_assert_ptr_nonnull(strstr(why, "allowed:"));
		g_clear_pointer(&why, g_free);
	}
}
END_TEST

int main(void) {
	Suite *suite = suite_create("live");
	TCase *tc = tcase_create("pacer");

	tcase_add_test(tc, a_pacer_is_asked_before_each_date_and_may_schedule);
	tcase_add_test(tc, the_end_of_a_run_is_a_date_too);
	tcase_add_test(tc, events_wait_for_their_dates);
	tcase_add_test(tc, lag_is_measured_and_told);
	tcase_add_loop_test(tc, a_signal_ends_the_run, 0, 3);
	tcase_add_test(tc, bad_names_of_devices_are_refused);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
