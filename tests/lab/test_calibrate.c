/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters fitted to what a run measures: the value follows from a straight line; refusals. */
#include <check.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "captured.h"
#include "lab/campaign/calibrate.h"
#include "lab/kinds/kinds.h"
#include "run_suite.h"

/* send() on INET costs its call and nothing else. */
#define SENDS                                                                                  \
	"[scenario]\n[server]\ntype = host\n[pci0]\ntype = pci\n"                              \
	"[eth0]\ntype = nic\naddress = 10.0.0.1/24\n[c]\ntype = peer\naddress = 10.0.0.2/24\n" \
	"[lan]\ntype = network\nmembers = eth0, c\nrate = 1Gbit/s\n[cost]\nsyscall = 5us\n"    \
	"[bench]\ntype = sendbench\npeer = c\nsends = 10\nrepetitions = 4\nmessage = 10B\n"    \
	"[config one]\n[experiment e]\nconfigs = one\n"
#define KNOB "[calibrate k]\nexperiment = e\nconfig = one\n"

static bool fit_with(char **sets, const char *knob, char **printed, unsigned *failed,
                     GError **error) {
	const struct calibrate_options o = {.sets = sets, .jobs = 2, .seed = 1};
	g_autofree char *says = g_strconcat(SENDS, knob, NULL);
	g_autoptr(GString) bytes = g_string_new(says);
	struct text *text = text_parse(bytes, "a.ini", NULL);
	struct captured out = captured_begin(STDOUT_FILENO);
	bool good = calibrate(text, &o, failed, error);

	*printed = captured_end(out);
	text_free(text);
	return good;
}

static bool fit(const char *knob, char **printed, unsigned *failed, GError **error) {
	return fit_with(NULL, knob, printed, failed, error);
}

/* A send takes what the call takes, and as much more at each value: the secant meets it at once. */
START_TEST(fits) {
	g_autofree char *printed = NULL;
	unsigned failed = 9;
	char value[16];
	double us, measured;

	ck_assert(fit(
		KNOB
		"parameter = cost.syscall\nmeasure = bench.latency_us\ntarget = 20\ntolerance = 0.01\n"
		"low = 1us\nhigh = 50us\n",
		&printed, &failed, NULL));
	ck_assert_uint_eq(failed, 0);
	ck_assert_int_eq(sscanf(printed,
	                        "cost.syscall = %lfus bench.latency_us %lf (paper 20 +- 0.01) %15s",
	                        &us, &measured, value),
	                 3);
	ck_assert_double_eq_tol(measured, 20, 0.01);
	ck_assert_double_gt(us, 15);
	ck_assert_double_le(us, 20);
	ck_assert_str_eq(value, "agrees");
	ck_assert_ptr_null(strstr(printed, "at the end"));
}
END_TEST

/* It stays in its range, and says that it does not agree there. */
START_TEST(range) {
	g_autofree char *printed = NULL;
	unsigned failed = 0;

	ck_assert(fit(
		KNOB
		"parameter = cost.syscall\nmeasure = bench.latency_us\ntarget = 20\ntolerance = 0.01\n"
		"low = 1us\nhigh = 7us\n",
		&printed, &failed, NULL));
	ck_assert_uint_eq(failed, 1);
	ck_assert_ptr_nonnull(strstr(printed, "cost.syscall             = 7us "));
	ck_assert_ptr_nonnull(
		strstr(printed, "DOES NOT AGREE, at the end of its plausible range\n"));
}
END_TEST

/* The lines of a cost that is a sum, and the same number of another one, which nobody charges: the rest of both
 * stays. */
START_TEST(lines) {
	static const char knob[] = KNOB
		"parameter = cost.syscall, cost.udp_tx\nterm = lines\n"
		"measure = bench.latency_us\ntarget = 20\ntolerance = 0.01\nlow = 1\nhigh = 50\n";
	char *sums[] = {"server.memory_latency=1us", "cost.syscall=2us + 3 lines",
	                "cost.udp_tx=1us + 3 lines + 5 trap", NULL};
	g_autoptr(GError) error = NULL;
	g_autofree char *printed = NULL, *silence = NULL;
	unsigned failed = 9;
	double found, other, measured;

	ck_assert(fit_with(sums, knob, &printed, &failed, NULL));
	ck_assert_uint_eq(failed, 0);
	ck_assert_int_eq(
		sscanf(printed,
	               "cost.syscall = 2us + %lf lines bench.latency_us %lf (paper 20 +- 0.01) "
	               "agrees cost.udp_tx = 1us + %lf lines + 5 trap",
	               &found, &measured, &other),
		3);
	ck_assert_double_eq_tol(measured, 20, 0.01);
	ck_assert_double_eq(found, other);
	ck_assert_double_gt(found, 13);
	sums[1] = "cost.syscall=2us + 60 lines";
	ck_assert(!fit_with(sums, knob, &silence, &failed, &error));
	ck_assert_str_eq(
		error->message,
		"calibrate: [calibrate k] parameter: cost.syscall is 2us + 60 lines, and its "
		"range 1 to 50; allowed: a value in its range, low below high");
}
END_TEST

