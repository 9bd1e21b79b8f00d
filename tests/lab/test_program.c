/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program as a whole, by its main(): words that choose a command, statuses, and answers of the commands that run
 * many worlds, over small ones. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "captured.h"
#include "lab/base/error.h"
#include "run_suite.h"
#include "scratch.h"

/* main() of src/lab/commands/main.c. */
int sopsim_main(int argc, char **argv);

static char *dir;

static void set_up(void) { dir = scratch_new(); }

static void tear_down(void) { scratch_remove(dir); }

/* The program with these words between '|', ~ the folder; its status, and what it prints to `fd`. */
static int program(const char *line, int fd, char **printed) {
	g_autoptr(GString) text = g_string_new(line);
	g_auto(GStrv) argv = NULL;
	g_autofree char **kept = NULL; /* options are taken out of argv */
	struct captured c;
	int status;

	g_string_replace(text, "~", dir, 0);
	argv = g_strsplit(text->str, "|", -1);
	kept = g_memdup2(argv, (g_strv_length(argv) + 1) * sizeof *argv);
	c = captured_begin(fd);
	status = sopsim_main((int)g_strv_length(argv), kept);
	*printed = captured_end(c);
	return status;
}

static void holds(const char *text, const char *part) {
	ck_assert_msg(strstr(text, part), "no '%s' in:\n%s", part, text);
}

/* --- words ------------------------------------------------------------------------------------ */

static const struct {
	const char *line;
	int fd, status;
	const char *says;
} words[] = {
	{"sopsim", STDERR_FILENO, EXIT_BAD_INPUT,
         "sopsim: no command given; allowed: see sopsim --help\n"},
	{"sopsim|", STDERR_FILENO, EXIT_BAD_INPUT,
         "sopsim: no command given; allowed: see sopsim --help\n"},
	{"sopsim|rum", STDERR_FILENO, EXIT_BAD_INPUT,
         "sopsim: unknown command 'rum'; did you mean 'run'?; allowed: see sopsim --help\n"},
	{"sopsim|zzzzzzzzzz", STDERR_FILENO, EXIT_BAD_INPUT,
         "sopsim: unknown command 'zzzzzzzzzz'; allowed: see sopsim --help\n"},
	{"sopsim|--help", STDOUT_FILENO, EXIT_DONE, "Usage: sopsim COMMAND [OPTION...]\n"},
	{"sopsim|-h", STDOUT_FILENO, EXIT_DONE, "\n  calibrate  FILE "},
	{"sopsim|help", STDOUT_FILENO, EXIT_DONE,
         "\nExit status: 0 done, 1 a check did not hold, "},
	{"sopsim|--version", STDOUT_FILENO, EXIT_DONE, "sopsim " VERSION " (commit "},
	{"sopsim|params|--keys=tow", STDERR_FILENO, EXIT_BAD_INPUT, "did you mean 'toe'?"},
	{"sopsim|params|--types", STDOUT_FILENO, EXIT_DONE, "\n  nic "},
};

START_TEST(choose) {
	g_autofree char *printed = NULL;

	ck_assert_int_eq(program(words[_i].line, words[_i].fd, &printed), words[_i].status);
	holds(printed, words[_i].says);
}
END_TEST

/* What cannot be printed is told, and is no success. */
START_TEST(output_without_room) {
	g_autofree char *said = NULL;

	ck_assert_ptr_nonnull(freopen("/dev/full", "w", stdout));
	ck_assert_int_eq(program("sopsim|--help", STDERR_FILENO, &said), EXIT_BAD_INPUT);
	ck_assert(g_str_has_prefix(said, "sopsim: standard output: cannot be written: "));
}
END_TEST

/* --- answers ---------------------------------------------------------------------------------- */

/* The paper's scenario with runs of a second. */
static void small_paper(void) {
	g_free(scratch_file(dir, "small.ini",
	                    "[scenario]\ninclude = " SCENARIOS "/paper.ini\n"
	                    "[experiment table1]\nquick.bench.sends = 20\n"
	                    "[experiment fig5]\nquick_offered = 100, 200\n"
	                    "quick.scenario.warmup = 1s\nquick.scenario.duration = 1s\n"
	                    "[experiment fig6]\noffered = 100\n"
	                    "quick.scenario.warmup = 1s\nquick.scenario.duration = 1s\n"));
}

START_TEST(explain_send) {
	g_autofree char *told = NULL;

	small_paper();
	ck_assert_int_eq(program("sopsim|explain|send|~/small.ini", STDOUT_FILENO, &told),
	                 EXIT_DONE);
	holds(told, "leg_tcpip");
	holds(told, "offload_sop");
	holds(told, "\n  sum ");
	holds(told, "\n  measured");
}
END_TEST

