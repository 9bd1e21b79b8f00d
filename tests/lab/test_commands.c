/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands: usage in one line and exit status, what small runs print and write. */
#include <check.h>
#include <string.h>
#include <unistd.h>

#include "captured.h"
#include "lab/base/error.h"
#include "lab/commands/commands.h"
#include "run_suite.h"
#include "scratch.h"

#define MACHINE                                                                                    \
	"[scenario]\ntitle = one file\n[server]\ntype = host\n[pci0]\ntype = pci\nlatency = 1us\n" \
	"[eth0]\ntype = nic\naddress = 10.0.0.1/24\n[c]\ntype = peer\naddress = 10.0.0.2/24\n"     \
	"[lan]\ntype = network\nmembers = eth0, c\nrate = 100Mbit/s\npropagation = 1us\n"          \
	"[web]\ntype = web\n[page]\ntype = fileset\npath = /p.html\nsize = 20000B\n"               \
	"[f]\ntype = fetch\npeer = c\ntarget = eth0\nfileset = page\n"

static char *dir, *file;

static void set_up(void) {
	dir = scratch_new();
	file = scratch_file(dir, "a.ini", MACHINE);
}

static void tear_down(void) {
	scratch_remove(dir);
	g_free(file);
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"run", command_run},
	{"sweep", command_sweep},
	{"check", command_check},
	{"params", command_params},
	{"explain", command_explain},
	{"calibrate", command_calibrate},
	{"reproduce", command_reproduce},
	{"live", command_live},
};

/* A command with its words between '|'; @ is the scenario, ~ the folder.  What it prints to `fd`.
 */
static int command(const char *line, int fd, char **printed) {
	g_autoptr(GString) text = g_string_new(line);
	g_auto(GStrv) argv = NULL;
	g_autofree char **kept = NULL; /* options are taken out of argv */
	struct captured c;
	int status = -1;

	g_string_replace(text, "@", file, 0);
	g_string_replace(text, "~", dir, 0);
	argv = g_strsplit(text->str, "|", -1);
	kept = g_memdup2(argv, (g_strv_length(argv) + 1) * sizeof *argv);
	c = captured_begin(fd);
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		if (g_str_equal(argv[0], commands[i].name))
			status = commands[i].run((int)g_strv_length(argv), kept);
	*printed = captured_end(c);
	return status;
}

/* --- usage ------------------------------------------------------------------------------------ */