/* What is set and not fitted stays: 3 us more in each of ten sends leave as much less to their ten calls and the
 * one that takes the time.  Of what is fitted it is the start: what agrees there is not moved. */
START_TEST(sets) {
	static const char knob[] = KNOB
		"parameter = cost.syscall\nmeasure = bench.latency_us\ntarget = 20\ntolerance = 0.01\n"
		"low = 1us\nhigh = 50us\n";
	g_autofree char *plain = NULL, *with = NULL, *start = NULL, *there = NULL;
	char *other[] = {"cost.tcp_sendmsg=3us", NULL}, *own[] = {NULL, NULL};
	double us[3];
	unsigned failed = 0;

	ck_assert(fit(knob, &plain, &failed, NULL));
	ck_assert(fit_with(other, knob, &with, &failed, NULL));
	ck_assert_int_eq(sscanf(plain, "cost.syscall = %lfus", &us[0]), 1);
	ck_assert_int_eq(sscanf(with, "cost.syscall = %lfus", &us[1]), 1);
	ck_assert_double_eq_tol(us[0] - us[1], 3 / 1.1, 0.02);
	start = g_strdup_printf("cost.syscall=%.4fus", us[0] + 0.005);
	own[0] = start;
	ck_assert(fit_with(own, knob, &there, &failed, NULL));
	ck_assert_int_eq(sscanf(there, "cost.syscall = %lfus", &us[2]), 1);
	ck_assert_double_eq_tol(us[2], us[0] + 0.005, 1e-9);
	ck_assert_uint_eq(failed, 0);
}
END_TEST

static const struct {
	const char *knob, *message;
} bad[] = {
	{"",
         "a.ini: no group is of type calibrate; allowed: a [calibrate NAME] for each parameter to fit"},
	{KNOB "parameter = cost.syscall\nlow = 1us\nhigh = 9us\n",
         "calibrate: [calibrate k] measure: missing; allowed: names of run.json"},
	{KNOB "measure = bench.latency_us\nlow = 1us\nhigh = 9us\n",
         "calibrate: [calibrate k] parameter: there is no such parameter; allowed: GROUP.KEY"},
	{KNOB "parameter = cost.nothing\nmeasure = bench.latency_us\nlow = 1us\nhigh = 9us\n",
         "calibrate: [calibrate k] parameter: there is no such parameter; allowed: GROUP.KEY"},
	{KNOB "parameter = cost.syscall\nmeasure = bench.latency_us\nlow = 1us\n",
         "calibrate: [calibrate k] parameter: allowed: a time or a factor, low and high alike"},
	{KNOB "parameter = cost.syscall\nmeasure = bench.latency_us\nlow = 1\nhigh = 9us\n",
         "calibrate: [calibrate k] parameter: allowed: a time or a factor, low and high alike"},
	{KNOB "parameter = cost.syscall\nmeasure = bench.latency_us\nlow = 6us\nhigh = 9us\n",
         "calibrate: [calibrate k] parameter: cost.syscall is 5us, and its range 6us to 9us; allowed: a value in its "
         "range, low below high"},
	{KNOB
         "parameter = cost.syscall\nterm = lines\nmeasure = bench.latency_us\nlow = 6\nhigh = 9\n",
         "calibrate: [calibrate k] parameter: allowed: costs with lines in them, low and high alike"},
	{KNOB "parameter = cost.syscall\nmeasure = bench.speed\nlow = 1us\nhigh = 9us\n",
         "calibrate: [calibrate k] measure: there is no such measure; allowed: names of run.json"},
};

START_TEST(refused) {
	g_autoptr(GError) error = NULL;
	g_autofree char *printed = NULL;
	unsigned failed = 0;

	ck_assert(!fit(bad[_i].knob, &printed, &failed, &error));
	ck_assert_str_eq(error->message, bad[_i].message);
	ck_assert_str_eq(printed, "");
}
END_TEST

int main(void) {
	Suite *suite = suite_create("calibrate");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, fits);
	tcase_add_test(tc, range);
	tcase_add_test(tc, lines);
	tcase_add_test(tc, sets);
	tcase_add_loop_test(tc, refused, 0, (int)G_N_ELEMENTS(bad));
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