START_TEST(explain_request) {
	g_autofree char *told = NULL;

	small_paper();
	ck_assert_int_eq(program("sopsim|explain|request|~/small.ini", STDOUT_FILENO, &told),
	                 EXIT_DONE);
	holds(told, "offload_no_sop");
	holds(told, "\n  sum ");
	holds(told, "busy time");
}
END_TEST

START_TEST(explain_queueing) {
	g_autofree char *told = NULL;

	small_paper();
	ck_assert_int_eq(program("sopsim|explain|queueing|~/small.ini", STDOUT_FILENO, &told),
	                 EXIT_DONE);
	holds(told, "\nleg_tcpip: a request takes ");
	holds(told, "\noffload_sop: a request takes ");
	holds(told, "\n      100 ");
	holds(told, "\n      200 ");
}
END_TEST

/* send() on INET costs its call and nothing else. */
#define SENDS                                                                                  \
	"[scenario]\n[server]\ntype = host\n[pci0]\ntype = pci\n"                              \
	"[eth0]\ntype = nic\naddress = 10.0.0.1/24\n[c]\ntype = peer\naddress = 10.0.0.2/24\n" \
	"[lan]\ntype = network\nmembers = eth0, c\nrate = 1Gbit/s\n[cost]\nsyscall = 5us\n"    \
	"[bench]\ntype = sendbench\npeer = c\nsends = 10\nrepetitions = 4\nmessage = 10B\n"    \
	"[config one]\n[experiment e]\nconfigs = one\n"                                        \
	"[calibrate k]\nexperiment = e\nconfig = one\nparameter = cost.syscall\n"              \
	"measure = bench.latency_us\ntarget = 20\ntolerance = 0.01\nlow = 1us\n"

START_TEST(calibrate_fits) {
	g_autofree char *told = NULL;

	g_free(scratch_file(dir, "a.ini", SENDS "high = 50us\n"));
	ck_assert_int_eq(program("sopsim|calibrate|~/a.ini", STDOUT_FILENO, &told), EXIT_DONE);
	holds(told, "cost.syscall ");
	holds(told, " agrees");
}
END_TEST

START_TEST(calibrate_cannot) {
	g_autofree char *told = NULL;

	g_free(scratch_file(dir, "a.ini", SENDS "high = 7us\n"));
	ck_assert_int_eq(program("sopsim|calibrate|~/a.ini|--seed=2", STDOUT_FILENO, &told),
	                 EXIT_CHECK_FAILED);
	holds(told, "= 7us ");
}
END_TEST

/* --- comparisons ------------------------------------------------------------------------------ */

/* Two folders of one figure, which differ by 4 %. */
static void two_figures(void) {
	static const char *const rows[] = {"one,1,100,0.5,1\n", "one,1,104,0.5,1\n"};
	static const char *const names[] = {"old", "now"};

	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *folder = g_build_filename(dir, names[i], NULL);
		g_autofree char *text = g_strconcat(
			"config,offered_rps,throughput_rps,ci95_rps,cpu\n", rows[i], NULL);

		g_mkdir(folder, 0777);
		g_free(scratch_file(folder, "fig5.csv", text));
	}
}

static const struct {
	const char *line;
	int status;
	const char *says;
} compared[] = {
	{"sopsim|check|~/now|--against|~/old", EXIT_CHECK_FAILED, ", 1 moved"},
	{"sopsim|check|~/now|--against|~/old|--tolerance=5%", EXIT_DONE, ", 0 moved"},
	{"sopsim|check|~/now|--against|~/old|--tolerance=0.05|--no-intervals", EXIT_DONE,
         ", 0 moved"},
	{"sopsim|check|~/now|--against|~/old|--github", EXIT_CHECK_FAILED, "\n::error "},
	{"sopsim|check|~/now|--against|~/old|--junit|~/r.xml", EXIT_CHECK_FAILED, ", 1 moved"},
};

START_TEST(checks) {
	g_autofree char *told = NULL, *report = g_build_filename(dir, "r.xml", NULL), *xml = NULL;

	two_figures();
	ck_assert_int_eq(program(compared[_i].line, STDOUT_FILENO, &told), compared[_i].status);
	holds(told, compared[_i].says);
	if (!strstr(compared[_i].line, "--junit"))
		return;
	ck_assert(g_file_get_contents(report, &xml, NULL, NULL));
	holds(xml, "<failure");
}
END_TEST

START_TEST(checks_without_a_report) {
	g_autofree char *told = NULL;

	two_figures();
	ck_assert_int_eq(program("sopsim|check|~/now|--against|~/old|--junit|~/none/r.xml",
	                         STDERR_FILENO, &told),
	                 EXIT_BAD_INPUT);
	holds(told, "--junit: '");
	holds(told, "none/r.xml' cannot be written: ");
}
END_TEST