static const struct {
	const char *line, *message;
} usage[] = {
	{"run", "sopsim run: wrong number of arguments; usage: sopsim run FILE [OPTION...]"},
	{"run|@|@", "sopsim run: wrong number of arguments"},
	{"run|@|--no-such", "sopsim run: Unknown option --no-such; allowed: see sopsim run --help"},
	{"run|@|--seed=-1",
         "sopsim run: --seed: -1 is out of range; allowed: a whole number from 0 to "},
	{"run|@|--seed=x", "sopsim run: Cannot parse integer value"},
	{"run|@|--offered=4294967296", "sopsim run: --offered: 4294967296 is out of range"},
	{"run|~/none.ini", "sopsim: none.ini: "},
	{"run|@|--set|pci0.latency", "sopsim: --set: 'pci0.latency' has no '='; allowed: "},
	{"run|@|--set|pci0.latency=9s", "sopsim: --set: [pci0] latency: out of range in '9s'"},
	{"run|@|--config|none",
         "sopsim: a.ini: [config none] type: there is no such group; allowed: "},
	{"run|@|--experiment|none",
         "sopsim: a.ini: [experiment none] type: there is no such group; allowed: "},
	{"run|@|--out|@", "sopsim: --out: "},
	{"run|@|--pcap|@", "sopsim: --pcap: "},
	{"sweep|@", "sopsim: a.ini: [scenario] sweep: missing; allowed: "},
	{"sweep|@|--jobs=0",
         "sopsim sweep: --jobs: 0 is out of range; allowed: a whole number from 1 to 1000"},
	{"sweep|@|--vary|pci0.latency", "sopsim: --vary: 'pci0.latency' varies nothing"},
	{"sweep|@|--vary|pci0.latency=1us|--out|@", "sopsim: --out: "},
	{"sweep|@|--seed=-5", "sopsim sweep: --seed: -5 is out of range"},
	{"check", "sopsim check: wrong number of arguments"},
	{"check|~|--tolerance=1.5",
         "sopsim check: --tolerance: 1.5 is out of range; allowed: a number from 0 to 1"},
	{"check|~|--tolerance=nan", "sopsim check: --tolerance: nan is out of range"},
	{"check|~|--against|~", "no figures there; allowed: "},
	{"params", "sopsim params: one of FILE, --types, --keys=TYPE and --measures is needed"},
	{"params|@|--types",
         "sopsim params: one of FILE, --types, --keys=TYPE and --measures is needed"},
	{"params|--keys=tow",
         "sopsim params: --keys: unknown type 'tow'; did you mean 'toe'?; allowed: see "},
	{"params|--keys=zzzzzzzz", "sopsim params: --keys: unknown type 'zzzzzzzz'; allowed: see "},
	{"params|~/none.ini", "sopsim: none.ini: "},
	{"explain", "sopsim explain: wrong number of arguments"},
	{"explain|nothing",
         "sopsim explain: unknown 'nothing'; allowed: send, request, queueing or calls"},
	{"explain|send|@",
         "sopsim: a.ini: [experiment table1] configs: 'leg_tcpip' is missing; allowed: "},
	{"explain|request|@", "sopsim: a.ini: [experiment fig6] configs: 'leg_tcpip' is missing"},
	{"explain|queueing|@", "sopsim: a.ini: [experiment fig5] configs: 'leg_tcpip' is missing"},
	{"explain|send|~/none.ini", "sopsim: none.ini: "},
	{"calibrate", "sopsim calibrate: wrong number of arguments"},
	{"calibrate|@|--seed=-1", "sopsim calibrate: --seed: -1 is out of range"},
	{"calibrate|@|--jobs=0", "sopsim calibrate: --jobs: 0 is out of range"},
	{"calibrate|@|--set|x", "sopsim: --set: 'x' has no '='; allowed: "},
	{"explain|send|@|--set|x", "sopsim: --set: 'x' has no '='; allowed: "},
	{"reproduce|--set|toe9.clock_scale=2", "sopsim: --set: "},
	{"calibrate|@", "sopsim: a.ini: no group is of type calibrate; allowed: "},
	{"reproduce|@", "sopsim reproduce: wrong number of arguments"},
	{"reproduce|--jobs=1001", "sopsim reproduce: --jobs: 1001 is out of range"},
	{"reproduce|--out|@|--quick", "sopsim: --out: "},
	{"live", "sopsim live: wrong number of arguments"},
	{"live|~/none.ini", "sopsim: none.ini: "},
	{"live|@",
         "sopsim: a.ini: no group is of type tap; allowed: one, or more, among the members of a network"},
};

/* The scenario has a tap group: lo is no TAP device, and none is made. */
static const struct {
	const char *line, *message;
} live[] = {
	{"live|@|--for=-1", "sopsim: --for: -1; allowed: 0 (no limit) to 1e6 seconds"},
	{"live|@|--for=1000001", "sopsim: --for: 1e+06; allowed: 0 (no limit) to 1e6 seconds"},
	{"live|@|--tap|lo|--tap|lo",
         "sopsim: a.ini: --tap: 2 devices for 1 groups of type tap; allowed: one each"},
	{"live|@|--untrusted",
         "sopsim: a.ini: [t] device: refused by --untrusted; allowed: devices that --tap names, "
         "without address"},
	{"live|@|--config|none",
         "sopsim: a.ini: [config none] type: there is no such group; allowed: "},
	{"live|@|--set|x", "sopsim: --set: 'x' has no '='; allowed: "},
	{"live|@|--tap|lo|--for=0.1", "sopsim: a.ini: [t] device: "},
	{"live|@|--pcap|@", "sopsim: --pcap: cannot write the folder in "},
	{"run|@|--experiment|e",
         "sopsim: a.ini: [experiment e] offered: several load points; allowed: --offered with "
         "one of 10, 20"},
	{"run|@|--experiment|e|--offered=15",
         "sopsim: a.ini: [experiment e] offered: no load point 15; allowed: "},
};

START_TEST(bad_usage_of_taps_and_loads) {
	static const char more[] = MACHINE
		"[t]\ntype = tap\n[w]\ntype = specweb\npeers = c\ntargets = eth0\n"
		"[config one]\n[experiment e]\nconfigs = one\nload = w.offered\noffered = 10, 20\n";
	g_autoptr(GString) text = g_string_new(more);
	g_autofree char *printed = NULL;

	g_string_replace(text, "members = eth0, c", "members = eth0, c, t", 1);
	ck_assert(g_file_set_contents(file, text->str, -1, NULL));
	ck_assert_int_eq(command(live[_i].line, STDERR_FILENO, &printed), EXIT_BAD_INPUT);
	ck_assert_msg(g_str_has_prefix(printed, live[_i].message), "%s", printed);
	ck_assert_msg(strchr(printed, '\n') == printed + strlen(printed) - 1, "%s", printed);
}
END_TEST

START_TEST(bad_usage) {
	g_autofree char *printed = NULL;

	ck_assert_int_eq(command(usage[_i].line, STDERR_FILENO, &printed), EXIT_BAD_INPUT);
	ck_assert_msg(strstr(printed, usage[_i].message), "%s", printed);
	ck_assert_msg(g_str_has_prefix(printed, "sopsim"), "%s", printed);
	ck_assert_msg(strchr(printed, '\n') == printed + strlen(printed) - 1, "%s", printed);
}
END_TEST

/* --- run and sweep ---------------------------------------------------------------------------- */

static char *content(const char *name) {
	g_autofree char *path = g_build_filename(dir, name, NULL);
	char *text = NULL;

	ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "%s", name);
	return text;
}

START_TEST(runs) {
	g_autofree char *printed = NULL, *csv = NULL, *json = NULL, *pcap = NULL;

	ck_assert_int_eq(command("run|@|--out|~/o|--pcap|~/p|--set|page.size=5000B", STDOUT_FILENO,
	                         &printed),
	                 0);
	ck_assert_msg(g_str_has_prefix(printed, "a.ini: one file\n  measured over "), "%s",
	              printed);
	ck_assert_ptr_nonnull(
		strstr(printed, "\nFetches             fetched  failed  received B  "));
	ck_assert_ptr_nonnull(
		strstr(printed, "\n  f                       1       0       5,000  "));
	csv = content("o/summary.csv");
	ck_assert_ptr_nonnull(strstr(csv, "\nf.bytes,5000\n"));
	json = content("o/run.json");
	ck_assert_ptr_nonnull(strstr(json, "\"value\" : \"5000B\","));
	pcap = content("p/eth0.pcap");
	ck_assert_ptr_nonnull(pcap);
}
END_TEST

/* The whole is told, and that it is none to rely on. */
START_TEST(runs_that_fail) {
	g_autofree char *printed = NULL, *why = NULL;

	ck_assert_int_eq(command("run|@|--set|f.port=81", STDOUT_FILENO, &printed),
	                 EXIT_CHECK_FAILED);
	ck_assert_ptr_nonnull(
		strstr(printed, "\n  f                       0       1           0  "));
	ck_assert_int_eq(command("run|@|--set|f.port=81", STDERR_FILENO, &why), EXIT_CHECK_FAILED);
	ck_assert_msg(strstr(why, "[f] "), "%s", why);
}
END_TEST