/* --- sweeps that are listed ------------------------------------------------------------------- */

/* Columns as wide as their widest cell; those that say nothing of any run are left out. */
START_TEST(lists) {
	g_autofree char *told = NULL;

	g_free(scratch_file(dir, "a.ini", SENDS "high = 50us\n"));
	ck_assert_int_eq(
		program("sopsim|sweep|~/a.ini|--vary|cost.syscall=1us,10us|--vary|bench.sends=2,3|"
	                "--except|cost.syscall=1us,bench.sends=3|--list",
	                STDOUT_FILENO, &told),
		EXIT_DONE);
	ck_assert_str_eq(told, "run  cost.syscall  bench.sends  experiment  config\n"
	                       "1    1us           2            e           one\n"
	                       "2    10us          2            e           one\n"
	                       "3    10us          3            e           one\n"
	                       "\n3 points, 3 runs\n");
}
END_TEST

START_TEST(lists_configs) {
	g_autofree char *told = NULL;

	g_free(scratch_file(dir, "a.ini", SENDS "high = 50us\n[config two]\ncost.syscall = 7us\n"));
	ck_assert_int_eq(
		program("sopsim|sweep|~/a.ini|--vary|bench.sends=2|--config|one, two|--list",
	                STDOUT_FILENO, &told),
		EXIT_DONE);
	ck_assert_str_eq(told, "run  bench.sends  experiment  config\n"
	                       "1    2            e           one\n"
	                       "2    2            -           two\n"
	                       "\n2 points, 2 runs\n");
}
END_TEST

START_TEST(lists_nothing) {
	g_autofree char *told = NULL;

	g_free(scratch_file(dir, "a.ini", SENDS "high = 50us\n"));
	ck_assert_int_eq(
		program("sopsim|sweep|~/a.ini|--vary|bench.sinds=2|--list", STDERR_FILENO, &told),
		EXIT_BAD_INPUT);
	holds(told,
	      "sopsim: --vary: [bench] sinds: unknown key of type sendbench; did you mean 'sends'?");
}
END_TEST

/* --- real time -------------------------------------------------------------------------------- */

static bool may_have_devices(void) {
	return geteuid() == 0 && access("/dev/net/tun", R_OK | W_OK) == 0;
}

/* A device of this test's own, which goes with it; the machine's NIC may speak there, and nobody does. */
static void live_scenario(void) {
	g_autofree char *text = g_strdup_printf(
		"[scenario]\ntitle = live\n[server]\ntype = host\n[pci0]\ntype = pci\n[eth0]\ntype = nic\n"
		"address = 10.77.0.1/24\n[wire]\ntype = tap\ndevice = sopsim%d\naddress = 10.77.0.2/24\n"
		"[lan]\ntype = network\nmembers = eth0, wire\n[config other]\neth0.address = 10.77.0.3/24\n"
		"[program p]\nbackground = yes\ntext = {\n\ts = socket(dgram)\n\trepeat {\n"
		"\t\tsendto(s, \"x\", 10.77.0.2:9)\n\t\tsleep(20ms)\n\t}\n}\n",
		(int)getpid() % 1000000);

	g_free(scratch_file(dir, "live.ini", text));
}

START_TEST(live_for_a_moment) {
	g_autofree char *told = NULL, *capture = g_build_filename(dir, "p", "eth0.pcap", NULL);

	if (!may_have_devices())
		return;
	live_scenario();
	ck_assert_int_eq(program("sopsim|live|~/live.ini|--for=0.2|--set|eth0.plugged=yes|--config|"
	                         "other|--pcap|~/p",
	                         STDOUT_FILENO, &told),
	                 EXIT_DONE);
	holds(told, "live.ini: live\n");
	holds(told, "\n  real time: 0.2");
	holds(told, "dates 10 ms late or more\n");
	ck_assert(g_file_test(capture, G_FILE_TEST_IS_REGULAR));
}
END_TEST

int main(void) {
	Suite *suite = suite_create("program");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, choose, 0, (int)G_N_ELEMENTS(words));
	tcase_add_test(tc, output_without_room);
	tcase_add_test(tc, explain_send);
	tcase_add_test(tc, explain_request);
	tcase_add_test(tc, explain_queueing);
	tcase_add_test(tc, calibrate_fits);
	tcase_add_test(tc, calibrate_cannot);
	tcase_add_loop_test(tc, checks, 0, (int)G_N_ELEMENTS(compared));
	tcase_add_test(tc, checks_without_a_report);
	tcase_add_test(tc, lists);
	tcase_add_test(tc, lists_configs);
	tcase_add_test(tc, lists_nothing);
	tcase_add_test(tc, live_for_a_moment);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