START_TEST(sweeps) {
	g_autofree char *printed = NULL, *csv = NULL, *svg = NULL, *compared = NULL, *moved = NULL;

	ck_assert_int_eq(command("sweep|@|--vary|page.size=5000B,10000B|--out|~/o|--jobs=1",
	                         STDOUT_FILENO, &printed),
	                 0);
	csv = content("o/sweep.csv");
	ck_assert(g_str_has_prefix(csv, "page.size_B,experiment,config,offered_rps,"));
	ck_assert_ptr_nonnull(strstr(csv, "\n5000,-,-,0,"));
	ck_assert_ptr_nonnull(strstr(csv, "\n10000,-,-,0,"));
	ck_assert(g_str_has_prefix(printed, csv));
	svg = content("o/sweep.svg");
	ck_assert_ptr_nonnull(strstr(svg, "</svg>"));
	/* Against itself, and against other sizes: rows are known by what is varied. */
	ck_assert_int_eq(command("check|~/o|--against|~/o", STDOUT_FILENO, &compared), 0);
	ck_assert_ptr_nonnull(strstr(compared, " numbers compared, 0 moved\n"));
	g_free(printed);
	ck_assert_int_eq(command("sweep|@|--vary|page.size=5000B|--untrusted|--out|~/n",
	                         STDOUT_FILENO, &printed),
	                 0);
	ck_assert_ptr_nonnull(strstr(printed, "; no figure, --untrusted runs no gnuplot\n"));
	ck_assert_int_eq(command("check|~/n|--against|~/o", STDOUT_FILENO, &moved),
	                 EXIT_CHECK_FAILED);
	ck_assert_ptr_nonnull(
		strstr(moved, "sweep.csv    10000,-,-,0                      (row)                 "
	                      "present      missing\n"));
	ck_assert_ptr_nonnull(strstr(moved, ", 1 moved\n"));
}
END_TEST

START_TEST(sweeps_that_fail) {
	g_autofree char *printed = NULL, *csv = NULL;

	ck_assert_int_eq(command("sweep|@|--vary|f.port=80,81|--out|~/o", STDERR_FILENO, &printed),
	                 EXIT_CHECK_FAILED);
	ck_assert_msg(strstr(printed, "f.port=81"), "%s", printed);
	ck_assert_ptr_null(strstr(printed, "f.port=80"));
	csv = content("o/sweep.csv");
	ck_assert_ptr_nonnull(strstr(csv, ",failed,reason\n80,"));
	ck_assert_ptr_nonnull(strstr(csv, ",0,\n81,"));
	ck_assert(g_str_has_suffix(csv, ",1,[f] 1 of 1 failed: Connection refused\n"));
}
END_TEST

/* --- params ----------------------------------------------------------------------------------- */

START_TEST(parameters) {
	g_autofree char *of_file = NULL, *types = NULL, *keys = NULL, *measures = NULL;

	ck_assert_int_eq(command("params|@", STDOUT_FILENO, &of_file), 0);
	ck_assert_ptr_nonnull(
		strstr(of_file, "\npci0.latency                       1                  us       "
	                        "assumed     "));
	ck_assert_ptr_nonnull(strstr(of_file, "\nf.path "));
	ck_assert_int_eq(command("params|--types", STDOUT_FILENO, &types), 0);
	ck_assert_ptr_nonnull(strstr(types, "\n  program    NAME  "));
	ck_assert_ptr_nonnull(strstr(types, "\n  nic              "));
	ck_assert_int_eq(command("params|--keys=peer", STDOUT_FILENO, &keys), 0);
	ck_assert(g_str_has_prefix(keys, "peer: "));
	ck_assert_ptr_nonnull(
		strstr(keys, "\n  count                    machines with consecutive addresses\n"));
	ck_assert_ptr_nonnull(strstr(keys, "from 1 to 10000; default: 1\n"));
	ck_assert_ptr_nonnull(strstr(keys, "\n  tcp.rto_min              200ms\n"));
	ck_assert_int_eq(command("params|--measures", STDOUT_FILENO, &measures), 0);
	ck_assert_ptr_nonnull(strstr(
		measures, "\n  sim.window_s             s      length of the measuring window\n"));
	ck_assert_ptr_nonnull(strstr(measures, "\n  fetch.total_us           us     "));
	ck_assert_ptr_nonnull(
		strstr(measures, "half its 95 % confidence interval: requests_ci95\n"));
}
END_TEST

int main(void) {
	Suite *suite = suite_create("commands");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, bad_usage, 0, (int)G_N_ELEMENTS(usage));
	tcase_add_loop_test(tc, bad_usage_of_taps_and_loads, 0, (int)G_N_ELEMENTS(live));
	tcase_add_test(tc, runs);
	tcase_add_test(tc, runs_that_fail);
	tcase_add_test(tc, sweeps);
	tcase_add_test(tc, sweeps_that_fail);
	tcase_add_test(tc, parameters);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
